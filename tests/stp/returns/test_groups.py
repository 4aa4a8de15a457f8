"""Faults by cause: each place and each wish is read once."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stp.returns.groups import DRAWN, LEAST, LISTED, SAME, SHOWN, Spot, by_cause, summary


def issue(**changes: Any) -> dict[str, Any]:
    return {
        "severity": "error", "code": "not_a_number", "message": "Forecast Jul is “tbc”.",
        "sheet": "Schemes", "cell": "H14", "row": 14, "column": "Forecast Jul", "found": "tbc",
        "wanted": "a number in £000", "ref": "UC-01", **changes,
    }  # fmt: skip


def different(count: int) -> list[dict[str, Any]]:
    """So many errors, no two of which are the same."""
    return [issue(cell=f"H{14 + n}", row=14 + n, found=f"tbc{n or ''}") for n in range(count)]


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
        issue(severity=severity, cell=cell, ref=ref, found=cell, message=f"{cell} moved.")
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
    few = by_cause([*different(LISTED - 1), issue(code="other")], "error")
    assert [line["href"] for line in summary(few)][-2:] == ["#error-1-9", "#error-2-1"]
    many = by_cause([*different(LISTED), issue(code="other", message="Odd.")], "error")
    assert summary(many) == [
        {
            "text": "Not a number, 10 places. The first: Sheet “Schemes”, cell H14: "
            "Forecast Jul is “tbc”.",
            "href": "#error-1",
        },
        {"text": "Sheet “Schemes”, cell H14: Odd.", "href": "#error-2"},
    ]


def test_past_twenty_entries_fold_away() -> None:
    [group] = by_cause(different(SHOWN + 1), "error")
    assert (len(group.first), group.rest_summary) == (SHOWN, "The same in 1 more place")


def in_column(*rows: int, found: str = "31/11/2026", **changes: Any) -> list[dict[str, Any]]:
    return [
        issue(cell=f"F{row}", row=row, column="Start month", found=found, ref=f"UC-{row:02d}",
              message=f"Start month for UC-{row:02d} is “{found}”. Did you mean “Nov-26”? Enter a "
              "month.", wanted="a month", **changes)
        for row in rows
    ]  # fmt: skip


def test_the_same_value_in_a_column_is_one_problem() -> None:
    twelve = in_column(8, 9, *range(12, 22))
    [group] = by_cause([*twelve, *in_column(30, found="soon")], "error")
    same, other = group.entries
    assert same.same == "Same problem in 12 rows: column F, Start month, is “31/11/2026”"
    assert same.cells.startswith("F8, F9, F12, F13")
    assert (same.question, same.show_cells) == ("Did you mean “Nov-26”?", "Show the 12 cells")
    assert (other.same, other.first.issue["row"]) == ("", 30)
    assert summary([group])[0]["text"] == same.same
    assert group.title == "Not a number (13 places)"


def test_two_are_not_many_and_other_sheets_values_and_wishes_are_other_problems() -> None:
    assert SAME == 3
    for different in (
        in_column(8, 9),
        [*in_column(8, 9), *in_column(10, found="30/02/2026")],
        [*in_column(8, 9), *in_column(10, sheet="Return")],
    ):
        [group] = by_cause(different, "error")
        assert all(not entry.same for entry in group.entries), different


def test_the_same_along_a_row_is_one_problem_too() -> None:
    blank = [
        issue(code="blank_required", cell=f"{letter}9", row=9, column=f"Plan {letter}", found="",
              message=f"Plan {letter} of UC-01 is blank.")
        for letter in "KLMN"
    ]  # fmt: skip
    [group] = by_cause(blank, "error")
    [entry] = group.entries
    assert entry.same == "Same problem in 4 cells of row 9: each is blank"
    assert entry.cells == "K9, L9, M9, N9"


def test_errors_without_a_cell_stay_alone() -> None:
    [group] = by_cause([issue(cell="", row=None, column="")] * 5, "error")
    assert len(group.entries) == 5


@given(
    st.lists(
        st.tuples(st.sampled_from("ABC"), st.integers(1, 4), st.sampled_from(["", "x", "y"])),
        unique_by=lambda cell: cell[:2],
    )
)
def test_every_error_is_in_exactly_one_entry(cells: list[tuple[str, int, str]]) -> None:
    issues = [issue(cell=f"{c}{r}", row=r, column=c, found=f) for c, r, f in cells]
    spots = [s for group in by_cause(issues, "error") for s in group.spots]
    assert sorted(s.issue["cell"] for s in spots) == sorted(i["cell"] for i in issues)


MANY = 20_000


def repeated(count: int, severity: str = "warning") -> list[dict[str, Any]]:
    """The same cause in so many schemes, each place with the same wish."""
    return [
        issue(severity=severity, code="looks_incremental", cell=f"H{n}", row=n, ref=f"UC-{n:05d}",
              found=f"tbc{n}", message=f"Recurrent scheme UC-{n:05d} falls.", wanted="a reason")
        for n in range(1, count + 1)
    ]  # fmt: skip


@pytest.mark.parametrize("severity", ["warning", "error"])
def test_of_many_places_the_first_are_named_and_the_others_counted(severity: str) -> None:
    [group] = by_cause(repeated(MANY, severity), severity)
    drawn = [spot.issue["row"] for entry in (*group.first, *group.rest) for spot in entry.spots]
    assert drawn == list(range(1, DRAWN + 1))
    assert group.title == "Looks incremental (20,000 places)"
    assert group.rest_summary == "The same in 30 more places"
    assert group.unnamed == "And 19,950 more places"


@pytest.mark.parametrize(
    ("count", "unnamed"), [(DRAWN - 1, ""), (DRAWN, ""), (DRAWN + 1, "And 1 more place")]
)
def test_nothing_is_dropped_in_silence(count: int, unnamed: str) -> None:
    [group] = by_cause(repeated(count), "warning")
    assert group.unnamed == unnamed
    assert sum(entry.named for entry in group.drawn) == min(count, DRAWN)


def test_a_scheme_of_many_warnings_is_cut_and_the_others_counted() -> None:
    [group] = by_cause([w | {"ref": "UC-01"} for w in repeated(DRAWN + 25)], "warning")
    [entry] = group.drawn
    assert len(entry.spots) == DRAWN
    assert entry.summary.startswith("49 more figures of UC-01: H2, H3")
    assert group.unnamed == "And 25 more places"


def test_one_problem_in_many_cells_names_the_first_of_them() -> None:
    [group] = by_cause(in_column(*range(8, 8 + MANY)), "error")
    [entry] = group.drawn
    assert entry.same.startswith("Same problem in 20,000 rows: column F")
    assert entry.show_cells == "Show the first 50 of 20,000 cells"
    assert entry.cells.split(", ") == [f"F{row}" for row in range(8, 58)]
    assert group.unnamed == "And 19,950 more places"


@pytest.mark.parametrize(("causes", "each"), [(1, 50), (6, 50), (7, 42), (60, 5), (400, LEAST)])
def test_many_causes_share_the_page(causes: int, each: int) -> None:
    issues = [one | {"code": f"cause_{n}"} for n in range(causes) for one in repeated(60)]
    found = by_cause(issues, "warning")
    assert len(found) == causes
    assert {len([s for e in group.drawn for s in e.spots]) for group in found} == {each}
    assert {group.unnamed for group in found} == {f"And {60 - each} more places"}


def test_each_place_is_read_for_its_wish_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def counted(spot: Spot) -> str:
        read.append(spot.anchor)
        return str(spot.issue["wanted"])

    monkeypatch.setattr(Spot, "wanted", property(counted))
    [group] = by_cause(repeated(MANY), "warning")
    assert {group.wanted for _ in range(1_000)} == {"a reason"}
    assert len(read) == MANY, "every place again for each entry: the page would never answer"
