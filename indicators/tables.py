"""The list of indicators with the values the plan prints."""

from collections.abc import Iterable
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from indicators.models import Indicator
from stp.core import doubts
from stp.core.line_tables import Why
from stp.core.models import SnapshotLine
from stp.core.tables import Column, RowHeader, Table, muted

NOT_PRINTED = "None printed"
_BETTER = {b.value: b.label for b in Indicator.Better}


def printed(line: SnapshotLine, *roles: str) -> str:
    """The cells the plan prints for these roles, each once: one cell may hold both sexes."""
    values: dict[str, list[dict[str, Any]]] = line.detail["values"]
    cells = [value["as_printed"] for role in roles for value in values.get(role, [])]
    return "; ".join(dict.fromkeys(cells))


def measure(line: SnapshotLine) -> str:
    """What is counted, in which unit, and which way is better."""
    detail = line.detail
    parts: Iterable[str] = (
        detail["measure"] or "No measure named",
        detail["unit"] or "no unit printed",
        _BETTER.get(detail["better"], "direction not stated").lower(),
    )
    return "; ".join(parts)


class Indicators(Table):
    """One row an indicator. Values stand as printed; nothing is rounded or filled in."""

    noun = "indicators"
    stacks = True

    class Meta:
        empty_text = "No indicators yet. They come with the plan."

    label = RowHeader(verbose_name="Indicator", order_by=("subject_id",))
    before = Column(verbose_name="If nothing is done, or start", empty_values=(), orderable=False)
    target = Column(verbose_name="Target", empty_values=(), orderable=False)
    national = Column(verbose_name="National", empty_values=(), orderable=False)
    rag = Why(verbose_name="Delivery of the target", wide=True)
    noted = Column(verbose_name="To note, and source", empty_values=(), orderable=False, wide=True)

    def render_label(self, record: SnapshotLine) -> SafeString:
        return format_html(
            '<span id="{0}">{0}</span> {1} {2}',
            record.subject_id,
            record.label,
            muted(measure(record)),
        )

    def render_before(self, record: SnapshotLine) -> str | SafeString:
        return printed(record, "do_nothing", "baseline") or muted(NOT_PRINTED)

    def render_target(self, record: SnapshotLine) -> str | SafeString:
        return printed(record, "target") or muted(NOT_PRINTED)

    def render_national(self, record: SnapshotLine) -> str | SafeString:
        return printed(record, "national") or muted(NOT_PRINTED)

    def render_noted(self, record: SnapshotLine) -> SafeString:
        source = muted(f"Source: {record.detail['source']}.")
        return format_html("{} {}", doubts.drawn(record.detail), source)
