"""Facts of a recompute as plain values: a small programme without a database."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from finance.bridge import DEFAULT_WEIGHTS, SchemeInput
from finance.rag import DeliveryRisk, LineCode, Maturity, QiaStatus, Recurrence
from finance.reported import Position, SchemeReport
from stp.core import periods
from stp.core.standing import Code, Standing
from stp.dashboards.compute.facts import (
    Facts,
    OrganisationFacts,
    TargetFacts,
    WorkstreamFacts,
)

K = 100_000  # pence in £000
JUNE = periods.parse("2017-06")
MONTHS = periods.year_months("2017/18")
LONG_AGO = dt.date(2016, 10, 1)
LATE = Standing(Code.LATE, 6)
RECEIVED = Standing(Code.RECEIVED)
DUE = Standing(Code.DUE)
WORKSTREAMS = (
    *(WorkstreamFacts(w, "delivery_area", n, f"Area {w}", w)
      for n, w in enumerate(("UC", "CC", "SC", "PR", "PD"))),
    WorkstreamFacts("EN1", "enabler", 50, "Workforce", "EN1"),
    WorkstreamFacts("EFF", "national_efficiency", 90, "National efficiency", "EFF"),
)  # fmt: skip


def make_scheme(organisation: str = "ngh", ref: str = "UC-01", **changes: Any) -> SchemeInput:
    """£10k a month as planned, delivered to June, £120k in each later year."""
    given: dict[str, Any] = {
        "organisation": organisation, "ref": ref, "title": f"Scheme {ref}", "line": LineCode.UC,
        "maturity": Maturity.IN_DELIVERY, "risk": DeliveryRisk.LOW,
        "recurrence": Recurrence.RECURRENT, "qia": QiaStatus.APPROVED, "start_month": "2017-04",
        "plan_by_month": dict.fromkeys(MONTHS, 10 * K),
        "plan_by_year": dict.fromkeys(periods.later_years("2017/18"), 120 * K),
        "actual_by_month": dict.fromkeys(MONTHS[:3], 10 * K),
        "forecast_by_month": dict.fromkeys(MONTHS, 10 * K),
        "forecast_by_year": dict.fromkeys(periods.later_years("2017/18"), 120 * K),
    }  # fmt: skip
    return SchemeInput(**given | changes)


def make_position(
    organisation: str = "ngh", *schemes: SchemeInput, period: str = "2017-06", **changes: Any
) -> Position:
    """A finance return of `period` ('' for none) with these schemes, and an approved plan."""
    given: dict[str, Any] = {
        "organisation": organisation, "period": "2017-06", "reported": bool(period),
        "plan_approved": True, "plan_reference": f"PLAN-{organisation}",
        "return_reference": f"RET-{period}-{organisation}" if period else "",
        "return_period": period, "sources": (f"{organisation}:{period}",),
        "schemes": tuple(SchemeReport(s, lead="A lead") for s in schemes),
    }  # fmt: skip
    return Position(**given | changes)


def make_organisation(
    position: Position, standing: Standing = RECEIVED, **changes: Any
) -> OrganisationFacts:
    given: dict[str, Any] = {
        "id": position.organisation, "short": position.organisation.upper(),
        "standing": standing, "expected": True, "position": position,
    }  # fmt: skip
    return OrganisationFacts(**given | changes)


def make_targets(targets: Mapping[tuple[str, str, str], int]) -> tuple[TargetFacts, ...]:
    """(line, year, organisation or '') -> pence."""
    return tuple(
        TargetFacts(line, year, organisation, "", pence, LONG_AGO)
        for (line, year, organisation), pence in targets.items()
    )


def make_facts(organisations: Sequence[OrganisationFacts], **changes: Any) -> Facts:
    ends = {(line, "2020/21", ""): 1_000 * K for line in ("UC", "CC", "SC", "PR", "PD", "EFF")}
    given: dict[str, Any] = {
        "period": JUNE, "organisations": tuple(organisations), "weights": DEFAULT_WEIGHTS,
        "targets": make_targets(ends), "workstreams": WORKSTREAMS,
    }  # fmt: skip
    return Facts(**given | changes)
