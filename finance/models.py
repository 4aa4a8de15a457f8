"""Targets, programme lines, savings schemes and their figures. Money is whole pence."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from finance import rag
from stp.core.models import Organisation, ReportingPeriod, Return, SourcedFact
from stp.core.money import LIMIT_PENCE
from workstreams.models import Milestone, Workstream


def _choices(words: type[Any]) -> list[tuple[str, str]]:
    return [(w.value, w.value) for w in words]


class ProgrammeLine(SourcedFact):
    """A line of the savings plan as returns name it, and the bridge row it rolls up to."""

    code = models.CharField(primary_key=True, max_length=8)
    name = models.CharField(max_length=200)
    bridge_line = models.CharField(max_length=8, blank=True)  # '' for adult social care
    workstream = models.ForeignKey(
        Workstream, on_delete=models.PROTECT, null=True, blank=True, related_name="lines"
    )
    order = models.PositiveSmallIntegerField()

    class Meta(SourcedFact.Meta):
        ordering = ["order"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class SchemeTypeName(models.Model):
    """The list of scheme types a return may use: data, not code."""

    name = models.CharField(primary_key=True, max_length=40)
    order = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["order"]

    def __str__(self) -> str:
        return self.name


class FinanceFact(SourcedFact):
    """A figure or statement of the plan's finance pages, as printed and as parsed."""

    id = models.CharField(primary_key=True, max_length=20)
    section = models.CharField(max_length=40)
    what = models.CharField(max_length=300)
    as_printed = models.CharField(max_length=200, blank=True)
    value = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    low = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    high = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    unit = models.CharField(max_length=40)  # "GBP m", "GBP", "percent" …
    details = models.JSONField(default=dict, blank=True)

    class Meta(SourcedFact.Meta):
        ordering = ["id"]

    def __str__(self) -> str:
        return self.what


