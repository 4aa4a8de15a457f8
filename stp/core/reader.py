"""The reader process: `python -m stp.core.reader PATH .xlsx|.csv`, JSON lines on standard output.

It imports no Django, opens no connection, sets itself limits before it opens the file, and is
started anew for each file, so that whatever a file does to it is one refusal. Lines:

    {"sheet": name, "hidden": bool, "rows_hidden": [..], "columns_hidden": [..], "merged": [..]}
    [row number, [cell, …]]     a cell is null, "text", number, true, or ["d"|"e"|"f", text]
    {"warning": code, "message": sentence}
    {"refused": code, "message": sentence}      the last line, instead of
    {"end": true}

`--limits` prints which limits this system enforces.
"""

import datetime as dt
import json
import math
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from stp.core import csvtext, sheetxml
from stp.core.package import RELATIONS, WORKBOOK, Package, broken, check, resolve
from stp.core.sheets import Refused

MEMORY = 512 * 1024 * 1024
CPU_SECONDS = 30
WALL_SECONDS = 60
OUTPUT = 128 * 1024 * 1024
MAX_SHEETS = 60
MAX_CELL = 32_767  # Excel's own limit of a cell's text
# The hidden sheet of our own template that holds the words of its drop-down lists.
OWN_LISTS = "lists"
_RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def set_limits() -> dict[str, bool]:
    """Limit this process's memory, CPU, file size and core dumps; which of them took hold."""
    names = {"memory": ("RLIMIT_AS", MEMORY), "CPU time": ("RLIMIT_CPU", CPU_SECONDS)}
    names |= {"file size": ("RLIMIT_FSIZE", OUTPUT), "core dump": ("RLIMIT_CORE", 0)}
    took = dict.fromkeys(names, False)
    try:
        import resource
    except ImportError:  # Windows
        return took
    for name, (constant, limit) in names.items():
        try:
            # A second above the soft limit: at the hard one the system kills without saying why.
            hard = limit + 1 if name == "CPU time" else limit
            resource.setrlimit(getattr(resource, constant), (limit, hard))
            took[name] = True
        except (AttributeError, ValueError, OSError):
            continue
    # An orphan ends too, should its parent be killed.
    signal.alarm(WALL_SECONDS)
    return took


class _Out:
    """Standard output with a counter, so that it is capped where the system has no limits too."""

    def __init__(self) -> None:
        self.written = 0

    def line(self, value: object) -> None:
        text = json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
        self.written += len(text) + 1
        if self.written > OUTPUT - 4_096:
            raise Refused("too_large_unpacked", "The file holds more text than we take (128 MB).")
        sys.stdout.write(text + "\n")

    def warning(self, code: str, message: str) -> None:
        self.line({"warning": code, "message": message})


def _cell(value: Any) -> Any:
    """One value of calamine's as it goes over the line; a blank is null."""
    if isinstance(value, str):
        return value[: MAX_CELL + 1] or None
    if isinstance(value, bool):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            return str(value)
        return int(value) if value.is_integer() and abs(value) < 1e15 else value
    if isinstance(value, dt.datetime):
        return ["d", value.date().isoformat()]
    if isinstance(value, dt.date):
        return ["d", value.isoformat()]
    return value if isinstance(value, int) else str(value)


def _overlay(cells: list[Any], scan: sheetxml.Scan, row: int) -> None:
    """Put what calamine shows as empty back in its place."""
    for column in range(len(cells)):
        odd = scan.odd.get((row, column + 1))
        if odd is not None:
            cells[column] = odd[1] if odd[0] == "x" else list(odd)


def _trim(cells: list[Any]) -> list[Any]:
    while cells and cells[-1] is None:
        cells.pop()
    return cells


def _rows(sheet: Any, scan: sheetxml.Scan) -> Iterator[tuple[int, list[Any]]]:
    """Rows with a value, under the user's own numbers.

    Calamine's `iter_rows` starts at row 1 but at the first column that holds anything; both are
    checked against the XML pass, so that a row can never slip.
    """
    if not scan.rows:
        return
    left = sheet.start[1] if sheet.start else scan.first[1] - 1
    rows_with_odd = {row for row, _ in scan.odd}
    number = 0
    for number, values in enumerate(sheet.iter_rows(), start=1):
        if number not in scan.rows:
            continue
        cells: list[Any] = [None] * left + [_cell(value) for value in values]
        if number in rows_with_odd:
            cells += [None] * (scan.last[1] - len(cells))
            _overlay(cells, scan, number)
        yield number, _trim(cells)
    for missed in sorted(row for row in rows_with_odd if row > number):
        cells = [None] * scan.last[1]
        _overlay(cells, scan, missed)
        yield missed, _trim(cells)


