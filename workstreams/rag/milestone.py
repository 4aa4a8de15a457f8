"""The milestone's rating, rows 1 to 9 (rag-rules, "Milestone").

Facts dated after `as_of` do not rate: a completion or a confirmation of a later day counts as
not yet made. A forecast is no fact of its day and always counts.
"""

import datetime as dt
from dataclasses import dataclass

from stp.core.periods import day_text
from stp.core.rag import Rag, Rating
from workstreams.rag.words import LIMITS, MilestoneCode, MilestoneStatus, plural, rating


@dataclass(frozen=True, slots=True)
class MilestoneInput:
    """A milestone's state at a period. `baseline_on` is the approved baseline in force."""

    baseline_on: dt.date | None = None
    original_baseline_on: dt.date | None = None
    forecast_on: dt.date | None = None
    completed_on: dt.date | None = None
    confirmed_on: dt.date | None = None  # last day a person confirmed it, "no change" included
    status: MilestoneStatus = MilestoneStatus.ACTIVE
    critical: bool = False
    from_plan: bool = False


@dataclass(frozen=True, slots=True)
class Slip:
    """Days late (negative: early) against the approved and the original baseline."""

    approved: int | None
    original: int | None


def days_slipped(milestone: MilestoneInput, as_of: dt.date) -> Slip:
    """Expected (or actual) day minus baseline, so that re-baselining shows.

    The expected day is the forecast, without one the baseline; what is not complete at
    `as_of` cannot come before it, so an overdue milestone has slipped at least to `as_of`.
    """
    done = _completed(milestone, as_of)
    expected = milestone.forecast_on or milestone.baseline_on
    if expected is None and done is None:
        return Slip(None, None)
    day = done or max(expected or as_of, as_of)
    original = milestone.original_baseline_on or milestone.baseline_on
    return Slip(
        (day - milestone.baseline_on).days if milestone.baseline_on else None,
        (day - original).days if original else None,
    )


def rate_milestone(milestone: MilestoneInput, as_of: dt.date) -> Rating:
    """Rows 1 to 9 in their order; the first that applies decides."""
    ended = _rate_ended(milestone, as_of)
    if ended:
        return ended
    baseline = milestone.baseline_on
    if baseline is None:
        return rating(Rag.NOT_RATED, MilestoneCode.NO_BASELINE, "No baseline date has been agreed")
    return (
        _rate_history(milestone, baseline, as_of)
        or _rate_slip(milestone, baseline, as_of)
        or _rate_quiet(milestone, baseline, as_of)
    )


def _completed(milestone: MilestoneInput, as_of: dt.date) -> dt.date | None:
    day = milestone.completed_on
    return day if day is not None and day <= as_of else None


def _confirmed(milestone: MilestoneInput, as_of: dt.date) -> dt.date | None:
    day = milestone.confirmed_on
    return day if day is not None and day <= as_of else None


def _rate_ended(milestone: MilestoneInput, as_of: dt.date) -> Rating | None:
    """Rows 1 and 2."""
    if milestone.status is MilestoneStatus.WITHDRAWN:
        return rating(Rag.NOT_RATED, MilestoneCode.WITHDRAWN, "Withdrawn, so not rated")
    if milestone.status is MilestoneStatus.DEFERRED:
        return rating(Rag.NOT_RATED, MilestoneCode.DEFERRED, "Deferred, so not rated")
    done = _completed(milestone, as_of)
    if done is None:
        return None
    said = f"Completed on {day_text(done)}"
    if milestone.baseline_on is None:
        return rating(
            Rag.COMPLETE, MilestoneCode.COMPLETE_NO_BASELINE, f"{said}; no baseline was agreed"
        )
    late = (done - milestone.baseline_on).days
    if late > 0:
        days = plural(late, "day")
        return rating(
            Rag.COMPLETE, MilestoneCode.COMPLETE_LATE, f"{said}, {days} after its baseline"
        )
    return rating(Rag.COMPLETE, MilestoneCode.COMPLETE_ON_TIME, f"{said}, on time")


def _rate_history(milestone: MilestoneInput, baseline: dt.date, as_of: dt.date) -> Rating | None:
    """Row 3. "Dated" is the baseline in force: re-baselining is a person's act."""
    before = baseline < LIMITS.tracker_starts_on
    if milestone.from_plan and before and not _confirmed(milestone, as_of):
        start = day_text(LIMITS.tracker_starts_on)
        return rating(
            Rag.NOT_RATED,
            MilestoneCode.HISTORY_UNCONFIRMED,
            f"The plan dates it {day_text(baseline)}, before the tracker starts on {start}, "
            "and nobody has confirmed what became of it",
        )
    return None


def _rate_slip(milestone: MilestoneInput, baseline: dt.date, as_of: dt.date) -> Rating | None:
    """Rows 5 to 7; without a forecast the baseline is the forecast."""
    forecast = milestone.forecast_on or baseline
    said = _unconfirmed(milestone, baseline, as_of)
    beside = f"; {said}" if said else ""
    if baseline <= as_of and forecast <= as_of:
        return rating(
            Rag.RED,
            MilestoneCode.OVERDUE_NO_NEW_DATE,
            f"Due on {day_text(baseline)}, not complete, and no new date is given{beside}",
        )
    slip = (forecast - baseline).days
    limit = LIMITS.slip_red_days_critical if milestone.critical else LIMITS.slip_red_days
    if slip <= 0:
        return None
    kind = " for a critical milestone" if milestone.critical else ""
    start = f"Forecast {plural(slip, 'day')} after baseline; red from {limit + 1} days{kind}"
    if slip > limit:
        return rating(Rag.RED, MilestoneCode.SLIP_RED, f"{start}{beside}")
    return rating(Rag.AMBER, MilestoneCode.SLIP_AMBER, f"{start}, amber from 1 day{beside}")


def _unconfirmed(milestone: MilestoneInput, baseline: dt.date, as_of: dt.date) -> str:
    """Why nobody's word stands behind the dates, '' if somebody's does.

    "Due within 180 days" goes with "last confirmed more than 45 days before" alone: never
    confirmed is never confirmed however far off. Due is the earlier of baseline and forecast.
    """
    confirmed = _confirmed(milestone, as_of)
    if confirmed is None:
        return "nobody has confirmed it yet"
    due = min(baseline, milestone.forecast_on or baseline)
    age = (as_of - confirmed).days
    away = (due - as_of).days
    if age <= LIMITS.confirm_every_days or away > LIMITS.confirm_when_due_within_days:
        return ""
    return f"last confirmed {age} days ago, wanted every {LIMITS.confirm_every_days} days"


def _rate_quiet(milestone: MilestoneInput, baseline: dt.date, as_of: dt.date) -> Rating:
    """Rows 8 and 9: nothing has slipped; has anybody said so?"""
    said = _unconfirmed(milestone, baseline, as_of)
    if said:
        return rating(
            Rag.NOT_RATED, MilestoneCode.NOT_CONFIRMED, f"No slip is reported, but {said}"
        )
    expected = milestone.forecast_on or baseline
    return rating(Rag.GREEN, MilestoneCode.ON_TRACK, f"On track for {day_text(expected)}")
