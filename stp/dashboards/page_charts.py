"""The charts of the overview and the gap page, from the lines of one published state."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from stp.core import charts, words
from stp.core.charts import Chart
from stp.core.models import ReportingPeriod, SnapshotLine
from stp.dashboards.overview import Overview

SOURCE = "finance returns and approved plans"


def of_overview(page: Overview, period: ReportingPeriod) -> dict[str, Callable[[], Chart]]:
    """What draws the bridge of the plan's last year, and this year by month.

    Each is made where it is shown: a figure that cannot be charted costs its part of the page.
    """
    found: dict[str, Callable[[], Chart]] = {}
    if page.gap is not None:
        found["bridge"] = partial(bridge, page.gap, period)
    if page.programme.detail["months"]:
        found["months"] = partial(_months, page, period)
    return found


def bridge(line: SnapshotLine, period: ReportingPeriod) -> Chart:
    """The bridge of one year from its line for all organisations."""
    return charts.bridge(
        name="bridge",
        year=line.year,
        gap=line.target_pence,
        delivered=line.delivered_pence or 0,
        secure=line.secure_pence or 0,
        at_risk=line.at_risk_pence or 0,
        slippage=line.slippage_pence or 0,
        unidentified=line.unidentified_pence,
        period=period.name,
        source=SOURCE,
    )


def _months(page: Overview, period: ReportingPeriod) -> Chart:
    """Actuals of the months that are due, forecasts of the later ones."""
    line = page.programme
    months: list[Mapping[str, Any]] = line.detail["months"]
    variance = (line.forecast_pence or 0) - (line.plan_pence or 0)
    return charts.months(
        name="months",
        subject="All schemes",
        codes=[m["month"] for m in months],
        labels=[words.month_short(m["month"]) for m in months],
        plan=[m["plan"] for m in months],
        actual=[m["actual"] if m["month"] <= period.code else None for m in months],
        forecast=[m["forecast"] if m["month"] > period.code else None for m in months],
        as_at=period.code,
        headline=f"Forecast for {period.year} against plan: {words.variance(variance).lower()}",
        period=period.name,
        source=SOURCE,
        footnotes=_left_out(page, period),
    )


def _left_out(page: Overview, period: ReportingPeriod) -> tuple[str, ...]:
    """Whose actuals the newest month lacks: a low point must not pass for a bad month."""
    missing = [row["short"] for row in page.trust.get("missing", [])]
    if not missing:
        return ()
    return (f"{period.name} leaves out {', '.join(missing)}, whose returns are missing.",)
