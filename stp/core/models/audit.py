"""Who changed what: one append-only table. Triggers on both databases refuse UPDATE and DELETE."""

from typing import Any

from django.db import models
from django.db.models import Q

from stp.core.permissions import Permission, may, organisations_for

# What happened to a return before its figures counted: as private as the return itself.
UNPUBLISHED = frozenset(
    {"received", "sent again", "refused a file of", "started checking", "gave up reading"}
    | {"found problems in", "checked", "asked for another check of"}
    | {"explained the warnings of", "abandoned"}
)
# Subjects of events that are about people or about the site itself, never about figures, even
# where such an event names an organisation ("gave role" does) or a period.
ABOUT_PEOPLE = frozenset({"user", "grant", "session", "page"})


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def visible_to(self, user: Any) -> "AuditEventQuerySet":
        """The whole trail for who may audit; else changes of figures, of one's own organisation.

        Of a return that nobody has sent yet only who may read that organisation's returns reads.
        """
        if may(user, Permission.VIEW_AUDIT):
            return self
        figures = self.exclude(period_id="", organisation_id="")
        figures = figures.exclude(object_type__in=ABOUT_PEOPLE)
        grants = list(user.grants.all())
        if not any(g.organisation_id is None for g in grants):
            figures = figures.filter(organisation_id__in=["", *(g.organisation_id for g in grants)])
        readable = organisations_for(user, Permission.VIEW_RETURNS)
        if readable is None:
            return figures
        return figures.exclude(~Q(organisation_id__in=readable), verb__in=UNPUBLISHED)


class AuditEvent(models.Model):
    """One change, in human words. No foreign keys: nothing may block or rewrite history."""

    at = models.DateTimeField()
    by = models.BigIntegerField(null=True, blank=True)
    by_name = models.CharField(max_length=200)
    verb = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=80)
    object_label = models.CharField(max_length=300)
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)
    reason = models.TextField(blank=True)
    how = models.CharField(max_length=60)  # "screen", "upload RET-…", "command", "rule"
    request_id = models.CharField(max_length=64, blank=True)
    return_id = models.BigIntegerField(null=True, blank=True)
    organisation_id = models.CharField(max_length=30, blank=True)
    period_id = models.CharField(max_length=7, blank=True)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["object_type", "object_id"], name="audit_object")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.by_name} {self.verb} {self.object_label}"
