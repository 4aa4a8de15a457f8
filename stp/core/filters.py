"""Filters of the vocabulary's own pages."""

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet

from stp.core.models import AuditEvent, Organisation, ReportingPeriod


class Changes(filters.FilterSet):
    """Who changed what: by person, thing, organisation, period and dates."""

    person = filters.CharFilter(field_name="by_name", lookup_expr="icontains", label="Person")
    about = filters.CharFilter(method="of_object", label="What was changed")
    organisation = filters.ModelChoiceFilter(
        field_name="organisation_id", queryset=Organisation.objects.all(), label="Organisation"
    )
    period = filters.ModelChoiceFilter(
        field_name="period_id", queryset=ReportingPeriod.objects.all(), label="Period"
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

    def of_object(
        self, events: QuerySet[AuditEvent], name: str, value: str
    ) -> QuerySet[AuditEvent]:
        return events.filter(Q(object_label__icontains=value) | Q(verb__icontains=value))
