"""What the gap page shows: the bridge by year, line and organisation, and what moved (UX 2.6)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from finance.models import Target
from finance.queries import doubtful_targets
from stp.core.lines import Subject
from stp.core.models import ReportingPeriod, SnapshotLine
from stp.core.periods import PLAN_YEARS
from stp.core.snapshots import View
from stp.dashboards import lateness
from stp.dashboards.reading import Lines, read

LINES = ("UC", "CC", "SC", "PR", "PD", "EFF", "NONE")
LINE_NAMES = {
    "UC": "Urgent care",
    "CC": "Complex care",
    "SC": "Scheduled care",
    "PR": "Prevention",
    "PD": "Provider and commissioner development",
    "EFF": "National efficiency (CIP, QIPP, decommissioning)",
    "NONE": "In no line",
}
PARTS = (
    ("delivered_pence", "Delivered"),
    ("secure_pence", "Secure forecast"),
    ("at_risk_pence", "At risk"),
    ("slippage_pence", "Forecast shortfall against plan"),
    ("unidentified_pence", "Unidentified"),
)


@dataclass(frozen=True)
class Part:
    """One part of the gap, now and in the comparison; pence, None where not stated."""

    name: str
    now: int | None
    before: int | None

    @property
    def change(self) -> int | None:
        return None if self.now is None or self.before is None else self.now - self.before


@dataclass(frozen=True)
class Named:
    """A row of the bridge with the name people know it by."""

    name: str
    line: SnapshotLine
    returned: str = ""  # how the organisation's return stands, on its own row

    @property
    def ahead(self) -> int:
        """How much some schemes are ahead of plan, in pence, beside a shortfall of others."""
        return abs(int(self.line.detail.get("ahead") or 0))

    @property
    def over_identified(self) -> int:
        """How much plans exceed the target where they do, in pence."""
        return abs(int(self.line.detail.get("over_identified") or 0))


@dataclass(frozen=True)
class Doubt:
    """A target whose source leaves a doubt, with the name of its line."""

    name: str
    target: Target


@dataclass(frozen=True)
class Gap:
    """The page for one year of the plan."""

    year: str
    total: SnapshotLine
    before: SnapshotLine | None
    parts: Sequence[Part]
    by_line: Sequence[Named]
    by_organisation: Sequence[Named]
    by_year: Sequence[Named]
    programme: SnapshotLine | None
    doubts: Sequence[Doubt]

    @property
    def no_secure_answer(self) -> int | None:
        """At risk, shortfall and unidentified together: pence; None without a stated target."""
        if self.total.target_pence is None:
            return None
        answered = (self.total.delivered_pence or 0) + (self.total.secure_pence or 0)
        return self.total.target_pence - answered

    @property
    def adds_up(self) -> bool:
        """Whether the parts make the stated gap, to the penny (rag-rules, "Identities")."""
        if self.total.target_pence is None:
            return True
        return sum(part.now or 0 for part in self.parts) == self.total.target_pence


def gap(view: View, against: View | None, year: str) -> Gap | None:
    """Read the page of one plan year; None where nothing has been published."""
    now = read(view, Subject.BRIDGE, Subject.ORGANISATION, Subject.PROGRAMME)
    then = read(against, Subject.BRIDGE)
    total = now.bridge(year)
    if total is None:
        return None
    organisations = {line.subject_id: line for line in now.all(Subject.ORGANISATION)}
    return Gap(
        year=year,
        total=total,
        before=then.bridge(year),
        parts=_parts(total, then.bridge(year)),
        by_line=[
            Named(LINE_NAMES[code], line) for code in LINES if (line := now.bridge(year, code))
        ],
        by_organisation=[
            _of_organisation(organisations.get(line.organisation), line, view.period)
            for line in _of_organisations(now, year)
        ],
        by_year=named_by_year(now.bridge(y) for y in PLAN_YEARS),
        programme=now.programme,
        doubts=[
            Doubt(LINE_NAMES.get(target.line, target.line), target)
            for target in doubtful_targets(year, _reading(now.programme))
        ],
    )


def named_by_year(lines: Iterable[SnapshotLine | None]) -> list[Named]:
    """Rows of the bridge named by their year; years without one are left out."""
    return [Named(line.year, line) for line in lines if line is not None]


def _of_organisation(
    organisation: SnapshotLine | None, line: SnapshotLine, period: ReportingPeriod
) -> Named:
    if organisation is None:
        return Named(line.organisation, line, "Not expected")
    return Named(organisation.label, line, lateness.sentence(organisation, period))


def _reading(programme: SnapshotLine | None) -> str:
    """Which printed target of national efficiency these figures use: "116" or "82"."""
    return str(programme.detail["efficiency_reading"]["reading"]) if programme else ""


def _parts(total: SnapshotLine, before: SnapshotLine | None) -> list[Part]:
    return [
        Part(name, getattr(total, field), getattr(before, field) if before else None)
        for field, name in PARTS
    ]


def _of_organisations(now: Lines, year: str) -> list[SnapshotLine]:
    found = [
        line
        for line in now.all(Subject.BRIDGE)
        if line.year == year and line.organisation and not line.line
    ]
    return sorted(found, key=lambda line: line.organisation)
