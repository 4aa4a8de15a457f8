"""Milestones, risks and the two workstream dimensions: each row, each boundary, each order."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stp.core.rag import Rag, severity
from workstreams.rag import (
    BadDate,
    MilestoneInput,
    MilestoneStatus,
    Precision,
    Slip,
    days_slipped,
    due_date,
    rate_milestone,
)

AS_OF = dt.date(2017, 6, 30)


def after(days: int) -> dt.date:
    """A day counted from the "as of" day; negative: before it."""
    return AS_OF + dt.timedelta(days=days)


def milestone(
    baseline: int | None = 100,
    forecast: int | None = None,
    confirmed: int | None = -1,
    completed: int | None = None,
    *,
    critical: bool = False,
    from_plan: bool = False,
    status: MilestoneStatus = MilestoneStatus.ACTIVE,
) -> MilestoneInput:
    """A milestone whose days are counted from the "as of" day."""
    return MilestoneInput(
        baseline_on=None if baseline is None else after(baseline),
        forecast_on=None if forecast is None else after(forecast),
        confirmed_on=None if confirmed is None else after(confirmed),
        completed_on=None if completed is None else after(completed),
        critical=critical,
        from_plan=from_plan,
        status=status,
    )


WITHDRAWN, DEFERRED = MilestoneStatus.WITHDRAWN, MilestoneStatus.DEFERRED
TRACKER_START = (dt.date(2017, 4, 1) - AS_OF).days  # -90


@pytest.mark.parametrize(
    ("given_", "rag", "code"),
    [
        # Row 1, also before row 2.
        (milestone(status=WITHDRAWN), Rag.NOT_RATED, "withdrawn"),
        (milestone(status=DEFERRED), Rag.NOT_RATED, "deferred"),
        (milestone(completed=-1, status=WITHDRAWN), Rag.NOT_RATED, "withdrawn"),
        # Row 2: on or before as_of; on time or late against the approved baseline.
        (milestone(0, completed=0), Rag.COMPLETE, "complete_on_time"),
        (milestone(-5, completed=-5), Rag.COMPLETE, "complete_on_time"),
        (milestone(-5, completed=-4), Rag.COMPLETE, "complete_late"),
        (milestone(None, completed=-4), Rag.COMPLETE, "complete_no_baseline"),
        (milestone(100, completed=1), Rag.GREEN, "on_track"),
        # Row 2 before row 3.
        (milestone(-200, completed=-190, from_plan=True), Rag.COMPLETE, "complete_late"),
        # Row 3: from the plan, before the start, never confirmed up to as_of.
        (
            milestone(TRACKER_START - 1, confirmed=None, from_plan=True),
            Rag.NOT_RATED,
            "history_unconfirmed",
        ),
        (
            milestone(TRACKER_START - 1, confirmed=1, from_plan=True),
            Rag.NOT_RATED,
            "history_unconfirmed",
        ),
        (
            milestone(TRACKER_START, confirmed=None, from_plan=True),
            Rag.RED,
            "overdue_no_new_date",
        ),
        (
            milestone(TRACKER_START - 1, confirmed=0, from_plan=True),
            Rag.RED,
            "overdue_no_new_date",
        ),
        (milestone(TRACKER_START - 1, confirmed=None), Rag.RED, "overdue_no_new_date"),
        # Row 4, before anything that needs a baseline.
        (milestone(None), Rag.NOT_RATED, "no_baseline"),
        (milestone(None, forecast=-5), Rag.NOT_RATED, "no_baseline"),
        # Row 5: baseline on or before as_of; forecast not after as_of.
        (milestone(0), Rag.RED, "overdue_no_new_date"),
        (milestone(0, forecast=0), Rag.RED, "overdue_no_new_date"),
        (milestone(-40, forecast=0), Rag.RED, "overdue_no_new_date"),
        (milestone(0, forecast=1), Rag.AMBER, "slip_amber"),
        (milestone(1), Rag.GREEN, "on_track"),
        (milestone(1, forecast=-1), Rag.GREEN, "on_track"),
        # Row 6 and 7: 30 days, critical 14.
        (milestone(10, forecast=41), Rag.RED, "slip_red"),
        (milestone(10, forecast=40), Rag.AMBER, "slip_amber"),
        (milestone(10, forecast=11), Rag.AMBER, "slip_amber"),
        (milestone(10, forecast=10), Rag.GREEN, "on_track"),
        (milestone(10, forecast=9), Rag.GREEN, "on_track"),
        (milestone(10, forecast=25, critical=True), Rag.RED, "slip_red"),
        (milestone(10, forecast=24, critical=True), Rag.AMBER, "slip_amber"),
        (milestone(10, forecast=11, critical=True), Rag.AMBER, "slip_amber"),
        # A red or amber that is unconfirmed keeps its colour (rows 5-7 before row 8).
        (milestone(10, forecast=41, confirmed=None), Rag.RED, "slip_red"),
        (milestone(10, forecast=11, confirmed=-46), Rag.AMBER, "slip_amber"),
        # Row 8: never confirmed, however far off; stale only when due within 180 days.
        (milestone(1000, confirmed=None), Rag.NOT_RATED, "not_confirmed"),
        (milestone(10, confirmed=1), Rag.NOT_RATED, "not_confirmed"),
        (milestone(10, confirmed=0), Rag.GREEN, "on_track"),
        (milestone(180, confirmed=-45), Rag.GREEN, "on_track"),
        (milestone(180, confirmed=-46), Rag.NOT_RATED, "not_confirmed"),
        (milestone(181, confirmed=-46), Rag.GREEN, "on_track"),
        (milestone(181, forecast=180, confirmed=-46), Rag.NOT_RATED, "not_confirmed"),
    ],
)
def test_milestone_rows(given_: MilestoneInput, rag: Rag, code: str) -> None:
    rated = rate_milestone(given_, AS_OF)
    assert (rated.rag, rated.code) == (rag, code), rated.reason


@pytest.mark.parametrize(
    ("given_", "sentence"),
    [
        (milestone(10, forecast=51), "Forecast 41 days after baseline; red from 31 days."),
        (
            milestone(10, forecast=25, critical=True),
            "Forecast 15 days after baseline; red from 15 days for a critical milestone.",
        ),
        (
            milestone(10, forecast=11),
            "Forecast 1 day after baseline; red from 31 days, amber from 1 day.",
        ),
        (milestone(-5, completed=-4), "Completed on 26 June 2017, 1 day after its baseline."),
        (
            milestone(10, forecast=51, confirmed=None),
            "Forecast 41 days after baseline; red from 31 days; nobody has confirmed it yet.",
        ),
        (
            milestone(0, confirmed=-46),
            "Due on 30 June 2017, not complete, and no new date is given; "
            "last confirmed 46 days ago, wanted every 45 days.",
        ),
    ],
)
def test_milestone_sentences(given_: MilestoneInput, sentence: str) -> None:
    assert rate_milestone(given_, AS_OF).reason == sentence


def test_days_slipped_against_the_original_show_a_new_baseline() -> None:
    moved = MilestoneInput(
        baseline_on=after(60), original_baseline_on=after(10), forecast_on=after(65)
    )
    assert days_slipped(moved, AS_OF) == Slip(approved=5, original=55)


@pytest.mark.parametrize(
    ("given_", "slip"),
    [
        (milestone(None), Slip(None, None)),
        (milestone(None, forecast=5), Slip(None, None)),
        (milestone(None, completed=-5), Slip(None, None)),
        (milestone(-20), Slip(20, 20)),  # overdue: at least to as_of
        (milestone(-20, forecast=-10), Slip(20, 20)),
        (milestone(-20, forecast=10), Slip(30, 30)),
        (milestone(-20, forecast=10, completed=-25), Slip(-5, -5)),
        (milestone(-20, forecast=10, completed=5), Slip(30, 30)),  # not complete yet
        (milestone(20), Slip(0, 0)),
    ],
)
def test_days_slipped(given_: MilestoneInput, slip: Slip) -> None:
    assert days_slipped(given_, AS_OF) == slip


@pytest.mark.parametrize(
    ("value", "precision", "due"),
    [
        ("2017-06-30", Precision.DAY, dt.date(2017, 6, 30)),
        ("2016-02", Precision.MONTH, dt.date(2016, 2, 29)),
        ("2017-12", Precision.MONTH, dt.date(2017, 12, 31)),
        ("Q1 2017/18", Precision.QUARTER, dt.date(2017, 6, 30)),
        ("Q3 2017/18", Precision.QUARTER, dt.date(2017, 12, 31)),
        ("Q4 2017/18", Precision.QUARTER, dt.date(2018, 3, 31)),
        ("2020", Precision.YEAR, dt.date(2020, 12, 31)),
        ("2017/18", Precision.FINANCIAL_YEAR, dt.date(2018, 3, 31)),
        ("2017/19", Precision.FINANCIAL_YEARS, dt.date(2019, 3, 31)),
        ("2017/18", Precision.FINANCIAL_YEARS, dt.date(2018, 3, 31)),
        ("2017/18 to 2020/21", Precision.FINANCIAL_YEARS, dt.date(2021, 3, 31)),
        ("year 1", Precision.PLAN_YEAR, dt.date(2017, 3, 31)),
        ("year 2", Precision.PLAN_YEAR, dt.date(2018, 3, 31)),
        ("5", Precision.PLAN_YEAR, dt.date(2021, 3, 31)),
        ("tbc", Precision.TBC, None),
        ("3 weeks after approval", Precision.RELATIVE, None),
    ],
)
def test_due_at_the_end_of_its_precision(
    value: str, precision: Precision, due: dt.date | None
) -> None:
    assert due_date(value, precision) == due


@pytest.mark.parametrize(
    ("value", "precision"),
    [
        ("30/06/2017", Precision.DAY),
        ("2017-02-29", Precision.DAY),
        ("2017-13", Precision.MONTH),
        ("June", Precision.MONTH),
        ("Q5 2017/18", Precision.QUARTER),
        ("Q1 2017/19", Precision.QUARTER),
        ("17", Precision.YEAR),
        ("2017/19", Precision.FINANCIAL_YEAR),
        ("2017/17", Precision.FINANCIAL_YEARS),
        ("2019/20 to 2017/18", Precision.FINANCIAL_YEARS),
        ("soon", Precision.FINANCIAL_YEARS),
        ("year 0", Precision.PLAN_YEAR),
        ("later", Precision.PLAN_YEAR),
        ("", Precision.DAY),
    ],
)
def test_a_date_that_is_none_gets_a_sentence(value: str, precision: Precision) -> None:
    with pytest.raises(BadDate, match="is not a date given as a"):
        due_date(value, precision)


days = st.none() | st.integers(-400, 400)
milestones = st.builds(
    milestone,
    days,
    days,
    days,
    days,
    critical=st.booleans(),
    from_plan=st.booleans(),
    status=st.sampled_from(MilestoneStatus),
)


@given(milestones)
def test_green_only_with_a_baseline_and_somebody_s_word(given_: MilestoneInput) -> None:
    if rate_milestone(given_, AS_OF).rag is Rag.GREEN:
        assert given_.baseline_on is not None
        assert given_.confirmed_on is not None
        assert given_.confirmed_on <= AS_OF


@given(milestones, st.integers(1, 300))
def test_facts_of_a_later_day_do_not_rate(given_: MilestoneInput, later: int) -> None:
    """Moving a later completion or confirmation further off changes nothing."""

    def push(day: dt.date | None) -> dt.date | None:
        return day + dt.timedelta(days=later) if day and day > AS_OF else day

    pushed = replace(
        given_, completed_on=push(given_.completed_on), confirmed_on=push(given_.confirmed_on)
    )
    assert rate_milestone(pushed, AS_OF) == rate_milestone(given_, AS_OF)


@given(milestones, st.integers(0, 300))
def test_time_alone_never_improves_a_milestone(given_: MilestoneInput, later: int) -> None:
    """With no new fact between the two days, the later rating is no better."""
    facts = [d for d in (given_.completed_on, given_.confirmed_on) if d is not None]
    until = AS_OF + dt.timedelta(days=later)
    if any(AS_OF < day <= until for day in facts):
        return
    first, second = rate_milestone(given_, AS_OF), rate_milestone(given_, until)
    assert severity(second.rag) <= severity(first.rag), (first, second)
