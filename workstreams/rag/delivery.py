"""The workstream's Delivery dimension (rag-rules, "Workstream").

Where the rules' text leaves room (see docs/rag.md, "Readings"): the share of red is taken of
the open milestones that are rated, since a milestone that is not rated may never improve a
roll-up; the share of amber or not rated is taken of all open ones. Shares need two items.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from stp.core.rag import Rag, Rating, share_text
from workstreams.rag.words import LIMITS, DeliveryCode, MilestoneCode, plural, rating

_NOT_PART = (MilestoneCode.WITHDRAWN.value, MilestoneCode.DEFERRED.value)


@dataclass(frozen=True, slots=True)
class RatedMilestone:
    """A milestone of the workstream with its rating."""

    title: str
    rating: Rating
    critical: bool = False

    @property
    def open(self) -> bool:
        """Neither completed, withdrawn, deferred nor unconfirmed history."""
        ended = (*_NOT_PART, MilestoneCode.HISTORY_UNCONFIRMED.value)
        return self.rating.rag is not Rag.COMPLETE and self.rating.code not in ended


def rate_delivery(milestones: Sequence[RatedMilestone]) -> Rating:
    """Worst news first: a critical red, many reds, any red, many ambers or unrated, else green."""
    open_ones = [m for m in milestones if m.open]
    if not open_ones:
        return _rate_none_open(milestones)
    return _rate_red(open_ones) or _rate_amber(open_ones)


def _rate_none_open(milestones: Sequence[RatedMilestone]) -> Rating:
    """Withdrawn and deferred ones take no part; unconfirmed history is not known to be done."""
    counted = [m for m in milestones if m.rating.code not in _NOT_PART]
    if not counted:
        left = "; all are withdrawn or deferred" if milestones else ""
        text = f"No milestone to rate{left}"
        return rating(Rag.NOT_RATED, DeliveryCode.NO_MILESTONES, text)
    unknown = sum(m.rating.rag is not Rag.COMPLETE for m in counted)
    if unknown:
        text = (
            f"No milestone is open, and {plural(unknown, 'milestone')} from before "
            "the tracker's start never confirmed"
        )
        return rating(Rag.NOT_RATED, DeliveryCode.HISTORY_UNCONFIRMED, text)
    text = f"All complete: {plural(len(counted), 'milestone')}"
    return rating(Rag.GREEN, DeliveryCode.ALL_COMPLETE, text)


def _many(part: int, whole: int, items: int) -> bool:
    """Whether `part` reaches the share of `whole`; needs at least two open items."""
    enough = items >= LIMITS.percentage_needs_items
    return enough and part * 100 >= LIMITS.delivery_share_percent * whole


def _rate_red(open_ones: Sequence[RatedMilestone]) -> Rating | None:
    red = [m for m in open_ones if m.rating.rag is Rag.RED]
    if not red:
        return None
    critical = next((m for m in red if m.critical), None)
    if critical:
        text = f"A critical milestone is red: “{critical.title}”"
        return rating(Rag.RED, DeliveryCode.CRITICAL_RED, text)
    rated = sum(m.rating.rag is not Rag.NOT_RATED for m in open_ones)
    limit = LIMITS.delivery_share_percent
    said = f"{len(red)} of {plural(rated, 'open rated milestone')} red"
    if _many(len(red), rated, len(open_ones)):
        text = f"{said} ({share_text(len(red), rated)}); red from {limit}%"
        return rating(Rag.RED, DeliveryCode.MANY_RED, text)
    text = f"{said}, “{red[0].title}”; amber from one, red from {limit}% of at least two"
    return rating(Rag.AMBER, DeliveryCode.ANY_RED, text)


def _rate_amber(open_ones: Sequence[RatedMilestone]) -> Rating:
    total = len(open_ones)
    unrated = sum(m.rating.rag is Rag.NOT_RATED for m in open_ones)
    doubtful = unrated + sum(m.rating.rag is Rag.AMBER for m in open_ones)
    limit = LIMITS.delivery_share_percent
    said = f"{doubtful} of {plural(total, 'open milestone')} amber or not rated"
    if _many(doubtful, total, total):
        text = f"{said} ({share_text(doubtful, total)}); amber from {limit}%"
        return rating(Rag.AMBER, DeliveryCode.MANY_AMBER_OR_NOT_RATED, text)
    if unrated == total:
        text = f"The only open milestone is not rated: “{open_ones[0].title}”"
        return rating(Rag.NOT_RATED, DeliveryCode.ONLY_ONE_NOT_RATED, text)
    text = f"{said}; amber from {limit}% of at least two"
    return rating(Rag.GREEN, DeliveryCode.MILESTONES_ON_TRACK, text)
