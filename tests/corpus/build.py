"""How the corpus makes its files: a good workbook, taken apart and put together again wrongly."""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import xlsxwriter

from stp.core.columns import Date, Money, Month, Number, Reference, Text, choice
from stp.core.sheets import Column

# Stands in every file; must never come back in a refusal.
CANARY = "CANARY-7F3A"
SHEET = "xl/worksheets/sheet1.xml"
COLUMNS = (
    Column("ref", "Scheme ref", Reference(), required=True),
    Column("title", "Scheme title", Text(200), required=True),
    Column("recurrent", "Recurrent", choice(["R", "NR"]), required=True),
    Column("start", "Start month", Month()),
    Column("due", "Due", Date()),
    Column("plan", "Plan Apr", Money(), required=True),
    Column("forecast", "Forecast Apr", Money(), required=True, may_be_blank=True),
    Column("wte", "WTE plan", Number()),
    Column("comment", "Comment", Text(2_000)),
)
HEADINGS = [column.heading for column in COLUMNS]
ROW: list[Any] = [
    "S-001",
    "Fewer agency shifts",
    "R",
    "2017-04",
    "18/07/2017",
    120,
    130.5,
    2.5,
    "ok",
]
# A number that no case uses otherwise: raw XML takes its place.
MARK = 987654
PLACES = {column.field: index for index, column in enumerate(COLUMNS)}


def row(**values: Any) -> list[Any]:
    """The good row with some cells changed, by field."""
    cells = list(ROW)
    for name, value in values.items():
        cells[PLACES[name]] = value
    return cells


def xlsx(
    rows: Sequence[Sequence[Any]] | None = None,
    *,
    headings: Sequence[Any] = HEADINGS,
    dress: Any = None,
    **options: Any,
) -> bytes:
    """A workbook with a sheet `Schemes`; `dress(book, sheet)` may do more to it."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, **options})
    sheet = book.add_worksheet("Schemes")
    for number, cells in enumerate([headings, *([ROW] if rows is None else rows)]):
        for place, value in enumerate(cells):
            if value is not None:
                sheet.write(number, place, value)
    sheet.write_comment("A1", CANARY)
    if dress is not None:
        dress(book, sheet)
    book.close()
    return out.getvalue()


def parts(package: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(content: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, body in content.items():
            archive.writestr(name, body)
    return out.getvalue()


def changed(part: str, change: Callable[[bytes], bytes], base: bytes | None = None) -> bytes:
    """A good workbook with one part put through `change`, which must change it."""
    content = parts(base or xlsx())
    after = change(content[part])
    assert after != content[part], f"the case does not change {part}"
    content[part] = after
    return zipped(content)


def with_part(name: str, body: bytes) -> bytes:
    return zipped(parts(xlsx()) | {name: body})


def without(name: str) -> bytes:
    content = parts(xlsx())
    del content[name]
    return zipped(content)


def replaced(part: str, old: bytes, new: bytes, base: bytes | None = None) -> bytes:
    return changed(part, lambda body: body.replace(old, new), base)


def raw_cell(field: str, inner: str, kind: str = "") -> bytes:
    """A workbook whose cell of `field` in row 2 has the given XML inside, and type."""
    base = xlsx([row(**{field: MARK})])
    name = f"{chr(65 + PLACES[field])}2"
    new = f'<c r="{name}"{kind and f" t={chr(34)}{kind}{chr(34)}"}>{inner}</c>'.encode()
    pattern = rf'<c r="{name}"[^>]*><v>{MARK}</v></c>'.encode()
    return changed(SHEET, lambda body: re.sub(pattern, new, body), base)


def more_rows(xml: bytes) -> bytes:
    """A workbook with more row XML behind its rows."""
    return replaced(SHEET, b"</sheetData>", xml + b"</sheetData>")


def with_doctype(part: str, doctype: str, text: str = "") -> bytes:
    """A DOCTYPE in front of a part's root, and `text` (an entity, say) inside the root."""

    def change(body: bytes) -> bytes:
        head, mark, rest = body.partition(b"?>")
        rest = re.sub(rb"(<[a-zA-Z][^>]*>)", lambda m: m[1] + text.encode(), rest, count=1)
        return head + mark + doctype.encode() + rest

    return changed(part, change)


def patched(package: bytes, name: str, offset_local: int, offset_central: int, raw: bytes) -> bytes:
    """The zip with bytes overwritten in a part's local and central header."""
    data = bytearray(package)
    info = zipfile.ZipFile(io.BytesIO(package)).getinfo(name)
    at = info.header_offset + offset_local
    data[at : at + len(raw)] = raw
    central = package.find(b"PK\x01\x02", 0)
    while central >= 0:
        length = struct.unpack_from("<H", package, central + 28)[0]
        if package[central + 46 : central + 46 + length] == name.encode():
            data[central + offset_central : central + offset_central + len(raw)] = raw
            return bytes(data)
        central = package.find(b"PK\x01\x02", central + 4)
    raise AssertionError(f"no {name} in the directory")


def lying_size(size: int = 50 * 1024 * 1024) -> bytes:
    """A sheet of 50 MB that claims to be 1,000 bytes, with the checksum of those."""
    body = parts(xlsx())[SHEET].ljust(1_000, b" ")
    package = zipped(parts(xlsx()) | {SHEET: body + b" " * size})
    claim = struct.pack("<I", zlib.crc32(body[:1_000])), struct.pack("<I", 1_000)
    package = patched(package, SHEET, 14, 16, claim[0])
    return patched(package, SHEET, 22, 24, claim[1])


def overlapping() -> bytes:
    """Two directory entries over the same bytes (a quine-style bomb's trick)."""
    package = bytearray(zipped(parts(xlsx()) | {"xl/two.xml": b"<a>" + b"x" * 500 + b"</a>"}))
    first = zipfile.ZipFile(io.BytesIO(package)).getinfo(SHEET)
    at = package.find(b"PK\x01\x02")
    while package[at + 46 : at + 56] != b"xl/two.xml":
        at = package.find(b"PK\x01\x02", at + 4)
    struct.pack_into("<I", package, at + 42, first.header_offset + 60)
    local = first.header_offset + 60
    package[local : local + 30 + 10] = (
        struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 8, 0, 0, 0, 0, 0, 10, 0) + b"xl/two.xml"
    )
    return bytes(package)


def csv(*rows: Sequence[str], sign: str = ",") -> bytes:
    """CSV text of the headings and rows, quoted where needed, in UTF-8."""
    import csv as writer

    out = io.StringIO(newline="")
    writer.writer(out, delimiter=sign, lineterminator="\r\n").writerows([HEADINGS, *rows])
    return out.getvalue().encode()


def text_row(**values: str) -> list[str]:
    return [str(value) for value in row(**values)]
