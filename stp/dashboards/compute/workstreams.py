"""Workstream lines and their four dimensions, the national efficiency row included. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from finance.bridge import BridgeRow
from finance.rag import BridgeLine, FinanceInput, FinanceRating, rate_finance
from indicators.rag import rate_outcomes
from stp.core.lines import Line, Subject
from stp.core.rag import Rating, share_text
from stp.dashboards.compute import bridge, indicators, milestones, risks
from stp.dashboards.compute.facts import Facts, WorkstreamFacts
from stp.dashboards.compute.sums import months, parts, scheme_counts
from stp.dashboards.rag import Dimension, rate_workstream
from workstreams.rag import rate_delivery, rate_risks

DELIVERY_AREA = "delivery_area"
ENABLER = "enabler"
NATIONAL_EFFICIENCY = "national_efficiency"


@dataclass(frozen=True)
class Made:
    """The lines a workstream is rolled up from."""

    sums: Sequence[Line]  # one an organisation, whole
    milestones: Sequence[Line]
    risks: Sequence[Line]
    indicators: Sequence[Line]
    rows: Sequence[BridgeRow]

    def of(self, workstream: str) -> "Made":
        """What belongs to one workstream; the sums and rows stay whole."""
        return Made(
            self.sums,
            [m for m in self.milestones if m.workstream == workstream],
            [r for r in self.risks if workstream in r.detail["workstreams"]],
            [i for i in self.indicators if workstream in i.detail["workstreams"]],
            self.rows,
        )


def workstream_lines(facts: Facts, made: Made) -> list[Line]:
    """For each workstream its line, then its dimensions'."""
    return [x for w in facts.workstreams for x in _lines(w, facts, made.of(w.id))]


def _lines(workstream: WorkstreamFacts, facts: Facts, made: Made) -> list[Line]:
    finance = _finance(workstream, facts, made.rows)
    money = rate_finance(finance)
    ratings: dict[Dimension, Rating] = {}
    if workstream.kind != NATIONAL_EFFICIENCY:
        ratings[Dimension.DELIVERY] = rate_delivery([milestones.rated(m) for m in made.milestones])
    ratings[Dimension.FINANCE] = money.overall
    if workstream.kind != NATIONAL_EFFICIENCY:
        ratings[Dimension.RISK] = rate_risks([risks.as_input(r) for r in made.risks])
        ratings[Dimension.OUTCOMES] = rate_outcomes([i.rating for i in made.indicators])
    counts = _counts(facts, made)
    inputs = {**counts, "finance": finance_detail(finance, money)}
    return [
        _overall(workstream, facts, made, rate_workstream(ratings), counts),
        *(
            dimension_line(workstream.id, d, rating, inputs[_INPUTS[d]])
            for d, rating in ratings.items()
        ),
    ]


_INPUTS = {
    Dimension.DELIVERY: "milestones",
    Dimension.FINANCE: "finance",
    Dimension.RISK: "risks",
    Dimension.OUTCOMES: "indicators",
}


def _finance(
    workstream: WorkstreamFacts, facts: Facts, rows: Sequence[BridgeRow]
) -> FinanceInput | None:
    if workstream.kind == ENABLER:
        return None
    return bridge.finance_of(rows, facts.period.year, workstream.id)


def _counts(facts: Facts, made: Made) -> dict[str, Any]:
    return {
        "milestones": milestones.workstream_counts(made.milestones, facts.as_of),
        "risks": risks.workstream_counts(made.risks),
        "indicators": indicators.counts(made.indicators),
    }


def _overall(
    workstream: WorkstreamFacts,
    facts: Facts,
    made: Made,
    rating: Rating,
    counts: dict[str, Any],
) -> Line:
    money = {}
    if workstream.kind != ENABLER:
        row = bridge.find(made.rows, facts.period.year, workstream.id, "")
        money = money_columns(row) if row else {}
    schemes = parts(made.sums, workstream.id)
    detail = {
        "kind": workstream.kind,
        "order": workstream.order,
        "short": workstream.short,
        **counts,
        "schemes": scheme_counts(schemes),
        "months": months(schemes, facts.period.year),
    }
    if workstream.kind == NATIONAL_EFFICIENCY:
        detail["by_organisation"] = _by_organisation(facts, made.rows)
    return Line(
        subject=Subject.WORKSTREAM,
        subject_id=workstream.id,
        label=workstream.name,
        workstream=workstream.id,
        rag=rating.rag,
        code=rating.code,
        reason=rating.reason,
        detail=detail,
        **money,
    )


def money_columns(row: BridgeRow) -> dict[str, Any]:
    """The money columns of a line, from a row of the bridge."""
    position = row.position
    return {
        "target_pence": row.gap,
        "plan_pence": position.plan,
        "forecast_pence": position.forecast,
        "delivered_pence": position.delivered,
        "secure_pence": position.secure,
        "at_risk_pence": position.at_risk,
        "slippage_pence": position.slippage,
        "unidentified_pence": row.unidentified,
        "developed_pence": position.developed,
    }


def _by_organisation(facts: Facts, rows: Sequence[BridgeRow]) -> list[dict[str, Any]]:
    """The national efficiency row, organisation by organisation: those with a target or a plan."""
    found = []
    for organisation in facts.organisations:
        finance = bridge.finance_of(rows, facts.period.year, BridgeLine.EFF.value, organisation.id)
        money = rate_finance(finance)
        if (finance.target, finance.end_target) == (None, None) and not (
            finance.plan or finance.identified or finance.forecast
        ):
            continue
        found.append(
            {
                "organisation": organisation.id,
                "short": organisation.short,
                **_rated(money.overall),
                **finance_detail(finance, money),
            }
        )
    return found


def dimension_line(
    owner: str, dimension: Dimension, rating: Rating, detail: dict[str, Any]
) -> Line:
    """'UC:delivery', or 'programme:finance'; detail is what the rule was given."""
    return Line(
        subject=Subject.DIMENSION,
        subject_id=f"{owner}:{dimension.value}",
        label=dimension.value.capitalize(),
        workstream="" if owner == "programme" else owner,
        rag=rating.rag,
        code=rating.code,
        reason=rating.reason,
        detail=detail,
    )


def finance_detail(finance: FinanceInput | None, money: FinanceRating) -> dict[str, Any]:
    """Both tests, each with its rating and figures in pence; ratios as text, None if none."""
    if finance is None:
        return {"current": _rated(money.current), "end": _rated(money.end)}
    return {
        "current": {
            **_rated(money.current),
            "target": finance.target,
            "forecast": finance.forecast,
            "plan": finance.plan,
            "late_plan": finance.late_plan,
            "ratio": _ratio(finance.forecast, finance.target),
        },
        "end": {
            **_rated(money.end),
            "target": finance.end_target,
            "developed": finance.developed,
            "identified": finance.identified,
            "opportunities": finance.identified - finance.developed,
            "ratio": _ratio(finance.developed, finance.end_target),
        },
    }


def _rated(rating: Rating) -> dict[str, str]:
    return {"rag": rating.rag.value, "code": rating.code, "reason": rating.reason}


def _ratio(part: int, whole: int | None) -> str | None:
    return share_text(part, whole) if whole is not None and whole > 0 else None
