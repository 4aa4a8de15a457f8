"""Where a return stands against its due date: computed, never stored (returns.md, "When")."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    NOT_DUE = "not_due"
    DUE = "due"  # the period is open and the due date has not passed
    LATE = "late"  # the due date passed and nothing is committed
    RECEIVED = "received"
    RECEIVED_LATE = "received_late"
    NOT_REQUIRED = "not_required"


@dataclass(frozen=True, slots=True)
class Standing:
    """A code and, where late, by how many whole days (at least 1)."""

    code: Code
    days_late: int = 0


def standing(
    *,
    opens_at: dt.datetime,
    due_at: dt.datetime,
    committed_at: dt.datetime | None,
    now: dt.datetime,
    required: bool = True,
) -> Standing:
    """How a return stands at `now`; `committed_at` is when its first version was committed."""
    if committed_at is not None:
        if committed_at > due_at:
            return Standing(Code.RECEIVED_LATE, _days(due_at, committed_at))
        return Standing(Code.RECEIVED)
    if not required:
        return Standing(Code.NOT_REQUIRED)
    if now < opens_at:
        return Standing(Code.NOT_DUE)
    return Standing(Code.LATE, _days(due_at, now)) if now > due_at else Standing(Code.DUE)


def _days(due: dt.datetime, then: dt.datetime) -> int:
    return max(1, (then.date() - due.date()).days)
