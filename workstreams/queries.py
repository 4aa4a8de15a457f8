"""What the lists of milestones and risks read: lines of a published state, and names."""

from django.db.models import F, QuerySet

from stp.core.compare import with_before
from stp.core.lines import Subject
from stp.core.models import SnapshotLine
from stp.core.snapshots import View
from workstreams.models import Workstream

MILESTONE_COLUMNS = ("rag", "due_on", "forecast_on", "completed_on")
RISK_COLUMNS = ("rag", "score")


def milestone_lines(view: View, against: View | None) -> QuerySet[SnapshotLine]:
    """Milestones of a published state, first due first, with what they were before."""
    lines = with_before(view, against, Subject.MILESTONE, MILESTONE_COLUMNS)
    return lines.order_by(F("due_on").asc(nulls_last=True), "subject_id")


def risk_lines(view: View, against: View | None) -> QuerySet[SnapshotLine]:
    """Risks of a published state, highest score first, with what they were before."""
    lines = with_before(view, against, Subject.RISK, RISK_COLUMNS)
    return lines.order_by(F("score").desc(nulls_last=True), "subject_id")


def workstream_names() -> dict[str, str]:
    """Short name by id, in the board's order. One query."""
    return dict(Workstream.objects.order_by("order", "pk").values_list("pk", "short"))
