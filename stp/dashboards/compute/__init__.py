"""Working out a snapshot: facts in, lines out. Pure: no models, no clock (DESIGN §4, step 6).

What happened to one organisation changes only its own scheme lines and their sums; everything
above is rolled up anew from the sums of every organisation, stored or fresh alike. So an
incremental result equals a full one by construction, and a property test holds it to that.
"""

from stp.core.lines import Line
from stp.core.rag import Rag
from stp.dashboards.compute import bridge
from stp.dashboards.compute.facts import Facts
from stp.dashboards.compute.indicators import indicator_lines
from stp.dashboards.compute.milestones import milestone_lines
from stp.dashboards.compute.organisations import organisation_lines
from stp.dashboards.compute.programme import programme_lines
from stp.dashboards.compute.risks import risk_lines
from stp.dashboards.compute.schemes import scheme_lines
from stp.dashboards.compute.sums import sums_lines
from stp.dashboards.compute.workstreams import Made, workstream_lines

__all__ = ["Facts", "compute"]


def compute(facts: Facts) -> list[Line]:
    """Every line of the period's snapshot, the programme's first.

    Scheme lines of organisations that were not gathered are left out: they stand as stored.
    """
    milestones = milestone_lines(facts)
    schemes = _schemes(facts, milestones)
    sums = sums_lines(facts, schemes)
    rows = bridge.rows(facts, sums)
    made = Made(sums, milestones, risk_lines(facts), indicator_lines(facts), rows)
    organisations = organisation_lines(facts, sums, rows)
    workstreams = workstream_lines(facts, made)
    plans = {**facts.kept_plans, **{s.subject_id: s.plan_pence or 0 for s in schemes}}
    return [
        *programme_lines(facts, made, workstreams, organisations, plans),
        *workstreams,
        *bridge.bridge_lines(rows),
        *organisations,
        *sums,
        *schemes,
        *made.milestones,
        *made.risks,
        *made.indicators,
    ]


def _schemes(facts: Facts, milestones: list[Line]) -> list[Line]:
    """Scheme lines of the organisations gathered."""
    red = _red_benefits(facts, milestones)
    fresh = [
        line
        for o in facts.organisations
        if o.position is not None
        for line in scheme_lines(o, o.position, facts, red)
    ]
    return sorted(fresh, key=lambda line: line.subject_id)


def _red_benefits(facts: Facts, milestones: list[Line]) -> dict[str, str]:
    """Scheme subject id -> title of the first red milestone that carries its benefit."""
    titles = {m.subject_id: m.label for m in milestones if m.rag is Rag.RED}
    links = sorted(facts.benefits, reverse=True)
    return {scheme: titles[ref] for ref, scheme in links if ref in titles}
