"""The words and limits of the indicator rules (rag-rules, "Indicator" and "Workstream")."""

from dataclasses import dataclass
from enum import StrEnum

from stp.core.rag import Rag, Rating


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Every limit of these rules; docs/rag.md prints them and a test holds the two together."""

    version: str = "indicators 2017.1"
    stale_after_extra_intervals: int = 1
    stale_after_extra_months: int = 1
    spc_needs_points: int = 13
    # Outcomes of a workstream.
    not_rated_over_percent: int = 50
    red_share_one_in: int = 3
    red_needs_items: int = 2


LIMITS = Thresholds()


class Better(StrEnum):
    """The measure's direction; never guessed from its name."""

    HIGHER = "higher"
    LOWER = "lower"


class IndicatorCode(StrEnum):
    NO_TARGET = "no_target"
    METHOD_DIFFERS = "method_differs"
    NO_DIRECTION = "no_direction"
    NO_TRAJECTORY = "no_trajectory"
    NO_DATA = "no_data"
    STALE = "stale"
    FLOOR_MET = "floor_met"
    FLOOR_MET_FALLING = "floor_met_falling"
    FLOOR_MISSED = "floor_missed"
    TARGET_MET = "target_met"
    ON_TRAJECTORY = "on_trajectory"
    BEHIND_TRAJECTORY = "behind_trajectory"
    WORSE_THAN_BASELINE = "worse_than_baseline"
    NO_CLEAR_CHANGE = "no_clear_change"
    WORSE_UNCONFIRMED = "worse_unconfirmed"


class OutcomesCode(StrEnum):
    NO_OUTCOMES = "no_outcomes"
    THIRD_RED = "third_red"
    ANY_RED = "any_red"
    OUTCOMES_HOLD = "outcomes_hold"


def rating(rag: Rag, code: StrEnum, sentence: str) -> Rating:
    """A rating whose sentence ends with a full stop."""
    return Rating(rag, code.value, f"{sentence}.")
