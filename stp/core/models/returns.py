"""A return: one organisation's (or workstream's, or source's) figures for one reporting period."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from stp.core.models.organisations import Organisation
from stp.core.models.periods import ReportingPeriod
from stp.core.permissions import Permission, organisations_for
from stp.core.returns import attributed


class ReturnQuerySet(models.QuerySet["Return"]):
    def visible_to(self, user: Any) -> "ReturnQuerySet":
        """Returns of organisations whose returns this person's roles let them view.

        Only grants of such a role count: a board member of a trust reads none of its returns.
        """
        covered = organisations_for(user, Permission.VIEW_RETURNS)
        return self if covered is None else self.filter(organisation__in=covered)

    def in_force(self) -> "ReturnQuerySet":
        return self.filter(in_force=True)


class Return(models.Model):
    """An uploaded return, from receipt to what replaced it. States: stp.returns.states.

    The parsed `rows`, `issues` and `totals` are kept beside the untouched original file, so
    that commit is database work only.
    """

    class State(models.TextChoices):
        RECEIVED = "received", "Received"
        CHECKING = "checking", "Checking"
        UNREADABLE = "unreadable", "Could not be read"
        PROBLEMS = "problems", "Problems"
        READY = "ready", "Ready to send"
        COMMITTED = "committed", "Committed"
        SIGNED_OFF = "signed_off", "Signed off"
        SUPERSEDED = "superseded", "Superseded"
        WITHDRAWN = "withdrawn", "Withdrawn"
        ABANDONED = "abandoned", "Abandoned"

    class Kind(models.TextChoices):
        PLAN = "plan", "Plan return"
        FINANCE = "finance", "Finance return"

    class ScopeKind(models.TextChoices):
        ORGANISATION = "organisation"
        WORKSTREAM = "workstream"
        SOURCE = "source"

    kind = models.CharField(max_length=12, choices=Kind)
    scope_kind = models.CharField(max_length=12, choices=ScopeKind, default=ScopeKind.ORGANISATION)
    scope = models.CharField(max_length=40)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="returns"
    )
    period = models.ForeignKey(ReportingPeriod, on_delete=models.PROTECT, related_name="returns")
    version = models.PositiveIntegerField(null=True, blank=True)  # given at commit
    reference = models.CharField(max_length=40, blank=True)  # RET-2017-06-RNS-03, given at commit
    state = models.CharField(max_length=12, choices=State, default=State.RECEIVED)
    in_force = models.BooleanField(default=False)

    file_name = models.CharField(max_length=255)
    file_path = models.CharField(max_length=255)  # under UPLOAD_ROOT, a made name
    file_size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)

    # As chosen at upload: {"unit", "cumulative", "control": {...}}.
    choices = models.JSONField(default=dict)
    rows = models.JSONField(default=list)  # parsed rows, one dict a scheme, money in pence
    issues = models.JSONField(default=list)  # stp.core.sheets.Issue as dicts
    totals = models.JSONField(default=dict)
    row_count = models.PositiveIntegerField(default=0)
    error_count = models.PositiveIntegerField(default=0)
    warning_count = models.PositiveIntegerField(default=0)
    reasons = models.JSONField(default=dict, blank=True)  # warning group -> typed reason
    # Warning group -> {"by": name, "at": moment}: who typed its reason, and when.
    said = models.JSONField(default=dict, blank=True)
    missing = models.JSONField(default=dict, blank=True)  # scheme ref -> leave | close
    # What was typed and not sent yet: {"reasons": {...}, "missing": {...}, "by", "at"}.
    draft = models.JSONField(default=dict, blank=True)
    plan_digest = models.CharField(max_length=64, blank=True)

    received_at = models.DateTimeField()
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    checked_at = models.DateTimeField(null=True, blank=True)
    # What its check compared it with: a digest of the organisation's returns in force then.
    compared_with = models.CharField(max_length=64, blank=True)
    committed_at = models.DateTimeField(null=True, blank=True)
    committed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    signed_off_at = models.DateTimeField(null=True, blank=True)
    signed_off_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)  # superseded, withdrawn or abandoned

    objects = ReturnQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "scope", "period"],
                condition=Q(in_force=True),
                name="return_one_in_force",
            ),
            models.UniqueConstraint(
                fields=["kind", "scope", "period", "version"], name="return_version_once"
            ),
            models.CheckConstraint(
                condition=Q(committed_at__isnull=True, committed_by__isnull=True)
                | Q(committed_at__isnull=False, committed_by__isnull=False),
                name="return_committed_pair",
            ),
            models.CheckConstraint(
                condition=Q(signed_off_at__isnull=True, signed_off_by__isnull=True)
                | Q(signed_off_at__isnull=False, signed_off_by__isnull=False),
                name="return_signed_off_pair",
            ),
        ]
        indexes = [models.Index(fields=["kind", "scope", "period"], name="return_scope_period")]

    def __str__(self) -> str:
        return self.reference or f"{self.get_kind_display()} {self.pk}"

    @property
    def explanations(self) -> dict[str, str]:
        """Typed reasons by warning group, with who said it, when and in which return."""
        return attributed(self.reasons, self.said, self.reference)

    def belongs_to(self, user: Any) -> bool:
        return any(g.organisation_id in (None, self.organisation_id) for g in user.grants.all())
