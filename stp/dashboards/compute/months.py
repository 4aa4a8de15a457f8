"""Month by month sums of schemes, for the forecast-against-plan chart. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from stp.core.lines import Line
from stp.core.periods import year_months


def sum_months(schemes: Iterable[Line], year: str) -> list[dict[str, Any]]:
    """[{"month", "plan", "actual", "forecast"}], in pence, of the year's twelve months.

    `actual` is the known actuals, None where no scheme has one; `forecast` is what F is made
    of: actuals, estimates of blank due months, forecasts of later ones.
    """
    return add_months(([_stated(e) for e in s.detail["months"]] for s in schemes), year)


def _stated(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A scheme's month, with whichever of actual, estimate and forecast it has as forecast."""
    stated = (entry["actual"], entry["estimate"], entry["forecast"])
    return {**entry, "forecast": next((pence for pence in stated if pence is not None), 0)}


def add_months(of: Iterable[Iterable[Mapping[str, Any]]], year: str) -> list[dict[str, Any]]:
    """Add up several of `sum_months`' lists, month by month."""
    plan = dict.fromkeys(year_months(year), 0)
    forecast = dict(plan)
    actual: dict[str, int] = {}
    for entries in of:
        for entry in entries:
            month = entry["month"]
            plan[month] += entry["plan"]
            forecast[month] += entry["forecast"]
            if entry["actual"] is not None:
                actual[month] = actual.get(month, 0) + entry["actual"]
    return [
        {"month": m, "plan": plan[m], "actual": actual.get(m), "forecast": forecast[m]}
        for m in plan
    ]
