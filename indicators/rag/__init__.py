"""Rating rules of indicators and of the Outcomes dimension. Pure: no models, no clock."""

from indicators.rag.indicator import (
    IndicatorInput,
    Observation,
    PartInput,
    published_on,
    rate_indicator,
    rate_part,
    stale_after,
    trajectory,
)
from indicators.rag.outcomes import rate_outcomes
from indicators.rag.words import LIMITS, Better, IndicatorCode, OutcomesCode, Thresholds

__all__ = [
    "LIMITS",
    "Better",
    "IndicatorCode",
    "IndicatorInput",
    "Observation",
    "OutcomesCode",
    "PartInput",
    "Thresholds",
    "published_on",
    "rate_indicator",
    "rate_outcomes",
    "rate_part",
    "stale_after",
    "trajectory",
]
