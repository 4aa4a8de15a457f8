"""F of the current year: the one rule for what a scheme's year comes to (rag-rules, "F").

Dashboards, previews, comparisons, warnings and stored totals all ask here. Money is whole pence.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from stp.core.periods import Period


class Cells(NamedTuple):
    """A scheme's figures by month; None, or a month that is absent, is not known."""

    actual: Mapping[str, int | None]
    forecast: Mapping[str, int | None]
    # Forecast cells of the newest earlier return that was in force.
    earlier: Mapping[str, int]
    plan: Mapping[str, int]  # approved


def known_actuals(actual: Mapping[str, int | None], months: Iterable[str]) -> int:
    """What is known of some months, in pence."""
    return sum([actual.get(m) or 0 for m in months])


def expected(cells: Cells, month: str) -> tuple[int, bool]:
    """A month's Forecast cell, else an earlier return's, else the plan; and whether it is one."""
    stated = cells.forecast.get(month)
    if stated is not None:
        return stated, True
    earlier = cells.earlier.get(month)
    return (cells.plan.get(month, 0) if earlier is None else earlier), False


def year_outturn(cells: Cells, period: Period, *, closed: bool) -> tuple[int, tuple[str, ...]]:
    """F as of `period`, and the months that are estimated.

    Actuals of due months, estimates of blank ones, forecasts of later ones. A later month left
    blank cannot come in by a return; should one exist, it is estimated the same way and marked,
    since unknown is never nil. Of a closed scheme nothing remains: its known actuals are all.
    """
    pence = known_actuals(cells.actual, period.months_to_date)
    if closed:
        return pence, ()
    marked = [m for m in period.months_to_date if cells.actual.get(m) is None]
    pence += sum([expected(cells, m)[0] for m in marked])
    for month in period.months_remaining:
        worth, stated = expected(cells, month)
        pence += worth
        if not stated:
            marked.append(month)
    return pence, tuple(marked)
