"""A box to tick, which every list has, and the filters of the vocabulary's own pages."""

from typing import Any

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from stp.core.models import AuditEvent, Organisation, ReportingPeriod

TICKED = (True, "on", "true", "1")
NOT_TICKED = (False, None, "", "off", "false", "0")


class _TickBox(forms.CheckboxInput):
    """Hands on what the address says; Django's own box takes any text for a tick."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return data.get(name)


class TickField(forms.BooleanField):
    """Ticked or not. Another value is an error, not a tick: the page names what it ignored."""

    widget = _TickBox

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "required": False})

    def to_python(self, value: Any) -> bool:
        if value not in (*TICKED, *NOT_TICKED):
            raise ValidationError(f"“{str(value)[:20]}” is neither yes nor no.")
        return value in TICKED

    def prepare_value(self, value: Any) -> bool:
        return value in TICKED


class Tick(filters.Filter):
    """Narrows a list when ticked, does nothing when not: `method` gets True or False."""

    field_class = TickField


class Changes(filters.FilterSet):
    """Who changed what: by person, thing, organisation, period and dates."""

    person = filters.CharFilter(field_name="by_name", lookup_expr="icontains", label="Person")
    about = filters.CharFilter(method="of_object", label="What was changed")
    organisation = filters.ModelChoiceFilter(
        queryset=Organisation.objects.all(),
        method="of_organisation",
        label="Organisation",
        empty_label="Any",
    )
    period = filters.ModelChoiceFilter(
        queryset=ReportingPeriod.objects.all(),
        method="of_period",
        label="Period",
        empty_label="Any",
    )
    since = filters.DateFilter(
        field_name="at",
        lookup_expr="date__gte",
        label="From",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    until = filters.DateFilter(
        field_name="at",
        lookup_expr="date__lte",
        label="To",
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    class Meta:
        model = AuditEvent
        fields: list[str] = []

    def of_organisation(
        self, events: QuerySet[AuditEvent], name: str, value: Organisation
    ) -> QuerySet[AuditEvent]:
        """By id: an event keeps the id as text, so that it outlives the organisation."""
        return events.filter(organisation_id=value.pk)

    def of_period(
        self, events: QuerySet[AuditEvent], name: str, value: ReportingPeriod
    ) -> QuerySet[AuditEvent]:
        return events.filter(period_id=value.pk)

    def of_object(
        self, events: QuerySet[AuditEvent], name: str, value: str
    ) -> QuerySet[AuditEvent]:
        return events.filter(Q(object_label__icontains=value) | Q(verb__icontains=value))
