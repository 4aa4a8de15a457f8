"""Counting changes: which periods' dashboards a change makes stale, and asking for a recompute.

Called by actions inside their transaction; the only writer of `data_version`.
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F, QuerySet

from stp.core import audit, clock, jobs
from stp.core.again import retried
from stp.core.models import PeriodChange, ReportingPeriod

ALL = "all"
# An earlier period's result moved: only what compares or rolls up is worked out again.
EARLIER_PERIOD = "earlier period"


def organisation(organisation_id: str) -> str:
    """The scope of a change that touches one organisation's figures only."""
    return f"organisation:{organisation_id}"


def bump(periods: Iterable[ReportingPeriod], *, scope: str, what: str) -> None:
    """Raise `data_version` of open periods by one, note what it was, request a recompute."""
    for period in periods:
        if _by_one(ReportingPeriod.objects.open().filter(pk=period.pk)):
            _note(period, scope=scope, what=what)


def _by_one(row: QuerySet[ReportingPeriod], **also: object) -> int:
    return row.update(data_version=F("data_version") + 1, **also)


def _note(period: ReportingPeriod, *, scope: str, what: str) -> None:
    """Record the step just counted, whose row the transaction still holds; ask for the work."""
    version = ReportingPeriod.objects.values_list("data_version", flat=True).get(pk=period.pk)
    PeriodChange.objects.create(
        period=period, data_version=version, scope=scope, what=what, at=clock.now()
    )
    jobs.request("recompute", key=period.code)


def bump_all_open(*, scope: str = ALL, what: str) -> None:
    """A change that every open period shows: a milestone, risk, post, weight or target."""
    bump(ReportingPeriod.objects.open(), scope=scope, what=what)


PASSING = (
    "The period opened",
    "The due date passed",
    "The hold date passed",
    "The closing date passed",
)


@retried
def pass_dates(period: ReportingPeriod) -> bool:
    """Count a period's own dates that have passed, once; True if this call counted any.

    Lateness changes ratings, so a date that passes is a change like any other. A planned period
    opens with its first date; closing is a person's act. The UPDATE names the count it saw: of
    two sweepers at once one changes a row and the other goes away.
    """
    dates = (period.opens_at, period.due_at, period.hold_at, period.closes_at)
    passed = sum(date <= clock.now() for date in dates)
    planned = period.state == ReportingPeriod.State.PLANNED
    if period.state == ReportingPeriod.State.CLOSED or passed <= period.dates_passed:
        return False
    with transaction.atomic():
        seen = ReportingPeriod.objects.filter(
            pk=period.pk, dates_passed=period.dates_passed, state=period.state
        )
        if not _by_one(seen, dates_passed=passed, state=ReportingPeriod.State.OPEN):
            return False
        if planned:
            audit.record("opened", period, by=None, period=period.code)
        _note(period, scope=ALL, what=PASSING[passed - 1])
    return True
