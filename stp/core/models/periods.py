"""Reporting periods, their four dates, and the two counters that say whether a page is behind."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from stp.core import periods


class ReportingPeriodQuerySet(models.QuerySet["ReportingPeriod"]):
    def open(self) -> "ReportingPeriodQuerySet":
        return self.filter(state=ReportingPeriod.State.OPEN)

    def closed(self) -> "ReportingPeriodQuerySet":
        return self.filter(state=ReportingPeriod.State.CLOSED)

    def newest_open(self) -> "ReportingPeriod | None":
        return self.open().order_by("-sort_key").first()

    def behind(self) -> "ReportingPeriodQuerySet":
        """Open periods whose snapshot does not include every change yet, oldest first."""
        return self.open().filter(data_version__gt=F("snapshot_data_version")).order_by("sort_key")


class ReportingPeriod(models.Model):
    """One month (or year-end final) of returns. `code` is `2017-06`; see stp.core.periods.

    `data_version` counts changes that can alter the period's dashboards;
    `snapshot_data_version` is the count the published snapshot includes.
    """

    class State(models.TextChoices):
        PLANNED = "planned", "Not yet open"
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    code = models.CharField(primary_key=True, max_length=7)
    sort_key = models.IntegerField(unique=True, editable=False)
    year = models.CharField(max_length=7)
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    opens_at = models.DateTimeField()
    due_at = models.DateTimeField()
    hold_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    # Which of the four dates the sweeper has already counted (opens, due, hold, closes: 0-4).
    dates_passed = models.PositiveSmallIntegerField(default=0)
    data_version = models.PositiveIntegerField(default=0)
    snapshot_version = models.PositiveIntegerField(default=0)
    snapshot_data_version = models.PositiveIntegerField(default=0)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = ReportingPeriodQuerySet.as_manager()

    class Meta:
        ordering = ["sort_key"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="period_closed_pair",
            ),
            models.CheckConstraint(
                condition=Q(opens_at__lte=F("due_at"))
                & Q(due_at__lte=F("hold_at"))
                & Q(hold_at__lte=F("closes_at")),
                name="period_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def period(self) -> periods.Period:
        return periods.parse(self.code)

    @property
    def name(self) -> str:
        return self.period.name

    @property
    def label(self) -> str:
        return self.period.label

    @property
    def as_of(self) -> dt.date:
        return self.period.ends_on

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def is_behind(self) -> bool:
        return self.data_version > self.snapshot_data_version


class PeriodChange(models.Model):
    """What one step of a period's `data_version` touched, so that a recompute does only that.

    `scope` is `organisation:<id>` or `all`. Written in the transaction of the change.
    """

    period = models.ForeignKey(ReportingPeriod, on_delete=models.CASCADE, related_name="changes")
    data_version = models.PositiveIntegerField()
    scope = models.CharField(max_length=60)
    what = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        ordering = ["period", "data_version"]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "data_version"], name="periodchange_one_a_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.period_id} v{self.data_version} {self.scope}"
