"""Risks, and the two dimensions of a workstream that the plan's skeleton rates."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stp.core.rag import Rag, Rating, severity
from workstreams.rag import (
    RatedMilestone,
    RiskInput,
    rate_delivery,
    rate_risk,
    rate_risks,
)

AS_OF = dt.date(2017, 6, 30)

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
    late = rate_risk(*scores, as_of=AS_OF, review_on=AS_OF - dt.timedelta(days=1))
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
