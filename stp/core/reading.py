"""The parent's side of reading an upload: starts the reader process and trusts none of it.

The child's output goes to a temporary file, so nothing can block on a pipe; it is killed with
its process group when the wall clock is over; and each line is checked as strictly as if the
upload itself had written it. So the parent neither dies nor waits, whatever a file does.
"""

import datetime as dt
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from stp.core import faults, preflight, reader
from stp.core.sheets import BLANK, Cell, CellKind, Issue, Refused, Severity, Sheet, Workbook

ROOT = Path(__file__).resolve().parent.parent.parent
_KEPT = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LANG", "LC_ALL", "PYTHONPATH")
_CANNOT = "The file could not be read"
_ADVICE = "Open it in Excel, save it again as “Excel Workbook (.xlsx)” and send that."
_SENTENCES = {
    "unreadable": f"{_CANNOT}: it is damaged or not made by a spreadsheet program. {_ADVICE}",
    "unreadable_time": f"{_CANNOT} within a minute. Remove what is not part of the return.",
    "unreadable_memory": f"{_CANNOT} within 512 MB of memory. Remove what is not part of it.",
    "unreadable_crash": f"{_CANNOT}: the reader broke down on it. {_ADVICE}",
    "unreadable_output": f"{_CANNOT}: the reader gave no clear answer. {_ADVICE}",
}


def read(path: Path, *, file_name: str) -> Workbook:
    """Read an uploaded file; raises Refused(code, message) for one that is not taken.

    `path` is the stored file under its made name, `file_name` what the user called it (its
    ending decides what it must be). Never raises anything else for a file's content, and never
    waits longer than the wall clock of 60 seconds.
    """
    ending = preflight.check(path, file_name=file_name)
    with tempfile.TemporaryFile() as output:
        _run([str(path.resolve()), ending], output)
        output.seek(0)
        try:
            return _workbook(output, is_csv=ending == ".csv")
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
            raise _unreadable("unreadable_output") from None


def limits() -> dict[str, bool]:
    """Which limits the reader process can enforce here, by name; for "about this installation"."""
    with tempfile.TemporaryFile() as output:
        _run(["--limits"], output)
        output.seek(0)
        found: dict[str, bool] = json.loads(output.read(4_096))
    return found | {"wall clock": True, "output": True}


def _unreadable(code: str) -> Refused:
    return Refused(code, _SENTENCES[code])


def _environment() -> dict[str, str]:
    """No secrets for a process that opens strangers' files; coverage's own variables are kept."""
    return {k: v for k, v in os.environ.items() if k in _KEPT or k.startswith("COVERAGE_")}


def _command(arguments: list[str]) -> list[str]:
    return [sys.executable, "-m", "stp.core.reader", *arguments]


def _run(arguments: list[str], output: IO[bytes]) -> None:
    """Run the reader to its end or the wall clock's; Refused when it did not end well."""
    try:
        status = run_child(_command(arguments), output, wall=reader.WALL_SECONDS)
    except subprocess.TimeoutExpired:
        raise _unreadable("unreadable_time") from None
    if status:
        raise _unreadable(_reason(status))


