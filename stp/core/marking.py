"""The marking process: `python -m stp.core.marking FILE`, faults as JSON on standard input.

Writes a copy of the sender's own workbook to standard output: a comment in each faulty cell, and
a sheet "Problems" in front with every fault and links. Like the reader it imports no Django, has
the same limits, and whatever a file does to it is one exit status; the caller then gives the list
alone (`stp.core.marked`). The library that keeps a workbook's formats is imported here only.

Nothing of a cell or a message becomes a formula, and values that formulas had are kept, so that
the copy can be corrected and sent again without being calculated first.
"""

import datetime as dt
import io
import json
import re
import sys
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from stp.core.package import check
from stp.core.reader import set_limits
from stp.core.sheets import Refused

SHEET = "Problems"
HEADING = "Problems found by the STP delivery tracker"
AUTHOR = "STP delivery tracker"
_MARK = f"[{AUTHOR}]"  # begins our part of a comment, so that a second marking replaces it
COLUMNS = ("No.", "Kind", "Sheet", "Cell", "Heading", "Found", "What is wrong", "What is wanted")
WIDTHS = (6, 10, 14, 9, 22, 24, 70, 40)
FIRST_ROW = 5  # heading, file, advice, columns, then the faults
LONGEST_COMMENT = 2_000
MOST_COMMENTS = 5_000
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")
_CELL = re.compile(r"[A-Z]{1,3}[1-9]\d{0,6}")
_MOMENTS = (dt.datetime, dt.date, dt.time, dt.timedelta)
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
Faults = Sequence[Mapping[str, Any]]


def mark(path: Path, faults: Faults, notes: Sequence[str]) -> bytes:
    """The marked-up copy. `notes` are two lines above the list; Refused as the reader refuses."""
    original = io.BytesIO(path.read_bytes())  # under its made name, which has no ending
    check(original)  # what the reader would refuse is not opened here either
    sys.modules.setdefault("numpy", None)  # type: ignore[arg-type]  # optional there: 30 MB less
    from openpyxl import load_workbook

    book = load_workbook(original, rich_text=True)
    _forget_marks(book)
    places = [_place(book, fault) for fault in faults]
    _comment(book, faults, places)
    _list(book, faults, places, notes)
    saved = io.BytesIO()
    book.save(saved)
    return _with_values(saved, original, book)


def _forget_marks(book: Any) -> None:
    """Take out what an earlier marking put in: the copy of a copy holds no old faults."""
    for sheet in list(book.worksheets):
        if sheet.title == SHEET and sheet["A1"].value == HEADING and len(book.worksheets) > 1:
            book.remove(sheet)
            continue
        for row in sheet.iter_rows():
            for cell in row:
                if cell.comment is not None and _MARK in cell.comment.text:
                    _say(cell, cell.comment.text.partition(_MARK)[0].rstrip())
                if cell.hyperlink is not None and _is_back(cell.hyperlink):
                    cell.hyperlink = None


def _is_back(link: Any) -> bool:
    return bool(link.location and str(link.location).startswith(f"'{SHEET}'!"))


def _place(book: Any, fault: Mapping[str, Any]) -> Any | None:
    """The cell a fault is marked in: its own, of a merged area the first, of a row its first."""
    wanted = str(fault["sheet"]).strip().casefold()
    sheet = next((s for s in book.worksheets if s.title.strip().casefold() == wanted), None)
    name = str(fault["cell"]) or (f"A{fault['row']}" if fault["row"] else "")
    if sheet is None or not _CELL.fullmatch(name):
        return None
    for area in sheet.merged_cells.ranges:
        if name in area:
            return sheet.cell(area.min_row, area.min_col)
    return sheet[name]


