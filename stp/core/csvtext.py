"""A CSV file as records with the line each starts on. Runs in the reader process only.

Written policy. Encoding: UTF-8 with or without a byte order mark; UTF-16 with one; otherwise
Windows-1252, with the warning `encoding_guessed`, provided that every character beyond ASCII is
one that English text uses (so broken UTF-8 is not passed off as accented words). Separator:
comma; semicolon or tab where the widest of the first twenty lines says so, with the warning
`separator_guessed`. A NUL or a quote that is never closed refuses the file.
"""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from stp.core.neutral import plain
from stp.core.preflight import MAX_BYTES
from stp.core.sheets import Refused, column_letters
from stp.core.sheetxml import MAX_COLUMNS, MAX_ROWS, too_many_rows

_SAVE_UTF8 = "In Excel choose File, Save As, “CSV UTF-8 (Comma delimited)”, and send that."
# What an English workbook saved by Windows holds beyond ASCII.
ENGLISH_1252 = frozenset(
    "€‚ƒ„…†‡ˆ‰‹Œ‘’“”•–—˜™›œ\u00a0¡¢£¥¦§¨©ª«¬\u00ad®¯°±²³´µ¶·¸¹º»¼½¾¿×÷"
    "ÀÁÄÇÈÉÊËÍÑÓÔÖÙÚÜßàáâäåçèéêëìíîïñòóôöøùúûü"
)


@dataclass(frozen=True, slots=True)
class Text:
    """A decoded file and how it was decoded: `guessed` names a guessed encoding."""

    text: str
    guessed: str = ""


def decode(raw: bytes) -> Text:
    """Decode by the policy above; Refused where nothing fits."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Text(_decoded(raw, "utf-16"))
    if b"\x00" in raw:
        raise _has_nul(raw)
    if raw.startswith(codecs.BOM_UTF8):
        return Text(_decoded(raw, "utf-8-sig"))
    try:
        return Text(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return _as_1252(raw)


def _decoded(raw: bytes, encoding: str) -> str:
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        raise _bad_encoding() from None
    if "\x00" in text:
        raise _has_nul(b"")
    return text


def _has_nul(raw: bytes) -> Refused:
    if raw.count(0) * 4 > len(raw):
        return Refused("csv_utf16", f"The file is UTF-16 without a byte order mark. {_SAVE_UTF8}")
    return Refused("csv_nul", f"The file has NUL characters, so it is not text. {_SAVE_UTF8}")


def _bad_encoding() -> Refused:
    return Refused("bad_encoding", f"The file's characters cannot be read. {_SAVE_UTF8}")


def _as_1252(raw: bytes) -> Text:
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError:
        raise _bad_encoding() from None
    if not {char for char in text if char > "\x7f"} <= ENGLISH_1252:
        raise _bad_encoding()
    return Text(text, guessed="Windows-1252")


def separator(text: str) -> str:
    """Comma, semicolon or tab: the one the widest of the first twenty lines uses most."""
    best, count = ",", 0
    for line in io.StringIO(text[:200_000], newline=None).readlines()[:20]:
        bare = "".join(line.split('"')[::2])
        for sign in (",", ";", "\t"):
            if bare.count(sign) > count:
                best, count = sign, bare.count(sign)
    return best


def records(text: str, sign: str) -> Iterator[tuple[int, list[str]]]:
    """Records that hold a value: (line the record starts on, fields). Refused when broken."""
    csv.field_size_limit(MAX_BYTES * 4)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign, strict=True)
    kept, line = 0, 1
    while True:
        try:
            fields = next(reader, None)
        except csv.Error as fault:
            raise _broken_line(line, fault) from None
        if fields is None:
            return
        while fields and not fields[-1].strip():
            fields.pop()
        if fields:
            kept += 1
            _check_shape(kept, line, fields)
            yield line, [plain(value) for value in fields]
        line = reader.line_num + 1


def _check_shape(kept: int, line: int, fields: list[str]) -> None:
    if kept > MAX_ROWS + 1:
        raise too_many_rows("")
    if len(fields) > MAX_COLUMNS:
        last = column_letters(len(fields) - 1)
        raise Refused(
            "too_many_columns",
            f"Line {line} has {len(fields):,} values (to column {last}); we read {MAX_COLUMNS}.",
        )


def _broken_line(line: int, fault: csv.Error) -> Refused:
    if "unexpected end of data" in str(fault):
        return Refused(
            "csv_open_quote",
            f'Line {line} opens a quotation mark (") that is never closed. Close it or remove it.',
        )
    return Refused(
        "csv_broken_line",
        f'Line {line} has quotation marks that do not fit. Put " around the whole value only.',
    )
