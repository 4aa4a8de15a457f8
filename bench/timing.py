"""Measuring: warm-ups, repeats, the median and how far the repeats lie apart."""

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timed:
    """Seconds of each repeat, in the order they ran."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def spread(self) -> float:
        """Distance from the quickest to the slowest repeat, in seconds."""
        return max(self.seconds) - min(self.seconds)

    def percentile(self, percent: float) -> float:
        """The nearest-rank percentile, in seconds."""
        return percentile(self.seconds, percent)


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` of the values do not exceed; 0.0 of none."""
    ordered = sorted(values)
    if not ordered:
        return 0.0
    place = -(-len(ordered) * percent // 100)
    return ordered[max(int(place), 1) - 1]


def timed(
    work: Callable[[], object],
    *,
    repeats: int,
    warm: int = 1,
    before: Callable[[], object] | None = None,
) -> Timed:
    """Run `work` `warm` times untimed, then `repeats` times by the clock.

    `before` runs ahead of each call, untimed. Rubbish is collected before a repeat, not in it.
    """
    seconds = []
    for number in range(warm + repeats):
        if before:
            before()
        gc.collect()
        start = time.perf_counter()
        work()
        took = time.perf_counter() - start
        if number >= warm:
            seconds.append(took)
    return Timed(tuple(seconds))


def in_turn(works: Sequence[Callable[[], object]], *, repeats: int, warm: int = 1) -> list[Timed]:
    """Time several pieces of work turn and turn about, so that a busy moment hits all alike."""
    rounds = [[timed(work, repeats=1, warm=warm if not n else 0) for work in works]
              for n in range(repeats)]  # fmt: skip
    return [Timed(tuple(r[place].seconds[0] for r in rounds)) for place in range(len(works))]
