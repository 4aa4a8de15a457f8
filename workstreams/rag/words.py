"""The words and limits of the rules on milestones and risks."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from stp.core.rag import Rag, Rating


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Every limit of these rules; docs/rag.md prints them and a test holds the two together."""

    version: str = "milestones and risks 2017.1"
    tracker_starts_on: dt.date = dt.date(2017, 4, 1)
    first_plan_year: str = "2016/17"
    slip_red_days: int = 30  # red above
    slip_red_days_critical: int = 14  # red above
    confirm_every_days: int = 45  # stale above
    confirm_when_due_within_days: int = 180
    risk_red_score: int = 15
    risk_amber_score: int = 8
    risks_red_score: int = 20  # the workstream's Risk dimension
    risks_amber_score: int = 15
    delivery_share_percent: int = 25
    percentage_needs_items: int = 2


LIMITS = Thresholds()


class MilestoneStatus(StrEnum):
    ACTIVE = "active"
    WITHDRAWN = "withdrawn"
    DEFERRED = "deferred"


class Precision(StrEnum):
    """How exactly a date is printed; it falls due at the end of it."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"  # calendar year
    FINANCIAL_YEAR = "financial_year"
    FINANCIAL_YEARS = "financial_years"
    PLAN_YEAR = "plan_year"
    TBC = "tbc"
    RELATIVE = "relative"


class MilestoneCode(StrEnum):
    WITHDRAWN = "withdrawn"
    DEFERRED = "deferred"
    COMPLETE_ON_TIME = "complete_on_time"
    COMPLETE_LATE = "complete_late"
    COMPLETE_NO_BASELINE = "complete_no_baseline"
    HISTORY_UNCONFIRMED = "history_unconfirmed"
    NO_BASELINE = "no_baseline"
    OVERDUE_NO_NEW_DATE = "overdue_no_new_date"
    SLIP_RED = "slip_red"
    SLIP_AMBER = "slip_amber"
    NOT_CONFIRMED = "not_confirmed"
    ON_TRACK = "on_track"


class RiskCode(StrEnum):
    UNSCORED = "unscored"
    SCORE_RED = "score_red"
    SCORE_AMBER = "score_amber"
    SCORE_GREEN = "score_green"


class DeliveryCode(StrEnum):
    NO_MILESTONES = "no_milestones"
    HISTORY_UNCONFIRMED = "history_unconfirmed"
    ALL_COMPLETE = "all_complete"
    CRITICAL_RED = "critical_red"
    MANY_RED = "many_red"
    ANY_RED = "any_red"
    MANY_AMBER_OR_NOT_RATED = "many_amber_or_not_rated"
    ONLY_ONE_NOT_RATED = "only_one_not_rated"
    MILESTONES_ON_TRACK = "milestones_on_track"


class RisksCode(StrEnum):
    NO_RISKS = "no_risks"
    RISK_20_OR_MORE = "risk_20_or_more"
    RISK_15_OR_MORE = "risk_15_or_more"
    RISKS_UNSCORED = "risks_unscored"
    RISKS_BELOW_15 = "risks_below_15"


def rating(rag: Rag, code: StrEnum, sentence: str) -> Rating:
    """A rating whose sentence ends with a full stop."""
    return Rating(rag, code.value, f"{sentence}.")


def plural(n: int, word: str) -> str:
    """'1 day', '2 days'."""
    return f"{n} {word}" if n == 1 else f"{n} {word}s"
