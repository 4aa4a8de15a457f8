"""What the bridge is worked out from and into, and the default weights.

Source: rag-rules, "Money: the words". All money is whole pence, net of investment. Months are
`2017-06`, years `2017/18`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from finance.rag import DeliveryRisk, Evidence, LineCode, Maturity, QiaStatus, Recurrence

# (maturity, risk) -> weight in basis points (10,000 = 1.00).
Weights = Mapping[tuple[Maturity, DeliveryRisk], int]

WHOLE = 10_000  # basis points of 1.00

_LADDER = {
    Maturity.DELIVERED: (10_000, 10_000, 10_000),
    Maturity.IN_DELIVERY: (9_500, 8_500, 7_000),
    Maturity.FULLY_DEVELOPED: (9_000, 7_500, 5_000),
    Maturity.PLAN_IN_PROGRESS: (7_000, 5_000, 3_000),
    Maturity.OPPORTUNITY: (4_000, 2_500, 1_000),
}
# Our own defaults until the finance group sets others; closed has none, since nothing remains.
DEFAULT_WEIGHTS: Weights = {
    (maturity, risk): weight
    for maturity, row in _LADDER.items()
    for risk, weight in zip(DeliveryRisk, row, strict=True)
}


@dataclass(frozen=True, slots=True)
class SchemeInput:
    """A scheme's position at a period, as its organisation's return in force states it.

    `None` in a figure is "not known"; `n/a` and nil arrive as 0. A month that is absent was
    not stated. `reported` is False when the organisation has sent no finance return, so that
    only the approved plan is known.
    """

    organisation: str
    ref: str
    title: str
    line: LineCode
    maturity: Maturity
    risk: DeliveryRisk
    recurrence: Recurrence
    qia: QiaStatus
    start_month: str
    supports: str = ""  # workstream a CIP, QIPP or DEC scheme supports
    end_month: str = ""
    evidence: Evidence | None = None
    reported: bool = True
    plan_approved: bool = True
    plan_by_month: Mapping[str, int] = field(default_factory=dict)  # approved, current year
    plan_by_year: Mapping[str, int] = field(default_factory=dict)  # approved, later years
    actual_by_month: Mapping[str, int | None] = field(default_factory=dict)
    forecast_by_month: Mapping[str, int | None] = field(default_factory=dict)
    # Forecast cells of the newest earlier return that was in force, by month.
    earlier_forecast_by_month: Mapping[str, int] = field(default_factory=dict)
    forecast_by_year: Mapping[str, int | None] = field(default_factory=dict)
    fye_secured: int | None = None
    gross: int | None = None
    investment: int | None = None
    # Year in which the scheme was closed, '' if it is not closed.
    closed_in: str = ""
    counterparty: str = ""
    counterparty_effect: int | None = None
    same_as: str = ""
    in_plan: bool = True  # False: new in a return, "new, not in plan"
    actuals_final: bool = False  # month 12 signed off, or the year's final return is in force


@dataclass(frozen=True, slots=True)
class YearPosition:
    """One scheme (or a sum of them) in one year. plan = delivered + secure + at_risk + slippage."""

    plan: int = 0
    forecast: int = 0
    delivered: int = 0
    secure: int = 0
    at_risk: int = 0
    slippage: int = 0
    developed: int = 0  # plan of schemes at "plan in progress" or above
    fye_not_stated: int = 0  # schemes counted "full-year effect not stated"
    estimated_months: tuple[str, ...] = ()  # blank due months whose figure is an estimate

    def __add__(self, other: "YearPosition") -> "YearPosition":
        return YearPosition(
            plan=self.plan + other.plan,
            forecast=self.forecast + other.forecast,
            delivered=self.delivered + other.delivered,
            secure=self.secure + other.secure,
            at_risk=self.at_risk + other.at_risk,
            slippage=self.slippage + other.slippage,
            developed=self.developed + other.developed,
            fye_not_stated=self.fye_not_stated + other.fye_not_stated,
        )


@dataclass(frozen=True, slots=True)
class Placed:
    """One scheme's position in one year, and where it counts."""

    organisation: str
    line: LineCode
    year: str
    position: YearPosition
    late: bool = False  # its organisation's return for the period shown is late


@dataclass(frozen=True, slots=True)
class Summed:
    """The schemes of one organisation and bridge line added up in one year.

    `shortfall` and `ahead` are both sides of the slippage, scheme by scheme; `late_plan` is the
    plan of schemes whose organisation's return is late.
    """

    organisation: str
    line: str  # BridgeLine value
    year: str
    position: YearPosition = YearPosition()
    shortfall: int = 0
    ahead: int = 0
    late_plan: int = 0
    schemes: int = 0


@dataclass(frozen=True, slots=True)
class BridgeRow:
    """One row of the bridge. gap = plan + unidentified where a target is stated, else both None.

    Both sides of what is netted: slippage = shortfall + ahead, unidentified =
    unidentified_gross + over_identified; the second of each pair is nil or negative.
    """

    year: str
    line: str  # BridgeLine value, '' = all
    organisation: str  # id, '' = all
    position: YearPosition
    gap: int | None
    unidentified: int | None
    shortfall: int = 0
    ahead: int = 0
    unidentified_gross: int | None = None
    over_identified: int | None = None
    late_plan: int = 0  # plan of schemes whose organisation's return is late
    schemes: int = 0
    # Plan, inside a row with a gap, of lines or organisations for which no target is stated.
    plan_without_target: int = 0
