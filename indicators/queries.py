"""What the list of indicators reads: lines of a published state in the plan's own order."""

from django.db.models import Case, IntegerField, QuerySet, Value, When

from indicators.models import Indicator
from stp.core.compare import with_before
from stp.core.lines import Subject
from stp.core.models import SnapshotLine
from stp.core.snapshots import View

COLUMNS = ("rag", "reason")


def indicator_lines(view: View, against: View | None) -> QuerySet[SnapshotLine]:
    """Indicators of a published state as the plan orders them, with what they were before."""
    families = [
        When(detail__family=family.value, then=Value(place))
        for place, family in enumerate(Indicator.Family)
    ]
    return (
        with_before(view, against, Subject.INDICATOR, COLUMNS)
        .annotate(family_place=Case(*families, default=Value(9), output_field=IntegerField()))
        .order_by("family_place", "detail__order", "subject_id")
    )
