"""The money words, the bridge and its identities, as pure functions."""

from finance.bridge.outturn import Cells, expected, year_outturn
from finance.bridge.rows import Targets, bridge_rows, finance_input, rows_of_sums, summed
from finance.bridge.scheme import (
    cells_of,
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
    Summed,
    Weights,
    YearPosition,
)

__all__ = [
    "DEFAULT_WEIGHTS",
    "BridgeRow",
    "Cells",
    "Placed",
    "SchemeInput",
    "Summed",
    "Targets",
    "Weights",
    "YearPosition",
    "bridge_rows",
    "cells_of",
    "expected",
    "finance_input",
    "plan_of",
    "rating_input",
    "rows_of_sums",
    "scheme_year",
    "sum_positions",
    "summed",
    "weight_of",
    "year_outturn",
]
