"""What a recompute works from, as plain values. `stp.dashboards.inputs` fills them.

Money is whole pence. Everything of one period, read in one transaction.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from finance.bridge import Weights
from finance.rag import Carried
from finance.reported import Position
from stp.core.lines import Line
from stp.core.periods import Period
from stp.core.standing import Standing


@dataclass(frozen=True, slots=True)
class OrganisationFacts:
    """An organisation at the period: its return's standing and, where gathered, its figures.

    `position` None means "not gathered: its stored lines still hold, its sums are in
    `Facts.kept`". `carried` are the ratings of its schemes (by subject id) stored in the snapshot
    of the period its figures come from.
    """

    id: str
    short: str
    standing: Standing
    expected: bool  # sends a finance return, and one is required of this period
    position: Position | None = None
    carried: Mapping[str, Carried] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WorkstreamFacts:
    """A row of the board's table; `kind` as workstreams.models.Workstream.Kind."""

    id: str
    kind: str
    order: int
    name: str
    short: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """An approved date of a milestone."""

    due_on: dt.date | None
    approved_on: dt.date
    as_printed: str
    precision: str


@dataclass(frozen=True, slots=True)
class MilestoneReport:
    """What was said of a milestone in one period."""

    sort_key: int  # of the period
    status: str
    forecast_on: dt.date | None
    completed_on: dt.date | None
    confirmed_on: dt.date | None
    note: str
    illustrative: bool


@dataclass(frozen=True, slots=True)
class MilestoneFacts:
    """A milestone with all its dates and reports, oldest first."""

    ref: str
    title: str
    workstream: str
    project: str
    critical: bool
    origin: str
    owner: str
    baselines: tuple[Baseline, ...] = ()
    reports: tuple[MilestoneReport, ...] = ()
    flags: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class RiskReport:
    """A risk as reported for one period; scores 1-5 or both None."""

    sort_key: int
    likelihood: int | None
    impact: int | None
    open: bool
    review_on: dt.date | None
    next_action: str
    illustrative: bool


@dataclass(frozen=True, slots=True)
class RiskFacts:
    """A risk with all its reports, oldest first."""

    ref: str
    title: str
    owner: str
    workstreams: tuple[str, ...] = ()
    reports: tuple[RiskReport, ...] = ()
    flags: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class PlanValue:
    """A value the plan prints for an indicator; `role` as indicators.models.PlanValue.Role."""

    role: str
    sex: str
    as_printed: str
    value: Decimal | None
    operator: str
    tbc: bool
    year: str = ""


@dataclass(frozen=True, slots=True)
class IndicatorFacts:
    """An indicator and the plan's values of it. Observations come with the Indicators work."""

    code: str
    family: str
    order: int
    name: str
    measure: str
    unit: str
    better: str
    values: tuple[PlanValue, ...] = ()
    workstreams: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    flag_note: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class TargetFacts:
    """A target of a bridge line in a year; organisation '' is the whole programme."""

    line: str
    year: str
    organisation: str
    reading: str
    pence: int
    effective_on: dt.date


@dataclass(frozen=True, slots=True)
class Reading:
    """Which printed reading of the efficiency target is in force, and how to state the other."""

    reading: str = ""
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Previous:
    """The period before, as its snapshot stands: what "was" is measured against."""

    name: str
    areas_red: int


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything one snapshot of one period is worked out from."""

    period: Period
    organisations: tuple[OrganisationFacts, ...]
    weights: Weights
    targets: tuple[TargetFacts, ...] = ()
    reading: Reading = Reading()
    workstreams: tuple[WorkstreamFacts, ...] = ()
    milestones: tuple[MilestoneFacts, ...] = ()
    risks: tuple[RiskFacts, ...] = ()
    indicators: tuple[IndicatorFacts, ...] = ()
    benefits: frozenset[tuple[str, str]] = frozenset()  # (milestone ref, scheme subject id)
    previous: Previous | None = None
    # Of the organisations whose position was not gathered, as they are stored: their own lines
    # and their sums, and the current-year plan (pence) of those of their schemes a claim names.
    kept: tuple[Line, ...] = ()
    kept_plans: Mapping[str, int] = field(default_factory=dict)

    @property
    def as_of(self) -> dt.date:
        return self.period.ends_on