class Target(SourcedFact):
    """A target for a bridge line in a year: of one organisation, or of the programme (null).

    `reading` is set where the sources disagree ("116" or "82"); the reading in force is the
    newest TargetReading. A programme-wide target and organisations' targets of one line and
    year never stand together in a sum: the programme-wide row wins for "all organisations".
    """

    line = models.CharField(max_length=8, choices=_choices(rag.BridgeLine))
    year = models.CharField(max_length=7)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="targets"
    )
    reading = models.CharField(max_length=10, blank=True)
    pence = models.BigIntegerField()
    by_month = models.JSONField(default=dict, blank=True)  # month code -> pence, may be empty
    effective_on = models.DateField()
    approver = models.CharField(max_length=120, blank=True)

    class Meta(SourcedFact.Meta):
        ordering = ["year", "line", "organisation"]
        constraints = [
            *SourcedFact.Meta.constraints,
            models.UniqueConstraint(
                fields=["line", "year", "organisation", "reading", "effective_on"],
                name="target_once",
            ),
            models.UniqueConstraint(
                fields=["line", "year", "reading", "effective_on"],
                condition=Q(organisation__isnull=True),
                name="target_of_all_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.line} {self.organisation_id or 'all'}"


class TargetReading(SourcedFact):
    """Which of two printed readings of the efficiency target is in force from a day on."""

    reading = models.CharField(max_length=10)
    effective_on = models.DateField()
    sentence = models.CharField(max_length=300)  # how a page states the other reading

    class Meta(SourcedFact.Meta):
        ordering = ["effective_on"]

    def __str__(self) -> str:
        return f"{self.reading} from {self.effective_on}"


class SavingsWeight(SourcedFact):
    """Weight of a remaining forecast by maturity and risk, in basis points (10,000 = 1.00)."""

    maturity = models.CharField(max_length=20, choices=_choices(rag.Maturity))
    risk = models.CharField(max_length=10, choices=_choices(rag.DeliveryRisk))
    basis_points = models.PositiveIntegerField()
    effective_on = models.DateField()
    set_by = models.CharField(max_length=120)  # "our defaults" or "finance group"

    class Meta(SourcedFact.Meta):
        ordering = ["effective_on", "maturity", "risk"]
        constraints = [
            *SourcedFact.Meta.constraints,
            models.UniqueConstraint(
                fields=["maturity", "risk", "effective_on"], name="savingsweight_once"
            ),
            models.CheckConstraint(
                condition=Q(basis_points__lte=10_000), name="savingsweight_at_most_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.maturity}, {self.risk}: {self.basis_points / 10_000:.2f}"

    @property
    def percent(self) -> str:
        """'85', or '87.5' where it is no whole number."""
        return f"{self.basis_points / 100:g}"


class SavingsSchemeQuerySet(models.QuerySet["SavingsScheme"]):
    def visible_to(self, user: Any) -> "SavingsSchemeQuerySet":
        """Everyone signed in reads the programme's schemes; figures come from snapshots."""
        return self


class SavingsScheme(models.Model):
    """A savings scheme: lives across years; its attributes are per return (SchemeState)."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="schemes")
    ref = models.CharField(max_length=20)
    created_in = models.ForeignKey(Return, on_delete=models.PROTECT, related_name="+")

    objects = SavingsSchemeQuerySet.as_manager()

    class Meta:
        ordering = ["organisation", "ref"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "ref"], name="savingsscheme_once")
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id}/{self.ref}"

    def belongs_to(self, user: Any) -> bool:
        return any(g.organisation_id in (None, self.organisation_id) for g in user.grants.all())


class SchemeState(models.Model):
    """What one return says of one scheme, apart from its figures by month and year."""

    return_of = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="scheme_states")
    scheme = models.ForeignKey(SavingsScheme, on_delete=models.PROTECT, related_name="states")
    row = models.PositiveIntegerField()  # row in the file as Excel numbers it; 0 if carried
    title = models.CharField(max_length=200)
    line = models.CharField(max_length=8, choices=_choices(rag.LineCode))
    supports = models.CharField(max_length=20, blank=True)
    recurrence = models.CharField(max_length=2, choices=_choices(rag.Recurrence))
    type = models.CharField(max_length=40)
    release = models.CharField(max_length=20, blank=True, choices=_choices(rag.Release))
    maturity = models.CharField(max_length=20, choices=_choices(rag.Maturity))
    risk = models.CharField(max_length=10, choices=_choices(rag.DeliveryRisk))
    start_month = models.CharField(max_length=7)
    end_month = models.CharField(max_length=7, blank=True)
    lead = models.CharField(max_length=200, blank=True)
    qia = models.CharField(max_length=20, choices=_choices(rag.QiaStatus))
    eia = models.CharField(max_length=20, blank=True, choices=_choices(rag.QiaStatus))
    consultation = models.CharField(max_length=20, blank=True, choices=_choices(rag.Consultation))
    evidence = models.CharField(max_length=20, blank=True, choices=_choices(rag.Evidence))
    data_status = models.CharField(max_length=20, blank=True, choices=_choices(rag.DataStatus))
    counterparty = models.CharField(max_length=30, blank=True)
    counterparty_effect_pence = models.BigIntegerField(null=True, blank=True)
    same_as = models.CharField(max_length=60, blank=True)
    fye_secured_pence = models.BigIntegerField(null=True, blank=True)
    gross_pence = models.BigIntegerField(null=True, blank=True)
    investment_pence = models.BigIntegerField(null=True, blank=True)
    wte_plan = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    wte_actual = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    comment = models.TextField(blank=True)
    # Names of the money fields above that were sent as "n/a": nil in sums, yet not a nil.
    not_applicable = models.JSONField(default=list, blank=True)
    carried_from = models.CharField(max_length=7, blank=True)  # left out of the file: its period
    closed_in = models.CharField(max_length=7, blank=True)  # financial year of closure

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["return_of", "scheme"], name="schemestate_once")
        ]

    def __str__(self) -> str:
        return f"{self.scheme_id} in {self.return_of_id}"


class Figure(models.Model):
    """One cell of money: append-only. `when` is a month (`2017-06`) or a later year (`2018/19`).

    `pence` is null exactly when `missing` says why: unknown, n/a or not yet due are four
    different things from nil.
    """

    class Kind(models.TextChoices):
        PLAN = "plan"
        ACTUAL = "actual"
        FORECAST = "forecast"

    class Missing(models.TextChoices):
        UNKNOWN = "unknown", "Not known"
        NOT_APPLICABLE = "n/a", "Not applicable"
        NOT_DUE = "not due", "Not yet due"

    return_of = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="figures")
    scheme = models.ForeignKey(SavingsScheme, on_delete=models.PROTECT, related_name="figures")
    kind = models.CharField(max_length=8, choices=Kind)
    when = models.CharField(max_length=7)
    pence = models.BigIntegerField(null=True)
    missing = models.CharField(max_length=8, blank=True, choices=Missing)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["return_of", "scheme", "kind", "when"], name="figure_once"
            ),
            models.CheckConstraint(
                condition=Q(pence__isnull=True) ^ Q(missing=""), name="figure_known_or_why"
            ),
            models.CheckConstraint(
                condition=Q(pence__isnull=True) | Q(pence__gt=-LIMIT_PENCE, pence__lt=LIMIT_PENCE),
                name="figure_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme_id} {self.kind} {self.when}"


class PlanChange(models.Model):
    """A change of an approved plan figure. Only `correction` has an action so far."""

    class Kind(models.TextChoices):
        CORRECTION = "correction", "Correction"

    scheme = models.ForeignKey(SavingsScheme, on_delete=models.PROTECT, related_name="plan_changes")
    kind = models.CharField(max_length=24, choices=Kind)
    when = models.CharField(max_length=7)  # month or later year
    before_pence = models.BigIntegerField()
    after_pence = models.BigIntegerField()
    reason = models.TextField()
    period = models.ForeignKey(ReportingPeriod, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.scheme_id} {self.when}"


class BenefitLink(models.Model):
    """A milestone that carries the benefit of a scheme (rule 14 of the scheme's rating)."""

    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="benefits")
    scheme = models.ForeignKey(
        SavingsScheme, on_delete=models.PROTECT, related_name="benefit_links"
    )
    illustrative = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["milestone", "scheme"], name="benefitlink_once")
        ]

    def __str__(self) -> str:
        return f"{self.milestone_id} carries {self.scheme_id}"
