"""Organisation lines: how each one's return stands and what its figures add up to. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from finance.bridge import BridgeRow
from stp.core.lines import Line, Subject
from stp.core.periods import parse
from stp.core.rag import Rag
from stp.core.standing import Code, Standing
from stp.dashboards.compute import bridge
from stp.dashboards.compute.facts import Facts, OrganisationFacts
from stp.dashboards.compute.sums import OUTSIDE, scheme_counts
from stp.dashboards.compute.trust import RECEIVED


@dataclass(frozen=True, slots=True)
class _Used:
    """The returns an organisation's figures come from."""

    reported: bool = False
    return_reference: str = ""
    return_period: str = ""
    plan_reference: str = ""
    sources: tuple[str, ...] = ()


def organisation_lines(facts: Facts, sums: Iterable[Line], rows: Sequence[BridgeRow]) -> list[Line]:
    """One line an organisation. Its money is in the bridge's lines; the rest is `outside_gap`."""
    kept = {x.subject_id: x for x in facts.kept if x.subject is Subject.ORGANISATION}
    of = {x.organisation: x for x in sums}
    return [_line(o, facts, of[o.id], rows, kept.get(o.id)) for o in facts.organisations]


def _line(
    organisation: OrganisationFacts,
    facts: Facts,
    sums: Line,
    rows: Sequence[BridgeRow],
    kept: Line | None,
) -> Line:
    used = _used(organisation, kept)
    row = bridge.find(rows, facts.period.year, "", organisation.id)
    position = row.position if row else None
    plan = position.plan if position else 0
    standing = organisation.standing
    carried = "" if used.return_period == facts.period.code else used.return_period
    return Line(
        subject=Subject.ORGANISATION,
        subject_id=organisation.id,
        label=organisation.short,
        organisation=organisation.id,
        rag=Rag.NOT_APPLICABLE,
        code=standing.code.value,
        reason=_reason(standing, used),
        target_pence=row.gap if row else None,
        plan_pence=plan,
        forecast_pence=position.forecast if position else 0,
        delivered_pence=position.delivered if position else 0,
        secure_pence=position.secure if position else 0,
        at_risk_pence=position.at_risk if position else 0,
        slippage_pence=position.slippage if position else 0,
        unidentified_pence=row.unidentified if row else None,
        developed_pence=position.developed if position else 0,
        carried_from=carried,
        returns=tuple(r for r in (used.return_reference, used.plan_reference) if r),
        detail={
            "days_late": standing.days_late,
            "expected": organisation.expected,
            "reported": used.reported,
            "return_reference": used.return_reference,
            "return_period": used.return_period,
            "plan_reference": used.plan_reference,
            "sources": list(used.sources),
            "schemes": scheme_counts(sums.detail["lines"].values()),
            "carried_plan": 0 if standing.code.value in RECEIVED else plan,
            "outside_gap": _outside_gap(sums),
        },
    )


def _used(organisation: OrganisationFacts, kept: Line | None) -> _Used:
    position = organisation.position
    if position is not None:
        return _Used(
            position.reported,
            position.return_reference,
            position.return_period,
            position.plan_reference,
            position.sources,
        )
    if kept is None:
        return _Used()
    detail = kept.detail
    return _Used(
        detail["reported"],
        detail["return_reference"],
        detail["return_period"],
        detail["plan_reference"],
        tuple(detail["sources"]),
    )


def _reason(standing: Standing, used: _Used) -> str:
    """'Late by 6 days; May 2017 figures used.'"""
    days = f"{standing.days_late} day" + ("" if standing.days_late == 1 else "s")
    if standing.code is Code.RECEIVED:
        return "Received on time."
    if standing.code is Code.RECEIVED_LATE:
        return f"Received {days} late."
    start = {
        Code.LATE: f"Late by {days}",
        Code.DUE: "Not sent yet, and not late",
        Code.NOT_DUE: "Not due yet",
        Code.NOT_REQUIRED: "No return is required",
    }[standing.code]
    return f"{start}; {_stands_in(used)}."


def _stands_in(used: _Used) -> str:
    if used.return_period:
        return f"{parse(used.return_period).name} figures used"
    return "plan used, nothing reported" if used.plan_reference else "no figures to use"


def _outside_gap(sums: Line) -> dict[str, Any]:
    """Adult social care, which is in no bridge row: current-year sums in pence."""
    of = sums.detail["lines"].get(OUTSIDE)
    if of is None:
        return {"schemes": 0, "plan": 0, "forecast": 0, "delivered": 0}
    return {"schemes": sum(of["ratings"].values()), **of["now"]}
