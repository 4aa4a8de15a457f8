"""Filters of the list of workstreams."""

from collections.abc import Iterable

from django import forms

from stp.core.filters import TickField
from stp.core.rag import Rag
from stp.dashboards.overview import Row
from workstreams.models import Workstream


class Workstreams(forms.Form):
    """By kind, overall rating and what changed: what the overview's counts link to."""

    kind = forms.ChoiceField(
        choices=[("", "Any"), *Workstream.Kind.choices], required=False, label="Kind"
    )
    rag = forms.ChoiceField(
        choices=[("", "Any"), *((r.value, r.word) for r in Rag)], required=False, label="Overall"
    )

    changed = TickField(label="Only what changed")

    def chosen(self, rows: Iterable[Row]) -> list[Row]:
        """Rows that match; a value that is no choice is ignored (the page names it)."""
        self.is_valid()
        kind, rating = self.cleaned_data.get("kind"), self.cleaned_data.get("rag")
        changed = self.cleaned_data.get("changed")
        return [
            row
            for row in rows
            if (not kind or row.kind == kind)
            and (not rating or row.line.rag == rating)
            and (not changed or row.has_changed)
        ]
