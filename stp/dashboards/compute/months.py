"""Month by month sums of schemes, for the forecast-against-plan chart. Pure."""

from collections.abc import Iterable
from typing import Any

from stp.core.lines import Line
from stp.core.periods import year_months


def sum_months(schemes: Iterable[Line], year: str) -> list[dict[str, Any]]:
    """[{"month", "plan", "actual", "forecast"}], in pence, of the year's twelve months.

    `actual` is the known actuals, None where no scheme has one; `forecast` is what F is made
    of: actuals, estimates of blank due months, forecasts of later ones.
    """
    plan = dict.fromkeys(year_months(year), 0)
    forecast = dict(plan)
    actual: dict[str, int] = {}
    for scheme in schemes:
        for entry in scheme.detail["months"]:
            month = entry["month"]
            plan[month] += entry["plan"]
            if entry["actual"] is not None:
                actual[month] = actual.get(month, 0) + entry["actual"]
            stated = (entry["actual"], entry["estimate"], entry["forecast"])
            forecast[month] += next((pence for pence in stated if pence is not None), 0)
    return [
        {"month": m, "plan": plan[m], "actual": actual.get(m), "forecast": forecast[m]}
        for m in plan
    ]
