"""The check of a return, from the action call to its findings, against a bare python-calamine read.

The check starts the reader process, reads the workbook twice (its XML, then its values), parses
every cell, and compares it with what is in force; the bare read only makes Python values.
"""

import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings

from bench import seed
from bench.lines import Result, at_most, ms, plain
from bench.timing import in_turn
from finance.in_force import rows_of
from finance.returns.template import write_xlsx
from stp.core import clock
from stp.core.models import Return
from stp.returns.actions.checking import check

GROUP = "Check of a return"
JUNE = "2017-06"
START = 0.5  # seconds allowed beside three bare reads
MEGABYTE = 1024 * 1024
ROOT = Path(__file__).resolve().parent.parent


def run(*, tiny: bool) -> Iterator[Result]:
    """A file of 500 schemes against the bare read; one of 20,000 rows by the clock and memory."""
    small, large, repeats = (5, 20, 1) if tiny else (500, 20_000, 7)
    with clock.at(seed.NOW):
        seed.lay_out({"o01": small})
        path = workbook("o01", small)
        yield _against_bare(path, small, repeats)
        path = workbook("o01", large)
        yield from _large(path, large)


def workbook(organisation: str, size: int) -> Path:
    """June's return as a workbook of so many schemes: those in force, and new ones after them."""
    in_force = Return.objects.get(scope=organisation, period=JUNE, in_force=True)
    known = list(rows_of(in_force).values())
    # What is new has no approved plan, so its plan stays blank; it is no fault then.
    rows = [*known, *({**known[n % len(known)], "ref": f"N-{n:05}", "plan": {}}
                      for n in range(size - len(known)))]  # fmt: skip
    cover = {"organisation": organisation, "period": JUNE, "unit": "£000"}
    path = Path(settings.UPLOAD_ROOT) / f"bench-{size}.xlsx"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(write_xlsx(rows, period=JUNE, cover=cover))
    return path


def unsaved(path: Path) -> Return:
    """The return a check is given; it needs no row of its own."""
    in_force = Return.objects.get(scope="o01", period=JUNE, in_force=True)
    return Return(
        kind="finance", scope="o01", organisation=in_force.organisation, period=in_force.period,
        file_name=path.name, file_path=path.name, file_size=path.stat().st_size,
        choices={"unit": "thousands"},
    )  # fmt: skip


def bare(path: Path) -> int:
    """What python-calamine alone does: every sheet as Python lists; how many rows there were."""
    from python_calamine import load_workbook

    book = load_workbook(str(path))
    return sum(len(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names)


def _checked(path: Path, size: int) -> Any:
    found = check(unsaved(path))
    if len(found.rows) != size:
        first = found.issues[0].message if found.issues else ""
        raise RuntimeError(f"{len(found.rows)} rows of {size} were read: {first}")
    return found


def _against_bare(path: Path, size: int, repeats: int) -> Result:
    ours, alone = in_turn([lambda: _checked(path, size), lambda: bare(path)], repeats=repeats)
    bound = 3 * alone.median + START
    return at_most(
        GROUP, f"{size:,} schemes in .xlsx, reader start included", ours.median, bound,
        unit=" s", says=f"≤ 3 × {ms(alone.median)} + 0.5 s = {plain(bound)} s", note=ours.note,
    )  # fmt: skip


def _large(path: Path, size: int) -> list[Result]:
    start = time.perf_counter()
    found = _checked(path, size)
    took = time.perf_counter() - start
    peak = _megabytes(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    what = f"{size:,} rows"
    note = f"one run; {path.stat().st_size / MEGABYTE:.1f} MB, {len(found.issues)} warnings"
    return [
        at_most(GROUP, what, took, 30, unit=" s", note=note),
        at_most(GROUP, f"{what}, peak memory of the process that checks", peak, 400, unit=" MB",
                note="with Django and what it made of the rows"),
        at_most(GROUP, f"{what}, peak memory of the reader process", _of_reader(path), 400,
                unit=" MB", note="its own limit is 512 MB of address space"),
    ]  # fmt: skip


_WATCH = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def _of_reader(path: Path) -> float:
    """Its peak, seen from a small process: a child counts what its parent held as its own."""
    reader = [sys.executable, "-m", "stp.core.reader", str(path), ".xlsx"]
    watched = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-c", _WATCH, *reader],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return _megabytes(int(watched.stdout))


def _megabytes(peak: int) -> float:
    """`ru_maxrss` in megabytes; Linux counts in KB, macOS in bytes."""
    return peak / MEGABYTE if sys.platform == "darwin" else peak / 1024
