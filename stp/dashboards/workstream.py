"""What a workstream's page shows: its rating and why, and the lists behind it (UX 2.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.expressions import OrderBy

from finance.queries import scheme_lines
from stp.core.compare import severity_of
from stp.core.lines import Subject
from stp.core.models import SnapshotLine
from stp.core.periods import PLAN_YEARS
from stp.core.rag import Rag, severity
from stp.core.snapshots import View
from stp.dashboards.gap import Named, named_by_year
from stp.dashboards.overview import Row, row
from stp.dashboards.reading import Lines, read
from workstreams.models import Initiative, Post, Workstream

SUBJECTS = (Subject.WORKSTREAM, Subject.DIMENSION)
_BEHIND = (Subject.RISK, Subject.INDICATOR, Subject.BRIDGE)
# Of each list behind the rating the page shows so many: what most needs attention.
TOP = 10


@dataclass(frozen=True)
class Worst:
    """The lines of a list that most need attention, and how many lines the list has."""

    lines: Sequence[SnapshotLine]
    of: int

    @property
    def are_all(self) -> bool:
        return len(self.lines) == self.of


@dataclass(frozen=True)
class WorkstreamPage:
    """One workstream of one published state, its people and its part of the plan."""

    row: Row
    workstream: Workstream
    posts: Sequence[Post]
    initiatives: Sequence[Initiative]
    milestones: Worst
    schemes: Worst
    risks: Worst
    indicators: Worst
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
        milestones=_worst(
            view.lines(Subject.MILESTONE).filter(workstream=workstream),
            F("due_on").asc(nulls_last=True),
        ),
        schemes=_worst(
            scheme_lines(view, against).filter(workstream=workstream),
            F("plan_pence").desc(nulls_last=True),
        ),
        risks=_linked(now, Subject.RISK, workstream),
        indicators=_linked(now, Subject.INDICATOR, workstream),
        bridge=named_by_year(now.bridge(year, workstream) for year in PLAN_YEARS),
    )


def _of_others(workstream: str) -> Q:
    """Money of other workstreams: hundreds of lines that the page does not show."""
    bridge = [f"{year}:{workstream}:all" for year in PLAN_YEARS]
    return Q(subject=Subject.BRIDGE.value) & ~Q(subject_id__in=bridge)


def _worst(lines: QuerySet[SnapshotLine], then_by: OrderBy) -> Worst:
    """The worst rated and their number, in one query; equals in an order of their subject's."""
    counted: QuerySet[Any] = lines.annotate(in_all=Window(Count("pk")))
    found = list(counted.order_by(severity_of("rag"), then_by, "subject_id")[:TOP])
    return Worst(found, found[0].in_all if found else 0)


def _linked(now: Lines, subject: Subject, workstream: str) -> Worst:
    """Risks or indicators that name the workstream, the worst rated and highest score first."""
    lines = [line for line in now.all(subject) if workstream in line.detail.get("workstreams", [])]
    lines.sort(key=lambda line: (severity(Rag(line.rag)), -(line.score or 0), line.subject_id))
    return Worst(lines[:TOP], len(lines))
