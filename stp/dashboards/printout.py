"""A published state as plain JSON, money in pounds with two decimals (`show_snapshot`)."""

from collections.abc import Iterable, Mapping
from typing import Any

from stp.core.lines import Key, Line, Subject
from stp.core.money import pounds_text
from stp.core.snapshots import StoredLine, View, stored

# Keys of `detail` whose whole numbers are pence. Counts never have these names.
MONEY = frozenset({
    "plan", "actual", "forecast", "estimate", "delivered", "secure", "at_risk", "slippage",
    "gross", "investment", "fye_secured", "counterparty_effect", "disputed", "carried_plan",
    "plan_pence", "shortfall", "ahead", "unidentified_gross", "over_identified", "late_plan",
    "target", "developed", "identified", "opportunities",
})  # fmt: skip
_COLUMNS = ("target", "plan", "forecast", "delivered", "secure", "at_risk", "slippage",
            "unidentified", "developed")  # fmt: skip
_LISTS = {
    "workstreams": Subject.WORKSTREAM,
    "dimensions": Subject.DIMENSION,
    "organisations": Subject.ORGANISATION,
    "schemes": Subject.SCHEME,
    "milestones": Subject.MILESTONE,
    "risks": Subject.RISK,
    "indicators": Subject.INDICATOR,
}


def printout(view: View) -> dict[str, Any]:
    """The whole snapshot; `programme` is null and lists are empty when nothing is published."""
    period, snapshot = view.period, view.snapshot
    lines = sorted((row.line for row in _rows(view)), key=_place)
    by_subject = {subject: [x for x in lines if x.subject is subject] for subject in Subject}
    bridge = [_bridge_row(line) for line in by_subject[Subject.BRIDGE]]
    return {
        "period": period.code,
        "name": period.name,
        "state": period.state,
        "as_of": period.as_of.isoformat(),
        "version": view.version,
        "data_version": snapshot.data_version if snapshot else 0,
        "known_at": snapshot.known_at.isoformat() if snapshot else None,
        "published_at": snapshot.published_at.isoformat() if snapshot else None,
        "behind": period.is_behind,
        "changes_not_included": view.changes_not_included,
        "trust": in_pounds(snapshot.trust) if snapshot else {},
        "programme": next((_shown(x) for x in by_subject[Subject.PROGRAMME]), None),
        "lines": [
            _shown(x)
            for x in by_subject[Subject.BRIDGE]
            if x.line and not x.organisation and x.year == period.year
        ],
        **{key: [_shown(x) for x in by_subject[s]] for key, s in _LISTS.items()},
        "bridge": bridge,
    }


def _place(line: Line) -> tuple[int, Key]:
    """In the plan's order where there is one, so that two printouts of one state are the same."""
    return int(line.detail.get("order", 0)), line.key


def _rows(view: View) -> Iterable[StoredLine]:
    if view.snapshot is None:
        return []
    return stored(view.period.code, view.version)


def _shown(line: Line) -> dict[str, Any]:
    """A line's values by name: money in pounds, dates as text, what is not stated as null."""
    money = {name: _pounds(getattr(line, f"{name}_pence")) for name in _COLUMNS}
    dates = {
        name: value.isoformat() if (value := getattr(line, name)) else None
        for name in ("due_on", "forecast_on", "completed_on")
    }
    return {
        "id": line.subject_id,
        "label": line.label,
        "rag": line.rag.value,
        "code": line.code,
        "reason": line.reason,
        "organisation": line.organisation or None,
        "workstream": line.workstream or None,
        "line": line.line or None,
        "year": line.year or None,
        "score": line.score,
        "carried_from": line.carried_from or None,
        "returns": list(line.returns),
        **money,
        **dates,
        "detail": in_pounds(line.detail),
    }


def _bridge_row(line: Line) -> dict[str, Any]:
    return {
        "year": line.year,
        "line": line.line or None,
        "organisation": line.organisation or None,
        "gap": _pounds(line.target_pence),
        "plan": _pounds(line.plan_pence),
        "delivered": _pounds(line.delivered_pence),
        "secure": _pounds(line.secure_pence),
        "at_risk": _pounds(line.at_risk_pence),
        "slippage": _pounds(line.slippage_pence),
        "unidentified": _pounds(line.unidentified_pence),
    }


def _pounds(pence: int | None) -> str | None:
    return None if pence is None else pounds_text(pence)


def in_pounds(value: Any, key: str = "") -> Any:
    """The same JSON with every money figure as pounds."""
    if isinstance(value, Mapping):
        return {k: in_pounds(v, k) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [in_pounds(v) for v in value]
    if key in MONEY and isinstance(value, int) and not isinstance(value, bool):
        return pounds_text(value)
    return value
