"""The chart of a scheme's page."""

from collections.abc import Mapping
from typing import Any

from finance.queries import returns_in_words
from stp.core import charts, words
from stp.core.charts import Chart
from stp.core.models import ReportingPeriod, SnapshotLine


def months(line: SnapshotLine, period: ReportingPeriod) -> Chart | None:
    """Plan, actual and forecast by month; None where the return gave no monthly figures."""
    found: list[Mapping[str, Any]] = line.detail["months"]
    if not found:
        return None
    absent = line.detail.get("not_applicable", ())
    variance = (line.forecast_pence or 0) - (line.plan_pence or 0)
    return charts.months(
        name="months",
        subject=line.label,
        codes=[m["month"] for m in found],
        labels=[words.month_short(m["month"]) for m in found],
        plan=[m["plan"] for m in found],
        actual=[m["actual"] for m in found],
        forecast=[m["forecast"] if m["month"] > period.code else None for m in found],
        as_at=period.code,
        not_applicable=absent,
        headline=f"Forecast for {period.year} against plan: {words.variance(variance).lower()}",
        period=period.name,
        source=returns_in_words(line),
    )
