"""Working out a snapshot: facts in, lines out. Pure: no models, no clock (DESIGN §4, step 6).

What happened to one organisation changes only its own scheme lines; everything above them is
rolled up anew from scheme lines, stored or fresh alike. So an incremental result equals a full
one by construction, and a property test holds it to that.
"""

from stp.core.lines import Line, Subject
from stp.core.rag import Rag
from stp.dashboards.compute import bridge
from stp.dashboards.compute.facts import Facts
from stp.dashboards.compute.indicators import indicator_lines
from stp.dashboards.compute.milestones import milestone_lines
from stp.dashboards.compute.organisations import organisation_lines
from stp.dashboards.compute.programme import programme_lines
from stp.dashboards.compute.risks import risk_lines
from stp.dashboards.compute.schemes import scheme_lines
from stp.dashboards.compute.workstreams import Made, workstream_lines

__all__ = ["Facts", "compute"]


def compute(facts: Facts) -> list[Line]:
    """Every line of the period's snapshot, the programme's first."""
    milestones = milestone_lines(facts)
    schemes = _schemes(facts, milestones)
    rows = bridge.rows(facts, schemes)
    made = Made(schemes, milestones, risk_lines(facts), indicator_lines(facts), rows)
    organisations = organisation_lines(facts, schemes, rows)
    workstreams = workstream_lines(facts, made)
    return [
        *programme_lines(facts, made, workstreams, organisations),
        *workstreams,
        *bridge.bridge_lines(rows),
        *organisations,
        *schemes,
        *made.milestones,
        *made.risks,
        *made.indicators,
    ]


def _schemes(facts: Facts, milestones: list[Line]) -> list[Line]:
    """Scheme lines of every organisation: worked out where gathered, else as stored."""
    red = _red_benefits(facts, milestones)
    kept = [line for line in facts.kept if line.subject is Subject.SCHEME]
    fresh = [
        line
        for o in facts.organisations
        if o.position is not None
        for line in scheme_lines(o, o.position, facts, red)
    ]
    return sorted([*kept, *fresh], key=lambda line: line.subject_id)


def _red_benefits(facts: Facts, milestones: list[Line]) -> dict[str, str]:
    """Scheme subject id -> title of the first red milestone that carries its benefit."""
    titles = {m.subject_id: m.label for m in milestones if m.rag is Rag.RED}
    links = sorted(facts.benefits, reverse=True)
    return {scheme: titles[ref] for ref, scheme in links if ref in titles}
