"""Groups controls, kind, active content, zip, xml and name of RELIABILITY.md §3."""

import datetime as dt
import io
import random
import struct
import zipfile
from typing import Any

from tests.corpus.build import (
    CANARY,
    PLACES,
    SHEET,
    changed,
    csv,
    lying_size,
    overlapping,
    parts,
    patched,
    raw_cell,
    replaced,
    row,
    text_row,
    with_doctype,
    with_part,
    without,
    xlsx,
    zipped,
)
from tests.corpus.cases import Case

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAIN = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
TYPES = "[Content_Types].xml"
STRINGS = "xl/sharedStrings.xml"
LAUGHS = "<!DOCTYPE a [<!ENTITY b 'ha'>" + "".join(
    f"<!ENTITY c{n} '{'&b;' if n == 0 else f'&c{n - 1};' * 10}'>" for n in range(12)
) + "]>"  # fmt: skip


def noise(seed: int, length: int) -> bytes:
    """The same bytes each time, with no order in them."""
    return random.Random(seed).randbytes(length)  # noqa: S311 - noise, not a secret


def dated(mode_1904: bool) -> bytes:
    def dress(book: Any, sheet: Any) -> None:
        style = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_datetime(1, PLACES["due"], dt.date(2017, 7, 18), style)

    return xlsx([row(due=None)], dress=dress, date_1904=mode_1904)


def formula(text: str, value: Any = 120) -> bytes:
    return xlsx(
        [row(plan=None)],
        dress=lambda _, sheet: sheet.write_formula(1, PLACES["plan"], text, None, value),
    )


def vba() -> bytes:
    return OLE + b"\x00" * 600 + "_VBA_PROJECT".encode("utf-16-le") + b"\x00" * 600


def typed(extra: bytes, base: bytes) -> bytes:
    return replaced(TYPES, b"</Types>", extra + b"</Types>", base)


def macro_workbook() -> bytes:
    base = replaced(TYPES, MAIN, b"application/vnd.ms-excel.sheet.macroEnabled.main+xml")
    return zipped(parts(base) | {"xl/vbaProject.bin": vba()})


def external() -> bytes:
    link = b'<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    return with_part("xl/externalLinks/externalLink1.xml", link)


def docx() -> bytes:
    kind = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    types = (
        b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        b'<Override PartName="/word/document.xml" ContentType="' + kind + b'"/></Types>'
    )
    return zipped({TYPES: types, "word/document.xml": b"<d/>"})


def strict() -> bytes:
    return replaced(
        "xl/workbook.xml",
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    )


def symlink() -> bytes:
    out = io.BytesIO(xlsx())
    with zipfile.ZipFile(out, "a") as archive:
        entry = zipfile.ZipInfo("xl/link.xml")
        entry.create_system, entry.external_attr = 3, 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    return out.getvalue()


def doubled() -> bytes:
    out = io.BytesIO(xlsx())
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(SHEET.replace("sheet1", "SHEET1"), parts(xlsx())[SHEET])
    return out.getvalue()


def bad_crc() -> bytes:
    return patched(xlsx(), SHEET, 14, 16, b"\x01\x02\x03\x04")


def flagged() -> bytes:
    return patched(xlsx(), SHEET, 6, 8, struct.pack("<H", 1))


def utf16_doctype() -> bytes:
    body = "<?xml version='1.0' encoding='UTF-16'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"
    return with_part("docProps/custom.xml", body.encode("utf-16"))


def quadratic() -> bytes:
    return with_doctype(STRINGS, f"<!DOCTYPE sst [<!ENTITY a '{'x' * 50_000}'>]>", "&a;" * 2_000)


CONTROLS = (
    Case("ok-xlsx", xlsx, value={"plan": 12_000_000, "due": dt.date(2017, 7, 18)}),
    Case("ok-csv", lambda: csv(text_row()), "r.csv", value={"plan": 12_000_000}),
    Case("ok-csv-bom", lambda: b"\xef\xbb\xbf" + csv(text_row()), "r.csv"),
    Case(
        "ok-csv-quoted", lambda: csv(text_row(title='a\r\n"b", c')), "r.csv",
        value={"title": 'a\n"b", c'},
    ),
    Case("ok-1900", lambda: dated(False), value={"due": dt.date(2017, 7, 18)}),
    Case("ok-1904", lambda: dated(True), value={"due": dt.date(2017, 7, 18)}),
    Case("ok-formula-cached", lambda: formula("=100+20"), value={"plan": 12_000_000}),
    Case("ok-formula-cached-text",
         lambda: raw_cell("comment", '<f>""</f><v></v>', "str"), value={"comment": None}),
    Case(
        "ok-cols-reordered",
        lambda: csv_reordered(), "r.csv", value={"ref": "S-001", "plan": 12_000_000},
    ),
    Case("ok-octet-stream", xlsx, "RETURN.XLSX"),
    Case("ok-sheet-protected", lambda: xlsx(dress=lambda _, sheet: sheet.protect("secret"))),
    Case(
        "ok-dash-narrative", lambda: xlsx([row(comment="- agency spend")]),
        value={"comment": "- agency spend"},
    ),
)  # fmt: skip


