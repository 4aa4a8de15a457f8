"""A scheme's row as plain JSON values: the one shape between file, return, database and page. Pure.

    {"row": 5, "ref": "UC-01", "title": …, "line": "UC", …            words, "" where blank
     "counterparty_effect" | "fye_secured" | "gross" | "investment":  Money
     "wte_plan" | "wte_actual": "12.50" or None
     "plan" | "actual" | "forecast": {"2017-04": Money, …, "2018/19": Money}}

Money is whole pence, None (blank: not known), "n/a" or "not due"; nil is 0 (returns.md).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any

from finance.bridge import Cells, year_outturn
from stp.core import periods

NOT_APPLICABLE = "n/a"
NOT_DUE = "not due"
Money = int | str | None
SchemeRow = dict[str, Any]
SchemeRows = dict[str, SchemeRow]  # by ref

WORDS = (
    "title", "line", "supports", "recurrence", "type", "release", "maturity", "risk",
    "start_month", "end_month", "lead", "qia", "eia", "consultation", "evidence", "data_status",
    "counterparty", "same_as", "comment",
)  # fmt: skip
AMOUNTS = ("counterparty_effect", "fye_secured", "gross", "investment")
NUMBERS = ("wte_plan", "wte_actual")
KINDS = ("plan", "actual", "forecast")
CLOSED = "Closed"
# Mark of a row that only the plan names: nothing is reported of it, so its forecast is its plan.
ONLY_PLANNED = "only_planned"


def amount(value: Money) -> int:
    """The pence a value counts with in a sum: only a known figure counts."""
    return value if isinstance(value, int) else 0


def is_stated(value: Money) -> bool:
    """Whether a person said something: a figure (nil included) or "n/a"."""
    return isinstance(value, int) or value == NOT_APPLICABLE


def total(figures: Mapping[str, Money], when: Iterable[str]) -> int:
    return sum([value for w in when if isinstance(value := figures.get(w), int)])


def year_plan(row: SchemeRow, period: periods.Period, year: str) -> int:
    """A row's plan of a year, in pence: twelve months of the period's year, or one figure."""
    return total(row["plan"], _cells_of(year, period))


def approved_year_plan(
    row: SchemeRow, period: periods.Period, year: str, approved: Mapping[str, Mapping[str, int]]
) -> int:
    """The same as approved, corrections included, where the approved plan names the scheme.

    A row carried from an earlier return still holds the plan of that day.
    """
    plan = approved.get(row["ref"])
    return year_plan(row, period, year) if plan is None else total(plan, _cells_of(year, period))


def actual_to_date(row: SchemeRow, period: periods.Period) -> int:
    """Known actuals of the months that are due, in pence."""
    return total(row["actual"], period.months_to_date)


@dataclass(frozen=True, slots=True)
class Beside:
    """What a row's forecast rests on where the row itself is silent; by ref, in pence."""

    # Forecast cells of the newest earlier return in force, by month.
    earlier: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    plan: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # approved


def outturn(row: SchemeRow, period: periods.Period, year: str, beside: Beside) -> int:
    """A row's forecast of a year, in pence: for the period's own, the rule of the dashboards.

    A later year is what its cell says; a file with a blank one is not taken.
    """
    if year != period.year:
        return amount(row["forecast"].get(year))
    plan = beside.plan.get(row["ref"], _NONE)
    if row.get(ONLY_PLANNED):
        return total(plan, periods.year_months(year))
    earlier = beside.earlier.get(row["ref"], _NONE)
    cells = Cells(_known(row["actual"]), _known(row["forecast"]), earlier, plan)
    return year_outturn(cells, period, closed=is_closed(row))[0]


_NONE: Mapping[str, int] = MappingProxyType({})


def _known(figures: Mapping[str, Money]) -> dict[str, int | None]:
    """As sums read them: "n/a" is nil; blank and "not due" are not known."""
    return {
        when: value if isinstance(value, int) else 0 if value == NOT_APPLICABLE else None
        for when, value in figures.items()
    }


def own_cells(row: SchemeRow, period: periods.Period) -> int:
    """What the cells of a file's row alone add up to for the year, in pence.

    A blank due month counts with the row's own Forecast cell. Only control totals are held to
    this: a ledger knows no other return and no plan.
    """
    actual, forecast = row["actual"], row["forecast"]
    due = [
        amount(said if is_stated(said := actual.get(m)) else forecast.get(m))
        for m in period.months_to_date
    ]
    return sum(due) + total(forecast, period.months_remaining)


def _cells_of(year: str, period: periods.Period) -> tuple[str, ...]:
    return periods.year_months(year) if year == period.year else (year,)


def is_closed(row: SchemeRow) -> bool:
    return bool(row["maturity"] == CLOSED)


def as_closed(row: SchemeRow, period: periods.Period) -> SchemeRow:
    """A scheme closed with its known actuals: nothing remains, in this year or a later one.

    Forecast cells of due months stay, for the accuracy of forecasts; they count in no outturn.
    """
    remaining = (*period.months_remaining, *periods.later_years(period.year))
    due = {when: row["forecast"].get(when) for when in period.months_to_date}
    forecast = due | dict.fromkeys(remaining, 0)
    return {**row, "maturity": CLOSED, "forecast": forecast, "closed_in": period.year}


def figure_cells(period: periods.Period) -> Mapping[str, tuple[str, ...]]:
    """Which months and years each kind of figure has a column for, by kind."""
    return _cells_by_kind(period.year)


@cache
def _cells_by_kind(year: str) -> Mapping[str, tuple[str, ...]]:
    months, later = periods.year_months(year), periods.later_years(year)
    cells = {"plan": (*months, *later), "actual": months, "forecast": (*months, *later)}
    return MappingProxyType(cells)
