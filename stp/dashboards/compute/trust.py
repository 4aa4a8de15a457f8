""" "Can I trust this?": which returns a snapshot rests on and which are missing. Pure."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stp.core.lines import Line, Subject
from stp.core.periods import parse
from stp.core.standing import Code
from stp.dashboards.compute.facts import Facts

RECEIVED = (Code.RECEIVED.value, Code.RECEIVED_LATE.value)


@dataclass(frozen=True, slots=True)
class LastCommit:
    """The newest return in force up to the period."""

    reference: str
    organisation: str
    at: dt.datetime
    by: str


def trust(facts: Facts, lines: Sequence[Line], last_commit: LastCommit | None) -> dict[str, Any]:
    """What `Snapshot.trust` holds: JSON values, money in pence, dates ISO.

    Counts are of organisations from which a return is required for this period; `missing` are
    late and have sent none, `late` came after the due date, `awaited` are not late yet.
    """
    expected = {o.id for o in facts.organisations if o.expected}
    short = {o.id: o.short for o in facts.organisations}
    of = [x for x in lines if x.subject is Subject.ORGANISATION]
    owed = [x for x in of if x.subject_id in expected]
    return {
        "expected": len(owed),
        "received": sum(x.code in RECEIVED for x in owed),
        "missing": [_entry(x, short) for x in owed if x.code == Code.LATE],
        "late": [_entry(x, short) for x in of if x.code == Code.RECEIVED_LATE],
        "awaited": [_entry(x, short) for x in owed if x.code in (Code.DUE, Code.NOT_DUE)],
        "carried_plan": sum(x.detail["carried_plan"] for x in of),
        "finance_as_at": _as_at(of),
        "last_commit": _last(last_commit),
    }


def _entry(line: Line, short: dict[str, str]) -> dict[str, Any]:
    """`used_period` is where its figures come from: '' means its plan alone."""
    return {
        "organisation": line.subject_id,
        "short": short[line.subject_id],
        "days_late": line.detail["days_late"],
        "used_period": line.detail["return_period"],
        "plan_pence": line.plan_pence,
    }


def _as_at(organisations: Sequence[Line]) -> str | None:
    """The last day of the newest period any organisation reported."""
    used = [x.detail["return_period"] for x in organisations if x.detail["return_period"]]
    newest = max((parse(code) for code in used), key=lambda p: p.sort_key, default=None)
    return newest.ends_on.isoformat() if newest else None


def _last(commit: LastCommit | None) -> dict[str, str] | None:
    if commit is None:
        return None
    return {
        "reference": commit.reference,
        "organisation": commit.organisation,
        "at": commit.at.isoformat(),
        "by": commit.by,
    }
