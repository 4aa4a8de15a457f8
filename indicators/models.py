"""Indicators and the plan's own values of them. Observations come with the Indicators work."""

from django.db import models

from stp.core.models import Organisation, SourcedFact
from workstreams.models import Workstream


class Indicator(SourcedFact):
    """A measure of health, care or quality. Direction comes from the measure, never its name."""

    class Family(models.TextChoices):
        HEALTH_WELLBEING = "health_wellbeing", "Health and wellbeing"
        CARE_QUALITY = "care_quality", "Care and quality"
        OTHER_TARGET = "other_target", "Other stated target"

    class Better(models.TextChoices):
        HIGHER = "higher", "Higher is better"
        LOWER = "lower", "Lower is better"

    code = models.CharField(primary_key=True, max_length=20)
    family = models.CharField(max_length=20, choices=Family)
    order = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=200)
    measure = models.CharField(max_length=200, blank=True)
    unit = models.CharField(max_length=60, blank=True)
    better = models.CharField(max_length=10, blank=True, choices=Better)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    workstreams = models.ManyToManyField(Workstream, blank=True, related_name="indicators")
    external_id = models.CharField(max_length=20, blank=True)  # Fingertips id where one is known
    external_note = models.CharField(max_length=300, blank=True)
    note = models.CharField(max_length=400, blank=True)

    class Meta(SourcedFact.Meta):
        ordering = ["family", "order"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class PlanValue(SourcedFact):
    """A value the plan prints for an indicator: as printed, and parsed (null: no number)."""

    class Role(models.TextChoices):
        DO_NOTHING = "do_nothing", "If nothing is done"
        TARGET = "target", "Target"
        NATIONAL = "national", "National"
        BASELINE = "baseline", "Baseline"

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="plan_values")
    role = models.CharField(max_length=12, choices=Role)
    sex = models.CharField(max_length=10, blank=True)
    as_printed = models.CharField(max_length=120)
    value = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    operator = models.CharField(max_length=2, blank=True)
    tbc = models.BooleanField(default=False)
    year = models.CharField(max_length=10, blank=True)

    class Meta(SourcedFact.Meta):
        ordering = ["indicator", "role", "sex"]
        constraints = [
            *SourcedFact.Meta.constraints,
            models.UniqueConstraint(fields=["indicator", "role", "sex"], name="planvalue_once"),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.role} {self.as_printed}"
