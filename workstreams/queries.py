"""What the lists of milestones and risks read: lines of a published state, and names."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from stp.core.compare import with_before
from stp.core.lines import Subject
from stp.core.models import ReportingPeriod, SnapshotLine
from stp.core.rag import Rag
from stp.core.snapshots import View
from workstreams.models import Milestone, Risk, Workstream
from workstreams.rag import MilestoneCode

MILESTONE_COLUMNS = ("rag", "due_on", "forecast_on", "completed_on")
RISK_COLUMNS = ("rag", "score")
_ENDED = (MilestoneCode.WITHDRAWN, MilestoneCode.DEFERRED, MilestoneCode.HISTORY_UNCONFIRMED)


def milestone_lines(view: View, against: View | None) -> QuerySet[SnapshotLine]:
    """Milestones of a published state, first due first, with what they were before."""
    note = Milestone.objects.filter(ref=OuterRef("subject_id")).values("flag_note")
    lines = with_before(view, against, Subject.MILESTONE, MILESTONE_COLUMNS).annotate(
        flag_note=Subquery(note)
    )
    return lines.order_by(F("due_on").asc(nulls_last=True), "subject_id")


def risk_lines(view: View, against: View | None) -> QuerySet[SnapshotLine]:
    """Risks of a published state, highest score first, with what they were before."""
    lines = with_before(view, against, Subject.RISK, RISK_COLUMNS)
    return lines.order_by(F("score").desc(nulls_last=True), "subject_id")


def workstream_names() -> dict[str, str]:
    """Short name by id, in the board's order. One query."""
    return dict(Workstream.objects.order_by("order", "pk").values_list("pk", "short"))


class Standing(StrEnum):
    """Where a milestone stands at the period's end: what the overview counts."""

    OVERDUE = "overdue"
    DUE = "due"
    DONE = "done"
    UNCONFIRMED = "unconfirmed"


def that_stand(
    lines: QuerySet[SnapshotLine], standing: Standing, period: ReportingPeriod
) -> QuerySet[SnapshotLine]:
    """Overdue, due in 30 days, done in the month or confirmed by nobody; open ones only if due."""
    if standing is Standing.UNCONFIRMED:
        return lines.filter(
            code__in=(MilestoneCode.NOT_CONFIRMED, MilestoneCode.HISTORY_UNCONFIRMED)
        )
    as_of = period.as_of
    if standing is Standing.DONE:
        return lines.filter(completed_on__range=(as_of.replace(day=1), as_of))
    still_open = lines.exclude(rag=Rag.COMPLETE.value).exclude(code__in=_ENDED)
    if standing is Standing.OVERDUE:
        return still_open.filter(due_on__lte=as_of)
    due = still_open.annotate(awaited_on=Coalesce("forecast_on", "due_on"))
    return due.filter(awaited_on__gt=as_of, awaited_on__lte=as_of + dt.timedelta(days=30))


@dataclass(frozen=True, slots=True)
class RiskText:
    """What the plan says of a risk: text of reference, no figure, so it is not in a snapshot."""

    description: str
    mitigations: tuple[str, ...]


def risk_texts() -> dict[str, RiskText]:
    """By reference. Two queries."""
    rows = Risk.objects.prefetch_related("mitigations")
    return {
        r.ref: RiskText(r.description, tuple(m.text for m in r.mitigations.all())) for r in rows
    }
