"""The lists of milestones and risks."""

import datetime as dt
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from stp.core import doubts, words
from stp.core.models import SnapshotLine
from stp.core.tables import Column, Number, Rag, RowHeader, Table, Trend, When, muted
from stp.core.templatetags.stp import rag

NOT_NAMED = "None named"


def was(before: Any, now: Any, text: str) -> SafeString:
    """'was 31 July 2017' under a value that differs from the comparison's; else nothing."""
    if before is None or before == now:
        return SafeString("")
    return format_html('<span class="app-was">was {}</span>', text)


class Why(Rag):
    """A rating with the sentence of its rule."""

    def render(self, record: SnapshotLine) -> SafeString:
        return render_to_string("components/rag.html", rag(record, reason=True))


class _Lines(Table):
    """Lines of a published state beside those of the comparison period `since`."""

    def __init__(self, *args: Any, names: dict[str, str], since: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = names
        self.columns["change"].column.verbose_name = f"Since {since}"
        if not since:
            self.columns.hide("change")

    def value_change(self, record: SnapshotLine) -> str:
        return str(record.rag)


class Milestones(_Lines):
    """One row a milestone; the printed date stands beside the day it falls due."""

    noun = "milestones"

    class Meta:
        empty_text = (
            "No milestones yet. They come from the plan, and the programme office adds its own."
        )

    label = RowHeader(verbose_name="Milestone", order_by="subject_id")
    workstream = Column(verbose_name="Workstream", empty_values=())
    due_on = When(verbose_name="Due", empty_values=())
    forecast_on = When(verbose_name="Forecast", empty_values=())
    slip = Number(verbose_name="Days slipped", accessor="detail__slip_days", orderable=False)
    rag = Why(verbose_name="Status")
    change = Trend(verbose_name="Since", accessor="rags", orderable=False, empty_values=())
    confirmed = Column(verbose_name="Confirmed", accessor="detail__confirmed_on", orderable=False)

    def render_label(self, record: SnapshotLine) -> SafeString:
        critical = muted("Critical. ") if record.detail["critical"] else ""
        return format_html(
            '<span id="{0}">{0}</span> {1} {2}{3}',
            record.subject_id,
            record.label,
            critical,
            doubts.drawn(record.detail),
        )

    def render_workstream(self, value: str) -> str | SafeString:
        return self.names.get(value, value) if value else muted(NOT_NAMED)

    def render_due_on(self, record: SnapshotLine) -> SafeString:
        """The day, then the date as printed wherever it says less than a day."""
        due = words.day(record.due_on) if record.due_on else muted("No date agreed")
        printed = record.detail["as_printed"]
        said = "" if printed in ("", str(due)) else muted(f"printed “{printed}”")
        return format_html("{} {}{}", due, said, self._was(record, "due_on"))

    def render_forecast_on(self, record: SnapshotLine) -> SafeString:
        if record.completed_on:
            return format_html("Done {}", words.day(record.completed_on))
        if record.forecast_on is None:
            text = muted("As due" if record.due_on else words.NO_DATA)
            return format_html("{}{}", text, self._was(record, "forecast_on"))
        return format_html("{}{}", words.day(record.forecast_on), self._was(record, "forecast_on"))

    @staticmethod
    def _was(record: SnapshotLine, column: str) -> SafeString:
        before: dt.date | None = getattr(record, f"{column}_before")
        return was(before, getattr(record, column), words.day(before))

    def render_slip(self, value: int, record: SnapshotLine) -> str | SafeString:
        original = record.detail["slip_days_original"]
        if original in (None, value):
            return _days(value)
        return format_html("{} {}", _days(value), muted(f"{_days(original)} since the first date"))

    def render_change(self, record: SnapshotLine) -> SafeString:
        return _trend(record)

    def render_confirmed(self, value: str) -> str:
        return words.day(value)


class Risks(_Lines):
    """The register: one row a risk, highest score first."""

    noun = "risks"

    class Meta:
        empty_text = (
            "No risks recorded. They come from the plan, and the programme office adds its own."
        )

    label = RowHeader(verbose_name="Risk", order_by="subject_id")
    workstreams = Column(
        verbose_name="Workstreams", accessor="detail__workstreams", orderable=False, empty_values=()
    )
    owner = Column(verbose_name="Owner", accessor="detail__owner", orderable=False, empty_values=())
    likelihood = Number(verbose_name="Likelihood", accessor="detail__likelihood", orderable=False)
    impact = Number(verbose_name="Impact", accessor="detail__impact", orderable=False)
    score = Number(verbose_name="Score")
    rag = Why(verbose_name="Rating")
    change = Trend(verbose_name="Since", accessor="rags", orderable=False, empty_values=())
    next_action = Column(
        verbose_name="Next action", accessor="detail__next_action", orderable=False
    )
    review_on = Column(verbose_name="Review", accessor="detail__review_on", orderable=False)

    def render_label(self, record: SnapshotLine) -> SafeString:
        closed = "" if record.detail.get("open", True) else muted("Closed. ")
        return format_html(
            '<span id="{0}">{0}</span> {1} {2}{3}',
            record.subject_id,
            record.label,
            closed,
            doubts.drawn(record.detail),
        )

    def render_workstreams(self, value: list[str]) -> str | SafeString:
        if not value:
            return muted(NOT_NAMED)
        return format_html_join(", ", "{}", ((self.names.get(w, w),) for w in value))

    def render_owner(self, value: str) -> str | SafeString:
        return value or muted("No owner named")

    def render_score(self, value: int, record: SnapshotLine) -> SafeString:
        before: int | None = getattr(record, "score_before", None)
        return format_html("{}{}", value, was(before, value, str(before)))

    def render_change(self, record: SnapshotLine) -> SafeString:
        return _trend(record)

    def render_review_on(self, value: str, record: SnapshotLine) -> str:
        overdue = record.detail["review_overdue"]
        return f"{words.day(value)}, overdue" if overdue else words.day(value)


def _days(days: int) -> str:
    return f"{days} day{'' if abs(days) == 1 else 's'}".replace("-", "\u2212")


def _trend(record: SnapshotLine) -> SafeString:
    before: str | None = getattr(record, "rag_before", None)
    return Trend().render((before, record.rag))