def csv_reordered() -> bytes:
    lines = csv(text_row()).decode().splitlines()
    return "\r\n".join(",".join(reversed(line.split(","))) for line in lines).encode()


KIND = (
    Case("empty-xlsx", lambda: b"", refused="empty_file"),
    Case("blank-xlsx", lambda: blank(), refused="empty_workbook"),
    Case("random-bytes", lambda: noise(7, 4_000), refused="not_a_workbook"),
    Case("random-bytes-zip", lambda: b"PK\x03\x04" + noise(7, 4_000),
         refused="truncated"),
    Case("csv-named-xlsx", lambda: csv(text_row()), refused="not_a_workbook"),
    Case("xlsx-named-csv", xlsx, "r.csv", refused="not_a_csv"),
    Case("html-named-xls", lambda: b"<html><table><tr><td>1", "r.xls", refused="old_xls"),
    Case("html-named-xlsx", lambda: b"<html><table><tr><td>1", refused="not_a_workbook"),
    Case("html-named-csv", lambda: b"<!DOCTYPE html><table>", "r.csv", refused="not_a_csv"),
    Case("legacy-xls", lambda: OLE + b"\0" * 900, "r.xls", refused="old_xls"),
    Case("legacy-xls-named-xlsx", lambda: OLE + b"\0" * 900, refused="old_xls"),
    Case("xlsb", xlsx, "r.xlsb", refused="binary_workbook"),
    Case(
        "xlsb-named-xlsx",
        lambda: replaced(TYPES, MAIN, b"application/vnd.ms-excel.sheet.binary.macroEnabled.main"),
        refused="binary_workbook",
    ),
    Case("ods", xlsx, "r.ods", refused="open_document"),
    Case(
        "password-protected",
        lambda: OLE + b"\0" * 900 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 90,
        refused="password_protected",
    ),
    Case("docx", docx, "r.docx", refused="word_document"),
    Case("docx-named-xlsx", docx, refused="not_a_workbook"),
    Case("strict-ooxml", strict, refused="strict_ooxml"),
    Case("polyglot-html-zip", lambda: b"<html>" + xlsx(), refused="not_a_workbook"),
    Case("polyglot-zip-zip", lambda: xlsx() + xlsx(), refused="polyglot"),
    Case("polyglot-zip-tail", lambda: xlsx() + b"<script>", refused="polyglot"),
    Case("polyglot-prefix", lambda: b"PK\x03\x04" + b"<html>" + xlsx(), refused="polyglot"),
    Case("too-large", lambda: b"PK\x03\x04" + bytes(10 * 1024 * 1024), refused="too_large"),
)  # fmt: skip


def blank() -> bytes:
    return changed(
        SHEET,
        lambda body: body[: body.index(b"<sheetData>")] + b"<sheetData/></worksheet>",
    )


ACTIVE = (
    Case("xlsm", macro_workbook, "r.xlsm", refused="macros"),
    Case("xlsm-named-xlsx", macro_workbook, refused="macros"),
    Case("vba-part-plain-type", lambda: with_part("xl/vbaProject.bin", b"x"), refused="macros"),
    Case("vba-part-other-name", lambda: with_part("xl/media/image1.png", vba()), refused="macros"),
    Case(
        "vba-by-relation",
        lambda: replaced(
            "xl/_rels/workbook.xml.rels", b"</Relationships>",
            b'<Relationship Id="z" Type="http://schemas.microsoft.com/office/2006/relationships/'
            b'vbaProject" Target="x.bin"/></Relationships>',
        ),
        refused="macros",
    ),
    Case("xlm-macro-sheet", lambda: with_part("xl/macrosheets/sheet1.xml", b"<a/>"),
         refused="macros"),
    Case("external-link", external, warnings=("external_link",)),
    Case("dde-formula", lambda: formula("=cmd|'/C calc'!A0"), value={"plan": 12_000_000}),
    Case("webservice-formula", lambda: formula('=WEBSERVICE("http://127.0.0.1:9/")'),
         value={"plan": 12_000_000}),
)  # fmt: skip

