"""Milestones, risks and the two workstream dimensions: each row, each boundary, each order."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stp.core.rag import Rag, Rating, severity
from workstreams.rag import (
    BadDate,
    MilestoneInput,
    MilestoneStatus,
    Precision,
    RatedMilestone,
    RiskInput,
    Slip,
    days_slipped,
    due_date,
    rate_delivery,
    rate_milestone,
    rate_risk,
    rate_risks,
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


# --- Risk


@pytest.mark.parametrize(
    ("likelihood", "impact", "rag", "code"),
    [
        (5, 5, Rag.RED, "score_red"),
        (3, 5, Rag.RED, "score_red"),  # 15
        (3, 4, Rag.AMBER, "score_amber"),  # 12, the next score down
        (2, 4, Rag.AMBER, "score_amber"),  # 8
        (2, 3, Rag.GREEN, "score_green"),  # 6, the next score down
        (1, 1, Rag.GREEN, "score_green"),
        (None, None, Rag.NOT_RATED, "unscored"),
        (5, None, Rag.NOT_RATED, "unscored"),
        (None, 5, Rag.NOT_RATED, "unscored"),
    ],
)
def test_risk_rows(likelihood: int | None, impact: int | None, rag: Rag, code: str) -> None:
    rated = rate_risk(likelihood, impact, as_of=AS_OF)
    assert (rated.rag, rated.code) == (rag, code)


@pytest.mark.parametrize("bad", [0, 6, -1])
def test_a_score_outside_one_to_five_is_refused(bad: int) -> None:
    with pytest.raises(ValueError, match="from 1 to 5"):
        rate_risk(bad, 3, as_of=AS_OF)
    with pytest.raises(ValueError, match="from 1 to 5"):
        rate_risk(3, bad, as_of=AS_OF)


@pytest.mark.parametrize(("scores", "rag"), [((1, 1), Rag.GREEN), ((None, 2), Rag.NOT_RATED)])
def test_an_overdue_review_is_said_and_changes_no_colour(
    scores: tuple[int | None, int | None], rag: Rag
) -> None:
    on_time = rate_risk(*scores, as_of=AS_OF, review_on=AS_OF)
    late = rate_risk(*scores, as_of=AS_OF, review_on=after(-1))
    assert on_time.rag is late.rag is rag
    assert "review" not in on_time.reason
    assert "its review was due on 29 June 2017" in late.reason


def risk(likelihood: int | None, impact: int | None, *, is_open: bool = True) -> RiskInput:
    return RiskInput("Workforce", likelihood, impact, open=is_open)


@pytest.mark.parametrize(
    ("risks", "rag", "code"),
    [
        ([], Rag.NOT_RATED, "no_risks"),
        ([risk(4, 5)], Rag.RED, "risk_20_or_more"),
        ([risk(1, 1), risk(5, 4)], Rag.RED, "risk_20_or_more"),
        ([risk(4, 4)], Rag.AMBER, "risk_15_or_more"),  # 16, the next score down
        ([risk(3, 5)], Rag.AMBER, "risk_15_or_more"),
        ([risk(3, 4)], Rag.GREEN, "risks_below_15"),
        ([risk(5, 5, is_open=False), risk(3, 4)], Rag.GREEN, "risks_below_15"),
        ([risk(5, 5, is_open=False)], Rag.GREEN, "risks_below_15"),
        ([risk(1, 1), risk(None, None)], Rag.NOT_RATED, "risks_unscored"),
        ([risk(3, 5), risk(None, None)], Rag.AMBER, "risk_15_or_more"),
        ([risk(4, 5), risk(None, 2)], Rag.RED, "risk_20_or_more"),
        ([risk(1, 1), risk(None, None, is_open=False)], Rag.GREEN, "risks_below_15"),
    ],
)
def test_risk_dimension(risks: list[RiskInput], rag: Rag, code: str) -> None:
    rated = rate_risks(risks)
    assert (rated.rag, rated.code) == (rag, code), rated.reason


def test_a_risk_of_15_to_19_is_itself_red_and_both_are_said() -> None:
    assert rate_risk(4, 4, as_of=AS_OF).rag is Rag.RED
    assert "is itself red" in rate_risks([risk(4, 4)]).reason


# --- Delivery


def rated(rag: Rag, code: str = "x", *, critical: bool = False) -> RatedMilestone:
    return RatedMilestone("Hub opens", Rating(rag, code, "Because."), critical)


RED, AMBER, GREEN, DONE = (rated(r) for r in (Rag.RED, Rag.AMBER, Rag.GREEN, Rag.COMPLETE))
UNRATED = rated(Rag.NOT_RATED, "not_confirmed")
HISTORY = rated(Rag.NOT_RATED, "history_unconfirmed")
GONE = rated(Rag.NOT_RATED, "withdrawn")
LATER = rated(Rag.NOT_RATED, "deferred")
CRITICAL = rated(Rag.RED, critical=True)


@pytest.mark.parametrize(
    ("given_", "rag", "code"),
    [
        ([], Rag.NOT_RATED, "no_milestones"),
        ([GONE, LATER], Rag.NOT_RATED, "no_milestones"),
        ([DONE, DONE], Rag.GREEN, "all_complete"),
        ([DONE, GONE], Rag.GREEN, "all_complete"),
        ([DONE, HISTORY], Rag.NOT_RATED, "history_unconfirmed"),
        ([HISTORY], Rag.NOT_RATED, "history_unconfirmed"),
        # Critical before shares.
        ([CRITICAL, *[GREEN] * 9], Rag.RED, "critical_red"),
        ([CRITICAL], Rag.RED, "critical_red"),
        ([CRITICAL, RED], Rag.RED, "critical_red"),
        # A quarter red: 1 of 4, not 1 of 5; needs two items.
        ([RED, *[GREEN] * 3], Rag.RED, "many_red"),
        ([RED, *[GREEN] * 4], Rag.AMBER, "any_red"),
        ([RED, GREEN], Rag.RED, "many_red"),
        ([RED], Rag.AMBER, "any_red"),
        ([RED, DONE, GONE, HISTORY], Rag.AMBER, "any_red"),
        # The completed and the withdrawn are not in the share.
        ([RED, *[GREEN] * 3, DONE, GONE, LATER, HISTORY], Rag.RED, "many_red"),
        # What is not rated does not dilute the share of red.
        ([RED, *[GREEN] * 3, UNRATED], Rag.RED, "many_red"),
        ([RED, UNRATED], Rag.RED, "many_red"),
        # A quarter amber or not rated.
        ([AMBER, *[GREEN] * 3], Rag.AMBER, "many_amber_or_not_rated"),
        ([UNRATED, *[GREEN] * 3], Rag.AMBER, "many_amber_or_not_rated"),
        ([AMBER, UNRATED, *[GREEN] * 6], Rag.AMBER, "many_amber_or_not_rated"),
        ([AMBER, *[GREEN] * 4], Rag.GREEN, "milestones_on_track"),
        ([UNRATED, *[GREEN] * 4], Rag.GREEN, "milestones_on_track"),
        ([AMBER], Rag.GREEN, "milestones_on_track"),
        ([UNRATED], Rag.NOT_RATED, "only_one_not_rated"),
        ([GREEN], Rag.GREEN, "milestones_on_track"),
        # Red before amber.
        ([RED, *[GREEN] * 4, AMBER, AMBER], Rag.AMBER, "any_red"),
    ],
)
def test_delivery_rows(given_: list[RatedMilestone], rag: Rag, code: str) -> None:
    shown = rate_delivery(given_)
    assert (shown.rag, shown.code) == (rag, code), shown.reason


some = st.lists(
    st.sampled_from([RED, AMBER, GREEN, DONE, UNRATED, HISTORY, GONE, LATER, CRITICAL]), max_size=12
)


@given(some.filter(bool), st.sampled_from([UNRATED, HISTORY]))
def test_an_unknown_milestone_never_improves_delivery(
    given_: list[RatedMilestone], unknown: RatedMilestone
) -> None:
    before, now = rate_delivery(given_), rate_delivery([*given_, unknown])
    if before.code == "no_milestones":
        return  # nothing was rated before
    assert severity(now.rag) <= severity(before.rag), (before, now)


@given(some)
def test_delivery_is_never_green_on_the_unknown_alone(given_: list[RatedMilestone]) -> None:
    if all(m.rating.rag is Rag.NOT_RATED for m in given_):
        assert rate_delivery(given_).rag is not Rag.GREEN
