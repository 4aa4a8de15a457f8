"""Milestone lines, and how many of them are late, per workstream and in all. Pure."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from stp.core.lines import Line, Subject
from stp.core.rag import Rag
from stp.dashboards.compute.facts import Baseline, Facts, MilestoneFacts, MilestoneReport
from workstreams.rag import (
    MilestoneCode,
    MilestoneInput,
    MilestoneStatus,
    RatedMilestone,
    days_slipped,
    rate_milestone,
)

SOON = dt.timedelta(days=30)
_UNCONFIRMED = (MilestoneCode.NOT_CONFIRMED.value, MilestoneCode.HISTORY_UNCONFIRMED.value)


def milestone_lines(facts: Facts) -> list[Line]:
    """One line a milestone, as of the period's last day."""
    return [_line(m, facts) for m in facts.milestones]


def _line(milestone: MilestoneFacts, facts: Facts) -> Line:
    as_of = facts.as_of
    reports = [r for r in milestone.reports if r.sort_key <= facts.period.sort_key]
    report = reports[-1] if reports else None
    baselines = [b for b in milestone.baselines if b.approved_on <= as_of]
    baseline = baselines[-1] if baselines else None
    state = _input(milestone, reports, baselines)
    rating = rate_milestone(state, as_of)
    slip = days_slipped(state, as_of)
    done = state.completed_on if rating.rag is Rag.COMPLETE else None
    return Line(
        subject=Subject.MILESTONE,
        subject_id=milestone.ref,
        label=milestone.title,
        workstream=milestone.workstream,
        rag=rating.rag,
        code=rating.code,
        reason=rating.reason,
        due_on=state.baseline_on,
        forecast_on=state.forecast_on,
        completed_on=done,
        detail={
            "critical": milestone.critical,
            "origin": milestone.origin,
            "project": milestone.project,
            **_printed(milestone, baseline),
            "slip_days": slip.approved,
            "slip_days_original": slip.original,
            "confirmed_on": state.confirmed_on.isoformat() if state.confirmed_on else None,
            **_said(milestone, report),
        },
    )


def _printed(milestone: MilestoneFacts, baseline: Baseline | None) -> dict[str, Any]:
    """The date as the plan prints it: of the baseline in force, else of the first one."""
    shown = baseline or next(iter(milestone.baselines), None)
    return {
        "as_printed": shown.as_printed if shown else "",
        "precision": shown.precision if shown else "",
    }


def _said(milestone: MilestoneFacts, report: MilestoneReport | None) -> dict[str, Any]:
    illustrative = "illustrative" in milestone.flags or bool(report and report.illustrative)
    return {
        "status": report.status if report else MilestoneStatus.ACTIVE.value,
        "note": report.note if report else "",
        "owner": milestone.owner,
        "illustrative": illustrative,
        "flags": list(milestone.flags),
        "source": milestone.source,
    }


def _input(
    milestone: MilestoneFacts, reports: Sequence[MilestoneReport], baselines: Sequence[Baseline]
) -> MilestoneInput:
    """The latest report speaks; a confirmation stays one when a later report has none."""
    report = reports[-1] if reports else None
    dated = [b.due_on for b in baselines if b.due_on]
    return MilestoneInput(
        baseline_on=baselines[-1].due_on if baselines else None,
        original_baseline_on=dated[0] if dated else None,
        forecast_on=report.forecast_on if report else None,
        completed_on=report.completed_on if report else None,
        confirmed_on=max((r.confirmed_on for r in reports if r.confirmed_on), default=None),
        status=MilestoneStatus(report.status) if report else MilestoneStatus.ACTIVE,
        critical=milestone.critical,
        from_plan=milestone.origin == "plan",
    )


def rated(line: Line) -> RatedMilestone:
    """A milestone line as the Delivery rule takes it."""
    return RatedMilestone(line.label, line.rating, critical=line.detail["critical"])


def is_overdue(line: Line, as_of: dt.date) -> bool:
    """Open, and its baseline has passed, whether or not there is a new date."""
    return rated(line).open and line.due_on is not None and line.due_on <= as_of


def workstream_counts(lines: Iterable[Line], as_of: dt.date) -> dict[str, int]:
    """{"total", "overdue", "red", "amber"} of one workstream's milestones."""
    of = list(lines)
    return {
        "total": len(of),
        "overdue": sum(is_overdue(m, as_of) for m in of),
        "red": sum(m.rag is Rag.RED for m in of),
        "amber": sum(m.rag is Rag.AMBER for m in of),
    }


def programme_counts(lines: Iterable[Line], facts: Facts) -> dict[str, int]:
    """{"total", "overdue", "due_30", "done_this_month", "unconfirmed"} of all milestones."""
    of, as_of = list(lines), facts.as_of
    month = facts.period.starts_on
    due = [m.forecast_on or m.due_on for m in of if rated(m).open]
    return {
        "total": len(of),
        "overdue": sum(is_overdue(m, as_of) for m in of),
        "due_30": sum(day is not None and as_of < day <= as_of + SOON for day in due),
        "done_this_month": sum(
            m.completed_on is not None and month <= m.completed_on <= as_of for m in of
        ),
        "unconfirmed": sum(m.code in _UNCONFIRMED for m in of),
    }
