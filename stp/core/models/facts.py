"""Where a fact of the plan came from, and what is doubtful about it."""

from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.db.models import Q

# Flag -> the words a page shows beside the fact.
FLAG_WORDS = {
    "needs_confirmation": "Needs confirmation",
    "inferred": "Inferred, not stated",
    "computed": "Computed from stated figures",
    "missing_in_seed": "Missing in the source",
    "tbc": "To be confirmed in the source",
    "illustrative": "Illustrative",
    "decimals_lost": "Digits lost in the source",
    "inferred_better": "Direction inferred, not stated",
    "unit_inferred": "Unit inferred, not stated",
    "indicative": "Indicative in the source",
    "approximate": "Approximate in the source",
    "comparator": "A comparator elsewhere, not local",
}


def words_of(flags: Iterable[str]) -> list[str]:
    """Flags as pages and downloads say them; one without words of its own is spelt out."""
    return [FLAG_WORDS.get(flag, flag.replace("_", " ").capitalize()) for flag in flags]


class SourcedFact(models.Model):
    """A row loaded from `fixtures/`: keeps its source and flags, and whether a person edited it.

    `load_plan` updates a row only while `edited_at` is empty; `loaded_digest` is the digest
    of the fixture values last written.
    """

    source = models.CharField(max_length=300, blank=True)
    flags = models.JSONField(default=list, blank=True)
    flag_note = models.TextField(blank=True)
    loaded_digest = models.CharField(max_length=64, blank=True, editable=False)
    edited_at = models.DateTimeField(null=True, blank=True, editable=False)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(edited_at__isnull=True, edited_by__isnull=True)
                | Q(edited_at__isnull=False, edited_by__isnull=False),
                name="%(app_label)s_%(class)s_edited_pair",
            )
        ]

    @property
    def flag_words(self) -> list[str]:
        return words_of(self.flags)
