"""The schemes list as a download: the filters in words, then every filtered row."""

from collections.abc import Iterable
from typing import Any

from finance.filters import Schemes
from finance.queries import returns_in_words
from stp.core import lists, words
from stp.core.exports import Export
from stp.core.money import to_pounds
from stp.core.period_bar import Choice
from stp.core.rag import Rag

HEADINGS = (
    "Organisation", "Scheme ref", "Scheme", "Line", "Plan £", "Forecast £",
    "Forecast less plan £", "Delivered £", "Risk-adjusted forecast £", "At risk £",
    "Status", "Why", "Explanations sent", "Returns used",
)  # fmt: skip


def export(chosen: Schemes, choice: Choice, year: str) -> Export:
    """Title, period and filters as notes; one row a scheme, in pounds, ratings in words."""
    assert choice.view is not None  # noqa: S101  the view exports only what it has figures for
    period = choice.view.period
    return Export(
        title=f"Savings schemes, {period.name}",
        notes=[
            *lists.notes(choice, chosen),
            f"Money is the value in {year}; status and why are those of {period.year}",
        ],
        headings=HEADINGS,
        rows=list(_rows(lists.one_by_one(chosen.qs))),
    )


def _rows(lines: Iterable[Any]) -> Iterable[list[Any]]:
    for line in lines:
        money = (
            line.year_plan, line.year_forecast, line.year_variance, line.year_delivered,
            line.year_risk_adjusted, line.year_at_risk,
        )  # fmt: skip
        yield [
            line.organisation_short,
            line.detail["ref"],
            line.label,
            line.line,
            *(words.NO_DATA if pence is None else to_pounds(pence) for pence in money),
            Rag(line.rag).word,
            line.reason,
            "; ".join(line.detail.get("reasons", ())),
            returns_in_words(line),
        ]
