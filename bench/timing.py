"""Measuring: warm-ups, repeats, the median and how far the repeats lie apart."""

import gc
import os
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timed:
    """Seconds of each repeat, in the order they ran: by the clock, and of processor time.

    Processor time is that of this process and of the children it waited for.
    """

    seconds: tuple[float, ...]
    processor: tuple[float, ...] = ()

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def spread(self) -> float:
        """Distance from the quickest to the slowest repeat, in seconds."""
        return max(self.seconds) - min(self.seconds)

    @property
    def note(self) -> str:
        """How many repeats there were, how far they lie apart, and their processor time."""
        said = f"median of {len(self.seconds)}, {self.spread * 1000:,.0f} ms apart"
        if not self.processor:
            return said
        return f"{said}; processor {statistics.median(self.processor) * 1000:,.0f} ms"

    def percentile(self, percent: float) -> float:
        """The nearest-rank percentile, in seconds."""
        return percentile(self.seconds, percent)


def together(parts: Iterable[Timed]) -> Timed:
    """The repeats of several as one."""
    of = list(parts)
    return Timed(
        tuple(seconds for part in of for seconds in part.seconds),
        tuple(seconds for part in of for seconds in part.processor),
    )


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
    seconds, processor = [], []
    for number in range(warm + repeats):
        if before:
            before()
        gc.collect()
        busy, start = _processor(), time.perf_counter()
        work()
        took = time.perf_counter() - start
        if number >= warm:
            seconds.append(took)
            processor.append(_processor() - busy)
    return Timed(tuple(seconds), tuple(processor))


def _processor() -> float:
    return sum(os.times()[:4])


def in_turn(works: Sequence[Callable[[], object]], *, repeats: int, warm: int = 1) -> list[Timed]:
    """Time several pieces of work turn and turn about, so that a busy moment hits all alike."""
    rounds = [
        [timed(work, repeats=1, warm=0 if number else warm) for work in works]
        for number in range(repeats)
    ]
    return [together(r[place] for r in rounds) for place in range(len(works))]
