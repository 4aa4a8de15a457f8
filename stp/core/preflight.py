"""The cheap checks of an upload, before anything is unpacked: size, name, ending, first bytes.

They run in the parent and read at most the file itself (10 MB). What may explode — the zip's
directory, its parts, their XML — is `stp.core.package`'s, inside the reader process.
Order and policy: RELIABILITY.md §3.
"""

import re
from pathlib import Path

from stp.core.sheets import Refused, visible

MAX_BYTES = 10 * 1024 * 1024
ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

_SAVE_AS = "Open it in Excel, choose File, Save As, “Excel Workbook (.xlsx)”, and send that."
# Endings people do send, each with what to do instead.
_ENDINGS = {
    ".xls": ("old_xls", f"is in the old Excel format (.xls). {_SAVE_AS}"),
    ".xlsm": ("macros", f"may hold macros (.xlsm), which we do not take. {_SAVE_AS}"),
    ".xlsb": ("binary_workbook", f"is a binary workbook (.xlsb). {_SAVE_AS}"),
    ".xltx": ("excel_template", f"is an Excel template (.xltx). {_SAVE_AS}"),
    ".xltm": ("macros", f"is an Excel template with macros (.xltm). {_SAVE_AS}"),
    ".ods": ("open_document", f"is an OpenDocument spreadsheet (.ods). {_SAVE_AS}"),
    ".docx": ("word_document", "is a Word document. Send the workbook (.xlsx) or a .csv file."),
    ".doc": ("word_document", "is a Word document. Send the workbook (.xlsx) or a .csv file."),
    ".pdf": ("pdf", "is a PDF. Send the workbook it was made from (.xlsx)."),
    ".zip": ("zip_archive", "is a zip archive. Send the .xlsx or .csv file inside it."),
}
# Inner endings of names such as "return.exe.xlsx", which only a trick needs.
_TRICKS = frozenset(
    {"exe", "com", "bat", "cmd", "scr", "msi", "dll", "lnk", "hta", "js", "jse", "vbs", "vbe"}
    | {"wsf", "ps1", "sh", "py", "php", "jar", "html", "htm", "svg"}
)
_HTML = re.compile(rb"\s*<(?:!doctype\s+html|html|head|body|table|script|meta)\b", re.IGNORECASE)


def base_name(file_name: str) -> str:
    """The last part of a name that may come with folders, as browsers and attackers send it."""
    return file_name.replace("\\", "/").rpartition("/")[2]


def _check_name(name: str) -> str:
    """The name's ending, lower case; Refused for an ending or a name we do not take."""
    shown = visible(name, 80)
    if "\x00" in name:
        raise Refused("bad_name", f"The file name “{shown}” has a NUL in it. Rename the file.")
    suffixes = [part.strip().casefold() for part in name.split(".")[1:]]
    ending = f".{suffixes[-1]}" if suffixes else ""
    if ending in _ENDINGS:
        code, words = _ENDINGS[ending]
        raise Refused(code, f"“{shown}” {words}")
    if ending not in (".xlsx", ".csv"):
        raise Refused(
            "bad_ending", f"“{shown}” is not an Excel workbook (.xlsx) or a .csv file. Send either."
        )
    if _TRICKS & set(suffixes[:-1]):
        raise Refused(
            "bad_name",
            f"The file name “{shown}” has two endings. Rename it to end in {ending} only.",
        )
    return ending


def _check_size(path: Path, shown: str) -> None:
    size = path.stat().st_size
    if size == 0:
        raise Refused("empty_file", f"“{shown}” is empty (0 bytes). Save it again and send that.")
    if size > MAX_BYTES:
        found = size / 1024 / 1024
        raise Refused(
            "too_large",
            f"“{shown}” is {found:.1f} MB; the most we take is 10 MB. "
            "Remove pictures and sheets that are not part of the return.",
        )


def _check_ole(path: Path, shown: str) -> None:
    """Tell a workbook locked with a password (an OLE file around it) from an old .xls."""
    if ENCRYPTED in path.read_bytes():
        raise Refused(
            "password_protected",
            f"“{shown}” needs a password to open. Remove the password "
            "(File, Info, Protect Workbook, Encrypt with Password, clear it) and send it again.",
        )
    code, words = _ENDINGS[".xls"]
    raise Refused(code, f"“{shown}” {words}")


def check(path: Path, *, file_name: str) -> str:
    """All the cheap checks; returns the ending, ".xlsx" or ".csv". Refused otherwise."""
    name = base_name(file_name)
    shown = visible(name, 80)
    _check_size(path, shown)
    ending = _check_name(name)
    with path.open("rb") as file:
        start = file.read(512)
    if start.startswith(OLE_MAGIC):
        _check_ole(path, shown)
    if ending == ".xlsx" and not start.startswith(ZIP_MAGIC):
        raise Refused("not_a_workbook", f"“{shown}” is not an Excel workbook inside. {_SAVE_AS}")
    if ending == ".csv":
        _check_csv(start, shown)
    return ending


def _check_csv(start: bytes, shown: str) -> None:
    if start.startswith(b"PK"):
        raise Refused(
            "not_a_csv",
            f"“{shown}” is a workbook or a zip inside. Name it .xlsx, or save it as CSV.",
        )
    if _HTML.match(start.removeprefix(b"\xef\xbb\xbf")) or start.startswith(b"%PDF"):
        raise Refused(
            "not_a_csv", f"“{shown}” is a web page or a PDF inside. Save the table as CSV (UTF-8)."
        )
