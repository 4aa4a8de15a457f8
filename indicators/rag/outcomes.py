"""The workstream's Outcomes dimension (rag-rules, "Workstream").

The third that makes it red is taken of the indicators that are rated: one that is not rated
may never improve a roll-up (docs/rag.md, "Readings").
"""

from collections.abc import Iterable

from indicators.rag.words import LIMITS, OutcomesCode, rating
from stp.core.rag import Rag, Rating


def rate_outcomes(ratings: Iterable[Rating]) -> Rating:
    """Roll up the ratings of the indicators linked to a workstream."""
    linked = [r for r in ratings if r.rag is not Rag.NOT_APPLICABLE]
    total = len(linked)
    unrated = sum(r.rag is Rag.NOT_RATED for r in linked)
    red = sum(r.rag is Rag.RED for r in linked)
    if not total:
        return rating(Rag.NOT_RATED, OutcomesCode.NO_OUTCOMES, "No indicator is linked")
    if unrated * 100 > LIMITS.not_rated_over_percent * total:
        text = f"{unrated} of {_indicators(total)} not rated; not rated over half"
        return rating(Rag.NOT_RATED, OutcomesCode.NO_OUTCOMES, text)
    rated = total - unrated
    said = f"{red} of {_indicators(rated)} red"
    if red >= LIMITS.red_needs_items and red * LIMITS.red_share_one_in >= rated:
        text = f"{said}; red from a third and at least {LIMITS.red_needs_items}"
        return rating(Rag.RED, OutcomesCode.THIRD_RED, text)
    if red:
        text = f"{said}; amber from one, red from a third and at least {LIMITS.red_needs_items}"
        return rating(Rag.AMBER, OutcomesCode.ANY_RED, text)
    return rating(Rag.GREEN, OutcomesCode.OUTCOMES_HOLD, said)


def _indicators(n: int) -> str:
    return f"{n} linked indicator" if n == 1 else f"{n} linked indicators"
