"""Filters of the schemes list: one GET form; every choice stays in the address."""

import django_filters as filters
from django.db.models import Q, QuerySet

from finance.queries import THAT_CHANGED
from finance.rag import LineCode, Maturity
from stp.core.compare import that_changed
from stp.core.filters import Tick
from stp.core.models import Organisation, SnapshotLine
from stp.core.periods import PLAN_YEARS
from stp.core.rag import Rag
from workstreams.models import Workstream

QUARTER_MILLION_PENCE = 25_000_000

type Lines = QuerySet[SnapshotLine]


class Schemes(filters.FilterSet):
    """By organisation, workstream, status, maturity, size, and what changed or is missing."""

    year = filters.ChoiceFilter(
        choices=[(y, y) for y in PLAN_YEARS],
        method="of_year",
        label="Value in",
        empty_label="This year",
    )
    organisation = filters.ModelChoiceFilter(
        queryset=Organisation.objects.filter(sends_finance_return=True),
        method="of_organisation",
        label="Organisation",
        empty_label="Any",
    )
    workstream = filters.ModelChoiceFilter(
        queryset=Workstream.objects.exclude(kind=Workstream.Kind.ENABLER).order_by("order"),
        method="of_workstream",
        label="Workstream",
        empty_label="Any",
    )
    line = filters.ChoiceFilter(
        choices=[(c.value, c.value) for c in LineCode], label="Line", empty_label="Any"
    )
    rag = filters.ChoiceFilter(
        choices=[(r.value, r.word) for r in Rag], label="Status", empty_label="Any"
    )
    maturity = filters.ChoiceFilter(
        field_name="detail__maturity",
        choices=[(m.value, m.value) for m in Maturity],
        label="Maturity",
        empty_label="Any",
    )
    gap = Tick(method="in_the_gap", label="In the NHS gap only")
    large = Tick(method="of_size", label="£250,000 or more only")
    changed = Tick(method="that_changed", label="Only what changed")
    missing = Tick(method="without_return", label="Return missing")

    class Meta:
        model = SnapshotLine
        fields: list[str] = []

    def of_year(self, lines: Lines, name: str, value: str) -> Lines:
        """The year chooses which money is shown (`queries.scheme_lines`), not which schemes."""
        return lines

    def of_organisation(self, lines: Lines, name: str, value: Organisation) -> Lines:
        return lines.filter(organisation=value.pk)

    def of_workstream(self, lines: Lines, name: str, value: Workstream) -> Lines:
        return lines.filter(workstream=value.pk)

    def in_the_gap(self, lines: Lines, name: str, value: bool) -> Lines:
        """Without adult social care, which the £230m leaves out (rag-rules, "Money")."""
        return lines.exclude(line=LineCode.ASC.value) if value else lines

    def of_size(self, lines: Lines, name: str, value: bool) -> Lines:
        large = Q(year_plan__gte=QUARTER_MILLION_PENCE)  # annotated by queries.scheme_lines
        return lines.filter(large) if value else lines

    def that_changed(self, lines: Lines, name: str, value: bool) -> Lines:
        return that_changed(lines, THAT_CHANGED) if value else lines

    def without_return(self, lines: Lines, name: str, value: bool) -> Lines:
        """Schemes shown with figures of an earlier period, or with none but the plan's."""
        return lines.filter(~Q(carried_from="") | Q(returns=[])) if value else lines
