"""How far the check of a return is, in steps a person understands."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from stp.core import clock, jobs
from stp.core.models import Heartbeat, Job, Return
from stp.returns import states, steps
from stp.returns.actions import check_job

LONG = dt.timedelta(seconds=60)
# A sweeper that missed so many of its rounds is not there.
MISSED_SWEEPS = 4
DONE, NOW, LATER = "Done", "In progress", "Waiting"

_LONGER = "This is taking longer than usual; it goes on by itself."
_KEPT = "You can close this page and come back to it from “Your returns”."


@dataclass(frozen=True, slots=True)
class Progress:
    """Steps as (what, status); `sentence` sums up; `next_page` once there is something to see.

    `delay` says why it takes longer than usual, "" while it does not. `gave_up` is true where
    no attempt is left and the sender has to do something.
    """

    steps: Sequence[tuple[str, str]]
    is_over: bool
    sentence: str
    next_page: str
    delay: str
    gave_up: bool = False


def of(return_: Return) -> Progress:
    """Read from the return, its job and the signs of life; never from the queue."""
    over = return_.state not in states.UNDER_WAY - {Return.State.READY}
    job = None if over else check_job(return_)
    gave_up = job is not None and job.state == Job.State.QUARANTINED
    running = job is not None and job.state == Job.State.RUNNING
    return Progress(
        steps=(
            ("File received and kept unchanged", DONE),
            ("Reading the file", DONE if over else NOW if running else LATER),
            ("Checking every row and figure", DONE if over else LATER),
            ("Comparing with the figures in force", DONE if over else LATER),
        ),
        is_over=over,
        sentence=_sentence(return_, over=over, running=running, gave_up=gave_up),
        next_page=steps.address(return_) if over else "",
        delay="" if job is None or gave_up else _delay(return_, job),
        gave_up=gave_up,
    )


def _delay(return_: Return, job: Job) -> str:
    """Why the check takes longer than usual, as its row and the worker's sign of life say."""
    now = jobs.database_now()
    if job.state == Job.State.RUNNING and job.lease_until and job.lease_until < now:
        why = "The process that checked it stopped; another one takes it over."
    elif job.state == Job.State.WAITING and not _worker_is_heard(now):
        why = "No process that checks returns answers at the moment; yours is kept in its place."
    elif job.attempt > 1 or (job.attempt == 1 and job.state == Job.State.WAITING):
        attempt = job.attempt + (job.state == Job.State.WAITING)
        why = f"The check was interrupted and starts anew: attempt {attempt} of {_attempts()}."
    elif clock.now() - return_.received_at > LONG:
        why = ""
    else:
        return ""
    return " ".join(filter(None, (_LONGER, why, _KEPT)))


def _attempts() -> int:
    return settings.JOB_ATTEMPTS


def _worker_is_heard(now: dt.datetime) -> bool:
    """Whether a process that takes jobs swept lately; each does, whatever becomes of the queue."""
    since = now - dt.timedelta(seconds=MISSED_SWEEPS * settings.JOB_SWEEP_SECONDS)
    return Heartbeat.objects.filter(name__in=("worker", "run_jobs"), at__gt=since).exists()


def _sentence(return_: Return, *, over: bool, running: bool, gave_up: bool) -> str:
    if gave_up:
        return (
            f"The check was given up after {_attempts()} attempts. The file is kept, and nothing "
            "else changed. Send it again, saved anew as .xlsx or as .csv; if that is given up "
            "too, tell the programme office."
        )
    if not over:
        return "Your return is being checked." if running else "Your return waits to be checked."
    if return_.state == Return.State.UNREADABLE:
        return "The file could not be read."
    found = f"The check is over: {_count(return_.error_count, 'error')}"
    return f"{found} and {_count(return_.warning_count, 'warning')} found."


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"
