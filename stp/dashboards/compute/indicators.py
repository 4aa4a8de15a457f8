"""Indicator lines, from the plan's printed values. Pure. Observations come later."""

from collections.abc import Iterable
from typing import Any

from indicators.rag import Better, IndicatorInput, PartInput, rate_indicator
from stp.core.lines import Line, Subject
from stp.core.rag import Rag
from stp.dashboards.compute.facts import Facts, IndicatorFacts, PlanValue

ROLES = ("do_nothing", "target", "national", "baseline")
_STRICT = ("<", ">")


def indicator_lines(facts: Facts) -> list[Line]:
    """One line an indicator."""
    return [_line(i, facts) for i in facts.indicators]


def _line(indicator: IndicatorFacts, facts: Facts) -> Line:
    rating = rate_indicator(_input(indicator), facts.as_of)
    return Line(
        subject=Subject.INDICATOR,
        subject_id=indicator.code,
        label=indicator.name,
        rag=rating.rag,
        code=rating.code,
        reason=rating.reason,
        detail={
            "family": indicator.family,
            "order": indicator.order,
            "measure": indicator.measure,
            "unit": indicator.unit,
            "better": indicator.better,
            "values": {
                role: [_shown(v) for v in indicator.values if v.role == role] for role in ROLES
            },
            "workstreams": list(indicator.workstreams),
            "flags": list(indicator.flags),
            "flag_note": indicator.flag_note,
            "source": indicator.source,
        },
    )


def _shown(value: PlanValue) -> dict[str, Any]:
    return {
        "sex": value.sex,
        "as_printed": value.as_printed,
        "value": None if value.value is None else f"{value.value.normalize():f}",
        "tbc": value.tbc,
    }


def _input(indicator: IndicatorFacts) -> IndicatorInput:
    """One part a printed target. The plan dates neither baseline nor target."""
    baselines = {v.sex: v.value for v in indicator.values if v.role == "baseline"}
    return IndicatorInput(
        better=Better(indicator.better) if indicator.better else None,
        parts=[
            PartInput(
                name=target.sex,
                target=None if target.tbc else target.value,
                strict=target.operator in _STRICT,
                baseline=baselines.get(target.sex),
            )
            for target in indicator.values
            if target.role == "target"
        ],
    )


def counts(lines: Iterable[Line]) -> dict[str, int]:
    """How many indicators have each rating, and the total."""
    of = list(lines)
    by_rag = {rag.value: sum(i.rag is rag for i in of) for rag in Rag}
    return {rag: n for rag, n in by_rag.items() if n} | {"total": len(of)}
