"""Words and rating rules of savings schemes and programme lines (source: rag-rules, returns)."""

from enum import StrEnum


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
