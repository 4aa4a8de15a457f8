"""Comparing two states: added, removed, changed, and the worst news first."""

from collections.abc import Iterable
from typing import Any

import pytest

from stp.core.lines import Subject
from stp.dashboards.what_changed import NEWS_PENCE, Brief, Briefs, Change, How, compare

M = 100_000_000
NAMES = {"ngh": "NGH"}


def line(subject: Subject, subject_id: str, rag: str = "GREEN", **values: Any) -> Brief:
    given = {"workstream": "", "score": None, "forecast_pence": None, **values}
    return Brief(subject=subject.value, subject_id=subject_id, rag=rag,
                 label=f"About {subject_id}", **given)  # fmt: skip


def state(*lines: Brief) -> Briefs:
    found: Briefs = {subject.value: {} for subject in Subject}
    for one in lines:
        found[one.subject][one.subject_id] = one
    return found


def differences(now: Briefs, then: Briefs) -> list[Change]:
    return compare(now, then, NAMES)


def said(changes: Iterable[Change]) -> list[tuple[str, str, str, str, bool | None]]:
    return [(c.subject_id, c.what or c.how.value, c.before, c.after, c.worse) for c in changes]


def scheme(rag: str = "GREEN", forecast: int | None = M, ref: str = "ngh/UC-01") -> Brief:
    return line(Subject.SCHEME, ref, rag, forecast_pence=forecast, workstream="UC")


def test_equal_states_differ_in_nothing() -> None:
    assert differences(state(scheme()), state(scheme())) == []


def test_added_and_removed_are_their_own_words() -> None:
    found = differences(state(scheme(ref="ngh/NEW")), state(scheme(ref="ngh/OLD")))
    assert {(c.subject_id, c.how) for c in found} == {
        ("ngh/NEW", How.ADDED),
        ("ngh/OLD", How.REMOVED),
    }
    assert {c.worse for c in found} == {None}, "coming and going is neither better nor worse"


@pytest.mark.parametrize(
    ("before", "after", "worse"),
    [
        ("GREEN", "AMBER", True),
        ("AMBER", "RED", True),
        ("RED", "AMBER", False),
        ("AMBER", "GREEN", False),
        ("GREEN", "NOT_RATED", True),
        ("NOT_RATED", "GREEN", False),
        ("NOT_RATED", "RED", True),
        ("AMBER", "NOT_RATED", None),
        ("RED", "NOT_RATED", None),
    ],
)
def test_a_rating_that_moved(before: str, after: str, worse: bool | None) -> None:
    (change,) = differences(state(scheme(after)), state(scheme(before)))
    assert change.worse is worse, "what became unknown is never better"
    assert change.what == "rating"


@pytest.mark.parametrize(
    ("by", "worse"),
    [(-NEWS_PENCE, True), (NEWS_PENCE, False), (NEWS_PENCE - 1, None), (1 - NEWS_PENCE, None)],
)
def test_a_forecast_is_news_from_ten_thousand_pounds(by: int, worse: bool | None) -> None:
    found = differences(state(scheme(forecast=M + by)), state(scheme()))
    assert [c.worse for c in found] == ([] if worse is None else [worse])


@pytest.mark.parametrize(("old", "new"), [(None, M), (M, None), (None, None)])
def test_an_unknown_forecast_is_no_movement(old: int | None, new: int | None) -> None:
    assert differences(state(scheme(forecast=new)), state(scheme(forecast=old))) == []


@pytest.mark.parametrize(
    ("old", "new", "worse", "words"),
    [(9, 12, True, ("9", "12")), (12, 9, False, ("12", "9")),
     (None, 9, True, ("not scored", "9")), (9, None, False, ("9", "not scored"))],
)  # fmt: skip
def test_a_score_that_moved(
    old: int | None, new: int | None, worse: bool, words: tuple[str, str]
) -> None:
    before, after = (line(Subject.RISK, "RK1", score=s) for s in (old, new))
    (change,) = differences(state(after), state(before))
    assert (change.worse, change.before, change.after) == (worse, *words)


def test_the_worst_comes_first() -> None:
    then = state(
        scheme("AMBER", ref="ngh/A"), scheme("GREEN", ref="ngh/B"), scheme("RED", ref="ngh/C"),
        scheme(forecast=3 * M, ref="ngh/D"), scheme(forecast=3 * M, ref="ngh/E"),
        scheme(ref="ngh/GONE"), line(Subject.WORKSTREAM, "UC", "AMBER"),
    )  # fmt: skip
    now = state(
        scheme("RED", ref="ngh/A"), scheme("AMBER", ref="ngh/B"), scheme("GREEN", ref="ngh/C"),
        scheme(forecast=2 * M, ref="ngh/D"), scheme(forecast=4 * M, ref="ngh/E"),
        line(Subject.WORKSTREAM, "UC", "RED"),
    )  # fmt: skip
    assert [c.subject_id for c in differences(now, then)] == [
        "UC", "ngh/A", "ngh/B", "ngh/D", "ngh/GONE", "ngh/C", "ngh/E",
    ]  # fmt: skip


def test_a_change_knows_whose_it_is_and_what_it_is_called() -> None:
    (change,) = differences(state(scheme("RED")), state(scheme()))
    assert (change.organisation, change.ref, change.whose) == ("ngh", "UC-01", "NGH")
    (risk,) = differences(state(line(Subject.RISK, "RK1", "RED")), state(line(Subject.RISK, "RK1")))
    assert (risk.ref, risk.whose, risk.workstream) == ("RK1", "", "")


def test_said_is_what_the_page_prints() -> None:
    assert said(differences(state(scheme("RED")), state(scheme("AMBER")))) == [
        ("ngh/UC-01", "rating", "Amber", "Red", True)
    ]
