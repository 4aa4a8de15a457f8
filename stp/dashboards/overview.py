"""What the programme overview shows, in the order of a board member's questions (UX 2.2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import Q

from stp.core.lines import Subject
from stp.core.models import ReportingPeriod, SnapshotLine
from stp.core.periods import PLAN_YEARS
from stp.core.rag import Rag
from stp.core.snapshots import View
from stp.dashboards import lateness
from stp.dashboards.reading import Lines, read
from stp.dashboards.what_changed import Change, what_changed

DIMENSIONS = ("delivery", "finance", "risk", "outcomes")
END_YEAR = PLAN_YEARS[-1]
TOP_RISKS = 5
TOP_CHANGES = 10
_SUBJECTS = (
    Subject.PROGRAMME,
    Subject.WORKSTREAM,
    Subject.DIMENSION,
    Subject.ORGANISATION,
    Subject.BRIDGE,
    Subject.RISK,
    Subject.INDICATOR,
)
_SUBJECTS_BEFORE = (Subject.PROGRAMME, Subject.WORKSTREAM, Subject.DIMENSION, Subject.RISK)
# Of the bridge the page shows only what covers all lines and all organisations.
_PARTS = Q(subject=Subject.BRIDGE.value) & ~Q(line="", organisation="")


@dataclass(frozen=True)
class Row:
    """A workstream with its four dimensions, and what it was."""

    line: SnapshotLine
    before: SnapshotLine | None
    dimensions: Sequence[SnapshotLine | None]
    dimensions_before: Sequence[SnapshotLine | None]

    @property
    def has_changed(self) -> bool:
        """Whether its overall rating or one of its four differs from the comparison's."""
        then = [self.before, *self.dimensions_before]
        now = [self.line, *self.dimensions]
        ratings = [(a.rag if a else "", b.rag if b else "") for a, b in zip(then, now, strict=True)]
        return any(before != after for before, after in ratings)

    @property
    def kind(self) -> str:
        return str(self.line.detail["kind"])

    @property
    def name(self) -> str:
        """The short name, for tables that must fit a laptop."""
        return str(self.line.detail.get("short") or self.line.label)


@dataclass(frozen=True)
class Count:
    """How many of something carry a rating, now and then (None: not compared)."""

    rag: Rag
    now: int
    before: int | None


@dataclass(frozen=True)
class RiskRow:
    """A risk and the score it had."""

    line: SnapshotLine
    before: int | None


@dataclass(frozen=True)
class Overview:
    """Everything on the page, from one published state and the one it is compared with."""

    programme: SnapshotLine
    before: SnapshotLine | None
    finance: SnapshotLine | None
    rows: Sequence[Row]
    areas: Sequence[Count]
    gap: SnapshotLine | None
    year: SnapshotLine | None
    risks: Sequence[RiskRow]
    changes: Sequence[Change]
    changes_in_all: int
    indicators: Sequence[SnapshotLine]
    organisations: Sequence[tuple[SnapshotLine, str]]
    trust: Mapping[str, Any]

    def of_kind(self, *kinds: str) -> list[Row]:
        return [row for row in self.rows if row.kind in kinds]

    @property
    def risk_adjusted(self) -> int | None:
        """This year's risk-adjusted forecast: delivered and secure, in pence."""
        if self.year is None or self.year.delivered_pence is None:
            return None
        return self.year.delivered_pence + (self.year.secure_pence or 0)

    @property
    def indicator_counts(self) -> list[tuple[str, int]]:
        """Rating and number of indicators that carry it."""
        counts = self.programme.detail["indicators"]
        return [(rag.value, counts[rag.value]) for rag in Rag if counts.get(rag.value)]

    @property
    def headline_indicators(self) -> list[SnapshotLine]:
        """The plan's twenty health and wellbeing indicators."""
        return [i for i in self.indicators if i.detail["family"] == "health_wellbeing"]

    @property
    def delivery_rows(self) -> list[Row]:
        """The five areas and the national efficiency row."""
        return self.of_kind("delivery_area", "national_efficiency")

    @property
    def enabler_rows(self) -> list[Row]:
        return self.of_kind("enabler")


@dataclass(frozen=True)
class _Published:
    """What two published states say to the page, whoever reads it and when."""

    now: Lines
    then: Lines
    changes: Sequence[Change]
    changes_in_all: int


@lru_cache(maxsize=8)
def published(view: View, against: View | None) -> _Published:
    """Read once a process and pair of versions, and changed by nobody (ADR 0017)."""
    now, then = read(view, *_SUBJECTS, but=_PARTS), read(against, *_SUBJECTS_BEFORE)
    names = {line.subject_id: line.label for line in now.all(Subject.ORGANISATION)}
    changes = what_changed(view, against, names)
    return _Published(now, then, changes[:TOP_CHANGES], len(changes))


def overview(view: View, against: View | None) -> Overview | None:
    """Read the page; None where nothing has been published."""
    if view.snapshot is None:
        return None
    known = published(view, against)
    now, then = known.now, known.then
    if now.programme is None:
        return None
    organisations = sorted(now.all(Subject.ORGANISATION), key=lambda line: line.label)
    return Overview(
        programme=now.programme,
        before=then.programme,
        finance=now.get(Subject.DIMENSION, "programme:finance"),
        rows=rows(now, then),
        areas=_counts(now.programme, then.programme),
        gap=now.bridge(END_YEAR),
        year=now.bridge(view.period.year),
        risks=_risks(now, then),
        changes=known.changes,
        changes_in_all=known.changes_in_all,
        indicators=sorted(now.all(Subject.INDICATOR), key=lambda line: line.subject_id),
        organisations=[(line, lateness.sentence(line, view.period)) for line in organisations],
        trust=_trust(view.snapshot.trust, view.period),
    )


def _trust(said: Mapping[str, Any], period: ReportingPeriod) -> Mapping[str, Any]:
    return {**said, "missing": lateness.missing(said.get("missing", []), period)}


def rows(now: Lines, then: Lines) -> list[Row]:
    """Workstreams in the plan's order."""
    ordered = sorted(now.all(Subject.WORKSTREAM), key=lambda line: line.detail["order"])
    return [row(line.subject_id, now, then) for line in ordered]


def row(workstream: str, now: Lines, then: Lines) -> Row:
    """One workstream with its dimensions; KeyError if the state has none of that id."""
    line = now.get(Subject.WORKSTREAM, workstream)
    if line is None:
        raise KeyError(workstream)
    return Row(
        line=line,
        before=then.get(Subject.WORKSTREAM, workstream),
        dimensions=[now.get(Subject.DIMENSION, f"{workstream}:{d}") for d in DIMENSIONS],
        dimensions_before=[then.get(Subject.DIMENSION, f"{workstream}:{d}") for d in DIMENSIONS],
    )


def _counts(now: SnapshotLine, then: SnapshotLine | None) -> list[Count]:
    """How many of the five areas carry each rating; ratings nobody carries are left out."""
    was = then.detail["areas"] if then else None
    counts = [
        Count(rag, now.detail["areas"].get(rag.value, 0), was.get(rag.value, 0) if was else None)
        for rag in Rag
    ]
    return [count for count in counts if count.now or count.before]


def _risks(now: Lines, then: Lines) -> list[RiskRow]:
    lines = sorted(now.all(Subject.RISK), key=lambda line: (-(line.score or 0), line.subject_id))
    before = {line.subject_id: line.score for line in then.all(Subject.RISK)}
    return [RiskRow(line, before.get(line.subject_id)) for line in lines[:TOP_RISKS]]
