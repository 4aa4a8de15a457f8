"""What every kind of return answers, so that one workflow serves them all.

Each subject's `returns.py` has one object per kind; `stp.returns.kinds` lists them.
Plain values only: rows are JSON dicts with money in pence.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from stp.core.sheets import Column, Issue, Workbook
from stp.core.words import day

if TYPE_CHECKING:
    from stp.core.models import Organisation, ReportingPeriod, Return


@dataclass(frozen=True, slots=True)
class Checked:
    """Everything one check found: rows as JSON dicts, all issues, totals for the page."""

    rows: Sequence[dict[str, Any]]
    issues: Sequence[Issue]
    totals: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """What a return does to one scheme against the return in force; money in pence."""

    what: str  # new | changed | unchanged | missing
    ref: str
    title: str
    before: Mapping[str, Any] = field(default_factory=dict)  # words by heading, as people read them
    after: Mapping[str, Any] = field(default_factory=dict)
    forecast_before: int | None = None
    forecast_after: int | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """Changes, totals before and after, the effect on the programme, and the digest of all that."""

    changes: Sequence[Change]
    totals_before: Mapping[str, int | None]
    totals_after: Mapping[str, int | None]
    effect: Sequence[Mapping[str, Any]]  # {"what", "year", "before", "after"} in pence
    digest: str

    def of(self, what: str) -> list[Change]:
        return [c for c in self.changes if c.what == what]


class ReturnKind(Protocol):
    """One kind of return. `check` and `plan` never write; `apply` writes through actions."""

    @property
    def kind(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def sheet(self) -> str: ...

    def columns(self, period: "ReportingPeriod") -> Sequence[Column]:
        """The columns of the file, in the template's order; the "how to" page prints them."""
        ...

    def check(self, book: Workbook, return_: "Return") -> Checked:
        """All issues of a file at once, against what is in force. Reads, never writes."""
        ...

    def compared_besides(self, return_: "Return") -> object:
        """What `check` compares with that is no return of the sender; equal values, same check."""
        ...

    def plan(self, return_: "Return", missing: Mapping[str, str]) -> Preview:
        """What committing would change now; `missing` is scheme ref -> leave | close."""
        ...

    def compare(self, before: "Return | None", after: "Return | None") -> Preview:
        """What changed between two committed versions; None is no return at all. No digest."""
        ...

    def effect_without(
        self, return_: "Return", back: "Return | None"
    ) -> Sequence[Mapping[str, Any]]:
        """What withdrawing does to the programme's money, like `Preview.effect`."""
        ...

    def apply(self, return_: "Return", *, missing: Mapping[str, str], by: Any) -> None:
        """Write the checked rows as figures of `return_`, inside the caller's transaction."""
        ...

    def template(self, organisation: "Organisation", period: "ReportingPeriod") -> bytes:
        """The `.xlsx` to fill in, pre-filled from what is in force."""
        ...

    def template_csv(self, organisation: "Organisation", period: "ReportingPeriod") -> bytes:
        """The same rows as a plain `.csv`: no cover, no lists, nothing locked."""
        ...


def attributed(
    reasons: Mapping[str, str], said: Mapping[str, Mapping[str, str]], reference: str = ""
) -> dict[str, str]:
    """Typed reasons with who said it, when, and in which return, as far as that is known.

    "Agreed with the ward (Anna Lead, 12 July 2017, RET-2017-06-RNS-02)", by warning group.
    """
    made = {}
    for code, reason in reasons.items():
        who = said.get(code)
        known = [who["by"], day(dt.datetime.fromisoformat(who["at"]))] if who else []
        known += [reference] if reference else []
        made[code] = f"{reason} ({', '.join(known)})" if known else reason
    return made
