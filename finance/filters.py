"""Filters of the schemes list: one GET form; every choice stays in the address."""

import django_filters as filters
from django.db.models import F, Q, QuerySet

from finance.rag import LineCode, Maturity
from stp.core.models import Organisation, SnapshotLine
from stp.core.rag import Rag

QUARTER_MILLION_PENCE = 25_000_000


class Schemes(filters.FilterSet):
    """By organisation, line, status, maturity, size, and what changed or is missing."""

    organisation = filters.ModelChoiceFilter(
        queryset=Organisation.objects.filter(sends_finance_return=True), label="Organisation"
    )
    line = filters.ChoiceFilter(choices=[(c.value, c.value) for c in LineCode], label="Line")
    workstream = filters.CharFilter(label="Workstream code")
    rag = filters.ChoiceFilter(choices=[(r.value, r.word) for r in Rag], label="Status")
    maturity = filters.ChoiceFilter(
        field_name="detail__maturity",
        choices=[(m.value, m.value) for m in Maturity],
        label="Maturity",
    )
    large = filters.BooleanFilter(method="of_size", label="£250,000 or more only")
    changed = filters.BooleanFilter(method="that_changed", label="Only what changed")
    missing = filters.BooleanFilter(method="without_return", label="Return missing")

    class Meta:
        model = SnapshotLine
        fields: list[str] = []

    def of_size(
        self, lines: QuerySet[SnapshotLine], name: str, value: bool
    ) -> QuerySet[SnapshotLine]:
        return lines.filter(plan_pence__gte=QUARTER_MILLION_PENCE) if value else lines

    def that_changed(
        self, lines: QuerySet[SnapshotLine], name: str, value: bool
    ) -> QuerySet[SnapshotLine]:
        if not value:
            return lines
        return lines.exclude(rag=F("rag_before"), forecast_pence=F("forecast_before"))

    def without_return(
        self, lines: QuerySet[SnapshotLine], name: str, value: bool
    ) -> QuerySet[SnapshotLine]:
        return lines.filter(~Q(carried_from="") | Q(returns=[])) if value else lines
