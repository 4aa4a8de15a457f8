"""The list of savings schemes."""

from collections.abc import Callable, Mapping
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from stp.core import words
from stp.core.models import SnapshotLine
from stp.core.tables import Column, Money, Rag, RowHeader, Table, Variance
from stp.core.templatetags.stp import rag, trend


def _foot(*parts: str) -> Callable[..., str]:
    """Footer of a column: the sum of parts of `queries.totals`, which cover every filtered row."""

    def sum_of_parts(table: Any) -> str:
        sums = [table.totals[part] for part in parts]
        return words.money_k(None if None in sums else sum(sums))

    return sum_of_parts


def _against_plan(table: Any) -> str:
    """Footer: forecast less plan of every filtered row; no data where either is not stated."""
    plan, forecast = table.totals["plan"], table.totals["forecast"]
    return words.variance_k(None if None in (plan, forecast) else forecast - plan)


class Schemes(Table):
    """One row a scheme of one published state; totals cover every filtered row."""

    noun = "schemes"
    stacks = True
    empty_text = "No savings schemes yet. They come in with an organisation's plan return."

    label = RowHeader(verbose_name="Scheme", footer="All filtered schemes")
    organisation_short = Column(verbose_name="Organisation", order_by=("organisation",))
    line = Column(verbose_name="Line", on_phone=False)
    plan_pence = Money(
        accessor="year_plan", verbose_name="Plan, £000", footer=_foot("plan"), on_phone=False
    )
    forecast_pence = Money(
        accessor="year_forecast", verbose_name="Forecast, £000", footer=_foot("forecast")
    )
    variance_pence = Variance(
        accessor="year_variance",
        verbose_name="Against plan, £000",
        footer=_against_plan,
        on_phone=False,
    )
    delivered_pence = Money(
        accessor="year_delivered",
        verbose_name="Delivered, £000",
        footer=_foot("delivered"),
        on_phone=False,
    )
    risk_adjusted_pence = Money(
        accessor="year_risk_adjusted",
        verbose_name="Risk-adjusted, £000",
        footer=_foot("delivered", "secure"),
        on_phone=False,
    )
    rag = Rag(verbose_name="Status")
    change = Column(verbose_name="Since", orderable=False, empty_values=())
    carried_from = Column(verbose_name="Return", empty_values=(), on_phone=False)

    class Meta:
        order_by = ("rag",)

    def __init__(
        self,
        *args: Any,
        query: str,
        totals: Mapping[str, int | None],
        since: str = "",
        **kwargs: Any,
    ) -> None:
        self.totals = totals
        super().__init__(*args, **kwargs)
        self.query = query
        self.columns["change"].column.verbose_name = f"Since {since}" if since else "Since"
        if not since:
            self.columns.hide("change")

    def render_rag(self, record: SnapshotLine) -> SafeString:
        return rag(record.rag)

    def render_label(self, record: SnapshotLine) -> SafeString:
        return format_html(
            '<a class="nhsuk-link" href="{}{}">{} {}</a>',
            reverse("finance:scheme-detail", args=record.subject_id.split("/", 1)),
            self.query,
            record.detail["ref"],
            record.label,
        )

    def value_change(self, record: SnapshotLine) -> str:
        return str(record.rag)

    def render_change(self, record: SnapshotLine) -> SafeString:
        return trend(getattr(record, "rag_before", None), record.rag)

    def render_carried_from(self, record: SnapshotLine) -> str:
        if not record.returns:
            return "None: plan used"
        if record.carried_from:
            return f"Carried from {words.month_name(record.carried_from)}"
        return "Received"
