"""Roll-ups: the workstream, the programme, declared confidence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stp.core.rag import Rag, Rating, severity
from stp.dashboards.rag import (
    Confidence,
    Dimension,
    compare_confidence,
    rate_programme,
    rate_workstream,
)

RED, AMBER, GREEN, UNRATED, ASIDE = (
    Rating(rag, "x", f"Because {rag.letter}.")
    for rag in (Rag.RED, Rag.AMBER, Rag.GREEN, Rag.NOT_RATED, Rag.NOT_APPLICABLE)
)


def four(*ratings: Rating) -> dict[Dimension, Rating]:
    return dict(zip(Dimension, ratings, strict=False))


@pytest.mark.parametrize(
    ("ratings", "rag", "code", "reason"),
    [
        ((GREEN, GREEN, GREEN, GREEN), Rag.GREEN, "all_green", "Every dimension"),
        ((GREEN, AMBER, GREEN, GREEN), Rag.AMBER, "dimension_amber", "Finance: Because A."),
        ((AMBER, RED, GREEN, GREEN), Rag.RED, "dimension_red", "Finance: Because R."),
        ((GREEN, GREEN, RED, UNRATED), Rag.RED, "dimension_red", "Risk: Because R."),
        ((UNRATED, AMBER, GREEN, GREEN), Rag.AMBER, "dimension_amber", "Finance: Because A."),
        ((GREEN, GREEN, GREEN, UNRATED), Rag.AMBER, "held_at_amber", "Outcomes is not rated"),
        ((GREEN, UNRATED, UNRATED, UNRATED), Rag.AMBER, "held_at_amber", "Finance and Risk and"),
        ((UNRATED, UNRATED, UNRATED, UNRATED), Rag.NOT_RATED, "nothing_rated", "No dimension"),
        # An enabler: Finance does not apply and takes no part.
        ((GREEN, ASIDE, GREEN, GREEN), Rag.GREEN, "all_green", "Every dimension"),
        ((UNRATED, ASIDE, UNRATED, UNRATED), Rag.NOT_RATED, "nothing_rated", "No dimension"),
        ((), Rag.NOT_RATED, "nothing_rated", "No dimension"),
    ],
)
def test_workstream_rows(ratings: tuple[Rating, ...], rag: Rag, code: str, reason: str) -> None:
    rated = rate_workstream(four(*ratings))
    assert (rated.rag, rated.code) == (rag, code)
    assert rated.reason.startswith(reason)


def test_the_efficiency_row_has_finance_alone() -> None:
    assert rate_workstream({Dimension.FINANCE: GREEN}).rag is Rag.GREEN
    assert rate_workstream({Dimension.FINANCE: UNRATED}).rag is Rag.NOT_RATED


some = st.dictionaries(
    st.sampled_from(Dimension), st.sampled_from([RED, AMBER, GREEN, UNRATED, ASIDE])
)


@given(some, st.sampled_from(Dimension))
def test_an_unknown_dimension_never_improves_a_workstream(
    dimensions: dict[Dimension, Rating], one: Dimension
) -> None:
    others = {d: r for d, r in dimensions.items() if d is not one}
    before, now = rate_workstream(others), rate_workstream({**others, one: UNRATED})
    if before.rag is not Rag.NOT_RATED:
        assert severity(now.rag) <= severity(before.rag)
    assert now.rag is not Rag.GREEN


def areas(*ratings: Rating) -> dict[str, Rating]:
    """Five delivery areas, the rest green."""
    names = ("UC", "CC", "SC", "PR", "PD")
    return dict(zip(names, (*ratings, *[GREEN] * (5 - len(ratings))), strict=True))


@pytest.mark.parametrize(
    ("delivery", "enabler", "finance", "rag", "code"),
    [
        ((), GREEN, GREEN, Rag.GREEN, "programme_green"),
        ((RED, RED), GREEN, GREEN, Rag.RED, "areas_red"),
        ((RED,), GREEN, GREEN, Rag.AMBER, "workstream_not_green"),
        ((), GREEN, RED, Rag.RED, "finance_red"),
        # Red before not rated: two red areas among three not rated.
        ((RED, RED, UNRATED, UNRATED, UNRATED), GREEN, GREEN, Rag.RED, "areas_red"),
        ((UNRATED, UNRATED, UNRATED), GREEN, RED, Rag.RED, "finance_red"),
        # Over half: three of five; before amber.
        ((UNRATED, UNRATED, UNRATED, RED), RED, AMBER, Rag.NOT_RATED, "areas_not_rated"),
        ((UNRATED, UNRATED), GREEN, GREEN, Rag.AMBER, "workstream_not_green"),
        ((AMBER,), GREEN, GREEN, Rag.AMBER, "workstream_not_green"),
        ((), RED, GREEN, Rag.AMBER, "workstream_not_green"),
        ((), AMBER, GREEN, Rag.AMBER, "workstream_not_green"),
        ((), UNRATED, GREEN, Rag.AMBER, "workstream_not_green"),
        ((), ASIDE, GREEN, Rag.GREEN, "programme_green"),
        ((), GREEN, AMBER, Rag.AMBER, "finance_not_green"),
        ((), GREEN, UNRATED, Rag.AMBER, "finance_not_green"),
        # A red enabler is not a red delivery area.
        ((RED,), RED, GREEN, Rag.AMBER, "workstream_not_green"),
    ],
)
def test_programme_rows(
    delivery: tuple[Rating, ...], enabler: Rating, finance: Rating, rag: Rag, code: str
) -> None:
    rated = rate_programme(areas(*delivery), {"EN1": enabler}, finance)
    assert (rated.rag, rated.code) == (rag, code), rated.reason


def test_no_delivery_area_at_all_is_not_rated() -> None:
    assert rate_programme({}, {}, GREEN).code == "areas_not_rated"


colours = st.sampled_from([RED, AMBER, GREEN, UNRATED])


@given(st.lists(colours, min_size=5, max_size=5), colours, colours)
def test_the_programme_is_green_only_when_all_are(
    delivery: list[Rating], other: Rating, finance: Rating
) -> None:
    rated = rate_programme(areas(*delivery), {"EN1": other}, finance)
    if rated.rag is Rag.GREEN:
        assert {r.rag for r in (*delivery, other, finance)} == {Rag.GREEN}


@pytest.mark.parametrize(
    ("declared", "computed", "steps", "code"),
    [
        (Confidence.RED, RED, 0, "agrees"),
        (Confidence.AMBER_RED, RED, 1, "agrees"),
        (Confidence.AMBER, RED, 2, "differs"),
        (Confidence.AMBER_GREEN, RED, 3, "differs"),
        (Confidence.GREEN, RED, 4, "differs"),
        (Confidence.RED, AMBER, -2, "differs"),
        (Confidence.AMBER_RED, AMBER, -1, "agrees"),
        (Confidence.AMBER_GREEN, AMBER, 1, "agrees"),
        (Confidence.GREEN, AMBER, 2, "differs"),
        (Confidence.GREEN, GREEN, 0, "agrees"),
        (Confidence.AMBER, GREEN, -2, "differs"),
        (Confidence.GREEN, UNRATED, None, "declared_not_computed"),
        (None, RED, None, "not_declared"),
        (None, UNRATED, None, "not_declared"),
    ],
)
def test_confidence_beside_the_rating(
    declared: Confidence | None, computed: Rating, steps: int | None, code: str
) -> None:
    shown = compare_confidence(declared, computed)
    assert (shown.steps, shown.code) == (steps, code)
    assert shown.for_the_board is (code != "agrees")


def test_the_comment_stands_in_the_sentence() -> None:
    shown = compare_confidence(Confidence.AMBER_GREEN, RED, "recovery plan agreed 9 June")
    assert shown.sentence == "Rule says red, owner says amber/green: recovery plan agreed 9 June."
