"""Filters of the list of indicators."""

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet

from indicators.models import Indicator
from indicators.queries import COLUMNS
from stp.core.compare import of_workstream, that_changed
from stp.core.filters import Tick
from stp.core.models import SnapshotLine
from stp.core.rag import Rag
from workstreams.models import Workstream

type Lines = QuerySet[SnapshotLine]


class Indicators(filters.FilterSet):
    """By kind, workstream, rating, doubt and what changed."""

    family = filters.ChoiceFilter(
        field_name="detail__family", choices=Indicator.Family.choices, label="Kind"
    )
    workstream = filters.ModelChoiceFilter(
        queryset=Workstream.objects.order_by("order", "pk"),
        method="of_workstream",
        label="Workstream",
    )
    rag = filters.ChoiceFilter(choices=[(r.value, r.word) for r in Rag], label="Rating")
    flagged = Tick(method="that_are_flagged", label="With a point to note")
    changed = Tick(method="that_changed", label="Only what changed")

    class Meta:
        model = SnapshotLine
        fields: list[str] = []

    def of_workstream(self, lines: Lines, name: str, value: Any) -> Lines:
        return of_workstream(lines, str(value.pk))

    def that_are_flagged(self, lines: Lines, name: str, value: bool) -> Lines:
        return lines.exclude(Q(detail__flags=[]) & Q(detail__flag_note="")) if value else lines

    def that_changed(self, lines: Lines, name: str, value: bool) -> Lines:
        return that_changed(lines, COLUMNS) if value else lines