ZIP = (
    Case("bomb-sheet", lambda: with_part(SHEET, b"<a>" + b" " * 90_000_000 + b"</a>"),
         refused="too_large_unpacked"),
    Case("bomb-shared-strings",
         lambda: with_part(STRINGS, b"<sst>" + b"<si/>" * 12_000_000 + b"</sst>"),
         refused="too_large_unpacked"),
    Case("bomb-unused-part", lambda: with_part("xl/media/a.png", b"\0" * 60_000_000),
         refused="too_large_unpacked"),
    Case(
        "bomb-total",
        lambda: zipped(parts(xlsx()) | {
            f"xl/media/{n}.bin": noise(n, 20_000) * 525 for n in range(10)
        }),
        refused="too_large_unpacked",
    ),
    Case(
        "bomb-many-parts",
        lambda: zipped(parts(xlsx()) | {f"xl/p{n}.xml": b"<a/>" for n in range(500)}),
        refused="many_parts",
    ),
    Case("bomb-lying-size", lying_size, refused="lying_size"),
    Case("overlap-parts", overlapping, refused="overlapping_parts"),
    Case("duplicate-part", doubled, refused="duplicate_part"),
    Case("zip-slip", lambda: with_part("../../etc/cron.d/x", b"x"), refused="odd_part_name"),
    Case("zip-absolute", lambda: with_part("/etc/x", b"x"), refused="odd_part_name"),
    Case("zip-backslash", lambda: with_part("xl\\x.xml", b"<a/>"), refused="odd_part_name"),
    Case("zip-symlink", symlink, refused="symlink"),
    Case("zip-encrypted-part", flagged, refused="encrypted_part"),
    Case("zip-odd-method", lambda: zipped(parts(xlsx()), zipfile.ZIP_LZMA), refused="odd_method"),
    Case("zip-truncated", lambda: xlsx()[:-300], refused="truncated"),
    Case("zip-bad-crc", bad_crc, refused="bad_checksum"),
    Case("missing-workbook-xml", lambda: without("xl/workbook.xml"), refused="missing_workbook"),
    Case("missing-content-types", lambda: without(TYPES), refused="missing_part"),
    Case("missing-sheet", lambda: without(SHEET), refused="missing_part"),
    Case("missing-drawing", lambda: without("xl/drawings/vmlDrawing1.vml")),
    Case("stored-parts", lambda: zipped(parts(xlsx()), zipfile.ZIP_STORED)),
)  # fmt: skip

XML = (
    Case("xml-billion-laughs", lambda: with_doctype(STRINGS, LAUGHS, "&c11;"), refused="doctype"),
    Case("xml-quadratic", quadratic, refused="doctype"),
    Case("xml-xxe-file", lambda: with_doctype(
        STRINGS, "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>", "&x;"),
        refused="doctype"),
    Case("xml-xxe-parameter", lambda: with_doctype(
        SHEET, "<!DOCTYPE a [<!ENTITY % x SYSTEM 'file:///etc/passwd'> %x;]>"),
        refused="doctype"),
    Case("xml-external-doctype", lambda: with_doctype(
        SHEET, "<!DOCTYPE a SYSTEM 'http://127.0.0.1:9/a.dtd'>"), refused="doctype"),
    Case("xml-utf16-dtd", utf16_doctype, refused="doctype"),
    Case("xml-laughs-in-props",
         lambda: with_doctype("docProps/core.xml", LAUGHS, "&c11;"), refused="doctype"),
    Case("xml-dtd-in-picture", lambda: with_part(
        "xl/media/image1.png", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"), refused="doctype"),
    Case("xml-broken", lambda: replaced(SHEET, b"</sheetData>", b"</sheetDat>"),
         refused="broken_xml"),
    # Nothing here descends by recursion, so depth alone refuses nothing.
    Case("xml-deep", lambda: replaced(
        SHEET, b"</worksheet>", b"<e>" * 10_000 + b"</e>" * 10_000 + b"</worksheet>")),
    Case("shared-index-out-of-range", lambda: replaced(SHEET, b't="s"><v>0<', b't="s"><v>9999<'),
         refused="unreadable"),
)  # fmt: skip

NAMES = (
    Case("name-traversal", xlsx, "../../../etc/return.xlsx"),
    Case("name-html", xlsx, "<img src=x onerror=alert(1)>.xlsx"),
    Case("name-rtlo", xlsx, "return\u202exslx.xlsx"),
    Case("name-long", xlsx, "a" * 5_000 + ".xlsx"),
    Case("name-double-bad", xlsx, "return.php.xlsx", refused="bad_name"),
    Case("name-double-ending", xlsx, "return.xlsx.exe", refused="bad_ending"),
    Case("name-nul", xlsx, "return.xlsx\x00.csv", refused="bad_name"),
    Case("name-none", xlsx, "", refused="bad_ending"),
    # A type said to be text/html reaches no one here: the content alone decides.
    Case("type-html", lambda: b"<html><script>" + CANARY.encode(), refused="not_a_workbook"),
)  # fmt: skip

CASES = (*CONTROLS, *KIND, *ACTIVE, *ZIP, *XML, *NAMES)
