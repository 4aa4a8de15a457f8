"""The list of indicators with the values the plan prints."""

from collections.abc import Iterable
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from indicators.models import Indicator
from stp.core import doubts
from stp.core.models import SnapshotLine
from stp.core.tables import Column, Rag, RowHeader, Table, Trend, muted
from stp.core.templatetags.stp import rag

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


class Why(Rag):
    """A rating with the sentence of its rule."""

    def render(self, record: SnapshotLine) -> SafeString:
        return render_to_string("components/rag.html", rag(record, reason=True))


class Indicators(Table):
    """One row an indicator. Values stand as printed; nothing is rounded or filled in."""

    noun = "indicators"

    class Meta:
        empty_text = "No indicators yet. They come with the plan."

    label = RowHeader(verbose_name="Indicator", order_by=("subject_id",))
    before = Column(verbose_name="If nothing is done, or start", empty_values=(), orderable=False)
    target = Column(verbose_name="Target", empty_values=(), orderable=False)
    national = Column(verbose_name="National", empty_values=(), orderable=False)
    rag = Why(verbose_name="Delivery of the target")
    change = Trend(verbose_name="Since", empty_values=(), orderable=False)
    doubts = Column(verbose_name="To note", empty_values=(), orderable=False)
    source = Column(verbose_name="Source", accessor="detail__source", orderable=False)

    def __init__(self, *args: Any, since: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.columns["change"].column.verbose_name = f"Since {since}"
        if not since:
            self.columns.hide("change")

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

    def render_change(self, record: SnapshotLine) -> SafeString:
        before: str | None = getattr(record, "rag_before", None)
        return Trend().render((before, record.rag))

    def render_doubts(self, record: SnapshotLine) -> SafeString:
        return doubts.drawn(record.detail)

    def render_source(self, value: str) -> SafeString:
        return muted(value)
