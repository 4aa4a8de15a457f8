"""The whole site as processes: memory of the web, pages in a browser, and ten people at work.

PostgreSQL, Valkey, gunicorn (2 workers of 4 threads), one Celery worker and beat, with the system
of the load tests: 12 organisations, 400 schemes, 36 periods, 3,000 milestones, 200,000 figures,
100,000 events. The people and the browser run on the same machine, the people at low priority.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import browser
from bench.lines import Result, at_most, plain
from tests import stack
from tests.browsers import Browser
from tests.load_system import OPEN, PASSWORD, TODAY

MEMORY = "Web process"
LOAD = "Load (L1)"
ROOT = Path(__file__).resolve().parent.parent
USERS, SECONDS, WARM_UP = 10, 120, 10
BUILD = "from tests.load_system import build; build()"
# What p95 of each kind of click may take, in milliseconds (RELIABILITY.md, L1).
P95 = {"dashboard": 500, "list": 600, "edit": 800, "upload": 1_500}
PAGES = (
    "/overview/", "/workstreams/", "/workstreams/UC/", "/gap/", "/plan/", "/finance/schemes/",
    "/milestones/", "/risks/", "/indicators/", "/returns/", "/returns/send/",
    "/returns/template/?organisation=o01&period=2018-01&kind=finance&download=xlsx",
    "/finance/schemes/?format=xlsx", "/finance/schemes/?format=csv", "/help/", "/help/ratings/",
    "/accessibility/", "/changes/",
)  # fmt: skip


def run(*, tiny: bool) -> Iterator[Result]:
    """Memory first, of processes that have just served; then the browser; then the load."""
    with site() as made:
        yield from _memory(made)
        yield from browser.measure(made.url, "pmo1@example.org", PASSWORD, repeats=1 if tiny else 3)
        yield from _load(made, 5 if tiny else SECONDS)


@contextmanager
def site() -> Iterator[stack.Stack]:
    """The stack with the seeded system, in a folder of its own."""
    data = stack.collected(Path(os.environ["STP_DATA_DIR"]))
    env = {"STP_DATA_DIR": str(data), "STP_DEMO_DATE": TODAY}
    prepare = [["migrate", "-v0"], ["shell", "-v0", "-c", BUILD]]
    with (
        stack.short_folder() as folder,
        stack.stack(folder, env=env, prepare=prepare) as made,
    ):
        yield made


def _memory(made: stack.Stack) -> list[Result]:
    """Resident memory of the gunicorn workers once each has served every page several times."""
    with Browser(made.url) as person:
        person.sign_in("lead1.o01@example.org", PASSWORD)
        statuses = {page: person.get(page, "page").status for _ in range(6) for page in PAGES}
    wrong = {page: status for page, status in statuses.items() if status not in (200, 403)}
    if wrong:
        raise RuntimeError(f"pages that did not answer: {wrong}")
    workers = _children(made.pids["web"])
    if not workers:
        return [Result(MEMORY, "resident", "", "≤ 90 MB", None, "no /proc on this system")]
    largest = max(_resident(pid) for pid in workers)
    heavy = sorted({name for pid in workers for name in _mapped(pid)})
    return [
        at_most(MEMORY, "resident after serving every page", largest, 90, unit=" MB",
                note=f"the largest of {len(workers)} gunicorn workers"),
        Result(MEMORY, "spreadsheet readers and pandas in it", ", ".join(heavy) or "none", "none",
               not heavy, "libraries mapped into its memory"),
    ]  # fmt: skip


def _children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text().split()] if path.exists() else []


def _resident(pid: int) -> float:
    """Megabytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def _mapped(pid: int) -> list[str]:
    maps = Path(f"/proc/{pid}/maps").read_text()
    return [name for name in ("pandas", "numpy", "python_calamine", "lxml") if f"/{name}/" in maps]


def _load(made: stack.Stack, seconds: int) -> list[Result]:
    busy = _busy()
    command = [
        sys.executable, "-m", "tests.load", made.url, "--users", str(USERS), "--json",
        "--seconds", str(seconds), "--warm-up", str(min(WARM_UP, seconds)), "--period", OPEN,
    ]  # fmt: skip
    ended = subprocess.run(  # noqa: S603 - our own module
        command, cwd=ROOT, capture_output=True, text=True, check=False,
                           timeout=seconds + 180, preexec_fn=lambda: os.nice(10))  # fmt: skip
    if not ended.stdout.strip():
        raise RuntimeError(f"the load did not end well: {ended.stderr[-1000:]}")
    said: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    rate = f"{plain(said['rate'])} requests a second reached by {USERS} people over {seconds} s"
    shared = f"{rate}; processors {_share(busy, _busy())} % busy, all of it on this machine"
    found = [
        Result(LOAD, "answers of 500 and above, or none", str(said["faults"]), "0",
               said["faults"] == 0, shared)
    ]  # fmt: skip
    for kind in said["kinds"]:
        name, count = kind["kind"], kind["count"]
        if name in P95:
            found.append(at_most(LOAD, f"{name}, p95", kind["p95"], P95[name], unit=" ms",
                                 note=f"{count} requests; p50 {kind['p50']:.0f} ms"))  # fmt: skip
            found.append(at_most(LOAD, f"{name}, p99", kind["p99"], 2_000, unit=" ms"))
    return found


def _busy() -> tuple[int, int]:
    """Ticks all processors worked and ticks there were, since the system started."""
    path = Path("/proc/stat")
    if not path.exists():
        return (0, 0)
    ticks = [int(part) for part in path.read_text().splitlines()[0].split()[1:9]]
    return sum(ticks) - ticks[3] - ticks[4], sum(ticks)


def _share(before: tuple[int, int], after: tuple[int, int]) -> str:
    every = after[1] - before[1]
    return f"{100 * (after[0] - before[0]) / every:.0f}" if every else "an unknown share"