def _comment(book: Any, faults: Faults, places: Sequence[Any]) -> None:
    """One comment a cell, below what the sender wrote there; its heading links to the list."""
    said: dict[Any, list[str]] = {}
    cells: dict[Any, Any] = {}
    for number, (fault, cell) in enumerate(zip(faults, places, strict=True), start=1):
        if cell is None:
            continue
        key = (cell.parent.title, cell.coordinate)
        if key not in said and len(said) == MOST_COMMENTS:
            continue
        cells.setdefault(key, cell)
        said.setdefault(key, []).append(f"{_kind(fault)} {number}: {writable(fault['message'])}")
        _link_back(cell, fault, FIRST_ROW + number - 1)
    for key, lines in said.items():
        cell = cells[key]
        own = f"{cell.comment.text}\n\n" if cell.comment is not None else ""
        _say(cell, f"{own}{_MARK}\n" + "\n".join(lines))


def _say(cell: Any, text: str) -> None:
    from openpyxl.comments import Comment

    author = cell.comment.author if cell.comment is not None else AUTHOR
    text = text if len(text) <= LONGEST_COMMENT else f"{text[: LONGEST_COMMENT - 1]}…"
    height = min(400, 40 + 18 * (text.count("\n") + len(text) // 40))
    cell.comment = Comment(text, author, height=height, width=320) if text else None


def _link_back(cell: Any, fault: Mapping[str, Any], row: int) -> None:
    """From the heading of the cell's column to the list; a click in a figure must still edit it."""
    wanted = " ".join(str(fault["column"]).split()).casefold()
    for above in range(1, min(cell.row, 20)):
        heading = cell.parent.cell(above, cell.column)
        text = " ".join(str(heading.value or "").split()).casefold()
        if wanted and text == wanted and heading.hyperlink is None:
            heading.hyperlink = _link(heading, f"'{SHEET}'!A{row}", "Back to the list of problems")


def _link(cell: Any, location: str, tip: str) -> Any:
    from openpyxl.worksheet.hyperlink import Hyperlink

    return Hyperlink(ref=cell.coordinate, location=location, tooltip=tip)


def _list(book: Any, faults: Faults, places: Sequence[Any], notes: Sequence[str]) -> None:
    """The sheet "Problems" in front of the sender's own, and the one that opens."""
    from openpyxl.styles import Alignment, Font

    sheet = book.create_sheet(SHEET, 0)
    for number, (text, bold) in enumerate([(HEADING, True), *((n, False) for n in notes[:2])]):
        _write(sheet.cell(number + 1, 1), text).font = Font(bold=bold)
    for column, (title, width) in enumerate(zip(COLUMNS, WIDTHS, strict=True), start=1):
        _write(sheet.cell(FIRST_ROW - 1, column), title).font = Font(bold=True)
        sheet.column_dimensions[sheet.cell(1, column).column_letter].width = width
    for number, (fault, cell) in enumerate(zip(faults, places, strict=True), start=1):
        row = FIRST_ROW + number - 1
        values = [str(number), _kind(fault), fault["sheet"], fault["cell"] or _row(fault),
                  fault["column"], fault["found"], fault["message"], fault["wanted"]]  # fmt: skip
        for column, value in enumerate(values, start=1):
            written = _write(sheet.cell(row, column), value)
            written.alignment = Alignment(wrap_text=column >= 5, vertical="top")
        if cell is not None:
            at = f"'{cell.parent.title.replace(chr(39), chr(39) * 2)}'!{cell.coordinate}"
            link = sheet.cell(row, 4)
            link.hyperlink = _link(link, at, "Go to the cell")
            link.font = Font(color="005EB8", underline="single")
    sheet.freeze_panes = sheet.cell(FIRST_ROW, 1)
    for other in book.worksheets:  # with two sheets selected an edit would go into both
        other.sheet_view.tabSelected = other is sheet
    book.active = 0


def _write(cell: Any, value: Any) -> Any:
    """Text as text, whatever it starts with."""
    cell.value = writable(value)[:32_767]
    cell.data_type = "s"
    return cell


def writable(value: Any) -> str:
    """What a workbook can hold of a value's text; the rest shows as a mark."""
    return _FORBIDDEN.sub("\ufffd", str(value))


def _kind(fault: Mapping[str, Any]) -> str:
    return "Error" if fault["severity"] == "error" else "Warning"


def _row(fault: Mapping[str, Any]) -> str:
    return f"row {fault['row']}" if fault["row"] else ""


def _with_values(saved: io.BytesIO, original: io.BytesIO, book: Any) -> bytes:
    """The saved copy with the value each formula had in the original: saving drops them."""
    formulas = {
        sheet.title: {c.coordinate for row in sheet.iter_rows() for c in row if c.data_type == "f"}
        for sheet in book.worksheets
    }
    formulas = {title: cells for title, cells in formulas.items() if cells}
    if not formulas:
        return saved.getvalue()
    values = _values(original, formulas)
    # Parts are numbered in the book's order by the library that just wrote them.
    parts = {f"xl/worksheets/sheet{n}.xml": s.title for n, s in enumerate(book.worksheets, start=1)}
    patched = io.BytesIO()
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(patched, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            content = old.read(item)
            if found := values.get(parts.get(item.filename, "")):
                content = _patched(content, found)
            new.writestr(item, content)
    return patched.getvalue()


def _values(
    original: io.BytesIO, formulas: Mapping[str, Iterable[str]]
) -> dict[str, dict[str, Any]]:
    """Values last saved, by sheet and cell, of cells that hold a formula."""
    from openpyxl import load_workbook
    from openpyxl.utils import datetime as moments

    serial: Any = moments.to_excel  # the library's own stubs leave it untyped
    book = load_workbook(original, data_only=True, read_only=True)
    found: dict[str, dict[str, Any]] = {}
    for title, cells in formulas.items():
        if title not in book.sheetnames:  # ours holds none, and is not in the original
            continue
        stated = (c for row in book[title].iter_rows() for c in row if c.value is not None)
        values = {c.coordinate: c.value for c in stated if c.coordinate in cells}
        found[title] = {
            name: serial(value, book.epoch) if isinstance(value, _MOMENTS) else value
            for name, value in values.items()
        }
    book.close()
    return found


def _patched(content: bytes, values: Mapping[str, Any]) -> bytes:
    """A sheet's XML, as we wrote it ourselves, with values beside its formulas."""
    for prefix, uri in (("", _MAIN[1:-1]), ("r", "http://schemas.openxmlformats.org/officeDocument"
                        "/2006/relationships")):  # fmt: skip
        ElementTree.register_namespace(prefix, uri)
    tree = ElementTree.fromstring(content)  # noqa: S314 - written by this process a moment ago
    for cell in tree.iter(f"{_MAIN}c"):
        value = values.get(cell.get("r", ""))
        if value is None or cell.find(f"{_MAIN}f") is None:
            continue
        element = cell.find(f"{_MAIN}v")
        if element is None:
            element = ElementTree.SubElement(cell, f"{_MAIN}v")
        kind, element.text = _as_xml(value)
        cell.attrib.pop("t", None)
        if kind:
            cell.set("t", kind)
    patched: bytes = ElementTree.tostring(tree, encoding="utf-8", xml_declaration=True)
    return patched


def _as_xml(value: Any) -> tuple[str, str]:
    if isinstance(value, bool):
        return "b", str(int(value))
    if isinstance(value, int | float):
        return "", repr(value)
    return ("e" if str(value).startswith("#") else "str"), str(value)


def main(path: Path) -> int:
    """Mark up one file; 0 when the copy is on standard output whole."""
    asked = json.load(sys.stdin)
    try:
        copy = mark(path, asked["faults"], asked["notes"])
    except Refused:
        return 2
    except Exception:  # whatever a file does to the library, the list alone is given instead
        return 3
    sys.stdout.buffer.write(copy)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    set_limits()
    sys.exit(main(Path(sys.argv[1])))
