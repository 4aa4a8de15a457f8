"""The indicator's rating against its plan, rows 1 to 11 (rag-rules, "Indicator").

Values are exact (Decimal, compared as fractions). Where the rules' text leaves room, the
reading taken stands in docs/rag.md.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from indicators.rag.words import LIMITS, Better, IndicatorCode, rating
from stp.core.periods import day_text
from stp.core.rag import Rag, Rating, severity


@dataclass(frozen=True, slots=True)
class Observation:
    """One value of a series, for a period that ends on `period_end`.

    `dated_on` is the day it stands for: the period's end, a rolling period's midpoint.
    `published_on` None means the default, the period's end plus the measure's lag.
    """

    value: Decimal
    period_end: dt.date
    dated_on: dt.date
    published_on: dt.date | None = None
    lower_95: Decimal | None = None
    upper_95: Decimal | None = None

    @property
    def interval(self) -> tuple[Decimal, Decimal] | None:
        if self.lower_95 is None or self.upper_95 is None:
            return None
        return self.lower_95, self.upper_95

    def includes(self, value: Fraction) -> bool:
        """Whether the 95 % interval, limits included, holds `value`."""
        limits = self.interval
        return limits is not None and Fraction(limits[0]) <= value <= Fraction(limits[1])


@dataclass(frozen=True, slots=True)
class PartInput:
    """A measure, or one part of it (a sex, an area). None is "not stated", never zero.

    `comparable` is True once a named person marked the series "same method as baseline".
    `spc_concern` is None where SPC has not been run; `spc_points` counts independent points
    (overlapping rolling periods have none to count).
    """

    name: str = ""  # "men", "Corby"; '' for a measure in one part
    target: Decimal | None = None
    target_on: dt.date | None = None
    strict: bool = False  # printed as "<50" or ">50": meeting it exactly is not enough
    baseline: Decimal | None = None
    baseline_on: dt.date | None = None
    comparable: bool | None = None
    observations: Sequence[Observation] = ()
    spc_concern: bool | None = None
    spc_points: int = 0

    @property
    def spc_tested(self) -> bool:
        return self.spc_concern is not None and self.spc_points >= LIMITS.spc_needs_points


@dataclass(frozen=True, slots=True)
class IndicatorInput:
    """An indicator's direction, rhythm and parts. `lag_days` from period end to publication."""

    better: Better | None
    parts: Sequence[PartInput]
    lag_days: int = 0
    interval_months: int = 12


@dataclass(frozen=True, slots=True)
class _Scale:
    """Which way is better, and comparisons that say so."""

    better: Better

    def gain(self, value: Decimal | Fraction, over: Decimal | Fraction) -> Fraction:
        """How much better `value` is than `over`; negative: worse."""
        difference = Fraction(value) - Fraction(over)
        return difference if self.better is Better.HIGHER else -difference

    def meets(self, value: Decimal | Fraction, target: Decimal | Fraction, *, strict: bool) -> bool:
        gain = self.gain(value, target)
        return gain > 0 if strict else gain >= 0


def rate_indicator(indicator: IndicatorInput, as_of: dt.date) -> Rating:
    """Rate part by part; the worst stands for the indicator and is named."""
    rated = [(p.name, rate_part(p, indicator, as_of)) for p in indicator.parts]
    if not rated:
        return rating(Rag.NOT_RATED, IndicatorCode.NO_TARGET, "The plan states no target")
    name, shown = min(rated, key=lambda pair: severity(pair[1].rag))
    if not name:
        return shown
    worst_of = f", the worst of {len(rated)} parts" if len(rated) > 1 else ""
    said = f"{name[:1].upper()}{name[1:]}{worst_of}: {shown.reason}"
    return Rating(shown.rag, shown.code, said)


