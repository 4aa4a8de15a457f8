"""The two kinds of return finance owns, as the workflow of returns knows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from finance.actions import record_scheme_return
from finance.returns import template
from finance.returns.columns import columns
from finance.returns.compare import compare
from finance.returns.cover import choices_of
from finance.returns.effect import effect_without
from finance.returns.entries import SHEET
from finance.returns.examine import examine
from finance.returns.gather import (
    compared_besides,
    for_template,
    gather,
    in_force_besides,
    lists,
)
from finance.returns.preview import preview
from stp.core.models import Organisation, ReportingPeriod, Return
from stp.core.returns import Checked, Preview
from stp.core.sheets import Column, Workbook


@dataclass(frozen=True, slots=True)
class SchemeReturn:
    """A return whose rows are savings schemes (`stp.core.returns.ReturnKind`)."""

    kind: str
    title: str
    sheet: str = SHEET

    def columns(self, period: ReportingPeriod) -> Sequence[Column]:
        """The columns of the period's file, in the template's order."""
        return columns(self.kind, period.period, lists())

    def check(self, book: Workbook, return_: Return) -> Checked:
        """All issues of a file at once, against what is in force. Reads, never writes."""
        return examine(book, gather(return_), choices_of(return_.choices))

    def compared_besides(self, return_: Return) -> object:
        """Corrections of the plan, and what others say they count too."""
        return compared_besides(return_)

    def plan(self, return_: Return, missing: Mapping[str, str]) -> Preview:
        """What committing the checked rows would change now."""
        return preview(return_.rows, gather(return_), return_.period, missing)

    def compare(self, before: Return | None, after: Return | None) -> Preview:
        """What changed between two committed versions."""
        return compare(before, after)

    def effect_without(self, return_: Return, back: Return | None) -> Sequence[Mapping[str, Any]]:
        """What withdrawing `return_` does to the programme, with `back` in force again."""
        return effect_without(return_, back)

    def apply(self, return_: Return, *, missing: Mapping[str, str], by: Any) -> None:
        """Write the checked rows as figures of `return_`.

        Inside the commit's transaction, before or after `in_force` moves to `return_`.
        MissingUndecided where a scheme is missing and nobody said what becomes of it.
        """
        record_scheme_return(
            return_=return_,
            rows=return_.rows,
            before=in_force_besides(return_, return_.rows),
            missing=missing,
            by=by,
        )

    def template(self, organisation: Organisation, period: ReportingPeriod) -> bytes:
        """The `.xlsx` to fill in, with the organisation's schemes, last figures and plan."""
        return template.prefilled(for_template(self.kind, organisation, period))

    def template_csv(self, organisation: Organisation, period: ReportingPeriod) -> bytes:
        """The same rows as a `.csv`, in £000."""
        return template.prefilled_csv(for_template(self.kind, organisation, period))


PLAN = SchemeReturn("plan", "Plan return")
FINANCE = SchemeReturn("finance", "Finance return")
