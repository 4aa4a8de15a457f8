"""Recompute after one organisation's return, in a programme of 500 schemes and one of 5,000.

The organisation has the same number of schemes in both.
"""

import time

from bench import seed
from bench.lines import Result, at_most, ms, plain
from bench.timing import Timed
from stp.core import clock
from stp.dashboards.actions import recompute

GROUP = "Recompute"
JUNE = "2017-06"
OWN = 42  # schemes of the organisation that sends: a twelfth of 500
ORGANISATIONS = 12


def run(*, tiny: bool) -> list[Result]:
    """The same programme at both sizes, one after the other: the other organisations grow."""
    small, large, own, repeats = (24, 48, 2, 1) if tiny else (500, 5_000, OWN, 7)
    with clock.at(seed.NOW):
        seed.lay_out(seed.spread(small, first=own, organisations=ORGANISATIONS), milestones=400)
        first = _time(own, repeats)
        seed.grow(seed.spread(large, first=own, organisations=ORGANISATIONS))
        second = _time(own, repeats)
    ratio = second.median / first.median
    return [
        at_most(GROUP, f"after one organisation's return, {small:,} schemes", first.median, 1.0,
                unit=" s", note=_spread(first)),
        at_most(GROUP, f"the same at {large:,} schemes, against that at {small:,}", ratio, 1.5,
                unit=" ×", note=f"{plain(second.median)} s; {_spread(second)}"),
    ]  # fmt: skip


def _spread(found: Timed) -> str:
    return f"median of {len(found.seconds)}, {ms(found.spread)} apart"


def _time(own: int, repeats: int) -> Timed:
    """Seconds of recomputes, each after a return that moves every scheme of one organisation."""
    for code in ("2017-05", JUNE):
        recompute(code)
    seconds = []
    for number in range(1, repeats + 2):
        seed.put_in_force("o01", JUNE, own, shift=number * 1_000)
        start = time.perf_counter()
        published = recompute(JUNE)
        seconds.append(time.perf_counter() - start)
        if published is None:
            raise RuntimeError("nothing was recomputed, so nothing was measured")
    return Timed(tuple(seconds[1:]))
