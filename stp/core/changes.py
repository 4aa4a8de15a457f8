"""Counting changes: which periods' dashboards a change makes stale, and asking for a recompute.

Called by actions inside their transaction; the only writer of `data_version`.
"""

from collections.abc import Iterable

from django.db.models import F

from stp.core import clock, jobs
from stp.core.models import PeriodChange, ReportingPeriod

ALL = "all"


def organisation(organisation_id: str) -> str:
    """The scope of a change that touches one organisation's figures only."""
    return f"organisation:{organisation_id}"


def bump(periods: Iterable[ReportingPeriod], *, scope: str, what: str) -> None:
    """Raise `data_version` of open periods by one, note what it was, request a recompute."""
    for period in periods:
        changed = ReportingPeriod.objects.filter(
            pk=period.pk, state=ReportingPeriod.State.OPEN
        ).update(data_version=F("data_version") + 1)
        if changed:
            version = ReportingPeriod.objects.values_list("data_version", flat=True).get(
                pk=period.pk
            )
            PeriodChange.objects.create(
                period=period, data_version=version, scope=scope, what=what, at=clock.now()
            )
            jobs.request("recompute", key=period.code)


def bump_all_open(*, scope: str = ALL, what: str) -> None:
    """A change that every open period shows: a milestone, risk, post, weight or target."""
    bump(ReportingPeriod.objects.open(), scope=scope, what=what)
