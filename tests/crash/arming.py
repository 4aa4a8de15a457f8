"""What a doomed program does at a crash point, and twins: the site with one guard replaced.

A program reads all of it from its environment: CRASH_AT names the point, CRASH_ON the
how-manieth time it is passed, CRASH_HOW what happens there, CRASH_TWIN guards to replace,
CRASH_READER what stands in for the reader's child, CRASH_POISON a file that kills who reads it.
"""

import os
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from importlib import import_module
from typing import Any

from django.db.models import F, Q

from stp.core import faults

EXIT = 137  # what a shell says of a process that kill -9 ended


def arm(asked: Mapping[str, str]) -> None:
    """Make this process do at its crash point what its environment asks for."""
    for twin in filter(None, asked.get("CRASH_TWIN", "").split(", ")):
        TWINS[twin]()
    if reader := asked.get("CRASH_READER"):
        _read_by(READERS[reader])
    if poison := asked.get("CRASH_POISON"):
        _die_of(poison)
    if not (point := asked.get("CRASH_AT")):
        return
    left = int(asked.get("CRASH_ON", "1"))
    happens = HAPPENINGS[asked.get("CRASH_HOW", "exit")]

    def here(name: str) -> None:
        nonlocal left
        if name == point:
            left -= 1
            if left == 0:
                happens()

    faults.install(here)


def _stop() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


HAPPENINGS: dict[str, Callable[[], None]] = {"exit": lambda: os._exit(EXIT), "stop": _stop}


# What may befall the child that opens a stranger's file; each begins as the real one does.
_LIMITED = "from stp.core import reader; reader.{limit} = {value}; reader.set_limits(); {then}"
READERS = {
    "over CPU": _LIMITED.format(limit="CPU_SECONDS", value="1", then="\nwhile True: pass"),
    "over memory": _LIMITED.format(
        limit="MEMORY", value="256 << 20",
        then="import sys, pathlib; reader.read_csv = lambda *_: bytearray(1 << 30); "
        "reader.main(pathlib.Path(sys.argv[1]), sys.argv[2])",
    ),
    "over the wall clock": "import time; time.sleep(600)",
    "slow": "import runpy, time; time.sleep(0.4); "
        "runpy.run_module('stp.core.reader', run_name='__main__', alter_sys=True)",
}  # fmt: skip
WALL_SECONDS = 2


def _module(name: str) -> Any:
    """A module of the site, to replace names in; loaded late, when the site is set up."""
    return import_module(name)


def _read_by(program: str) -> None:
    reading = _module("stp.core.reading")
    reading._command = lambda arguments: [sys.executable, "-c", program, *arguments]
    if "sleep(600)" in program:
        reading.reader.WALL_SECONDS = WALL_SECONDS


def _die_of(poison: str) -> None:
    checking = _module("stp.returns.actions.checking")
    real = checking.read

    def read(path: Any, *, file_name: str) -> Any:
        if file_name == poison:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(path, file_name=file_name)

    checking.read = read


class _NotAtomic:
    """`transaction`, whose atomic blocks hold nothing together."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def atomic(self, *_: Any, **__: Any) -> Any:
        return nullcontext()


def _commit_in_pieces() -> None:
    committing = _module("stp.returns.actions.committing")
    committing.transaction = _NotAtomic(committing.transaction)
    # A lock needs the transaction that is not there.
    committing._lock = lambda return_: committing.Return.objects.get(pk=return_.pk)
    committing.lock_period = lambda code: committing.ReportingPeriod.objects.get(pk=code)
    kind = _module("finance.returns.kind")
    kind.record_scheme_return = kind.record_scheme_return.__wrapped__  # without its @atomic


def _publish_in_pieces() -> None:
    for name in ("stp.core.snapshots", "stp.dashboards.actions"):
        module = _module(name)
        module.transaction = _NotAtomic(module.transaction)


def _claim_anything() -> None:
    from stp.core.models import Job

    def claim(job_id: int) -> Job | None:
        Job.objects.filter(pk=job_id).update(state=Job.State.RUNNING, attempt=F("attempt") + 1)
        return Job.objects.get(pk=job_id)

    _module("stp.core.jobs").claim = claim


def _no_fence() -> None:
    """Neither the job's attempt nor the return's state is asked before a late effect."""
    from stp.core.models import Job, Return

    def finish(job: Job) -> None:
        Job.objects.filter(pk=job.pk).update(state=Job.State.DONE, lease_until=None)

    def change(return_: Return, came_from: Any, fields: Mapping[str, Any]) -> int:
        return Return.objects.filter(pk=return_.pk).update(**fields)

    _module("stp.core.jobs").finish = finish
    _module("stp.returns.states").change = change


def _no_alarm() -> None:
    """As where the system has no timers: a job that is late is not told so by its own process."""
    _module("stp.core.jobs")._limited = nullcontext


def _never_reclaim() -> None:
    from stp.core.models import Job

    _module("stp.core.jobs")._claimable = lambda now: Q(state=Job.State.WAITING)


def _no_sweep() -> None:
    _module("stp.core.sweeper").sweep = lambda name: []


def _read_in_this_program() -> None:
    def run(arguments: list[str], output: Any) -> None:
        os.kill(os.getpid(), signal.SIGSEGV)

    _module("stp.core.reading")._run = run


def _count_no_attempts() -> None:
    _module("stp.core.jobs")._gave_up_on = lambda job_id, kind: False


TWINS: dict[str, Callable[[], None]] = {
    "commit in pieces": _commit_in_pieces,
    "publish in pieces": _publish_in_pieces,
    "claim anything": _claim_anything,
    "no fence": _no_fence,
    "no alarm": _no_alarm,
    "never reclaim": _never_reclaim,
    "no sweep": _no_sweep,
    "read in this program": _read_in_this_program,
    "count no attempts": _count_no_attempts,
}
