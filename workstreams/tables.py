"""The lists of milestones and risks."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from stp.core import doubts, words
from stp.core.line_tables import Why, was
from stp.core.models import SnapshotLine
from stp.core.tables import Column, Number, RowHeader, Table, When, muted
from workstreams.queries import RiskText
from workstreams.rag import Precision

NOT_NAMED = "None named"


class _Lines(Table):
    """Lines of a published state; `names` are the workstreams'."""

    stacks = True

    def __init__(self, *args: Any, names: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = names


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
    rag = Why(verbose_name="Status", wide=True)
    confirmed = Column(verbose_name="Confirmed", accessor="detail__confirmed_on", orderable=False)

    def render_label(self, record: SnapshotLine) -> SafeString:
        critical = muted("Critical. ") if record.detail["critical"] else ""
        return format_html(
            '<span id="{0}">{0}</span> {1} {2}{3}{4}',
            record.subject_id,
            record.label,
            critical,
            doubts.drawn(record.detail, note=getattr(record, "flag_note", "")),
            _source(record),
        )

    def render_workstream(self, value: str) -> str | SafeString:
        return self.names.get(value, value) if value else muted(NOT_NAMED)

    def render_due_on(self, record: SnapshotLine) -> SafeString:
        """The day, then the date as printed where that is less exact."""
        due = words.day(record.due_on) if record.due_on else muted("No date agreed")
        detail = record.detail
        is_day = detail["precision"] == Precision.DAY
        said = "" if is_day or not detail["as_printed"] else muted(f"“{detail['as_printed']}”")
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
    said = Column(
        verbose_name="What the plan says",
        accessor="subject_id",
        orderable=False,
        empty_values=(),
        wide=True,
    )
    workstreams = Column(
        verbose_name="Workstreams", accessor="detail__workstreams", orderable=False, empty_values=()
    )
    owner = Column(verbose_name="Owner", accessor="detail__owner", orderable=False, empty_values=())
    score = Number(verbose_name="Score")
    rag = Why(verbose_name="Rating", wide=True)
    next_action = Column(
        verbose_name="Next action", accessor="detail__next_action", orderable=False
    )
    review_on = Column(verbose_name="Review", accessor="detail__review_on", orderable=False)

    def __init__(self, *args: Any, texts: Mapping[str, RiskText], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.texts = texts

    def render_label(self, record: SnapshotLine) -> SafeString:
        closed = "" if record.detail.get("open", True) else muted("Closed. ")
        return format_html(
            '<span id="{0}">{0}</span> {1} {2}{3}',
            record.subject_id,
            record.label,
            closed,
            doubts.drawn(record.detail),
        )

    def render_said(self, value: str, record: SnapshotLine) -> SafeString:
        """The plan's description, what it would do about it, and where it says so."""
        said = self.texts.get(value)
        if said is None or not said.description:
            return format_html("{}{}", muted(words.NO_DATA), _source(record))
        answers = "; ".join(said.mitigations)
        answer = format_html('<span class="app-was">Answer: {}</span>', answers) if answers else ""
        return format_html("{} {}{}", said.description, answer, _source(record))

    def render_workstreams(self, value: list[str]) -> str | SafeString:
        if not value:
            return muted(NOT_NAMED)
        return format_html_join(", ", "{}", ((self.names.get(w, w),) for w in value))

    def render_owner(self, value: str) -> str | SafeString:
        return value or muted("No owner named")

    def render_score(self, value: int, record: SnapshotLine) -> SafeString:
        before: int | None = getattr(record, "score_before", None)
        return format_html("{}{}", value, was(before, value, str(before)))

    def render_review_on(self, value: str, record: SnapshotLine) -> str:
        overdue = record.detail["review_overdue"]
        return f"{words.day(value)}, overdue" if overdue else words.day(value)


def _source(record: SnapshotLine) -> SafeString:
    """Where the fact was found, under its name."""
    source: str = record.detail["source"]
    if not source:
        return SafeString("")
    return format_html('<span class="app-was app-muted">Source: {}</span>', source)


def _days(days: int) -> str:
    size = f"{abs(days)} day{'' if abs(days) == 1 else 's'}"
    return f"{size} early" if days < 0 else size
