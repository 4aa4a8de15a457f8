"""Rating rules of milestones and risks, and of the two workstream dimensions they make.

Pure: plain values and an `as_of` date in, a Rating out.
"""

from workstreams.rag.dates import BadDate, due_date
from workstreams.rag.delivery import RatedMilestone, rate_delivery
from workstreams.rag.milestone import MilestoneInput, Slip, days_slipped, rate_milestone
from workstreams.rag.risk import RiskInput, rate_risk, rate_risks, risk_score
from workstreams.rag.words import (
    LIMITS,
    DeliveryCode,
    MilestoneCode,
    MilestoneStatus,
    Precision,
    RiskCode,
    RisksCode,
    Thresholds,
)

__all__ = [
    "LIMITS",
    "BadDate",
    "DeliveryCode",
    "MilestoneCode",
    "MilestoneInput",
    "MilestoneStatus",
    "Precision",
    "RatedMilestone",
    "RiskCode",
    "RiskInput",
    "RisksCode",
    "Slip",
    "Thresholds",
    "days_slipped",
    "due_date",
    "rate_delivery",
    "rate_milestone",
    "rate_risk",
    "rate_risks",
    "risk_score",
]
