"""Recompute after one organisation's return, in a programme of 500 schemes and one of 5,000.

The organisation has the same number of schemes in both.
"""

import itertools
from collections.abc import Iterator

from bench import seed
from bench.lines import Result, at_most, plain
from bench.timing import Timed, timed
from stp.core import clock
from stp.dashboards.actions import recompute

GROUP = "Recompute"
JUNE = "2017-06"
OWN = 42  # schemes of the organisation that sends: a twelfth of 500
ORGANISATIONS = 12


def run(*, tiny: bool) -> Iterator[Result]:
    """The same programme at both sizes, one after the other: the other organisations grow."""
    small, large, own, repeats = (24, 48, 2, 1) if tiny else (500, 5_000, OWN, 7)
    with clock.at(seed.NOW):
        seed.lay_out(seed.spread(small, first=own, organisations=ORGANISATIONS), milestones=400)
        first = _time(own, repeats)
        yield at_most(
            GROUP, f"after one organisation's return, {small:,} schemes", first.median, 1.0,
            unit=" s", note=first.note,
        )  # fmt: skip
        seed.grow(seed.spread(large, first=own, organisations=ORGANISATIONS))
        second = _time(own, repeats)
    yield at_most(
        GROUP, f"the same at {large:,} schemes, against that at {small:,}",
        second.median / first.median, 1.5, unit=" ×",
        note=f"{plain(second.median)} s; {second.note}",
    )  # fmt: skip


def _time(own: int, repeats: int) -> Timed:
    """Recomputes, each after a return that moves every scheme of one organisation."""
    for code in ("2017-05", JUNE):
        recompute(code)
    shifts = itertools.count(1)

    def returned() -> None:
        seed.put_in_force("o01", JUNE, own, shift=next(shifts) * 1_000)

    return timed(_recomputed, repeats=repeats, before=returned)


def _recomputed() -> None:
    if recompute(JUNE) is None:
        raise RuntimeError("nothing was recomputed, so nothing was measured")
