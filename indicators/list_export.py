"""The list of indicators as a download: filters in words, then every filtered row."""

from indicators.filters import Indicators
from indicators.models import Indicator
from indicators.tables import printed
from stp.core import doubts, lists
from stp.core.exports import Export
from stp.core.models import SnapshotLine
from stp.core.period_bar import Choice
from stp.core.rag import Rag

HEADINGS = (
    "Code", "Kind", "Indicator", "Measure", "Unit", "Better", "If nothing is done, or start",
    "Target", "National", "Rating", "Why", "To note", "Note", "Source",
)  # fmt: skip


def export(chosen: Indicators, choice: Choice) -> Export:
    """One row an indicator; values as printed, the rating in words."""
    return Export(
        title=f"Indicators, {choice.view.period.name if choice.view else ''}",
        notes=lists.notes(choice, chosen),
        headings=HEADINGS,
        rows=[_row(line) for line in chosen.qs],
    )


def _row(line: SnapshotLine) -> list[str]:
    detail = line.detail
    return [
        line.subject_id,
        Indicator.Family(detail["family"]).label,
        line.label,
        detail["measure"],
        detail["unit"],
        dict(Indicator.Better.choices).get(detail["better"], "Not stated"),
        printed(line, "do_nothing", "baseline"),
        printed(line, "target"),
        printed(line, "national"),
        Rag(line.rag).word,
        line.reason,
        ". ".join(doubts.of_line(detail)),
        detail["flag_note"],
        detail["source"],
    ]
