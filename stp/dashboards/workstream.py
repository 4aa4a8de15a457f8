"""What a workstream's page shows: its rating and why, and the lists behind it (UX 2.3)."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from finance.queries import scheme_lines
from stp.core.lines import Subject
from stp.core.models import SnapshotLine
from stp.core.periods import PLAN_YEARS
from stp.core.snapshots import View
from stp.dashboards.gap import Named, named_by_year
from stp.dashboards.overview import Row, row
from stp.dashboards.reading import Lines, read
from workstreams.models import Initiative, Post, Workstream

SUBJECTS = (Subject.WORKSTREAM, Subject.DIMENSION)
_BEHIND = (Subject.MILESTONE, Subject.RISK, Subject.INDICATOR, Subject.BRIDGE)


@dataclass(frozen=True)
class WorkstreamPage:
    """One workstream of one published state, its people and its part of the plan."""

    row: Row
    workstream: Workstream
    posts: Sequence[Post]
    initiatives: Sequence[Initiative]
    milestones: Sequence[SnapshotLine]
    schemes: QuerySet[SnapshotLine]
    risks: Sequence[SnapshotLine]
    indicators: Sequence[SnapshotLine]
    bridge: Sequence[Named]

    @property
    def is_efficiency(self) -> bool:
        return self.row.kind == "national_efficiency"

    @property
    def by_organisation(self) -> Sequence[Mapping[str, Any]]:
        """Of national efficiency: how each organisation stands against its own target."""
        found: Sequence[Mapping[str, Any]] = self.row.line.detail.get("by_organisation", [])
        return found


def workstream_page(
    view: View | None, against: View | None, workstream: str
) -> WorkstreamPage | None:
    """Read the page; None where the state has no such workstream."""
    now = read(view, *SUBJECTS, *_BEHIND, but=_of_others(workstream))
    then = read(against, *SUBJECTS)
    if view is None or now.get(Subject.WORKSTREAM, workstream) is None:
        return None
    found = Workstream.objects.get(pk=workstream)
    return WorkstreamPage(
        row=row(workstream, now, then),
        workstream=found,
        posts=list(found.posts.filter(ended_on__isnull=True).select_related("user")),
        initiatives=list(found.initiatives.prefetch_related("projects")),
        milestones=_milestones(now),
        schemes=scheme_lines(view, against).filter(workstream=workstream).order_by("-plan_pence"),
        risks=_linked(now, Subject.RISK, workstream),
        indicators=_linked(now, Subject.INDICATOR, workstream),
        bridge=named_by_year(now.bridge(year, workstream) for year in PLAN_YEARS),
    )


def _of_others(workstream: str) -> Q:
    """Milestones and money of other workstreams: thousands of lines that the page does not show."""
    bridge = [f"{year}:{workstream}:all" for year in PLAN_YEARS]
    return (Q(subject=Subject.MILESTONE.value) & ~Q(workstream=workstream)) | (
        Q(subject=Subject.BRIDGE.value) & ~Q(subject_id__in=bridge)
    )


def _milestones(now: Lines) -> list[SnapshotLine]:
    """Its milestones, the first due first, those without a date last."""
    return sorted(
        now.all(Subject.MILESTONE),
        key=lambda m: (m.due_on is None, m.due_on or dt.date.max, m.subject_id),
    )


def _linked(now: Lines, subject: Subject, workstream: str) -> list[SnapshotLine]:
    """Risks or indicators that name the workstream, the highest score first."""
    lines = [line for line in now.all(subject) if workstream in line.detail.get("workstreams", [])]
    return sorted(lines, key=lambda line: (-(line.score or 0), line.subject_id))
