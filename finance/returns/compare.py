"""Two versions of a return side by side. Reads, never writes."""

from collections.abc import Callable

from finance.in_force import forecasts_before, rows_of_many
from finance.plans import approved_plan
from finance.returns.columns import FIGURE_WORDS, heading
from finance.returns.preview import between, in_words
from finance.scheme_rows import (
    Beside,
    SchemeRow,
    SchemeRows,
    actual_to_date,
    approved_year_plan,
    outturn,
    year_plan,
)
from stp.core import periods
from stp.core.models import Return
from stp.core.returns import Change, Preview

Forecast = Callable[[SchemeRow], int]


def compare(before: Return | None, after: Return | None) -> Preview:
    """What changed from one return to another of the same kind and organisation.

    Each is taken as it was committed, carried schemes included, in the year of its own period.
    Forecasts are the dashboards': blank months estimated from what was in force before each, and
    from the approved plan of now. None stands for no return at all. No effect and no digest.
    """
    rows = rows_of_many(r.pk for r in (before, after) if r is not None)
    old = rows[before.pk] if before else {}
    new = rows[after.pk] if after else {}
    name = _dated if before and after and before.period.year != after.period.year else heading
    beside_old, beside_new = _beside(before), _beside(after)
    then, now = _forecast(before, beside_old), _forecast(after, beside_new)
    changes = [_change(new[ref], old.get(ref), name, then, now) for ref in new]
    changes += [
        Change("missing", ref, row["title"], forecast_before=then(row))
        for ref, row in old.items()
        if ref not in new
    ]
    return Preview(
        changes,
        _totals(before, old, then, beside_old),
        _totals(after, new, now, beside_new),
        [],
        "",
    )


def _change(
    row: SchemeRow, old: SchemeRow | None, name: Callable[[str, str], str], then: Forecast,
    now: Forecast,
) -> Change:  # fmt: skip
    words = None if old is None else in_words(old, name)
    return between(row, words, in_words(row, name), None if old is None else then(old), now(row))


def _dated(kind: str, when: str) -> str:
    """'Plan April 2017': between two years a month alone does not say which."""
    return (
        heading(kind, when) if "/" in when else f"{FIGURE_WORDS[kind]} {periods.parse(when).name}"
    )


def _beside(return_: Return | None) -> Beside:
    """What a finance return's forecasts rest on besides: earlier cells, the approved plan of now.

    Nothing for a plan return, which is its own plan.
    """
    if return_ is None or return_.kind == Return.Kind.PLAN:
        return Beside()
    plans = approved_plan([return_.scope], return_.period.year)
    return Beside(forecasts_before(return_), {ref: plan for (_, ref), plan in plans.items()})


def _forecast(return_: Return | None, beside: Beside) -> Forecast:
    """A row's forecast of the return's own year, in pence; of a plan return its plan."""
    if return_ is None:
        return lambda row: 0
    period = return_.period.period
    if return_.kind == Return.Kind.PLAN:
        return lambda row: year_plan(row, period, period.year)
    return lambda row: outturn(row, period, period.year, beside)


def _totals(
    return_: Return | None, rows: SchemeRows, forecast: Forecast, beside: Beside
) -> dict[str, int | None]:
    """Totals in pence; a plan return says nothing of actual and forecast, no return of anything."""
    if return_ is None:
        return {"schemes": 0, "plan": None, "actual": None, "forecast": None}
    period, is_plan = return_.period.period, return_.kind == Return.Kind.PLAN
    every = rows.values()
    return {
        "schemes": len(rows),
        "plan": sum(approved_year_plan(row, period, period.year, beside.plan) for row in every),
        "actual": None if is_plan else sum(actual_to_date(row, period) for row in every),
        "forecast": None if is_plan else sum(forecast(row) for row in every),
    }
