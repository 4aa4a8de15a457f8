"""Words of the preview and of totals."""

from typing import Any

from stp.core.returns import Change, Preview
from stp.returns import changes_page
from stp.returns.changes_page import Difference


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
        ("Blank rows skipped", "2"),
    ], "a plan has no actual figures, so it says nothing of how they were read"
    monthly = changes_page.in_words({**found, "actual": 0, "forecast": 0})
    assert ("Actual figures", "in-month") in monthly


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
    assert changes_page.effect(preview.effect) == [
        ("Forecast adjusted for risk", "2020/21", "No data", "£100")
    ]


def test_cells_fold_under_their_scheme_and_a_missing_scheme_says_so() -> None:
    before = {f"Forecast {n}": n for n in range(5)}
    change = Change("changed", "UC-01", "x", before, dict.fromkeys(before, "blank"), 300_00, 100_00)
    difference = Difference(change)
    assert (len(difference.cells), difference.summary) == (5, "5 cells of UC-01")
    assert difference.moved == "down £200"
    gone = Difference(Change("missing", "A", "x", forecast_before=5))
    assert gone.whole.startswith("In force")
    assert gone.moved == ""
    one = Difference(Change("changed", "B", "x", {"Title": "a"}, {"Title": "b"}))
    assert one.summary == "1 cell of B"


def test_a_schemes_own_reasons_stand_beside_it() -> None:
    changes = [Change("changed", ref, "x", {}, {"Title": ref}) for ref in ("A", "B", "C")]
    issues = [
        {"severity": "warning", "code": "odd", "ref": "A"},
        {"severity": "warning", "code": "odd", "ref": "A"},
        {"severity": "warning", "code": "late", "ref": "A"},
        {"severity": "warning", "code": "unexplained", "ref": "B"},
        {"severity": "warning", "code": "late", "ref": ""},
    ]
    reasons = {"odd": "Agreed on 12 July", "late": "The ledger closed late"}
    found = changes_page.differences(Preview(changes, {}, {}, [], ""), issues, reasons)
    assert {d.change.ref: d.reasons for d in found} == {
        "A": ("Agreed on 12 July", "The ledger closed late"), "B": (), "C": (),
    }  # fmt: skip