def run_child(
    command: list[str],
    output: IO[bytes],
    *,
    wall: float,
    given: IO[bytes] | int = subprocess.DEVNULL,
) -> int:
    """Run a process that opens a stranger's file; its exit status. TimeoutExpired after `wall` s.

    No secrets, no terminal, a process group of its own, which is gone when this returns.
    """
    process = subprocess.Popen(  # noqa: S603 - our own module, arguments as a list
        command, cwd=ROOT, env=_environment(), stdin=given,
        stdout=output, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        faults.here("read.spawned")
        _until_over(process, wall)
        return process.wait(timeout=0)
    finally:
        _kill(process)


def _until_over(process: subprocess.Popen[bytes], wall: float) -> None:
    """Wait for its end, `wall` seconds at most, and wake at once: `Popen.wait` looks 20 times a
    second only, where the system can tell of the end itself.
    """
    if hasattr(os, "pidfd_open"):
        told = os.pidfd_open(process.pid)
        try:
            over = select.poll()
            over.register(told, select.POLLIN)
            over.poll(wall * 1000)
        finally:
            os.close(told)
    else:
        process.wait(timeout=wall)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the child and all it may have started, by its own process group."""
    if process.poll() is not None:
        return
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:  # Windows
        process.kill()
    process.wait()


def _reason(status: int) -> str:
    """What a child's exit status says: a signal is negative."""
    name = signal.Signals(-status).name if status < 0 else ""
    if name in ("SIGXCPU", "SIGALRM"):
        return "unreadable_time"
    # SIGABRT is Rust without memory; SIGKILL the system's out-of-memory killer, or RLIMIT_CPU's.
    return "unreadable_memory" if name in ("SIGABRT", "SIGKILL") else "unreadable_crash"


@dataclass(slots=True)
class _Sheet:
    """A sheet while its lines come in."""

    head: dict[str, Any]
    rows: list[tuple[int, list[Cell]]] = field(default_factory=list)

    def whole(self, is_csv: bool) -> Sheet:
        head = self.head
        return Sheet(
            name=str(head["sheet"]),
            rows=self.rows,
            hidden=head.get("hidden") is True,
            from_csv=is_csv,
            hidden_rows=frozenset(map(int, head.get("rows_hidden", ()))),
            hidden_columns=frozenset(map(int, head.get("columns_hidden", ()))),
            merged=tuple((int(a), int(b), int(c), int(d)) for a, b, c, d in head.get("merged", ())),
        )


def _lines(output: IO[bytes]) -> Iterator[Any]:
    total = 0
    for raw in output:
        total += len(raw)
        if total > reader.OUTPUT:
            raise ValueError("too much output")
        yield _LINE.decode(raw.decode("utf-8", "surrogatepass"))


def _no_constant(name: str) -> None:
    raise ValueError(name)


_LINE = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_constant)


def _workbook(output: IO[bytes], is_csv: bool) -> Workbook:
    """Build a Workbook of the reader's lines; ValueError and its like where they make no sense."""
    sheets: list[_Sheet] = []
    findings: list[Issue] = []
    known: dict[Any, Cell] = {}
    for line in _lines(output):
        if isinstance(line, list):
            number, cells = line
            sheets[-1].rows.append((int(number), [_cell(cell, known) for cell in cells]))
        elif "sheet" in line:
            sheets.append(_Sheet(line))
            faults.here("read.parsing")
        elif "warning" in line:
            findings.append(Issue(Severity.WARNING, str(line["warning"]), str(line["message"])))
        elif "refused" in line:
            raise _refused(str(line["refused"]), str(line["message"]))
        elif line.get("end") is True:
            return Workbook([sheet.whole(is_csv) for sheet in sheets], findings, is_csv)
    raise ValueError("no last line")


def _refused(code: str, message: str) -> Refused:
    return _unreadable(code) if code in _SENTENCES else Refused(code, message[:500])


def _cell(value: Any, known: dict[Any, Cell]) -> Cell:
    """One cell from its JSON; equal short texts and numbers share one object."""
    if value is None:
        return BLANK
    if isinstance(value, list):
        return _marked(*value)
    key = (type(value), value)
    cell = known.get(key)
    if cell is None:
        cell = _plain(value)
        if len(cell.text) <= 40:
            known[key] = cell
    return cell


def _plain(value: Any) -> Cell:
    if isinstance(value, str):
        return Cell(CellKind.TEXT, value)
    if isinstance(value, bool):
        return Cell(CellKind.BOOLEAN, "TRUE" if value else "FALSE")
    if isinstance(value, int | Decimal):
        number = Decimal(value)
        return Cell(CellKind.NUMBER, str(number), number)
    raise ValueError("no such cell")


def _marked(what: str, text: str) -> Cell:
    if what == "d":
        day = dt.date.fromisoformat(text)
        return Cell(CellKind.DATE, f"{day:%d/%m/%Y}", date=day)
    if what == "e":
        return Cell(CellKind.ERROR, str(text))
    if what == "f":
        return Cell(CellKind.FORMULA_WITHOUT_VALUE)
    raise ValueError("no such mark")
