"""The money words and the two identities, as pure functions (rag-rules, "Money: the words").

All money is whole pence, net of investment. Months are `2017-06`, years `2017/18`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from finance.rag import DeliveryRisk, Evidence, LineCode, Maturity, QiaStatus, Recurrence

# (maturity, risk) -> weight in basis points (10,000 = 1.00).
Weights = Mapping[tuple[Maturity, DeliveryRisk], int]


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
class BridgeRow:
    """One row of the bridge. gap = plan + unidentified where a target is stated, else both None."""

    year: str
    line: str  # BridgeLine value, '' = all
    organisation: str  # id, '' = all
    position: YearPosition
    gap: int | None
    unidentified: int | None


def scheme_year(scheme: SchemeInput, year: str, period: str, weights: Weights) -> YearPosition:
    """Work out P, F, D, secure, at risk and slippage of a scheme in `year`, as of `period`.

    `period` is a reporting period code; the years before, equal to and after its financial
    year are the past, current and future years of the rule.
    """
    raise NotImplementedError
