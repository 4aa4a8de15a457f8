"""Versioned lines: version v of a period is the lines with from <= v and (to null or to > v)."""

from django.db import models
from django.db.models import Q

from stp.core.models.periods import ReportingPeriod
from stp.core.rag import Rag, Rating


class Snapshot(models.Model):
    """One published state of a period's dashboards."""

    period = models.ForeignKey(ReportingPeriod, on_delete=models.CASCADE, related_name="snapshots")
    version = models.PositiveIntegerField()
    known_at = models.DateTimeField()  # facts as known at this moment
    data_version = models.PositiveIntegerField()
    published_at = models.DateTimeField()
    # Returns expected and received, schemes carried: what "can I trust this?" shows.
    trust = models.JSONField(default=dict)

    class Meta:
        ordering = ["period", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["period", "version"], name="snapshot_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.period_id} v{self.version}"


class SnapshotPin(models.Model):
    """Why a version must never be pruned: a close, a receipt, a board pack."""

    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="pins")
    why = models.CharField(max_length=20)
    label = models.CharField(max_length=80)

    def __str__(self) -> str:
        return f"{self.why} {self.label}"


class SnapshotLineQuerySet(models.QuerySet["SnapshotLine"]):
    def at(self, period: str, version: int) -> "SnapshotLineQuerySet":
        """The lines of one version of one period."""
        return self.filter(
            Q(to_version__isnull=True) | Q(to_version__gt=version),
            period_id=period,
            from_version__lte=version,
        )


class SnapshotLine(models.Model):
    """One line of a snapshot; the columns are those of `stp.core.lines.Line`. Money in pence."""

    period = models.ForeignKey(ReportingPeriod, on_delete=models.CASCADE, related_name="lines")
    subject = models.CharField(max_length=12)
    subject_id = models.CharField(max_length=60)
    year = models.CharField(max_length=7, blank=True)
    line = models.CharField(max_length=8, blank=True)
    organisation = models.CharField(max_length=30, blank=True)
    workstream = models.CharField(max_length=20, blank=True)
    label = models.CharField(max_length=300, blank=True)
    rag = models.CharField(max_length=14, choices=[(r.value, r.word) for r in Rag])
    code = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)
    target_pence = models.BigIntegerField(null=True)
    plan_pence = models.BigIntegerField(null=True)
    forecast_pence = models.BigIntegerField(null=True)
    delivered_pence = models.BigIntegerField(null=True)
    secure_pence = models.BigIntegerField(null=True)
    at_risk_pence = models.BigIntegerField(null=True)
    slippage_pence = models.BigIntegerField(null=True)
    unidentified_pence = models.BigIntegerField(null=True)
    developed_pence = models.BigIntegerField(null=True)
    due_on = models.DateField(null=True)
    forecast_on = models.DateField(null=True)
    completed_on = models.DateField(null=True)
    score = models.SmallIntegerField(null=True)
    carried_from = models.CharField(max_length=7, blank=True)
    returns = models.JSONField(default=list)
    detail = models.JSONField(default=dict)
    from_version = models.PositiveIntegerField()
    to_version = models.PositiveIntegerField(null=True)

    objects = SnapshotLineQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "subject", "subject_id", "year", "line", "organisation"],
                condition=Q(to_version__isnull=True),
                name="snapshotline_one_current",
            )
        ]
        indexes = [
            models.Index(fields=["period", "subject", "from_version"], name="snapshotline_read")
        ]

    def __str__(self) -> str:
        return f"{self.period_id} {self.subject} {self.subject_id} v{self.from_version}"

    @property
    def rating(self) -> Rating:
        return Rating(Rag(self.rag), self.code, self.reason)
