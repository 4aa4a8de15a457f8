"""What the lists of milestones and risks read: lines of a published state, and names."""

from dataclasses import dataclass

from django.db.models import F, OuterRef, QuerySet, Subquery

from stp.core.compare import with_before
from stp.core.lines import Subject
from stp.core.models import SnapshotLine
from stp.core.snapshots import View
from workstreams.models import Milestone, Risk, Workstream

MILESTONE_COLUMNS = ("rag", "due_on", "forecast_on", "completed_on")
RISK_COLUMNS = ("rag", "score")


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
