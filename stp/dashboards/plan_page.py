"""The plan as published: every fact with its source and what is doubtful about it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from finance.models import FinanceFact, SavingsWeight, Target
from stp.core.models import SourcedFact
from workstreams.models import GovernanceBody, OfficeHolder, PlanFact, Specialty

# Short names the plan uses, as it writes them.
SHORT_NAMES = {
    "ldr": "Local Digital Roadmap", "lwab": "LWAB", "mcp": "MCP", "rightcare": "RightCare",
    "stp": "STP",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One fact: what it is, what is printed or known of it, and its provenance."""

    what: str
    said: str
    fact: SourcedFact


@dataclass(frozen=True)
class Section:
    """Facts of one subject, under a heading."""

    name: str
    rows: Sequence[Row]

    @property
    def anchor(self) -> str:
        return self.name.lower().replace(" ", "-")


def sections() -> list[Section]:
    """All facts that no other page shows, a section a subject."""
    return [
        Section("Money", [Row(f.what, _figure(f), f) for f in FinanceFact.objects.all()]),
        Section("Ten specialties", [_specialty(s) for s in Specialty.objects.all()]),
        Section("Governance", [_body(b) for b in GovernanceBody.objects.all()]),
        Section(
            "Office holders",
            [
                Row(f"{h.office}, {h.organisation.name}", h.name, h)
                for h in OfficeHolder.objects.select_related("organisation")
            ],
        ),
        *_others(PlanFact.objects.order_by("section", "order", "pk")),
    ]


def targets() -> list[Target]:
    """Targets in the order of years and lines, the programme-wide ones first."""
    return list(
        Target.objects.select_related("organisation").order_by(
            "-year", "line", "reading", "organisation_id"
        )
    )


def weights() -> list[SavingsWeight]:
    """Every weight with the day it holds from and who set it."""
    return list(SavingsWeight.objects.order_by("-effective_on", "pk"))


def _figure(fact: FinanceFact) -> str:
    """'£230m' as printed, or the parsed figure with its unit; never a figure the plan lost."""
    if fact.as_printed:
        return fact.as_printed
    if fact.value is not None:
        return f"{fact.value.normalize():f} {fact.unit}"
    if fact.low is not None and fact.high is not None:
        return f"{fact.low.normalize():f} to {fact.high.normalize():f} {fact.unit}"
    return "No figure printed"


def _specialty(found: Specialty) -> Row:
    said = [found.resourcing_status.replace("_", " "), found.service_model, found.note]
    return Row(found.name, "; ".join(part for part in said if part), found)


def _body(found: GovernanceBody) -> Row:
    said = [found.role, f"meets {found.meets}" if found.meets else ""]
    return Row(found.name, "; ".join(part for part in said if part) or found.layer, found)


def _others(facts: Iterable[PlanFact]) -> list[Section]:
    return [
        Section(
            _heading(name),
            [Row(f.title, f.as_printed or _details(f.details), f) for f in found],
        )
        for name, found in groupby(facts, key=lambda fact: fact.section)
    ]


def _heading(section: str) -> str:
    """'MCP impact' from 'mcp_impact': a section's words, short names in capitals."""
    words = section.replace("_", " ").capitalize().split()
    return " ".join(SHORT_NAMES.get(word.lower(), word) for word in words)


def _details(details: dict[str, Any]) -> str:
    """Plain values of a fact's details: 'cadence: quarterly; low: 10; high: 15'."""
    plain = [
        f"{name.replace('_', ' ')}: {value}"
        for name, value in details.items()
        if isinstance(value, str | int | float)
    ]
    return "; ".join(plain)
