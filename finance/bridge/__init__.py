"""The money words, the bridge and its identities, as pure functions."""

from finance.bridge.rows import Targets, bridge_rows, finance_input
from finance.bridge.scheme import (
    plan_of,
    rating_input,
    scheme_year,
    sum_positions,
    weight_of,
)
from finance.bridge.words import (
    DEFAULT_WEIGHTS,
    BridgeRow,
    Placed,
    SchemeInput,
    Weights,
    YearPosition,
)

__all__ = [
    "DEFAULT_WEIGHTS",
    "BridgeRow",
    "Placed",
    "SchemeInput",
    "Targets",
    "Weights",
    "YearPosition",
    "bridge_rows",
    "finance_input",
    "plan_of",
    "rating_input",
    "scheme_year",
    "sum_positions",
    "weight_of",
]
