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
from typing import Any

from django.db.models import F

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


def _read_by(program: str) -> None:
    from stp.core import reader, reading

    reading._command = lambda arguments: [sys.executable, "-c", program, *arguments]
    if "sleep(600)" in program:
        reader.WALL_SECONDS = WALL_SECONDS


def _die_of(poison: str) -> None:
    from stp.returns.actions import checking

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
    from finance import actions as figures
    from stp.core.models import Return
    from stp.returns.actions import committing

    piece = _NotAtomic(committing.transaction)
    committing.transaction = piece  # type: ignore[assignment] # the guard, replaced
    committing._lock = lambda return_: Return.objects.get(pk=return_.pk)
    committing.lock_period = lambda code: committing.ReportingPeriod.objects.get(pk=code)
    wrapped: Any = figures.record_scheme_return
    committed = wrapped.__wrapped__  # without its @transaction.atomic
    from finance.returns import kind

    kind.record_scheme_return = committed


def _publish_in_pieces() -> None:
    from stp.core import snapshots
    from stp.dashboards import actions

    for module in (snapshots, actions):
        vars(module)["transaction"] = _NotAtomic(vars(module)["transaction"])


def _claim_anything() -> None:
    from stp.core import jobs
    from stp.core.models import Job

    def claim(job_id: int) -> Job | None:
        Job.objects.filter(pk=job_id).update(state=Job.State.RUNNING, attempt=F("attempt") + 1)
        return Job.objects.get(pk=job_id)

    jobs.claim = claim


def _finish_anything() -> None:
    from stp.core import jobs
    from stp.core.models import Job

    def finish(job: Job) -> None:
        Job.objects.filter(pk=job.pk).update(state=Job.State.DONE, lease_until=None)

    jobs.finish = finish


def _no_fence() -> None:
    """Neither the job's attempt nor the return's state is asked before a late effect."""
    from stp.core.models import Return
    from stp.returns import states

    def change(return_: Return, came_from: Any, fields: Mapping[str, Any]) -> int:
        return Return.objects.filter(pk=return_.pk).update(**fields)

    states.change = change
    _finish_anything()


def _no_alarm() -> None:
    """As where the system has no timers: a job that is late is not told so by its own process."""
    from stp.core import jobs

    jobs._limited = nullcontext


def _never_reclaim() -> None:
    from django.db.models import Q

    from stp.core import jobs
    from stp.core.models import Job

    jobs._claimable = lambda now: Q(state=Job.State.WAITING)


def _no_sweep() -> None:
    from stp.core import sweeper

    sweeper.sweep = lambda name: []


def _read_in_this_program() -> None:
    from stp.core import reading

    def run(arguments: list[str], output: Any) -> None:
        os.kill(os.getpid(), signal.SIGSEGV)

    reading._run = run


def _count_no_attempts() -> None:
    from stp.core import jobs

    jobs._gave_up_on = lambda job_id, kind: False


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
