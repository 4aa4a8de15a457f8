"""Faults by cause: each place and each wish is read once."""

from typing import Any

import pytest

from stp.returns.groups import LISTED, SHOWN, Spot, by_cause, summary


def issue(**changes: Any) -> dict[str, Any]:
    return {
        "severity": "error", "code": "not_a_number", "message": "Forecast Jul is “tbc”.",
        "sheet": "Schemes", "cell": "H14", "row": 14, "column": "Forecast Jul", "found": "tbc",
        "wanted": "a number in £000", "ref": "UC-01", **changes,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "where", "text"),
    [
        ({}, "Sheet “Schemes”, cell H14", "Forecast Jul is “tbc”."),
        ({"message": "Sheet Schemes, cell H14: odd."}, "Sheet “Schemes”, cell H14", "odd."),
        (
            {"message": "Sheet Schemes, row 14: odd.", "cell": ""},
            "Sheet “Schemes”, row 14", "odd.",
        ),
        ({"message": "Line 14: odd.", "sheet": "Schemes"}, "Line 14", "odd."),
        ({"cell": "", "row": None}, "Sheet “Schemes”", "Forecast Jul is “tbc”."),
        ({"cell": "", "row": None, "sheet": ""}, "", "Forecast Jul is “tbc”."),
    ],
)  # fmt: skip
def test_a_place_is_said_once(changes: dict[str, Any], where: str, text: str) -> None:
    spot = Spot("error-1-1", issue(**changes))
    assert (spot.where, spot.text) == (where, text)


def test_what_the_message_says_is_not_said_again() -> None:
    said = Spot("a", issue(message="Forecast is “tbc”. Enter a number in £000."))
    assert (said.found, said.wanted) == ("", "")
    unsaid = Spot("a", issue(message="Odd."))
    assert (unsaid.found, unsaid.wanted) == ("tbc", "a number in £000")
    assert Spot("a", issue(message="Went to £120k.", found="0")).found == "0"
    assert Spot("a", issue(message="Odd.", severity="warning")).found == ""


def test_warnings_of_a_scheme_stand_together_and_errors_one_by_one() -> None:
    places = [
        issue(severity=severity, cell=cell, ref=ref, message=f"{cell} moved.")
        for severity in ("error", "warning")
        for cell, ref in (("A1", "SC-02"), ("B1", "PD-01"), ("C1", "SC-02"), ("D1", ""))
    ]
    [errors] = by_cause(places, "error")
    assert [len(entry.rest) for entry in errors.entries] == [0, 0, 0, 0]
    [warnings] = by_cause(places, "warning")
    assert [(e.first.issue["cell"], len(e.rest)) for e in warnings.entries] == [
        ("A1", 1), ("B1", 0), ("D1", 0),
    ]  # fmt: skip
    assert warnings.entries[0].summary == "1 more figure of SC-02: C1"
    assert warnings.title == "Not a number (4 places)"
    assert warnings.wanted == "a number in £000"
    assert len({spot.anchor for group in (errors, warnings) for spot in group.spots}) == 8


def test_a_wish_that_differs_stays_with_its_place() -> None:
    [group] = by_cause([issue(message="x", wanted="a"), issue(message="x", wanted="b")], "error")
    assert group.wanted == ""
    [alone] = by_cause([issue(message="x")], "error")
    assert alone.wanted == ""


def test_the_summary_lists_each_error_and_of_many_each_cause() -> None:
    few = by_cause([issue()] * (LISTED - 1) + [issue(code="other")], "error")
    assert [line["href"] for line in summary(few)][-2:] == ["#error-1-9", "#error-2-1"]
    many = by_cause([issue()] * LISTED + [issue(code="other", message="Odd.")], "error")
    assert summary(many) == [
        {
            "text": "Not a number, 10 places. The first: Sheet “Schemes”, cell H14: "
            "Forecast Jul is “tbc”.",
            "href": "#error-1",
        },
        {"text": "Sheet “Schemes”, cell H14: Odd.", "href": "#error-2"},
    ]


def test_past_twenty_entries_fold_away() -> None:
    [group] = by_cause([issue()] * (SHOWN + 1), "error")
    assert (len(group.first), group.rest_summary) == (SHOWN, "The same in 1 more place")
