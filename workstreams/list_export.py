"""The lists of milestones and risks as downloads: filters in words, then every filtered row."""

import datetime as dt
from typing import Any

from stp.core import doubts, lists
from stp.core.exports import Export
from stp.core.models import SnapshotLine
from stp.core.period_bar import Choice
from stp.core.rag import Rag
from workstreams.filters import Milestones, Risks

MILESTONES = (
    "Ref", "Milestone", "Workstream", "Project", "Due as printed", "Due on", "Forecast on",
    "Completed on", "Days slipped", "Days slipped since the first date", "Status", "Why",
    "Confirmed on", "Owner", "Critical", "To note", "Source",
)  # fmt: skip
RISKS = (
    "Ref", "Risk", "Workstreams", "Owner", "Likelihood", "Impact", "Score", "Rating", "Why",
    "Next action", "Review on", "Review overdue", "Open", "To note", "Source",
)  # fmt: skip


def milestones(chosen: Milestones, choice: Choice, names: dict[str, str]) -> Export:
    """One row a milestone, dates as dates, the rating in words."""
    return _export(
        "Milestones",
        MILESTONES,
        [_milestone(x, names) for x in lists.one_by_one(chosen.qs)],
        chosen,
        choice,
    )


def risks(chosen: Risks, choice: Choice, names: dict[str, str]) -> Export:
    """One row a risk, the rating in words."""
    return _export(
        "Risks", RISKS, [_risk(x, names) for x in lists.one_by_one(chosen.qs)], chosen, choice
    )


def _export(
    title: str,
    headings: tuple[str, ...],
    rows: list[list[Any]],
    chosen: Milestones | Risks,
    choice: Choice,
) -> Export:
    return Export(
        title=f"{title}, {choice.view.period.name if choice.view else ''}",
        notes=lists.notes(choice, chosen),
        headings=headings,
        rows=rows,
    )


def _date(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _noted(line: SnapshotLine) -> str:
    note: str | None = getattr(line, "flag_note", None)
    return ". ".join([*doubts.of_line(line.detail), *filter(None, [note])])


def _milestone(line: SnapshotLine, names: dict[str, str]) -> list[Any]:
    detail = line.detail
    return [
        line.subject_id,
        line.label,
        names.get(line.workstream, line.workstream),
        detail["project"],
        detail["as_printed"],
        line.due_on,
        line.forecast_on,
        line.completed_on,
        detail["slip_days"],
        detail["slip_days_original"],
        Rag(line.rag).word,
        line.reason,
        _date(detail["confirmed_on"]),
        detail["owner"],
        detail["critical"],
        _noted(line),
        detail["source"],
    ]


def _risk(line: SnapshotLine, names: dict[str, str]) -> list[Any]:
    detail = line.detail
    return [
        line.subject_id,
        line.label,
        ", ".join(names.get(w, w) for w in detail["workstreams"]),
        detail["owner"],
        detail["likelihood"],
        detail["impact"],
        line.score,
        Rag(line.rag).word,
        line.reason,
        detail["next_action"],
        _date(detail["review_on"]),
        detail["review_overdue"],
        detail.get("open", True),
        _noted(line),
        detail["source"],
    ]
