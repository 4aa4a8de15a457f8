"""Filters of the lists of milestones and risks: one GET form each; every choice in the address."""

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet

from stp.core.compare import of_workstream, that_changed
from stp.core.filters import Tick
from stp.core.models import SnapshotLine
from stp.core.rag import Rag
from workstreams.models import Workstream
from workstreams.queries import MILESTONE_COLUMNS, RISK_COLUMNS, Standing, that_stand

type Lines = QuerySet[SnapshotLine]
RATINGS = [(r.value, r.word) for r in Rag]
SCORES = [(str(n), str(n)) for n in range(1, 6)]
NO_WORKSTREAM = "none"


class _OfWorkstream(filters.ModelChoiceFilter):
    """A workstream, or the rows that name none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            queryset=Workstream.objects.order_by("order", "pk"),
            label="Workstream",
            null_label="None named",
            null_value=NO_WORKSTREAM,
            **kwargs,
        )


def _id(value: Any) -> str:
    """A workstream's id; '' for "None named"."""
    return "" if value == NO_WORKSTREAM else str(value.pk)


class Milestones(filters.FilterSet):
    """By workstream, status, whether critical, and what changed."""

    workstream = _OfWorkstream(method="of_workstream")
    rag = filters.ChoiceFilter(choices=RATINGS, label="Status")
    standing = filters.ChoiceFilter(
        choices=[
            (Standing.OVERDUE.value, "Overdue"),
            (Standing.DUE.value, "Due in 30 days"),
            (Standing.DONE.value, "Done this month"),
            (Standing.UNCONFIRMED.value, "Not confirmed by anyone"),
        ],
        method="that_stand",
        label="Standing",
    )
    critical = Tick(method="that_are_critical", label="Critical only")
    changed = Tick(method="that_changed", label="Only what changed")

    class Meta:
        model = SnapshotLine
        fields: list[str] = []

    def of_workstream(self, lines: Lines, name: str, value: Any) -> Lines:
        return lines.filter(workstream=_id(value))

    def that_stand(self, lines: Lines, name: str, value: str) -> Lines:
        first = lines.select_related("period").first()
        return that_stand(lines, Standing(value), first.period) if first else lines

    def that_are_critical(self, lines: Lines, name: str, value: bool) -> Lines:
        return lines.filter(detail__critical=True) if value else lines

    def that_changed(self, lines: Lines, name: str, value: bool) -> Lines:
        return that_changed(lines, MILESTONE_COLUMNS) if value else lines


class Risks(filters.FilterSet):
    """By workstream, rating, place on the map, review and what changed."""

    workstream = _OfWorkstream(method="of_workstream")
    rag = filters.ChoiceFilter(choices=RATINGS, label="Rating")
    likelihood = filters.ChoiceFilter(choices=SCORES, method="of_score", label="Likelihood")
    impact = filters.ChoiceFilter(choices=SCORES, method="of_score", label="Impact")
    overdue = Tick(method="that_are_overdue", label="Review overdue")
    changed = Tick(method="that_changed", label="Only what changed")

    class Meta:
        model = SnapshotLine
        fields: list[str] = []

    def of_workstream(self, lines: Lines, name: str, value: Any) -> Lines:
        return of_workstream(lines, _id(value))

    def of_score(self, lines: Lines, name: str, value: str) -> Lines:
        return lines.filter(Q(**{f"detail__{name}": int(value)}))

    def that_are_overdue(self, lines: Lines, name: str, value: bool) -> Lines:
        return lines.filter(detail__review_overdue=True) if value else lines

    def that_changed(self, lines: Lines, name: str, value: bool) -> Lines:
        return that_changed(lines, RISK_COLUMNS) if value else lines
