"""The vocabulary's tables. Import models from here."""

from stp.core.models.audit import AuditEvent
from stp.core.models.facts import SourcedFact
from stp.core.models.jobs import Heartbeat, Job
from stp.core.models.organisations import Organisation
from stp.core.models.periods import PeriodChange, ReportingPeriod
from stp.core.models.returns import Return
from stp.core.models.snapshots import Snapshot, SnapshotLine, SnapshotPin

__all__ = [
    "AuditEvent",
    "Heartbeat",
    "Job",
    "Organisation",
    "PeriodChange",
    "ReportingPeriod",
    "Return",
    "Snapshot",
    "SnapshotLine",
    "SnapshotPin",
    "SourcedFact",
]
