"""The charts of the overview and the gap page, from the lines of one published state."""

from collections.abc import Mapping
from typing import Any

from stp.core import charts, words
from stp.core.charts import Chart
from stp.core.models import ReportingPeriod, SnapshotLine
from stp.dashboards.overview import Overview

SOURCE = "finance returns and approved plans"


def of_overview(page: Overview, period: ReportingPeriod) -> dict[str, Chart]:
    """The bridge of the plan's last year, and this year by month."""
    found = {}
    if page.gap is not None:
        found["bridge"] = bridge(page.gap, period)
    if page.year is not None and page.year.detail.get("months"):
        found["months"] = _months(page.year, period)
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


def _months(line: SnapshotLine, period: ReportingPeriod) -> Chart:
    months: list[Mapping[str, Any]] = line.detail["months"]
    short = (line.plan_pence or 0) - (line.forecast_pence or 0)
    finding = (
        f"Forecast for {line.year} is {words.variance(-short)}"
        if short
        else f"Forecast for {line.year} equals plan"
    )
    return charts.months(
        name="months",
        subject="All schemes",
        codes=[m["month"] for m in months],
        labels=[words.month_short(m["month"]) for m in months],
        plan=[m["plan"] for m in months],
        actual=[m["actual"] for m in months],
        forecast=[m["forecast"] for m in months],
        as_at=period.code,
        headline=finding,
        period=period.name,
        source=SOURCE,
        footnotes=_late(months, period),
    )


def _late(months: list[Mapping[str, Any]], period: ReportingPeriod) -> tuple[str, ...]:
    """Where some organisations' actuals of a due month are not in, say so."""
    partial = [
        words.month_name(m["month"])
        for m in months
        if m["month"] <= period.code and m.get("without_actual")
    ]
    if not partial:
        return ()
    return (f"Actuals of {', '.join(partial)} leave out schemes whose return is not in.",)
