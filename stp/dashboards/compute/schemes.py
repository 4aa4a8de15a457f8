"""Scheme lines: each scheme's money, rating and months, as its organisation's position says. Pure.

A scheme line holds all that its organisation's sums need of the scheme, so that the lines of
organisations nothing happened to need not be read at all.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from finance.bridge import (
    SchemeInput,
    YearPosition,
    cells_of,
    expected,
    rating_input,
    scheme_year,
)
from finance.rag import (
    ROLLS_UP_TO,
    Carried,
    Maturity,
    ReturnStanding,
    counted_as,
    rate_scheme,
)
from finance.reported import Position, SchemeReport
from stp.core.lines import Line, Subject
from stp.core.periods import PLAN_YEARS, Period, year_months
from stp.core.standing import Code
from stp.dashboards.compute.facts import Facts, OrganisationFacts

_STANDS_AS = {
    Code.RECEIVED: ReturnStanding.CURRENT,
    Code.RECEIVED_LATE: ReturnStanding.CURRENT,
    Code.LATE: ReturnStanding.LATE,
}
_MONEY = ("plan", "forecast", "delivered", "secure", "at_risk", "slippage", "developed")

RedMilestones = Mapping[str, str]  # scheme subject id -> title of a red milestone it depends on


def years_of(period: Period) -> tuple[str, ...]:
    """The plan years, and the period's own where it is none of them (2016/17)."""
    return tuple(sorted({*PLAN_YEARS, period.year}))


def scheme_lines(
    organisation: OrganisationFacts, position: Position, facts: Facts, red: RedMilestones
) -> list[Line]:
    """One line a scheme of one organisation."""
    return [_line(report, organisation, position, facts, red) for report in position.schemes]


def _line(
    report: SchemeReport,
    organisation: OrganisationFacts,
    position: Position,
    facts: Facts,
    red: RedMilestones,
) -> Line:
    scheme, period = report.scheme, facts.period
    years = {y: _year(scheme, y, facts) for y in years_of(period)}
    now = years[period.year]
    standing = _STANDS_AS.get(organisation.standing.code, ReturnStanding.NOT_DUE)
    current = standing is ReturnStanding.CURRENT
    carried = None if current else organisation.carried.get(report.subject_id)
    rating = rate_scheme(
        rating_input(
            scheme,
            now,
            period.code,
            standing=standing,
            carried=carried,
            red_milestone=red.get(report.subject_id, ""),
        )
    )
    bridge_line = ROLLS_UP_TO[scheme.line]
    return Line(
        subject=Subject.SCHEME,
        subject_id=report.subject_id,
        label=scheme.title,
        organisation=scheme.organisation,
        workstream=bridge_line.value if bridge_line else "",
        line=scheme.line.value,
        rag=rating.rag,
        code=rating.code,
        reason=rating.reason,
        **{f"{name}_pence": getattr(now, name) for name in _MONEY},
        carried_from=report.carried_from or position.carried_from,
        returns=position.references,
        detail={
            **_attributes(report),
            "counted_as": counted_as(rating, carried).value,
            "carried_rating": _carried(carried),
            "months": months(scheme, period),
            "estimated_months": list(now.estimated_months),
            "years": {y: _stored_year(years[y]) for y in years},
        },
    )


def _year(scheme: SchemeInput, year: str, facts: Facts) -> YearPosition:
    """A past year stands on its own final actuals, whatever this year's return says."""
    known = any(month in scheme.actual_by_month for month in year_months(year))
    if year < facts.period.year and known and not scheme.reported:
        scheme = replace(scheme, reported=True)
    return scheme_year(scheme, year, facts.period.code, facts.weights)


def _attributes(report: SchemeReport) -> dict[str, Any]:
    scheme = report.scheme
    return {
        "ref": scheme.ref,
        "lead": report.lead,
        "maturity": scheme.maturity.value,
        "risk": scheme.risk.value,
        "recurrence": scheme.recurrence.value,
        "type": report.type,
        "release": report.release,
        "start_month": scheme.start_month,
        "end_month": scheme.end_month,
        "qia": scheme.qia.value,
        "evidence": scheme.evidence.value if scheme.evidence else "",
        "supports": scheme.supports,
        "gross": scheme.gross,
        "investment": scheme.investment,
        "fye_secured": scheme.fye_secured,
        "closed_in": scheme.closed_in,
        "in_plan": scheme.in_plan,
        "reported": scheme.reported,
        "reasons": list(report.reasons),
        "not_applicable": list(report.not_applicable),
        "same_as": scheme.same_as,
        "counterparty": scheme.counterparty,
        "counterparty_effect": scheme.counterparty_effect,
    }


def _carried(carried: Carried | None) -> dict[str, str] | None:
    if carried is None:
        return None
    rating = carried.rating
    return {
        "rag": rating.rag.value,
        "code": rating.code,
        "reason": rating.reason,
        "period": carried.period,
    }


def months(scheme: SchemeInput, period: Period) -> list[dict[str, Any]]:
    """The twelve months of the year: plan, known actual, estimate of a blank due month, forecast.

    In each month exactly one of actual, estimate and forecast is stated, and over the year they
    sum to F. Nothing remains of a closed scheme, so its later months forecast nil.
    """
    closed = scheme.maturity is Maturity.CLOSED or bool(scheme.closed_in)
    due = set(period.months_to_date)
    return [_month(scheme, m, is_due=m in due, closed=closed) for m in year_months(period.year)]


def _month(scheme: SchemeInput, month: str, *, is_due: bool, closed: bool) -> dict[str, Any]:
    plan = scheme.plan_by_month.get(month, 0)
    actual = scheme.actual_by_month.get(month) if is_due and scheme.reported else None
    worth = 0 if closed else expected(cells_of(scheme), month)[0] if scheme.reported else plan
    return {
        "month": month,
        "plan": plan,
        "actual": actual,
        "estimate": worth if is_due and actual is None else None,
        "forecast": None if is_due else worth,
    }


def _stored_year(position: YearPosition) -> dict[str, int]:
    return {name: getattr(position, name) for name in (*_MONEY, "fye_not_stated")}
