"""The plan's skeleton: workstreams, initiatives, projects, milestones, risks, and posts."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from stp.core.models import Organisation, ReportingPeriod, SourcedFact


class Workstream(SourcedFact):
    """A delivery area, an enabler, or the national efficiency row owned by the finance group."""

    class Kind(models.TextChoices):
        DELIVERY_AREA = "delivery_area", "Delivery area"
        ENABLER = "enabler", "Enabler"
        NATIONAL_EFFICIENCY = "national_efficiency", "National efficiency requirements"

    id = models.CharField(primary_key=True, max_length=20)  # UC, CC, SC, PR, PD, EN1…EN9, EFF
    kind = models.CharField(max_length=20, choices=Kind)
    order = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=200)
    short = models.CharField(max_length=40)
    net_saving_pence = models.BigIntegerField(null=True, blank=True)  # 2020/21, as printed
    as_printed = models.CharField(max_length=200, blank=True)
    status_printed = models.TextField(blank=True)
    details = models.JSONField(default=dict, blank=True)

    class Meta(SourcedFact.Meta):
        ordering = ["order"]

    def __str__(self) -> str:
        return self.name

    def belongs_to(self, user: Any) -> bool:
        return self.posts.filter(user=user, ended_on__isnull=True).exists()


class Initiative(SourcedFact):
    """One of the plan's fourteen initiatives."""

    id = models.CharField(primary_key=True, max_length=20)
    workstream = models.ForeignKey(Workstream, on_delete=models.PROTECT, related_name="initiatives")
    order = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=200)
    objective = models.TextField(blank=True)
    rag_hint = models.CharField(max_length=200, blank=True)  # always inferred; never a rating
    details = models.JSONField(default=dict, blank=True)  # drivers, stated progress, impacts

    class Meta(SourcedFact.Meta):
        ordering = ["workstream__order", "order"]

    def __str__(self) -> str:
        return self.name


class Project(SourcedFact):
    """One of the plan's seventy-eight projects."""

    id = models.CharField(primary_key=True, max_length=20)
    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="projects")
    order = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=300)
    details = models.JSONField(default=dict, blank=True)

    class Meta(SourcedFact.Meta):
        ordering = ["initiative__workstream__order", "initiative__order", "order"]

    def __str__(self) -> str:
        return self.name


class Specialty(SourcedFact):
    """One of the ten specialties for collaboration between the two acute hospitals."""

    id = models.CharField(primary_key=True, max_length=20)
    name = models.CharField(max_length=100)
    resourcing_status = models.CharField(max_length=40)
    service_model = models.CharField(max_length=300, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta(SourcedFact.Meta):
        ordering = ["id"]
        verbose_name_plural = "specialties"

    def __str__(self) -> str:
        return self.name


class Milestone(SourcedFact):
    """Something due. Its dates are rows: MilestoneBaseline (approved) and MilestoneReport."""

    class Origin(models.TextChoices):
        PLAN = "plan", "From the plan"
        TRACKER = "tracker", "Added in the tracker"

    ref = models.CharField(primary_key=True, max_length=20)
    workstream = models.ForeignKey(
        Workstream, on_delete=models.PROTECT, null=True, blank=True, related_name="milestones"
    )
    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, null=True, blank=True, related_name="milestones"
    )
    title = models.CharField(max_length=300)
    kind = models.CharField(max_length=30, default="milestone")
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.TRACKER)
    critical = models.BooleanField(default=False)
    owner = models.CharField(max_length=120, blank=True)

    class Meta(SourcedFact.Meta):
        ordering = ["ref"]

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"

    def belongs_to(self, user: Any) -> bool:
        return self.workstream is not None and self.workstream.belongs_to(user)


class MilestoneBaseline(SourcedFact):
    """An approved date of a milestone; the newest by `approved_on` up to a day is in force.

    `due_on` is the day the printed date falls due (the end of its precision); null with
    precision `tbc` or `relative`.
    """

    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="baselines")
    as_printed = models.CharField(max_length=60)
    precision = models.CharField(max_length=20)
    due_on = models.DateField(null=True, blank=True)
    approved_on = models.DateField()
    reason = models.CharField(max_length=300, blank=True)

    class Meta(SourcedFact.Meta):
        ordering = ["milestone", "approved_on", "pk"]

    def __str__(self) -> str:
        return f"{self.milestone_id} {self.as_printed}"


