"""Roll-ups: the workstream, the programme, and declared confidence beside them.

Source: rag-rules, "Workstream", "Programme", "Declared confidence". Pure: ratings in, a Rating
out. NOT_RATED never improves a roll-up; NOT_APPLICABLE takes no part in one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from stp.core.rag import Rag, Rating, worst


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Every limit of these rules; docs/rag.md prints them and a test holds the two together."""

    version: str = "roll-ups 2017.1"
    red_areas: int = 2
    not_rated_areas_over_percent: int = 50
    confidence_difference: int = 2


LIMITS = Thresholds()


class Dimension(StrEnum):
    DELIVERY = "delivery"
    FINANCE = "finance"
    RISK = "risk"
    OUTCOMES = "outcomes"


class WorkstreamCode(StrEnum):
    DIMENSION_RED = "dimension_red"
    DIMENSION_AMBER = "dimension_amber"
    HELD_AT_AMBER = "held_at_amber"
    ALL_GREEN = "all_green"
    NOTHING_RATED = "nothing_rated"


class ProgrammeCode(StrEnum):
    AREAS_RED = "areas_red"
    FINANCE_RED = "finance_red"
    AREAS_NOT_RATED = "areas_not_rated"
    WORKSTREAM_NOT_GREEN = "workstream_not_green"
    FINANCE_NOT_GREEN = "finance_not_green"
    PROGRAMME_GREEN = "programme_green"


class Confidence(StrEnum):
    """The five-point delivery confidence scale of UK government major projects, worst first."""

    RED = "red"
    AMBER_RED = "amber/red"
    AMBER = "amber"
    AMBER_GREEN = "amber/green"
    GREEN = "green"

    @property
    def step(self) -> int:
        return list(Confidence).index(self) + 1


class ConfidenceCode(StrEnum):
    NOT_DECLARED = "not_declared"
    DECLARED_NOT_COMPUTED = "declared_not_computed"
    DIFFERS = "differs"
    AGREES = "agrees"


_COMPUTED_STEP = {Rag.RED: 1, Rag.AMBER: 3, Rag.GREEN: 5, Rag.COMPLETE: 5}


@dataclass(frozen=True, slots=True)
class ConfidenceView:
    """Declared beside computed. `steps` is declared minus computed; None without both."""

    code: str
    steps: int | None
    sentence: str

    @property
    def for_the_board(self) -> bool:
        """Everything but agreement is listed."""
        return self.code != ConfidenceCode.AGREES


def _rating(rag: Rag, code: StrEnum, sentence: str) -> Rating:
    return Rating(rag, code.value, f"{sentence}.")


def rate_workstream(dimensions: Mapping[Dimension, Rating]) -> Rating:
    """The worst dimension that applies; one that is not rated holds the overall at amber."""
    applicable = {d: r for d, r in dimensions.items() if r.rag is not Rag.NOT_APPLICABLE}
    unrated = [d for d, r in applicable.items() if r.rag is Rag.NOT_RATED]
    if len(unrated) == len(applicable):
        text = "No dimension can be rated yet"
        return _rating(Rag.NOT_RATED, WorkstreamCode.NOTHING_RATED, text)
    named = {d: r for d, r in applicable.items() if r.rag in (Rag.RED, Rag.AMBER)}
    shown = worst(named.values())
    if shown is not None:
        dimension = next(d for d, r in named.items() if r is shown)
        red = shown.rag is Rag.RED
        code = WorkstreamCode.DIMENSION_RED if red else WorkstreamCode.DIMENSION_AMBER
        text = f"{dimension.value.capitalize()}: {shown.reason}"
        return Rating(shown.rag, code.value, text)
    if unrated:
        names = " and ".join(d.value.capitalize() for d in unrated)
        verb = "is" if len(unrated) == 1 else "are"
        text = f"{names} {verb} not rated, which holds the overall at amber"
        return _rating(Rag.AMBER, WorkstreamCode.HELD_AT_AMBER, text)
    return _rating(Rag.GREEN, WorkstreamCode.ALL_GREEN, "Every dimension that applies is green")


def rate_programme(
    areas: Mapping[str, Rating], others: Mapping[str, Rating], finance: Rating
) -> Rating:
    """Roll up the delivery areas, the other workstreams and the programme's Finance, by name.

    `others` are the enablers and the national efficiency row, which is a workstream of the
    board's table too: it can hold the programme at amber, never make it red by itself.
    """
    return _rate_red(areas, finance) or _rate_unknown(areas) or _rate_held(areas, others, finance)


def _rate_red(areas: Mapping[str, Rating], finance: Rating) -> Rating | None:
    red = [name for name, r in areas.items() if r.rag is Rag.RED]
    if len(red) >= LIMITS.red_areas:
        text = f"{len(red)} delivery areas are red: {', '.join(red)}; red from {LIMITS.red_areas}"
        return _rating(Rag.RED, ProgrammeCode.AREAS_RED, text)
    if finance.rag is Rag.RED:
        return Rating(Rag.RED, ProgrammeCode.FINANCE_RED.value, f"Finance: {finance.reason}")
    return None


def _rate_unknown(areas: Mapping[str, Rating]) -> Rating | None:
    """Over half the delivery areas not rated; none at all are not rated either."""
    applicable = [r for r in areas.values() if r.rag is not Rag.NOT_APPLICABLE]
    unrated = sum(r.rag is Rag.NOT_RATED for r in applicable)
    share = LIMITS.not_rated_areas_over_percent
    if applicable and unrated * 100 <= share * len(applicable):
        return None
    text = f"{unrated} of {len(applicable)} delivery areas are not rated; not rated over half"
    return _rating(Rag.NOT_RATED, ProgrammeCode.AREAS_NOT_RATED, text)


def _rate_held(
    areas: Mapping[str, Rating], others: Mapping[str, Rating], finance: Rating
) -> Rating:
    held = (Rag.RED, Rag.AMBER, Rag.NOT_RATED)
    named = [f"{n} {r.rag.word.lower()}" for n, r in {**areas, **others}.items() if r.rag in held]
    if named:
        text = f"Not all workstreams are green: {', '.join(named)}"
        return _rating(Rag.AMBER, ProgrammeCode.WORKSTREAM_NOT_GREEN, text)
    if finance.rag not in (Rag.GREEN, Rag.COMPLETE):
        code = ProgrammeCode.FINANCE_NOT_GREEN
        return Rating(Rag.AMBER, code.value, f"Finance is not green: {finance.reason}")
    text = "Every workstream that is rated and the programme's finance are green"
    return _rating(Rag.GREEN, ProgrammeCode.PROGRAMME_GREEN, text)


def compare_confidence(
    declared: Confidence | None, computed: Rating, comment: str = ""
) -> ConfidenceView:
    """Set the owner's declared confidence beside the computed rating; it never overwrites it."""
    if declared is None:
        return ConfidenceView(ConfidenceCode.NOT_DECLARED.value, None, "Not declared.")
    said = f"owner says {declared.value}" + (f": {comment}" if comment else "")
    step = _COMPUTED_STEP.get(computed.rag)
    if step is None:
        code = ConfidenceCode.DECLARED_NOT_COMPUTED
        return ConfidenceView(code.value, None, f"Declared, not computed; {said}.")
    steps = declared.step - step
    differs = abs(steps) >= LIMITS.confidence_difference
    code = ConfidenceCode.DIFFERS if differs else ConfidenceCode.AGREES
    text = f"Rule says {computed.rag.word.lower()}, {said}."
    return ConfidenceView(code.value, steps, text)
