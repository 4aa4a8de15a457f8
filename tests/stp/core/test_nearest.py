"""The nearest valid value: near, none, ties, and never one that was not handed in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stp.core.nearest import LONGEST, MOST, nearest, question

REFS = ("UC-01", "UC-02", "SC-14", "PD-01")
MATURITY = ("Opportunity", "Plan in progress", "Fully developed", "In delivery", "Delivered")


@pytest.mark.parametrize(
    ("word", "options", "found"),
    [
        ("UC-O1", REFS, ("UC-01",)),  # a letter O for a nought
        ("uc 01", REFS, ("UC-01",)),
        ("UC-l1", ("UC-11", "UC-01"), ("UC-11",)),
        ("CU-01", REFS, ("UC-01",)),  # two characters swapped: one slip
        ("UC-03", REFS, ("UC-01", "UC-02")),  # a tie names both
        ("UC-034", REFS, ()),  # five characters have one slip, this has two
        ("S-140", ("S-104", "S-777"), ("S-104",)),
        ("Fuly developped", MATURITY, ("Fully developed",)),
        ("Delivred", MATURITY, ("Delivered",)),
        ("in deliverry", MATURITY, ("In delivery",)),
        ("tbc", MATURITY, ()),
        ("UV", ("UC", "PR"), ()),  # two characters are too few to guess from
        ("UCC", ("UC", "CC", "SC", "PR"), ("UC", "CC")),
        ("A99", ("A98", "A97", "A96", "A95"), ()),  # more than three equally near: no guess
        ("", REFS, ()),
        ("UC-01" * 20, REFS, ()),
    ],
)
def test_what_is_near(word: str, options: tuple[str, ...], found: tuple[str, ...]) -> None:
    assert nearest(word, options) == found


@pytest.mark.parametrize(
    ("word", "asked"),
    [
        ("UC-O1", "Did you mean “UC-01”?"),
        ("UC-03", "Did you mean “UC-01” or “UC-02”?"),
        ("ZZ-99", ""),
    ],
)
def test_the_question(word: str, asked: str) -> None:
    assert question(word, REFS) == asked
    assert question("AB3", ("AB1", "AB2", "AB4")) == "Did you mean “AB1”, “AB2” or “AB4”?"


@given(st.text(max_size=LONGEST + 5), st.lists(st.text(max_size=20), max_size=8))
def test_only_what_was_handed_in_is_named(word: str, options: list[str]) -> None:
    found = nearest(word, options)
    assert set(found) <= set(options)
    assert len(found) <= MOST


@given(st.text(alphabet="abcdefgh123", min_size=3, max_size=20), st.data())
def test_one_slip_is_always_near(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(word) - 1))
    slipped = word[:place] + data.draw(st.sampled_from("abcx")) + word[place + 1 :]
    assert nearest(slipped, [word]) == (word,)
