"""What a return does to the programme's money, before it is sent (UX 2.8, step 5)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q

from finance.bridge import SchemeInput, Weights, YearPosition, scheme_year
from finance.models import SavingsWeight
from finance.positions import choose, positions
from finance.rag import (
    ROLLS_UP_TO,
    DeliveryRisk,
    Evidence,
    LineCode,
    Maturity,
    QiaStatus,
    Recurrence,
)
from finance.returns.facts import Facts
from finance.scheme_rows import ONLY_PLANNED, Money, SchemeRow, amount, is_stated
from stp.core import periods, snapshots
from stp.core.lines import Subject
from stp.core.models import ReportingPeriod, Return, SnapshotLine

LAST_YEAR = periods.PLAN_YEARS[-1]
WHAT = ("plan", "forecast", "risk_adjusted")


def effect(
    rows: Iterable[SchemeRow], facts: Facts, period: ReportingPeriod
) -> list[dict[str, Any]]:
    """What a file's rows do to the programme's money; see `effect_of`."""
    return effect_of(scheme_inputs(rows, facts), facts.organisation, period)


def effect_of(
    inputs: Sequence[SchemeInput], organisation: str, period: ReportingPeriod
) -> list[dict[str, Any]]:
    """The programme before and after one organisation's schemes are `inputs`, in pence.

    Plan, forecast, risk-adjusted forecast and what that leaves of the gap, for the period's
    year and 2020/21. None where the period has no snapshot yet: not known.
    """
    made = []
    for year in dict.fromkeys((period.year, LAST_YEAR)):
        programme, own = _bridge(period, year, organisation)
        new = _new(inputs, year, period) if programme else {}
        for what in WHAT:
            before = programme.get(what)
            known = before is not None and what in new
            after = (before or 0) - own.get(what, 0) + new[what] if known else None
            made.append({"what": what, "year": year, "before": before, "after": after})
        made += _gap(year, programme.get("gap"), made[-1])
    return made


def _gap(year: str, gap: int | None, adjusted: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the risk-adjusted forecast leaves of a gap; nothing to say where none is stated."""
    if gap is None:
        return []
    left = {
        side: None if adjusted[side] is None else gap - adjusted[side]
        for side in ("before", "after")
    }
    return [{"what": "gap_left", "year": year, **left}]


def effect_without(return_: Return, back: Return | None) -> list[dict[str, Any]]:
    """What withdrawing a finance return does to the programme's money, in pence.

    With `back` in force again, or what the organisation sent last before where it is None: the
    same positions the dashboards will be worked out from. A plan return counts in no forecast,
    so there is nothing to say of one.
    """
    organisation, period = return_.organisation_id, return_.period
    if return_.kind != Return.Kind.FINANCE or organisation is None:
        return []
    counts = (Q(in_force=True) & ~Q(pk=return_.pk)) | Q(pk=back.pk if back else None)
    chosen = choose([organisation], period.period, counts)
    left = positions([organisation], period.period, chosen)[organisation]
    return effect_of([report.scheme for report in left.schemes], organisation, period)


def _new(inputs: Iterable[SchemeInput], year: str, period: ReportingPeriod) -> dict[str, int]:
    """The organisation's part once the return is in; nothing known without savings weights."""
    try:
        return _sum(inputs, year, period.code, weights_on(period))
    except LookupError:
        return {}


def _sum(inputs: Iterable[SchemeInput], year: str, period: str, weights: Weights) -> dict[str, int]:
    """The organisation's new position; adult social care stands outside the bridge."""
    counted = (s for s in inputs if ROLLS_UP_TO[s.line] is not None)
    position = sum((scheme_year(s, year, period, weights) for s in counted), YearPosition())
    return {
        "plan": position.plan,
        "forecast": position.forecast,
        "risk_adjusted": position.delivered + position.secure,
    }


def _bridge(
    period: ReportingPeriod, year: str, organisation: str
) -> tuple[dict[str, int], dict[str, int]]:
    """The snapshot's totals of a year: of the programme, and of the organisation in it."""
    lines = snapshots.view(period).lines(Subject.BRIDGE).filter(year=year, line="")
    found = {line.organisation: line for line in lines.filter(organisation__in=["", organisation])}
    return _figures(found.get("")), _figures(found.get(organisation))


def _figures(line: SnapshotLine | None) -> dict[str, int]:
    if line is None:
        return {}
    stated = {} if line.target_pence is None else {"gap": line.target_pence}
    return stated | {
        "plan": line.plan_pence or 0,
        "forecast": line.forecast_pence or 0,
        "risk_adjusted": (line.delivered_pence or 0) + (line.secure_pence or 0),
    }


def weights_on(period: ReportingPeriod) -> Weights:
    """The newest weight of each maturity and risk at the period's last day, in basis points."""
    rows = SavingsWeight.objects.filter(effective_on__lte=period.as_of).order_by("effective_on")
    return {(Maturity(row.maturity), DeliveryRisk(row.risk)): row.basis_points for row in rows}


def scheme_inputs(rows: Iterable[SchemeRow], facts: Facts) -> list[SchemeInput]:
    """Rows of a file as the bridge reads them; in a plan return the plan as if approved."""
    return [_input(row, facts) for row in rows]


def _input(row: SchemeRow, facts: Facts) -> SchemeInput:
    planned = row["plan"] if facts.is_plan else facts.planned(row["ref"]) or {}
    plan = {when: amount(value) for when, value in planned.items()}
    forecast = {when: _known(value) for when, value in row["forecast"].items()}
    return SchemeInput(
        organisation=facts.organisation,
        ref=row["ref"],
        title=row["title"],
        line=LineCode(row["line"]),
        maturity=Maturity(row["maturity"]),
        risk=DeliveryRisk(row["risk"]),
        recurrence=Recurrence(row["recurrence"]),
        qia=QiaStatus(row["qia"]),
        start_month=row["start_month"],
        supports=row["supports"],
        end_month=row["end_month"],
        evidence=Evidence(row["evidence"]) if row["evidence"] else None,
        reported=not facts.is_plan and not row.get(ONLY_PLANNED),
        plan_approved=facts.is_plan or facts.approved is not None,
        plan_by_month=_months(plan),
        plan_by_year=_years(plan),
        actual_by_month={m: _known(row["actual"].get(m)) for m in facts.period.months_to_date},
        forecast_by_month=_months(forecast),
        earlier_forecast_by_month=facts.earlier.get(row["ref"], {}),
        forecast_by_year=_years(forecast),
        fye_secured=_known(row["fye_secured"]),
        gross=_known(row["gross"]),
        investment=_known(row["investment"]),
        closed_in=row.get("closed_in")
        or (facts.period.year if row["maturity"] == Maturity.CLOSED else ""),
        counterparty=row["counterparty"],
        counterparty_effect=_known(row["counterparty_effect"]),
        same_as=row["same_as"],
        in_plan=facts.is_plan or facts.planned(row["ref"]) is not None,
    )


def _known(value: Money) -> int | None:
    """ "n/a" is nil in a sum; blank and "not due" are not known."""
    return amount(value) if is_stated(value) else None


def _months[V](figures: Mapping[str, V]) -> dict[str, V]:
    return {when: value for when, value in figures.items() if "-" in when}


def _years[V](figures: Mapping[str, V]) -> dict[str, V]:
    return {when: value for when, value in figures.items() if "/" in when}
