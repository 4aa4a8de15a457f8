"""How late a missing return is today: a published state counted only to when it was worked out."""

from collections.abc import Mapping, Sequence
from typing import Any

from stp.core import clock
from stp.core.models import ReportingPeriod, SnapshotLine
from stp.core.standing import Code, standing


def days_late(period: ReportingPeriod, counted: int) -> int:
    """Days a return that has not come is late: to now while the period is open, else `counted`."""
    if not period.is_open:
        return counted
    found = standing(
        opens_at=period.opens_at, due_at=period.due_at, committed_at=None, now=clock.now()
    )
    return found.days_late or counted


def sentence(line: SnapshotLine, period: ReportingPeriod) -> str:
    """How an organisation's return stands: 'Late by 6 days; May 2017 figures used.'"""
    if line.code != Code.LATE:
        return line.reason
    days = days_late(period, line.detail["days_late"])
    _, _, stands_in = line.reason.partition("; ")
    return f"Late by {days} day{'' if days == 1 else 's'}; {stands_in}"


def missing(
    entries: Sequence[Mapping[str, Any]], period: ReportingPeriod
) -> Sequence[Mapping[str, Any]]:
    """The missing returns of `Snapshot.trust`, their days late as of now."""
    return [{**e, "days_late": days_late(period, e["days_late"])} for e in entries]
