"""What the gap page shows: the bridge by year, line and organisation, and what moved (UX 2.6)."""

from collections.abc import Sequence
from dataclasses import dataclass

from stp.core.lines import Subject
from stp.core.models import SnapshotLine
from stp.core.periods import PLAN_YEARS
from stp.core.snapshots import View
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
    code: str
    line: SnapshotLine


@dataclass(frozen=True)
class Gap:
    """The page for one year of the plan."""

    year: str
    total: SnapshotLine
    parts: Sequence[Part]
    by_line: Sequence[Named]
    by_organisation: Sequence[Named]
    by_year: Sequence[SnapshotLine]
    organisations: Sequence[SnapshotLine]
    programme: SnapshotLine | None

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
    names = {line.subject_id: line.label for line in now.all(Subject.ORGANISATION)}
    return Gap(
        year=year,
        total=total,
        parts=_parts(total, then.bridge(year)),
        by_line=[
            Named(LINE_NAMES[code], code, line)
            for code in LINES
            if (line := now.bridge(year, code))
        ],
        by_organisation=[
            Named(names.get(line.organisation, line.organisation), line.organisation, line)
            for line in _of_organisations(now, year)
        ],
        by_year=[line for y in PLAN_YEARS if (line := now.bridge(y))],
        organisations=sorted(now.all(Subject.ORGANISATION), key=lambda line: line.label),
        programme=now.programme,
    )


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
