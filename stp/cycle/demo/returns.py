"""Rows of the illustrative returns, worked out by rule from fixtures/demo/schemes.yaml.

A scheme's plan of the year is spread evenly from its start month; actuals follow the plan by the
scheme's own share, a little uneven from month to month by a fixed seed; the forecast outturn is
the stated share of the plan, to the pound thousand.
"""

import random
from typing import Any

from finance.scheme_rows import SchemeRow
from stp.core import periods
from stp.cycle.demo.sources import schemes

THOUSAND = 100_000  # pence
YEAR = "2017/18"
UNEVEN = 0.06  # actuals stray this share of a month's plan, and even out
_MONTH_WORDS = {"2017-04": "april", "2017-05": "may", "2017-06": "june"}


def spread(total: int, count: int) -> list[int]:
    """`total` in `count` whole parts that differ by one at most and add up."""
    whole, rest = divmod(total, count)
    return [whole + (1 if i >= count - rest else 0) for i in range(count)]


def plan_months(scheme: dict[str, Any]) -> dict[str, int]:
    """Plan of each month of 2017/18, in pence; nil before the scheme starts."""
    months = periods.year_months(YEAR)
    running = [month for month in months if month >= scheme["start"]]
    values = dict.fromkeys(months, 0)
    if running:
        parts = spread(scheme["plan_2017_18"], len(running))
        values.update({m: v * THOUSAND for m, v in zip(running, parts, strict=True)})
    return values


def plan_years(scheme: dict[str, Any]) -> dict[str, int]:
    """Plan of the later years, in pence: even steps from this year's value to 2020/21."""
    later = periods.later_years(YEAR)
    start, end = scheme["plan_2017_18"], scheme["plan_2020_21"]
    return {
        year: (start + (end - start) * step // len(later)) * THOUSAND
        for step, year in enumerate(later, start=1)
    }


def actual_months(
    organisation: str, scheme: dict[str, Any], period: periods.Period
) -> dict[str, int]:
    """Actuals of the months that are due, the same whichever later return repeats them."""
    chance = random.Random(f"{organisation}/{scheme['ref']}")  # noqa: S311  not for secrets
    plan, values = plan_months(scheme), {}
    for month in period.months_to_date:
        stray = 1 + chance.uniform(-UNEVEN, UNEVEN)
        values[month] = round(plan[month] * scheme["actual"] * stray / THOUSAND) * THOUSAND
    return values


def forecast_months(
    scheme: dict[str, Any], actual: dict[str, int], period: periods.Period
) -> dict[str, int]:
    """What remains of the stated outturn, spread over the months left in which it runs."""
    share = scheme[f"forecast_{_MONTH_WORDS[period.code]}"]
    outturn = round(scheme["plan_2017_18"] * share)
    left = [m for m in period.months_remaining if m >= scheme["start"]]
    values = dict.fromkeys(period.months_remaining, 0)
    if left:
        rest = outturn - sum(actual.values()) // THOUSAND
        parts = spread(rest, len(left))
        values.update({m: v * THOUSAND for m, v in zip(left, parts, strict=True)})
    return values


def _words(scheme: dict[str, Any]) -> dict[str, str]:
    decommissioning = scheme["line"] == "DEC"
    return {
        "ref": scheme["ref"],
        "title": scheme["title"],
        "line": scheme["line"],
        "supports": scheme["supports"],
        "recurrence": scheme["recurrent"],
        "type": scheme["type"],
        "release": scheme["release"],
        "maturity": scheme["maturity"],
        "risk": scheme["risk"],
        "start_month": scheme["start"],
        "lead": scheme["lead"],
        "qia": scheme["qia"],
        "eia": scheme["qia"],
        "consultation": "Planned" if decommissioning else "Not needed",
        "evidence": scheme["evidence"],
        "data_status": "Final" if scheme["maturity"] == "In delivery" else "",
    }


def rows(organisation: str, kind: str, period: str) -> list[SchemeRow]:
    """The rows of one return: kind `plan` (period 2017-04) or `finance`. Money in pence."""
    at = periods.parse(period)
    return [_row(organisation, scheme, kind, at) for scheme in schemes(organisation)]


def _row(organisation: str, scheme: dict[str, Any], kind: str, period: periods.Period) -> SchemeRow:
    plan = {**plan_months(scheme), **plan_years(scheme)}
    row: SchemeRow = {**_words(scheme), "plan": plan, "actual": {}, "forecast": {}}
    if kind == "plan":
        return row
    actual = actual_months(organisation, scheme, period)
    row["actual"] = actual
    row["forecast"] = {
        **forecast_months(scheme, actual, period),
        **{year: _later(value, scheme, period) for year, value in plan_years(scheme).items()},
    }
    if scheme["maturity"] == "In delivery":
        row["fye_secured"] = sum(plan_months(scheme).values())
    return row


def _later(value: int, scheme: dict[str, Any], period: periods.Period) -> int:
    """A later year's forecast: the plan, or the same share of it that this year is forecast."""
    share = float(scheme[f"forecast_{_MONTH_WORDS[period.code]}"])
    return round(value * min(1, share) / THOUSAND) * THOUSAND
