"""Bodies that take part in the plan."""

from typing import Any

from django.db import models
from django.db.models.functions import Upper

from stp.core.models.facts import SourcedFact


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def visible_to(self, user: Any) -> "OrganisationQuerySet":
        """Organisations a user's grants cover: all for a programme-wide grant."""
        grants = list(user.grants.all())
        if any(g.organisation_id is None for g in grants):
            return self
        return self.filter(pk__in=[g.organisation_id for g in grants])

    def get_by_code(self, text: str) -> "Organisation | None":
        """Find by id or ODS code, in any case."""
        wanted = text.strip()
        if not wanted:  # a body without an ODS code is not what nothing means
            return None
        return self.filter(models.Q(id__iexact=wanted) | models.Q(ods__iexact=wanted)).first()


class Organisation(SourcedFact):
    """A body of the system. Codes are optional and valid only between two dates."""

    id = models.SlugField(primary_key=True, max_length=30)
    name = models.CharField(max_length=200)
    short = models.CharField(max_length=40)
    kind = models.CharField(max_length=60)
    ods = models.CharField("ODS code", max_length=10, blank=True)
    ons = models.CharField("ONS code", max_length=12, blank=True)
    plan_signatory = models.BooleanField(default=False)
    # Expected to send a finance return each month; the list of senders is reference data.
    sends_finance_return = models.BooleanField(default=False)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    population = models.PositiveIntegerField(null=True, blank=True)
    details = models.JSONField(default=dict, blank=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta(SourcedFact.Meta):
        ordering = ["name"]
        constraints = [
            *SourcedFact.Meta.constraints,
            models.UniqueConstraint(
                Upper("ods"), condition=~models.Q(ods=""), name="organisation_ods_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.short

    @property
    def code(self) -> str:
        """ODS code where there is one, else the id: as used in references of returns."""
        return self.ods or self.id.upper()

    @property
    def organisation_id(self) -> str:
        """Its own id: permissions ask every object of one organisation the same way."""
        return self.id

    def belongs_to(self, user: Any) -> bool:
        return any(g.organisation_id in (None, self.id) for g in user.grants.all())
