"""The programme's line: its rating, its sentence, and the counts of the overview. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from finance.bridge import BridgeRow
from finance.rag import rate_finance
from stp.core.lines import Line, Subject
from stp.core.money import millions_text
from stp.core.periods import PLAN_YEARS
from stp.core.rag import Rag
from stp.dashboards.compute import bridge, indicators, milestones, sums
from stp.dashboards.compute.facts import Facts, Previous
from stp.dashboards.compute.trust import RECEIVED
from stp.dashboards.compute.workstreams import (
    DELIVERY_AREA,
    Made,
    dimension_line,
    finance_detail,
    money_columns,
)
from stp.dashboards.rag import Dimension, rate_programme

END_YEAR = PLAN_YEARS[-1]


def programme_lines(
    facts: Facts,
    made: Made,
    workstreams: Sequence[Line],
    organisations: Sequence[Line],
    plans: Mapping[str, int],
) -> list[Line]:
    """The programme's line and its Finance dimension; `plans` as `sums.disputed` wants them."""
    finance = bridge.finance_of(made.rows, facts.period.year, "")
    money = rate_finance(finance)
    overall = [w for w in workstreams if w.subject is Subject.WORKSTREAM]
    areas = {w.detail["short"]: w for w in overall if w.detail["kind"] == DELIVERY_AREA}
    others = {w.detail["short"]: w for w in overall if w.detail["kind"] != DELIVERY_AREA}
    rating = rate_programme(
        {name: w.rating for name, w in areas.items()},
        {name: w.rating for name, w in others.items()},
        money.overall,
    )
    row = bridge.find(made.rows, facts.period.year, "", "")
    line = Line(
        subject=Subject.PROGRAMME,
        subject_id="programme",
        label="Programme",
        rag=rating.rag,
        code=rating.code,
        reason=rating.reason,
        detail=_detail(facts, made, areas, overall, organisations, plans),
        **(money_columns(row) if row else {}),
    )
    shown = finance_detail(finance, money)
    return [line, dimension_line("programme", Dimension.FINANCE, money.overall, shown)]


def _detail(
    facts: Facts,
    made: Made,
    areas: Mapping[str, Line],
    overall: Sequence[Line],
    organisations: Sequence[Line],
    plans: Mapping[str, int],
) -> dict[str, Any]:
    by_area = _by_rag(list(areas.values()))
    return {
        "position": position_sentence(
            areas=len(areas),
            red=by_area["RED"],
            previous=facts.previous,
            year=facts.period.year,
            now=bridge.find(made.rows, facts.period.year, "", ""),
            end=bridge.find(made.rows, END_YEAR, "", ""),
        ),
        "areas": by_area,
        "workstreams": _by_rag(overall),
        "milestones": milestones.programme_counts(made.milestones, facts),
        "indicators": indicators.counts(made.indicators),
        "months": sums.months(sums.inside_gap(made.sums), facts.period.year),
        "counterparty_effect": sum(s.detail["counterparty_effect"] for s in made.sums),
        "disputed": sums.disputed(made.sums, plans),
        "efficiency_reading": {
            "reading": facts.reading.reading or bridge.DEFAULT_READING,
            "sentence": facts.reading.sentence,
        },
        "carried_plan": sum(o.detail["carried_plan"] for o in organisations),
        "no_return": [
            o.subject_id for o in organisations if o.detail["expected"] and o.code not in RECEIVED
        ],
    }


def _by_rag(lines: Sequence[Line]) -> dict[str, int]:
    """How many lines have each rating; the four a reader looks for are always there."""
    found = Counter(line.rag.value for line in lines)
    always = dict.fromkeys(("RED", "AMBER", "NOT_RATED", "GREEN"), 0)
    return always | {rag.value: found[rag.value] for rag in Rag if found[rag.value]}


def position_sentence(
    *,
    areas: int,
    red: int,
    previous: Previous | None,
    year: str,
    now: BridgeRow | None,
    end: BridgeRow | None,
) -> str:
    """The position in at most 40 words: red areas, this year against plan, the gap unanswered."""
    verb = "is" if red == 1 else "are"
    was = f" ({previous.areas_red} in {previous.name})" if previous else ""
    first = f"{red} of {areas} delivery areas {verb} red{was}."
    return " ".join((first, _year_sentence(year, now), _gap_sentence(end)))


def _year_sentence(year: str, row: BridgeRow | None) -> str:
    """Adverse side first: what is ahead of plan never hides what is short of it."""
    if row is None or not row.position.plan:
        return f"No savings plan is approved for {year}."
    start = f"Forecast savings for {year} are"
    if row.shortfall:
        ahead = f", {millions_text(-row.ahead)} ahead elsewhere" if row.ahead else ""
        return f"{start} {millions_text(row.shortfall)} short of plan{ahead}."
    if row.ahead:
        return f"{start} {millions_text(-row.ahead)} ahead of plan."
    return f"{start} as planned."


def _gap_sentence(row: BridgeRow | None) -> str:
    """What of the gap is neither delivered nor secure, each part on its adverse side."""
    if row is None or row.gap is None or row.unidentified_gross is None:
        return f"The gap for {END_YEAR} is not stated."
    open_ = row.position.at_risk + row.shortfall + row.unidentified_gross
    ahead = -(row.ahead + (row.over_identified or 0))
    beside = f", before {millions_text(ahead)} ahead elsewhere" if ahead else ""
    gap = millions_text(row.gap)
    return f"{millions_text(open_)} of the {gap} gap for {END_YEAR} has no secure answer{beside}."
