"""One line of a snapshot, as plain values: what compute makes and pages read.

Pure: no models. `stp.core.models.snapshots.SnapshotLine` has the same columns.
Money is whole pence; None means "not stated" or "does not apply", never zero.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from stp.core.rag import Rag, Rating


class Subject(StrEnum):
    """What a snapshot line is about, and what its `subject_id` is."""

    PROGRAMME = "programme"  # subject_id "programme"
    WORKSTREAM = "workstream"  # workstream id; the national efficiency row is "EFF"
    DIMENSION = (
        "dimension"  # "UC:delivery", "UC:finance", "UC:risk", "UC:outcomes", "programme:finance"
    )
    BRIDGE = "bridge"  # one year x line x organisation; '' in line or organisation means all
    ORGANISATION = "organisation"  # organisation id: its return's standing, totals, counts
    SCHEME = "scheme"  # "ngh/UC-01": organisation id, slash, scheme ref
    SUMS = "sums"  # organisation id: its schemes added up, for the roll-ups; no page shows it
    MILESTONE = "milestone"  # milestone ref
    RISK = "risk"  # risk ref
    INDICATOR = "indicator"  # indicator code


Key = tuple[str, str, str, str, str]  # subject, subject_id, year, line, organisation


@dataclass(frozen=True, slots=True)
class Line:
    """Values of one snapshot line. `detail` holds only what no list sorts, filters or sums."""

    subject: Subject
    subject_id: str
    label: str = ""
    year: str = ""
    organisation: str = ""
    workstream: str = ""
    line: str = ""
    rag: Rag = Rag.NOT_APPLICABLE
    code: str = ""
    reason: str = ""
    target_pence: int | None = None
    plan_pence: int | None = None
    forecast_pence: int | None = None
    delivered_pence: int | None = None
    secure_pence: int | None = None
    at_risk_pence: int | None = None
    slippage_pence: int | None = None
    unidentified_pence: int | None = None
    developed_pence: int | None = None
    due_on: dt.date | None = None
    forecast_on: dt.date | None = None
    completed_on: dt.date | None = None
    score: int | None = None
    carried_from: str = ""  # period code of the return the figures were carried from
    returns: tuple[str, ...] = ()  # references of the returns the figures came from
    detail: Mapping[str, Any] = field(default_factory=dict)  # JSON values only

    @property
    def key(self) -> Key:
        return (self.subject.value, self.subject_id, self.year, self.line, self.organisation)

    @property
    def rating(self) -> Rating:
        return Rating(self.rag, self.code, self.reason)
