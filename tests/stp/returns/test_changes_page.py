"""Words of the preview and of totals."""

from typing import Any

from stp.core.returns import Change, Preview
from stp.returns import changes_page
from stp.returns.changes_page import Difference
from stp.returns.groups import place


def test_totals_in_words_say_how_the_file_was_read() -> None:
    found: dict[str, Any] = {
        "schemes": 14, "plan": 1_000_000_00, "actual": None, "forecast": None, "year": "2017/18",
        "unit": "thousands", "unit_from": "default", "cumulative": False, "blank_rows": 2,
        "words": {}, "later": {},
    }  # fmt: skip
    assert changes_page.in_words(found) == [
        ("Number of schemes", "14"),
        ("Plan for the year", "£1.00m"),
        ("Unit of the file", "thousands, assumed: neither file nor choice says (£000)"),
        ("Actual figures", "in-month"),
        ("Blank rows skipped", "2"),
    ]


def test_unknown_is_not_nil() -> None:
    preview = Preview([], {"plan": None, "actual": 5_00}, {"plan": 7_00, "actual": 4_00}, [], "")
    totals = {t.label: (t.before, t.after, t.moved) for t in changes_page.totals(preview)}
    assert totals == {
        "Plan for the year": ("No data", "£7", ""),
        "Actual to date": ("£5", "£4", "down £1"),
    }


def test_the_effect_has_words() -> None:
    line = {"what": "risk_adjusted", "year": "2020/21", "before": None, "after": 100_00}
    preview = Preview([], {}, {}, [line], "")
    assert changes_page.effect(preview) == [
        ("Forecast adjusted for risk", "2020/21", "No data", "£100")
    ]


def test_many_cells_fold_away_and_a_missing_scheme_says_so() -> None:
    before = {f"Forecast {n}": n for n in range(5)}
    change = Change("changed", "UC-01", "x", before, dict.fromkeys(before, "blank"), 1, None)
    difference = Difference(change)
    assert (len(difference.first_cells), len(difference.more_cells)) == (3, 2)
    assert difference.more_summary == "2 more cells of UC-01"
    assert Difference(Change("missing", "A", "x", forecast_before=5)).whole.startswith("In force")


def test_a_place_is_said_once() -> None:
    issue = {"sheet": "Schemes", "cell": "H14", "row": 14, "message": "Odd."}
    assert place(issue) == "Sheet “Schemes”, cell H14"
    assert place({**issue, "cell": ""}) == "Sheet “Schemes”, row 14"
    assert place({**issue, "message": "Sheet Schemes, cell H14: odd."}) == ""
