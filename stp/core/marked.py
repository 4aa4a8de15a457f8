"""The parent's side of marking up an upload: starts the marking process and trusts none of it.

A copy is made when it is asked for and kept nowhere: the original and its faults do not change,
so there is nothing to store, to expire or to guard a second time, and reading stays reading.
"""

import json
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from stp.core import reader
from stp.core.exports import Export, to_xlsx
from stp.core.marking import COLUMNS, HEADING, SHEET, writable
from stp.core.reading import run_child

MOST_ROWS = 2_000  # beyond it a copy takes too long to wait for: the list alone is given
WALL_SECONDS = 25.0
AT_ONCE = 2  # copies a web process makes at a time; who finds them taken gets the list alone
WAIT_SECONDS = 5.0
_slots = threading.BoundedSemaphore(AT_ONCE)

Faults = Sequence[Mapping[str, Any]]


def marked_copy(path: Path, *, file_name: str, rows: int, faults: Faults) -> tuple[bytes, bool]:
    """The workbook to download, and whether it is the sender's own file (else the list alone).

    `faults` are issues as dicts (`stp.core.sheets.Issue.as_dict`), errors first. Raises nothing
    for anything a file holds.
    """
    copy = b""
    if file_name.lower().endswith(".xlsx") and rows <= MOST_ROWS:
        copy = _copy(path, faults, _notes(file_name, whole=True))
    return (copy, True) if copy else (_list_alone(writable(file_name), faults), False)


def _notes(file_name: str, *, whole: bool) -> tuple[str, str]:
    advice = (
        "Correct the cells, save the file and send it again; this sheet and the comments are not "
        "read. Pictures are not part of this copy."
        if whole
        else "Correct the cells in your own file and send it again."
    )
    return f"File: {file_name}", advice


def _copy(path: Path, faults: Faults, notes: Sequence[str]) -> bytes:
    """What the marking process wrote, b"" where it failed or none was free."""
    if not _slots.acquire(timeout=WAIT_SECONDS):
        return b""
    try:
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as output:
            given.write(json.dumps({"faults": list(faults), "notes": list(notes)}).encode())
            given.seek(0)
            status = run_child(_command(path), output, wall=WALL_SECONDS, given=given)
            output.seek(0)
            copy = output.read(reader.OUTPUT) if status == 0 else b""
            return copy if copy and zipfile.is_zipfile(output) else b""
    except (subprocess.TimeoutExpired, OSError):
        return b""
    finally:
        _slots.release()


def _command(path: Path) -> list[str]:
    return [sys.executable, "-m", "stp.core.marking", str(path.resolve())]


def _list_alone(file_name: str, faults: Faults) -> bytes:
    rows = [
        [
            number,
            "Error" if fault["severity"] == "error" else "Warning",
            writable(fault["sheet"]),
            writable(fault["cell"] or (f"row {fault['row']}" if fault["row"] else "")),
            *(writable(fault[name]) for name in ("column", "found", "message", "wanted")),
        ]
        for number, fault in enumerate(faults, start=1)
    ]
    notes = _notes(file_name, whole=False)
    return to_xlsx(Export(title=HEADING, headings=COLUMNS, rows=rows, notes=notes, sheet=SHEET))
