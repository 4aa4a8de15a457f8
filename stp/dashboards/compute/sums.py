"""What the roll-ups need of the schemes, one line an organisation. Pure.

A recompute after one organisation's return reads and works out that organisation's schemes
alone; of every other one it reads this line. All roll-ups are made from these lines, of
organisations just worked out and of stored ones alike, so neither way can differ from the other.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from finance.bridge import Placed, Summed, YearPosition, summed
from finance.rag import LineCode
from stp.core.lines import Line, Subject
from stp.core.references import key
from stp.core.standing import Code
from stp.dashboards.compute.facts import Facts, OrganisationFacts
from stp.dashboards.compute.months import add_months, sum_months

# Adult social care counts in no line of the bridge.
OUTSIDE = ""
_SIDES = ("shortfall", "ahead", "late_plan", "schemes")
_MONEY = (
    "plan", "forecast", "delivered", "secure", "at_risk", "slippage", "developed", "fye_not_stated",
)  # fmt: skip


def sums_lines(facts: Facts, schemes: Iterable[Line]) -> list[Line]:
    """A line for every organisation: of those gathered worked out anew, else as stored.

    KeyError for one that is neither: nothing would be known of its schemes.
    """
    kept = {x.organisation: x for x in facts.kept if x.subject is Subject.SUMS}
    of: dict[str, list[Line]] = {}
    for scheme in schemes:
        of.setdefault(scheme.organisation, []).append(scheme)
    return [
        kept[o.id] if o.position is None else _line(o, of.get(o.id, []), facts)
        for o in facts.organisations
    ]


def _line(organisation: OrganisationFacts, schemes: Sequence[Line], facts: Facts) -> Line:
    late = organisation.standing.code is Code.LATE
    years = _years([p for s in schemes for p in placed(s, late=late)])
    by_line: dict[str, list[Line]] = {}
    for scheme in schemes:
        by_line.setdefault(scheme.workstream, []).append(scheme)
    return Line(
        subject=Subject.SUMS,
        subject_id=organisation.id,
        organisation=organisation.id,
        detail={
            "lines": {
                name: {
                    "years": years.get(name, {}),
                    "months": sum_months(of, facts.period.year),
                    "ratings": dict(Counter(s.detail["counted_as"] for s in of)),
                    "now": _now(of),
                }
                for name, of in by_line.items()
            },
            "counterparty_effect": sum(s.detail["counterparty_effect"] or 0 for s in schemes),
            "claims": [
                [s.subject_id, s.detail["same_as"], s.plan_pence or 0]
                for s in schemes
                if s.detail["same_as"] not in ("", s.subject_id)
            ],
        },
    )


def placed(line: Line, *, late: bool) -> list[Placed]:
    """A scheme line as the bridge takes it, one entry a year; the inverse of how it is stored."""
    code = LineCode(line.line)
    return [
        Placed(line.organisation, code, year, YearPosition(**values), late)
        for year, values in line.detail["years"].items()
    ]


def _years(entries: Iterable[Placed]) -> dict[str, dict[str, dict[str, int]]]:
    """Bridge line -> year -> money and both sides, as the bridge adds them up."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    for one in summed(entries):
        values = {name: getattr(one.position, name) for name in _MONEY}
        values |= {name: getattr(one, name) for name in _SIDES}
        found.setdefault(one.line, {})[one.year] = values
    return found


def _now(schemes: Sequence[Line]) -> dict[str, int]:
    """Current-year sums in pence."""
    return {
        "plan": sum(s.plan_pence or 0 for s in schemes),
        "forecast": sum(s.forecast_pence or 0 for s in schemes),
        "delivered": sum(s.delivered_pence or 0 for s in schemes),
    }


def as_summed(sums: Iterable[Line]) -> list[Summed]:
    """The entries of the bridge; the inverse of `_years`."""
    return [
        Summed(
            line.organisation,
            name,
            year,
            YearPosition(**{key: values[key] for key in _MONEY}),
            **{key: values[key] for key in _SIDES},
        )
        for line in sums
        for name, part in line.detail["lines"].items()
        for year, values in part["years"].items()
    ]


def parts(sums: Iterable[Line], name: str) -> list[Mapping[str, Any]]:
    """What each organisation has in one line of the bridge."""
    return [s.detail["lines"][name] for s in sums if name in s.detail["lines"]]


def scheme_counts(of: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Schemes by what they count as: late ones as the worse of their carried rating and AMBER."""
    found: Counter[str] = Counter()
    for part in of:
        found.update(part["ratings"])
    return dict(sorted(found.items()))


def months(of: Iterable[Mapping[str, Any]], year: str) -> list[dict[str, Any]]:
    """Month by month over organisations and lines; see `sum_months`."""
    return add_months((part["months"] for part in of), year)


def inside_gap(sums: Iterable[Line]) -> list[Mapping[str, Any]]:
    """Everything that is in a row of the bridge."""
    return [part for s in sums for name, part in s.detail["lines"].items() if name != OUTSIDE]


def disputed(sums: Sequence[Line], plans: Mapping[str, int]) -> int:
    """Current-year plan that two schemes claim, in pence: the smaller claim of each pair, once.

    `plans` holds the plan of every scheme a claim names, by subject id, where there is one. A
    claim is somebody else's spelling of the reference.
    """
    by_key = {key(subject_id): plan for subject_id, plan in plans.items()}
    pairs = {
        frozenset((key(mine), key(theirs))): min(plan, by_key.get(key(theirs), plan))
        for line in sums
        for mine, theirs, plan in line.detail["claims"]
    }
    return sum(pairs.values())


def claimed(claims: Iterable[Line]) -> set[str]:
    """Subject ids that stored claims name."""
    return {theirs for line in claims for _, theirs, _ in line.detail["claims"]}