def _worksheets(package: Package) -> list[tuple[str, bool, str]]:
    """(name, hidden, part) of each worksheet, in the workbook's order."""
    targets = {
        relation.get("Id", ""): resolve(relation.get("Target", ""))
        for relation in package.xml(RELATIONS)
        if relation.get("Type", "").endswith("/worksheet")
    }
    found = []
    for element in package.xml(WORKBOOK).iter():
        part = targets.get(element.get(_RELATION_ID, ""))
        if element.tag.rpartition("}")[2] != "sheet" or part is None:
            continue
        if part not in package.parts:
            raise broken("lacks one of its sheets", "missing_part")
        hidden = element.get("state", "visible") != "visible"
        found.append((element.get("name", ""), hidden, part))
    if not found or len(found) > MAX_SHEETS:
        raise broken(f"has {len(found)} sheets; we take 1 to {MAX_SHEETS}", "bad_sheets")
    return found


def _check_sheets(scans: Sequence[tuple[bool, sheetxml.Scan]]) -> None:
    filled = [hidden for hidden, scan in scans if scan.rows]
    if not filled:
        raise Refused("empty_workbook", "The workbook has no values in any sheet.")
    if all(filled):
        raise Refused(
            "hidden_sheets_only",
            "Every sheet with values is hidden. Unhide the sheet to send and save the file.",
        )
    area = sum(scan.last[0] * scan.last[1] for _, scan in scans)
    if area > 2 * sheetxml.MAX_AREA:
        raise Refused("too_many_rows", "The workbook's sheets are too large taken together.")


def read_xlsx(path: Path, out: _Out) -> None:
    """All of a workbook's worksheets onto `out`; Refused where it is not taken."""
    with path.open("rb") as file:
        package = check(file)
        sheets = _worksheets(package)
        scans = [sheetxml.scan(package, part, name) for name, _, part in sheets]
    _check_sheets([(hidden, scan) for (_, hidden, _), scan in zip(sheets, scans, strict=True)])
    if any(name.startswith("xl/externallinks/") for name in package.parts):
        out.warning(
            "external_link",
            "The workbook has links to other files. The values last saved were read; "
            "nothing was opened.",
        )
    from python_calamine import load_workbook

    book = load_workbook(str(path))
    for (name, hidden, _), scan in zip(sheets, scans, strict=True):
        _head(out, name, hidden, scan)
        for number, cells in _rows(book.get_sheet_by_name(name) if scan.rows else None, scan):
            out.line([number, cells])


def _head(out: _Out, name: str, hidden: bool, scan: sheetxml.Scan) -> None:
    if hidden and scan.rows and name.strip().casefold() != OWN_LISTS:
        out.warning("hidden_sheet", f"Sheet {name} is hidden.")
    out.line(
        {
            "sheet": name,
            "hidden": hidden,
            "rows_hidden": sorted(scan.hidden_rows),
            "columns_hidden": sorted(scan.hidden_columns),
            "merged": scan.merged,
        }
    )


def read_csv(path: Path, out: _Out) -> None:
    """A CSV file as one sheet onto `out`; Refused where it is not taken."""
    decoded = csvtext.decode(path.read_bytes())
    sign = csvtext.separator(decoded.text)
    if decoded.guessed:
        out.warning(
            "encoding_guessed",
            f"The file is not UTF-8; it was read as {decoded.guessed}. "
            "Check pound signs, dashes and accents.",
        )
    if sign != ",":
        name = "semicolon" if sign == ";" else "tab"
        out.warning("separator_guessed", f"Values were separated by {name}, not by comma.")
    out.line({"sheet": "CSV", "hidden": False})
    count = 0
    for line, fields in csvtext.records(decoded.text, sign):
        count += 1
        out.line([line, [field[: MAX_CELL + 1] or None for field in fields]])
    if count < 2:
        raise Refused("no_rows", "The file has no rows below its headings.")


def main(path: Path, ending: str) -> None:
    """Read one file; whatever happens ends as one last line that says so."""
    out = _Out()
    try:
        (read_xlsx if ending == ".xlsx" else read_csv)(path, out)
        out.line({"end": True})
    except Refused as refused:
        _last(refused.code, refused.message)
    except MemoryError:
        _last("unreadable_memory", "")
    except BaseException as fault:  # calamine's panics are BaseExceptions; the edge catches all
        _last("unreadable", type(fault).__name__)
    sys.stdout.flush()


def _last(code: str, message: str) -> None:
    sys.stdout.write(json.dumps({"refused": code, "message": message}) + "\n")


if __name__ == "__main__":
    _limits = set_limits()
    if sys.argv[1:] == ["--limits"]:
        print(json.dumps(_limits))
    else:
        main(Path(sys.argv[1]), sys.argv[2])
