"""What a doomed program does at a crash point, and twins: the site with one guard replaced.

A program reads both from its environment: CRASH_AT names the point, CRASH_ON the how-manieth
time it is passed, CRASH_HOW what happens there, CRASH_TWIN a guard to replace.
"""

import os
import signal
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any

from django.db.models import F

from stp.core import faults

EXIT = 137  # what a shell says of a process that kill -9 ended


def arm(asked: Mapping[str, str]) -> None:
    """Make this process do at its crash point what its environment asks for."""
    if twin := asked.get("CRASH_TWIN"):
        TWINS[twin]()
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


def _never_reclaim() -> None:
    from django.db.models import Q

    from stp.core import jobs
    from stp.core.models import Job

    jobs._claimable = lambda now: Q(state=Job.State.WAITING)


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
    "finish anything": _finish_anything,
    "never reclaim": _never_reclaim,
    "read in this program": _read_in_this_program,
    "count no attempts": _count_no_attempts,
}
