"""The list of changes, and one change as cells of a download."""

import re
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from stp.core import words
from stp.core.models import AuditEvent
from stp.core.tables import Column, RowHeader, Table, When, muted

HEADINGS = (
    "When", "Who", "What was done", "To what", "From", "To", "Why", "How", "Organisation", "Period",
)  # fmt: skip

LISTED = 20  # values of one change that the page names


def in_words(values: dict[str, Any]) -> str:
    """'Rating: Amber; Forecast: 30 November 2026'."""
    return "; ".join(f"{name}: {value}" for name, value in values.items())


def shortened(value: Any) -> str:
    """A digest by its first twelve signs, as the receipt prints it; the download has it whole.

    Of many values (what became of 20,000 schemes) the first, and how many more there are.
    """
    if isinstance(value, dict) and len(value) > LISTED:
        first = ", ".join(f"{name}: {each}" for name, each in list(value.items())[:LISTED])
        return f"{first} and {len(value) - LISTED:,} more"
    text = str(value)
    return f"{text[:12]}…" if re.fullmatch(r"[0-9a-f]{64}", text) else text


def cells(event: AuditEvent) -> list[str]:
    """One change as a row of a download, in words."""
    return [
        words.moment(event.at),
        event.by_name,
        event.verb,
        event.object_label,
        in_words(event.before),
        in_words(event.after),
        event.reason,
        event.how,
        event.organisation_id,
        words.period_name(event.period_id) if event.period_id else "",
    ]


class ChangeTable(Table):
    """Who changed what, newest first."""

    caption = "Changes, newest first"
    noun = "changes"
    page_sizes = (25, 50, 100)
    per_page = 100
    stacks = True
    empty_text = "No changes recorded yet. The first return or role given will stand here."

    at = When(verbose_name="When")
    by_name = Column(verbose_name="Who")
    what = RowHeader(verbose_name="What", orderable=False, empty_values=())
    change = Column(verbose_name="From → to", orderable=False, empty_values=(), wide=True)
    reason = Column(verbose_name="Why", orderable=False, default=muted("None given"))
    how = Column(verbose_name="How", orderable=False)
    period_id = Column(verbose_name="Period")

    def render_what(self, record: AuditEvent) -> str:
        return f"{record.verb} {record.object_label}"

    def render_period_id(self, value: str) -> str:
        return words.period_name(value)

    def render_change(self, record: AuditEvent) -> SafeString:
        names = list(dict.fromkeys([*record.before, *record.after]))
        if not names:
            return format_html('<span class="app-muted">{}</span>', "No values")
        drawn = format_html_join(
            SafeString("<br>"),
            "{}: {}{}",
            (
                (name, f"{shortened(record.before[name])} → " if name in record.before else "",
                 shortened(record.after.get(name, "removed")))
                for name in names
            ),
        )  # fmt: skip
        return format_html('<span class="app-values">{}</span>', drawn)