def rate_part(part: PartInput, indicator: IndicatorInput, as_of: dt.date) -> Rating:
    """Rows 1 to 11 in their order for one part; the first that applies decides."""
    target = part.target
    if target is None:
        return rating(Rag.NOT_RATED, IndicatorCode.NO_TARGET, "The plan states no target")
    unfit = _rate_series(part, indicator)
    if unfit:
        return unfit
    if indicator.better is None:
        text = "Nobody has stated whether higher or lower is better"
        return rating(Rag.NOT_RATED, IndicatorCode.NO_DIRECTION, text)
    scale = _Scale(indicator.better)
    floor = part.baseline is not None and scale.gain(target, part.baseline) < 0
    if not floor and not _has_trajectory(part):
        text = "A trajectory needs a dated baseline and a later dated target; one is missing"
        return rating(Rag.NOT_RATED, IndicatorCode.NO_TRAJECTORY, text)
    latest = _latest(part, indicator, as_of, floor=floor)
    if latest is None:
        since = "" if floor or not part.baseline_on else f" after {day_text(part.baseline_on)}"
        text = f"No value for a period{since} has been published"
        return rating(Rag.NOT_RATED, IndicatorCode.NO_DATA, text)
    stale = _rate_stale(latest, indicator, as_of)
    if stale:
        return stale
    if floor:
        return _rate_floor(part, target, latest, scale)
    return _rate_progress(part, target, latest, scale)


def _rate_series(part: PartInput, indicator: IndicatorInput) -> Rating | None:
    """Row 2: until a named person says "same method", a series is not held to the plan."""
    if part.comparable or (part.comparable is None and not part.observations):
        return None
    text = (
        "The series is not marked as using the same method as the plan's value; "
        "set a baseline on this series to rate it"
    )
    return rating(Rag.NOT_RATED, IndicatorCode.METHOD_DIFFERS, text)


def _has_trajectory(part: PartInput) -> bool:
    if part.baseline is None or part.baseline_on is None or part.target_on is None:
        return False
    return part.baseline_on < part.target_on


def published_on(observation: Observation, indicator: IndicatorInput) -> dt.date:
    """The day an observation counts from: when published, by default period end + lag."""
    default = observation.period_end + dt.timedelta(days=indicator.lag_days)
    return observation.published_on or default


def _latest(
    part: PartInput, indicator: IndicatorInput, as_of: dt.date, *, floor: bool
) -> Observation | None:
    """The newest published value; for anything but a floor, later than the baseline."""
    since = None if floor else part.baseline_on
    counted = [
        o
        for o in part.observations
        if published_on(o, indicator) <= as_of
        and o.period_end <= as_of
        and (since is None or o.dated_on > since)
    ]
    return max(counted, key=lambda o: o.dated_on, default=None)


def stale_after(observation: Observation, indicator: IndicatorInput) -> dt.date:
    """Last day a value still rates: period end + lag + one interval + one month."""
    due = observation.period_end + dt.timedelta(days=indicator.lag_days)
    months = indicator.interval_months * LIMITS.stale_after_extra_intervals
    return _months_later(due, months + LIMITS.stale_after_extra_months)