class MilestoneReport(models.Model):
    """What was said of a milestone in one period; the state at P is the latest report <= P."""

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        WITHDRAWN = "withdrawn", "Withdrawn"
        DEFERRED = "deferred", "Deferred"

    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="reports")
    period = models.ForeignKey(ReportingPeriod, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    forecast_on = models.DateField(null=True, blank=True)
    completed_on = models.DateField(null=True, blank=True)
    confirmed_on = models.DateField(null=True, blank=True)
    note = models.TextField(blank=True)
    illustrative = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    reported_at = models.DateTimeField()
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["milestone", "period__sort_key"]
        constraints = [
            models.UniqueConstraint(
                fields=["milestone", "period"], name="milestonereport_one_a_period"
            )
        ]

    def __str__(self) -> str:
        return f"{self.milestone_id} {self.period_id}"


class Risk(SourcedFact):
    """A risk of the programme; scores are reports, since the plan prints none."""

    ref = models.CharField(primary_key=True, max_length=20)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    workstreams = models.ManyToManyField(Workstream, blank=True, related_name="risks")
    owner = models.CharField(max_length=120, blank=True)

    class Meta(SourcedFact.Meta):
        ordering = ["ref"]

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"


class RiskMitigation(SourcedFact):
    """What the plan says will be done about a risk."""

    risk = models.ForeignKey(Risk, on_delete=models.CASCADE, related_name="mitigations")
    order = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=300)

    class Meta(SourcedFact.Meta):
        ordering = ["risk", "order"]

    def __str__(self) -> str:
        return self.text


class RiskReport(models.Model):
    """Likelihood and impact (1-5, residual) of a risk as reported for a period."""

    risk = models.ForeignKey(Risk, on_delete=models.PROTECT, related_name="reports")
    period = models.ForeignKey(ReportingPeriod, on_delete=models.PROTECT, related_name="+")
    likelihood = models.PositiveSmallIntegerField(null=True, blank=True)
    impact = models.PositiveSmallIntegerField(null=True, blank=True)
    open = models.BooleanField(default=True)
    review_on = models.DateField(null=True, blank=True)
    next_action = models.CharField(max_length=300, blank=True)
    note = models.TextField(blank=True)
    illustrative = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    reported_at = models.DateTimeField()
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["risk", "period__sort_key"]
        constraints = [
            models.UniqueConstraint(fields=["risk", "period"], name="riskreport_one_a_period"),
            models.CheckConstraint(
                condition=Q(likelihood__isnull=True, impact__isnull=True)
                | Q(likelihood__range=(1, 5), impact__range=(1, 5)),
                name="riskreport_scores_1_to_5",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.risk_id} {self.period_id}"


class Post(models.Model):
    """A person's office in a workstream."""

    class Office(models.TextChoices):
        SRO = "sro", "Senior responsible owner"
        LEAD = "lead", "Lead"

    workstream = models.ForeignKey(Workstream, on_delete=models.PROTECT, related_name="posts")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="posts"
    )
    office = models.CharField(max_length=10, choices=Office)
    started_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    illustrative = models.BooleanField(default=False)

    class Meta:
        ordering = ["workstream", "office"]
        constraints = [
            models.UniqueConstraint(
                fields=["workstream", "user", "office"],
                condition=Q(ended_on__isnull=True),
                name="post_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_office_display()} of {self.workstream_id}"


class GovernanceBody(SourcedFact):
    """A board or group of the plan's governance, with its cadence where stated."""

    id = models.CharField(primary_key=True, max_length=40)
    name = models.CharField(max_length=200)
    layer = models.CharField(max_length=40)
    role = models.TextField(blank=True)
    members = models.JSONField(default=list, blank=True)
    meets = models.CharField(max_length=200, blank=True)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta(SourcedFact.Meta):
        ordering = ["layer", "name"]
        verbose_name_plural = "governance bodies"

    def __str__(self) -> str:
        return self.name


class OfficeHolder(SourcedFact):
    """A named person as holder of a published office; the only place a personal name stands."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="office_holders"
    )
    name = models.CharField(max_length=120)
    office = models.CharField(max_length=120)
    acting = models.BooleanField(default=False)

    class Meta(SourcedFact.Meta):
        ordering = ["organisation", "office"]

    def __str__(self) -> str:
        return f"{self.name}, {self.office}"


class PlanFact(SourcedFact):
    """Any other fact of the plan a tracker can use: context events, cadences, enabler commitments,
    status statements, phases, cohorts … by section, in the project's own words."""

    section = models.CharField(max_length=60)
    ref = models.CharField(max_length=60)
    order = models.PositiveSmallIntegerField(default=0)
    title = models.CharField(max_length=300)
    as_printed = models.CharField(max_length=300, blank=True)
    details = models.JSONField(default=dict, blank=True)

    class Meta(SourcedFact.Meta):
        ordering = ["section", "order"]
        constraints = [
            *SourcedFact.Meta.constraints,
            models.UniqueConstraint(fields=["section", "ref"], name="planfact_once"),
        ]

    def __str__(self) -> str:
        return self.title
