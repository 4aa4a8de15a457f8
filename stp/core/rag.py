"""The only list of ratings, and what a rating is.

Source of the vocabulary: rag-rules ("A rating is a value, a stable reason code, and one
sentence a board member understands"). Rules live in each subject's own `rag.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Rag(StrEnum):
    """The six values a rating can take."""

    RED = "RED"
    AMBER = "AMBER"
    GREEN = "GREEN"
    COMPLETE = "COMPLETE"
    NOT_RATED = "NOT_RATED"
    NOT_APPLICABLE = "NOT_APPLICABLE"

    @property
    def word(self) -> str:
        return self.value.replace("_", " ").capitalize()

    @property
    def letter(self) -> str:
        return "".join(word[0] for word in self.value.split("_"))


# Worst first; COMPLETE is as good as GREEN, NOT_APPLICABLE takes no part.
WORST_FIRST = (Rag.RED, Rag.AMBER, Rag.NOT_RATED, Rag.GREEN, Rag.COMPLETE)


@dataclass(frozen=True, slots=True)
class Rating:
    """A colour, the stable code of the rule that gave it, and one sentence that says why."""

    rag: Rag
    code: str
    reason: str


def severity(rag: Rag) -> int:
    """0 is worst (RED); NOT_APPLICABLE comes last."""
    return WORST_FIRST.index(rag) if rag in WORST_FIRST else len(WORST_FIRST)


def worst(ratings: Iterable[Rating]) -> Rating | None:
    """The worst rating that applies, the first one among equals; None if none applies."""
    applicable = [r for r in ratings if r.rag is not Rag.NOT_APPLICABLE]
    return min(applicable, key=lambda r: severity(r.rag), default=None)


def share_text(part: int, whole: int) -> str:
    """`part` as a percentage of a positive `whole`: '92%', '94.9%'.

    Cut to one decimal, never rounded up: a ratio just short of a threshold must not print as
    the threshold it missed.
    """
    tenths = part * 1000 // whole
    return f"{tenths // 10}%" if tenths % 10 == 0 else f"{tenths / 10:.1f}%"