def _months_later(day: dt.date, months: int) -> dt.date:
    """The same day of a later month, or that month's last day where it has none."""
    index = day.year * 12 + day.month - 1 + months
    first = dt.date(index // 12, index % 12 + 1, 1)
    last = (first.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
    return min(first.replace(day=min(day.day, last.day)), last)


def _rate_stale(latest: Observation, indicator: IndicatorInput, as_of: dt.date) -> Rating | None:
    limit = stale_after(latest, indicator)
    if as_of <= limit:
        return None
    text = (
        f"The latest value, {_show(latest.value)} for the period to "
        f"{day_text(latest.period_end)}, is too old to rate since {day_text(limit)}"
    )
    return rating(Rag.NOT_RATED, IndicatorCode.STALE, text)


def _rate_floor(part: PartInput, target: Decimal, latest: Observation, scale: _Scale) -> Rating:
    """Row 6: a target weaker than the baseline is a floor to stay above."""
    said = f"Latest {_show(latest.value)} against a floor of {_show(target)}"
    if not scale.meets(latest.value, target, strict=part.strict):
        return rating(Rag.RED, IndicatorCode.FLOOR_MISSED, f"{said}: missed")
    if part.spc_tested and part.spc_concern:
        text = f"{said}: met, but its run of values is getting worse"
        return rating(Rag.AMBER, IndicatorCode.FLOOR_MET_FALLING, text)
    trend = "" if part.spc_tested else "; trend not tested"
    doubt = _doubt(latest, Fraction(target))
    return rating(Rag.GREEN, IndicatorCode.FLOOR_MET, f"{said}: met{trend}{doubt}")


def _rate_progress(part: PartInput, target: Decimal, latest: Observation, scale: _Scale) -> Rating:
    """Rows 7 to 11. At and after the target's date the trajectory is the target itself, so a
    strict target stays strict there."""
    said = f"Latest {_show(latest.value)}"
    if scale.meets(latest.value, target, strict=part.strict):
        text = f"{said} meets the target of {_show(target)}{_doubt(latest, Fraction(target))}"
        return rating(Rag.GREEN, IndicatorCode.TARGET_MET, text)
    baseline, baseline_on, target_on = part.baseline, part.baseline_on, part.target_on
    if baseline is None or baseline_on is None or target_on is None:
        raise ValueError("rows 7 to 11 need a trajectory; row 3 comes first")
    wanted = trajectory(baseline, baseline_on, target, target_on, latest.dated_on)
    strict = part.strict and latest.dated_on >= target_on
    line = f"the trajectory's {_show(wanted)} for {day_text(latest.dated_on)}"
    if scale.meets(latest.value, wanted, strict=strict):
        text = f"{said} is at or better than {line}{_doubt(latest, wanted)}"
        return rating(Rag.GREEN, IndicatorCode.ON_TRAJECTORY, text)
    if scale.meets(latest.value, baseline, strict=False):
        text = f"{said} is no worse than the baseline of {_show(baseline)} but short of {line}"
        return rating(Rag.AMBER, IndicatorCode.BEHIND_TRAJECTORY, text)
    return _rate_worse(part, baseline, latest, scale)


def _rate_worse(part: PartInput, baseline: Decimal, latest: Observation, scale: _Scale) -> Rating:
    """Rows 10 and 11: worse than baseline, and is that more than chance?"""
    said = f"Latest {_show(latest.value)} is worse than the baseline of {_show(baseline)}"
    limits = latest.interval
    if limits and all(scale.gain(limit, baseline) < 0 for limit in limits):
        text = f"{said}, and so is all of its 95% interval"
        return rating(Rag.RED, IndicatorCode.WORSE_THAN_BASELINE, text)
    if part.spc_tested and part.spc_concern:
        text = f"{said}, and its run of {part.spc_points} values is getting worse"
        return rating(Rag.RED, IndicatorCode.WORSE_THAN_BASELINE, text)
    if limits:
        text = f"{said}, but its 95% interval includes the baseline"
        return rating(Rag.AMBER, IndicatorCode.NO_CLEAR_CHANGE, text)
    text = f"{said}; no 95% interval is to be had"
    return rating(Rag.AMBER, IndicatorCode.WORSE_UNCONFIRMED, text)


def trajectory(
    baseline: Decimal,
    baseline_on: dt.date,
    target: Decimal,
    target_on: dt.date,
    day: dt.date,
) -> Fraction:
    """The straight line from dated baseline to dated target; flat before and after."""
    whole = (target_on - baseline_on).days
    gone = min(max((day - baseline_on).days, 0), whole)
    start = Fraction(baseline)
    return start + (Fraction(target) - start) * Fraction(gone, whole)


def _doubt(latest: Observation, value: Fraction) -> str:
    """GREEN by point estimate says so where the interval includes what it is held against."""
    inside = latest.includes(value)
    return ", by point estimate: the 95% interval includes it" if inside else ""


def _show(value: Decimal | Fraction) -> str:
    """A value as people write it: at most three decimals, no trailing zeros."""
    if isinstance(value, Fraction):
        value = Decimal(value.numerator) / Decimal(value.denominator)
    text = f"{value:,.3f}"
    return text.rstrip("0").rstrip(".")
