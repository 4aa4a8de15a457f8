"""The risk's rating and the workstream's Risk dimension (rag-rules, "Risk", "Workstream")."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from stp.core.periods import day_text
from stp.core.rag import Rag, Rating
from workstreams.rag.words import LIMITS, RiskCode, RisksCode, plural, rating


@dataclass(frozen=True, slots=True)
class RiskInput:
    """A recorded risk: current (residual) likelihood and impact, 1 to 5; None: not scored."""

    title: str
    likelihood: int | None = None
    impact: int | None = None
    open: bool = True

    @property
    def score(self) -> int | None:
        return risk_score(self.likelihood, self.impact)


def risk_score(likelihood: int | None, impact: int | None) -> int | None:
    """Likelihood × impact, 1 to 25; None unless both are given. ValueError outside 1 to 5."""
    for name, value in (("likelihood", likelihood), ("impact", impact)):
        if value is not None and not 1 <= value <= 5:
            raise ValueError(f"A risk's {name} is a whole number from 1 to 5, not {value}.")
    return None if likelihood is None or impact is None else likelihood * impact


def rate_risk(
    likelihood: int | None,
    impact: int | None,
    *,
    as_of: dt.date,
    review_on: dt.date | None = None,
) -> Rating:
    """15 to 25 red, 8 to 12 amber, 1 to 6 green. An overdue review is said, never coloured."""
    score = risk_score(likelihood, impact)
    late = review_on is not None and review_on < as_of
    beside = f"; its review was due on {day_text(review_on)}" if review_on and late else ""
    if score is None:
        return rating(
            Rag.NOT_RATED, RiskCode.UNSCORED, f"Likelihood and impact are not both scored{beside}"
        )
    said = f"Likelihood {likelihood} × impact {impact} = {score}"
    red, amber = LIMITS.risk_red_score, LIMITS.risk_amber_score
    if score >= red:
        return rating(Rag.RED, RiskCode.SCORE_RED, f"{said}; red from {red}{beside}")
    if score >= amber:
        text = f"{said}; amber from {amber}, red from {red}{beside}"
        return rating(Rag.AMBER, RiskCode.SCORE_AMBER, text)
    return rating(Rag.GREEN, RiskCode.SCORE_GREEN, f"{said}; amber from {amber}{beside}")


def rate_risks(risks: Sequence[RiskInput]) -> Rating:
    """The workstream's Risk dimension: its highest open risk.

    An open risk without a score never counts as low: unless a scored one decides, the
    dimension is not rated. Recorded risks that are all closed leave nothing to fear: green.
    """
    if not risks:
        return rating(Rag.NOT_RATED, RisksCode.NO_RISKS, "No risk is recorded")
    still_open = [r for r in risks if r.open]
    scored = [(r.score, r) for r in still_open if r.score is not None]
    unscored = len(still_open) - len(scored)
    top_score, top = max(scored, key=lambda pair: pair[0], default=(0, None))
    if top is not None and top_score >= LIMITS.risks_amber_score:
        return _rate_highest(top.title, top_score)
    if unscored:
        text = f"{unscored} of {plural(len(still_open), 'open risk')} not scored"
        return rating(Rag.NOT_RATED, RisksCode.RISKS_UNSCORED, text)
    if top is None:
        return rating(Rag.GREEN, RisksCode.RISKS_BELOW_15, "Every recorded risk is closed")
    text = f"The highest open risk, “{top.title}”, scores {top_score}"
    limit = LIMITS.risks_amber_score
    return rating(Rag.GREEN, RisksCode.RISKS_BELOW_15, f"{text}; amber from {limit}")


def _rate_highest(title: str, score: int) -> Rating:
    red, amber = LIMITS.risks_red_score, LIMITS.risks_amber_score
    said = f"The highest open risk, “{title}”, scores {score}"
    if score >= red:
        return rating(Rag.RED, RisksCode.RISK_20_OR_MORE, f"{said}; red from {red}")
    text = f"{said} and is itself red; the workstream is amber from {amber}, red from {red}"
    return rating(Rag.AMBER, RisksCode.RISK_15_OR_MORE, text)
