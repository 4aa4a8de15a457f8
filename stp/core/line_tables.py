"""Cells that lists of snapshot lines share: a rating with its reason and what it was."""

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from stp.core.models import SnapshotLine
from stp.core.tables import Rag
from stp.core.templatetags.stp import rag, trend


def was(before: Any, now: Any, text: str) -> SafeString:
    """'was 31 July 2017' under a value that differs from the comparison's; else nothing."""
    if before is None or before == now:
        return SafeString("")
    return format_html('<span class="app-was">was {}</span>', text)


class Why(Rag):
    """A rating, the sentence of its rule, and better or worse than before where it changed.

    The line comes from `stp.core.compare.with_before` with the column `rag`.
    """

    def render(self, record: SnapshotLine, bound_column: Any) -> SafeString:
        drawn = rag(record, reason=True)
        before: str | None = getattr(record, "rag_before", None)
        if before == record.rag:
            return drawn
        change = trend(before, record.rag)
        return format_html('{}<span class="app-was">{}</span>', drawn, change)
