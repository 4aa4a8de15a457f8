"""The list of workstreams as a download: the filters in words, then every row shown."""

from collections.abc import Sequence
from decimal import Decimal

from stp.core import lists, words
from stp.core.exports import Export, Value
from stp.core.money import to_pounds
from stp.core.period_bar import Choice
from stp.core.rag import Rag
from stp.dashboards.filters import Workstreams
from stp.dashboards.overview import DIMENSIONS, Row

HEADINGS = (
    "Workstream", "Overall", "Overall before", *(d.capitalize() for d in DIMENSIONS),
    "Forecast £", "Target £", "Why",
)  # fmt: skip


def export(rows: Sequence[Row], form: Workstreams, choice: Choice) -> Export:
    """One row a workstream; ratings in words, money in pounds of the period's financial year."""
    period = choice.view.period if choice.view else None
    return Export(
        title=f"Workstreams, {period.name if period else ''}",
        notes=[
            *lists.notes(choice, form),
            f"Forecast and target are savings in {period.year if period else ''}",
        ],
        headings=HEADINGS,
        rows=[_cells(row) for row in rows],
    )


def _cells(row: Row) -> list[Value]:
    return [
        row.line.label,
        Rag(row.line.rag).word,
        Rag(row.before.rag).word if row.before else "Not compared",
        *(Rag(d.rag).word if d else words.NOT_APPLICABLE for d in row.dimensions),
        _pounds(row.line.forecast_pence),
        _pounds(row.line.target_pence),
        row.line.reason,
    ]


def _pounds(pence: int | None) -> Decimal | str:
    return words.NO_DATA if pence is None else to_pounds(pence)
