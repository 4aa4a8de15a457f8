"""Words and limits of the rules on savings schemes and lines (source: rag-rules, returns)."""

from dataclasses import dataclass
from enum import StrEnum

from stp.core.rag import Rag, Rating


class LineCode(StrEnum):
    """Programme lines as a return writes them."""

    UC = "UC"
    CC = "CC"
    SC = "SC"
    PR = "PR"
    PD = "PD"
    CIP = "CIP"
    QIPP = "QIPP"
    DEC = "DEC"
    ASC = "ASC"


class BridgeLine(StrEnum):
    """Rows of the bridge: CIP, QIPP and DEC roll up to EFF; NONE is what no line answers for."""

    UC = "UC"
    CC = "CC"
    SC = "SC"
    PR = "PR"
    PD = "PD"
    EFF = "EFF"
    NONE = "NONE"


# ASC is outside the NHS gap and in no bridge row.
ROLLS_UP_TO: dict[LineCode, BridgeLine | None] = {
    LineCode.UC: BridgeLine.UC,
    LineCode.CC: BridgeLine.CC,
    LineCode.SC: BridgeLine.SC,
    LineCode.PR: BridgeLine.PR,
    LineCode.PD: BridgeLine.PD,
    LineCode.CIP: BridgeLine.EFF,
    LineCode.QIPP: BridgeLine.EFF,
    LineCode.DEC: BridgeLine.EFF,
    LineCode.ASC: None,
}


class Maturity(StrEnum):
    OPPORTUNITY = "Opportunity"
    PLAN_IN_PROGRESS = "Plan in progress"
    FULLY_DEVELOPED = "Fully developed"
    IN_DELIVERY = "In delivery"
    DELIVERED = "Delivered"
    CLOSED = "Closed"


class DeliveryRisk(StrEnum):
    LOW = "Low"
    MEDIUM = "Medium"
    HIGH = "High"


class Recurrence(StrEnum):
    RECURRENT = "R"
    NON_RECURRENT = "NR"


class QiaStatus(StrEnum):
    NOT_STARTED = "Not started"
    IN_PROGRESS = "In progress"
    APPROVED = "Approved"
    REJECTED = "Rejected"
    NOT_REQUIRED = "Not required"


class Consultation(StrEnum):
    NOT_NEEDED = "Not needed"
    PLANNED = "Planned"
    RUNNING = "Running"
    DONE = "Done"


class Release(StrEnum):
    CASH = "Cash releasing"
    COST_AVOIDANCE = "Cost avoidance"
    PRODUCTIVITY = "Productivity"
    INCOME = "Income"


class Evidence(StrEnum):
    LEDGER = "Ledger"
    CONTRACT = "Contract"
    ACTIVITY = "Activity"
    HEADCOUNT = "Headcount"
    NONE = "None"


class DataStatus(StrEnum):
    FINAL = "Final"
    FREEZE = "Freeze"
    FLEX = "Flex"
    ESTIMATED = "Estimated"


class SchemeType(StrEnum):
    """The list is data (ProgrammeLine's neighbour table SchemeTypeName); these are the defaults."""

    PAY = "Pay"
    NON_PAY = "Non-pay"
    INCOME = "Income"
    DEMAND = "Demand"
    DECOMMISSIONING = "Decommissioning"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Every limit of the finance rules: money in pence, shares in percent."""

    version: str = "money 2017.1"
    # Row 5 and 13: "starts within 3 months" is start month <= period + 3.
    starts_within_months: int = 3
    # Row 6, an investment: cost over plan up to the larger of the two.
    cost_green_pence: int = 2_500_000
    cost_green_percent: int = 5
    cost_amber_pence: int = 5_000_000
    cost_amber_percent: int = 15
    # Rows 7 and 9: shortfalls below this are not news; F/P limits.
    short_pence: int = 2_500_000
    green_from_percent: int = 95
    amber_from_percent: int = 85
    # Row 11.
    catch_up_red_percent: int = 200  # red over
    catch_up_red_months_left: int = 6
    catch_up_amber_percent: int = 125  # amber over
    # Row 12.
    to_date_matters_percent: int = 5
    to_date_amber_percent: int = 75
    # Row 15, a remark only.
    far_above_percent: int = 125
    far_above_pence: int = 5_000_000
    # A line's Finance: forecast against this year's target.
    target_green_percent: int = 95
    target_amber_percent: int = 85
    late_plan_percent: int = 10  # not rated over
    # The year whose target the developed plan is held against.
    end_year: str = "2020/21"


# Developed share of the 2020/21 target by current year: (red below, amber below), percent.
DEVELOPED_PERCENT: dict[str, tuple[int, int]] = {
    "2017/18": (25, 50),
    "2018/19": (50, 75),
    "2019/20": (85, 95),
    "2020/21": (95, 100),
}

LIMITS = Thresholds()


class SchemeCode(StrEnum):
    CLOSED = "closed"
    QIA_REJECTED = "qia_rejected"
    QIA_MISSING = "qia_missing"
    RETURN_NOT_DUE = "return_not_due"
    NO_RETURN = "no_return"
    PLAN_NOT_APPROVED = "plan_not_approved"
    LATE_DEVELOPMENT = "late_development"
    NOT_STARTED = "not_started"
    NO_WORSE_THAN_PLAN = "no_worse_than_plan"
    COST_OVER_PLAN = "cost_over_plan"
    DELIVERED = "delivered"
    OUTTURN_SHORT = "outturn_short"
    NOT_IN_DELIVERY = "not_in_delivery"
    MATURITY_BEHIND_FIGURES = "maturity_behind_figures"
    FORECAST_SHORT_RED = "forecast_short_red"
    FORECAST_SHORT_AMBER = "forecast_short_amber"
    ACTUALS_MISSING = "actuals_missing"
    RELIES_ON_CATCH_UP = "relies_on_catch_up"
    BEHIND_TO_DATE = "behind_to_date"
    MILESTONE_AT_RISK = "milestone_at_risk"
    ON_PLAN = "on_plan"


class FinanceCode(StrEnum):
    ENABLER = "enabler"
    NO_TARGET = "no_target"
    LATE_RETURNS = "late_returns"
    YEAR_SHORT_RED = "year_short_red"
    YEAR_SHORT_AMBER = "year_short_amber"
    YEAR_ON_TARGET = "year_on_target"
    OUTSIDE_PLAN_YEARS = "outside_plan_years"
    DEVELOPED_RED = "developed_red"
    DEVELOPED_AMBER = "developed_amber"
    DEVELOPED_ENOUGH = "developed_enough"


def rating(rag: Rag, code: StrEnum, sentence: str) -> Rating:
    """A rating whose sentence ends with a full stop."""
    return Rating(rag, code.value, f"{sentence}.")
