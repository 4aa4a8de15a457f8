"""How far the check of a return is, in steps a person understands."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from stp.core import clock
from stp.core.models import Job, Return
from stp.returns import states, steps
from stp.returns.actions import check_job

LONG = dt.timedelta(seconds=60)
DONE, NOW, LATER = "Done", "In progress", "Waiting"


@dataclass(frozen=True, slots=True)
class Progress:
    """Steps as (what, status); `sentence` sums up; `next_page` once there is something to see."""

    steps: Sequence[tuple[str, str]]
    is_over: bool
    sentence: str
    next_page: str
    takes_long: bool


def of(return_: Return) -> Progress:
    """Read from the return and its job."""
    over = return_.state not in states.UNDER_WAY - {Return.State.READY}
    job = None if over else check_job(return_)
    running = job is not None and job.state == Job.State.RUNNING
    return Progress(
        steps=(
            ("File received and kept unchanged", DONE),
            ("Reading the file", DONE if over else NOW if running else LATER),
            ("Checking every row and figure", DONE if over else LATER),
            ("Comparing with the figures in force", DONE if over else LATER),
        ),
        is_over=over,
        sentence=_sentence(return_, over=over, running=running),
        next_page=steps.address(return_) if over else "",
        takes_long=not over and clock.now() - return_.received_at > LONG,
    )


def _sentence(return_: Return, *, over: bool, running: bool) -> str:
    if not over:
        return "Your return is being checked." if running else "Your return waits to be checked."
    if return_.state == Return.State.UNREADABLE:
        return "The file could not be read."
    found = f"The check is over: {_count(return_.error_count, 'error')}"
    return f"{found} and {_count(return_.warning_count, 'warning')} found."


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"
