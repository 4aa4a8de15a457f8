"""Each error of a return, one step either side of where it begins (returns.md, "Errors")."""

from collections.abc import Callable
from typing import Any

import pytest

from finance.returns.cover import Choices
from finance.returns.facts import Facts
from finance.scheme_rows import SchemeRow
from stp.core import periods
from stp.core.money import Unit
from stp.core.returns import Checked
from stp.core.sheets import Issue, Refused, Severity, Sheet, Workbook

K = 100_000
Row = Callable[..., SchemeRow]
MakeFacts = Callable[..., Facts]
Check = Callable[..., Checked]


def errors(checked: Checked) -> list[Issue]:
    return [issue for issue in checked.issues if issue.severity is Severity.ERROR]


def one_error(checked: Checked, code: str) -> Issue:
    found = errors(checked)
    assert [issue.code for issue in found] == [code], found
    return found[0]


def test_a_good_row_has_no_issue(row: Row, facts: MakeFacts, check: Check) -> None:
    checked = check([row()], facts(planned=[row()]))
    assert checked.issues == []
    assert checked.totals["forecast"] == 120 * K
    assert checked.totals["words"] == {"plan": "£120k", "actual": "£30k", "forecast": "£120k"}


@pytest.mark.parametrize(
    ("changes", "code", "column"),
    [
        ({"plan": {"2017-05": None}}, "blank_required", "Plan May"),
        ({"plan": {"2018/19": None}}, "blank_required", "Plan 2018/19"),
        ({"forecast": {"2017-07": None}}, "blank_required", "Forecast Jul"),
        ({"forecast": {"2020/21": None}}, "blank_required", "Forecast 2020/21"),
        ({"recurrence": "NR", "forecast": {}}, "blank_required", "End month"),
        ({"line": "DEC"}, "blank_required", "Consultation"),
        ({"end_month": "2017-03"}, "bad_month", "End month"),
        ({"actual": {"2017-07": 0}}, "actual_after_period", "Actual Jul"),
        ({"plan": {"2017-05": 10 * K + 1}}, "plan_differs", "Plan May"),
        ({"plan": {"2018/19": 0}}, "plan_differs", "Plan 2018/19"),
        ({"plan": {"2018/19": "n/a"}}, "plan_differs", "Plan 2018/19"),
        ({"counterparty": "XXX"}, "unknown_code", "Income counterparty"),
        ({"same_as": "kgh"}, "unknown_code", "Same saving as"),
        ({"same_as": "XXX/UC-01"}, "unknown_code", "Same saving as"),
        ({"ref": "kgh/UC-01", "plan": {}}, "bad_ref", "Scheme ref"),
        ({"ref": "..", "plan": {}}, "bad_ref", "Scheme ref"),
        ({"title": ""}, "blank_required", "Scheme title"),
        ({"maturity": "Nearly"}, "unknown_word", "Maturity"),
        ({"start_month": "2017-13"}, "not_a_date", "Start month"),
    ],
)
def test_one_fault_is_one_error_with_its_cell(
    row: Row, facts: MakeFacts, check: Check, changes: dict[str, Any], code: str, column: str
) -> None:
    stated = row(**changes)
    if code == "bad_ref":
        stated["plan"] = {}
    issue = one_error(check([stated], facts(planned=[row()])), code)
    assert issue.column == column
    assert issue.sheet == "Schemes"
    assert issue.row == 2
    assert issue.cell.endswith("2")
    assert issue.message
    assert issue.wanted


@pytest.mark.parametrize(
    "changes",
    [
        {"forecast": {"2017-06": None}},  # a due month's forecast is not asked for
        {"actual": {"2017-07": "n/a"}},
        {"recurrence": "NR", "end_month": "2017-04", "start_month": "2017-04"},
        {"line": "DEC", "consultation": "Done"},
        {"counterparty": "rnq"},
        {"forecast": {"2017-07": "n/a"}},
    ],
)
def test_next_to_an_error_is_none(
    row: Row, facts: MakeFacts, check: Check, changes: dict[str, Any]
) -> None:
    assert errors(check([row(**changes)], facts(planned=[row()]))) == []


@pytest.mark.parametrize("text", ["tbc", "NaN", "inf", "1e999", "1_000", "-", "£1.2m", "TRUE"])
def test_text_in_an_actual_is_no_money(row: Row, facts: MakeFacts, check: Check, text: str) -> None:
    def edit(table: list[list[str]]) -> None:
        table[1][table[0].index("Actual Jun")] = text

    issue = one_error(check([row()], facts(planned=[row()]), edit=edit), "not_a_number")
    assert issue.found == text
    assert "Actual Jun" in issue.message


def test_the_limit_is_below_a_billion_pounds(row: Row, facts: MakeFacts, check: Check) -> None:
    def edit(figure: str) -> Callable[[list[list[str]]], None]:
        def change(table: list[list[str]]) -> None:
            table[1][table[0].index("Forecast Jul")] = figure

        return change

    known = facts(planned=[row()])
    assert errors(check([row()], known, edit=edit("999999.99"))) == []
    one_error(check([row()], known, edit=edit("1000000")), "too_large")
    one_error(check([row()], known, edit=edit("-1000000")), "too_large")


def test_headings_missing_and_doubled(row: Row, facts: MakeFacts, check: Check) -> None:
    def drop(table: list[list[str]]) -> None:
        place = table[0].index("Actual Jun")
        for line in table:
            del line[place]

    def double(table: list[list[str]]) -> None:
        for line in table:
            line.append(line[1])

    known = facts(planned=[row()])
    assert one_error(check([row()], known, edit=drop), "missing_column").column == "Actual Jun"
    one_error(check([row()], known, edit=double), "duplicate_header")


@pytest.mark.parametrize("heading", ["Actual Jul", "Forecast Jun", "Lead", "Gross"])
def test_columns_that_may_be_left_out(
    row: Row, facts: MakeFacts, check: Check, heading: str
) -> None:
    def drop(table: list[list[str]]) -> None:
        place = table[0].index(heading)
        for line in table:
            del line[place]

    assert errors(check([row()], facts(planned=[row()]), edit=drop)) == []


@pytest.mark.parametrize(
    "second", ["UC-01", "uc-01", "\uff35\uff23-01", "UC -01", "UC\u2013 01", " uc-01\u00a0"]
)
def test_a_ref_twice_names_both_rows(row: Row, facts: MakeFacts, check: Check, second: str) -> None:
    rows = [row(), row("UC-02"), row(second)]
    known = facts(planned=[row(), row("UC-02")], refs={"uc-01": "UC-01", "uc-02": "UC-02"})
    issue = one_error(check(rows, known), "duplicate_ref")
    assert issue.row == 4
    assert "rows 2 and 4" in issue.message


def test_a_ref_is_written_as_it_is_stored(row: Row, facts: MakeFacts, check: Check) -> None:
    checked = check([row("uc-01")], facts(planned=[row()], refs={"uc-01": "UC-01"}))
    assert checked.issues == []
    assert checked.rows[0]["ref"] == "UC-01"


def test_a_ref_that_looks_like_another_is_asked_about(
    row: Row, facts: MakeFacts, check: Check
) -> None:
    rows = [row(), row("U\u0421-01")]
    issue = one_error(check(rows, facts(planned=[row()])), "lookalike_letter")
    assert issue.row == 3
    assert issue.message.endswith(
        " is “U\u0421-01”. Its “\u0421” is a Cyrillic letter that looks like the Latin C. "
        "Enter the reference in Latin letters: UC-01."
    )


def test_a_new_scheme_leaves_its_plan_blank_or_nil(
    row: Row, facts: MakeFacts, check: Check
) -> None:
    known = facts(planned=[row()])
    new = row("PR-09")
    cells = list(new["plan"])
    for value in (None, 0, "n/a"):
        new["plan"] = dict.fromkeys(cells, value)
        assert errors(check([row(), new], known)) == [], value
    new["plan"] = dict.fromkeys(cells, None) | {"2017-09": 1 * K}
    issue = one_error(check([row(), new], known), "plan_differs")
    assert "no approved plan" in issue.message


def test_the_plan_is_free_until_one_is_approved(row: Row, facts: MakeFacts, check: Check) -> None:
    checked = check([row()], facts(planned=None))
    assert [issue.code for issue in checked.issues] == ["plan_not_approved"]
    blank = row(plan=dict.fromkeys(row()["plan"], None))
    assert check([blank], facts(planned=None)).issues == []


@pytest.mark.parametrize("when", ["2017-07", "2018/19"])
def test_a_closed_scheme_has_nothing_left(
    row: Row, facts: MakeFacts, check: Check, when: str
) -> None:
    due = ("2017-04", "2017-05", "2017-06")
    forecast = {w: (v if w in due else None) for w, v in row()["forecast"].items()}
    known = facts(planned=[row()])
    assert errors(check([row(maturity="Closed", forecast=forecast)], known)) == []
    nil = {w: v or 0 for w, v in forecast.items()}
    assert errors(check([row(maturity="Closed", forecast=nil)], known)) == []
    stated = forecast | {when: 1 * K}
    issue = one_error(
        check([row(maturity="Closed", forecast=stated)], known), "closed_with_forecast"
    )
    assert "£1k" in issue.message


def test_a_final_return_has_no_month_left(row: Row, facts: MakeFacts, check: Check) -> None:
    final = periods.parse("2018-13")
    months = periods.year_months("2017/18")
    stated = row(actual=dict.fromkeys(months, 10 * K), forecast=dict.fromkeys(months, None))
    assert check([stated], facts(planned=[row()], period=final)).issues == []


def plan_row(row: Row, **changes: Any) -> SchemeRow:
    made = row(**changes)
    return made | {"actual": changes.get("actual", {}), "forecast": changes.get("forecast", {})}


def test_a_plan_return_holds_the_plan_alone(row: Row, facts: MakeFacts, check: Check) -> None:
    april = facts(kind="plan", period=periods.parse("2017-04"))
    checked = check([plan_row(row)], april)
    assert checked.issues == []
    assert checked.rows[0]["forecast"] == {}
    assert checked.totals["plan"] == 120 * K
    assert checked.totals["actual"] is None
    assert checked.totals["forecast"] is None
    issue = one_error(check([plan_row(row, actual={"2017-04": 0})], april), "actual_in_plan")
    assert issue.column == "Actual Apr"
    blank = plan_row(row, plan={"2017-09": None})
    assert one_error(check([blank], april), "blank_required").column == "Plan Sep"
    warned = check([plan_row(row, forecast={"2018/19": 5 * K})], april)
    assert [issue.code for issue in warned.issues] == ["forecast_in_plan"]


def test_an_approved_plan_takes_no_new_return(row: Row, facts: MakeFacts, check: Check) -> None:
    april = facts(kind="plan", period=periods.parse("2017-04"), planned=[row()])
    issue = one_error(check([plan_row(row)], april), "plan_frozen")
    assert "administrator" in issue.message


@pytest.mark.parametrize(("earlier", "code"), [(120 * K, None), (120 * K + 1, "profile_differs")])
def test_the_months_add_up_to_what_was_approved_before(
    row: Row, facts: MakeFacts, check: Check, earlier: int, code: str | None
) -> None:
    april = facts(kind="plan", period=periods.parse("2017-04"), earlier_plan={"UC-01": earlier})
    assert [i.code for i in errors(check([plan_row(row)], april))] == ([code] if code else [])


def test_cumulative_actuals_become_in_month_ones(row: Row, facts: MakeFacts, check: Check) -> None:
    stated = row(actual={"2017-04": 10 * K, "2017-05": "n/a", "2017-06": 25 * K})
    choices = Choices(unit=Unit.THOUSANDS, cumulative=True, control={"actual": "25"})
    checked = check([stated], facts(planned=[row()]), choices)
    assert errors(checked) == []
    actual = checked.rows[0]["actual"]
    assert [actual[m] for m in ("2017-04", "2017-05", "2017-06")] == [10 * K, "n/a", 15 * K]
    assert checked.totals["actual"] == 25 * K


def test_cumulative_actuals_cannot_skip_a_month(row: Row, facts: MakeFacts, check: Check) -> None:
    choices = Choices(unit=Unit.THOUSANDS, cumulative=True, control={"schemes": "1"})
    known = facts(planned=[row()])
    skipped = row(actual={"2017-04": 10 * K, "2017-05": None, "2017-06": 30 * K})
    assert one_error(check([skipped], known, choices), "cumulative_gap").column == "Actual May"
    late = row(actual={"2017-04": 10 * K, "2017-05": 20 * K, "2017-06": None})
    assert errors(check([late], known, choices)) == []


def test_a_file_without_the_sheet_is_refused(
    facts: MakeFacts, row: Row, check: Check, book: Callable[..., Workbook]
) -> None:
    from finance.returns.examine import examine

    for sheets, code in (
        ([Sheet("Sheet1", ())], "no_schemes_sheet"),
        ([Sheet("Schemes", (), hidden=True)], "hidden_sheet_only"),
    ):
        with pytest.raises(Refused) as refused:
            examine(Workbook(sheets), facts(), Choices(unit=Unit.THOUSANDS))
        assert refused.value.code == code


def test_headings_without_a_scheme_are_no_return(row: Row, facts: MakeFacts, check: Check) -> None:
    one_error(check([], facts()), "no_rows")


def test_every_fault_shows_at_once(row: Row, facts: MakeFacts, check: Check) -> None:
    """A row with a bad cell is still checked for the rest; a bad cell is named once."""

    def edit(table: list[list[str]]) -> None:
        table[1][table[0].index("Forecast Jul")] = "tbc"

    rows = [row(actual={"2017-08": 5 * K}), row("UC-02", forecast={"2017-09": None})]
    checked = check(rows, facts(planned=[row(), row("UC-02")]), edit=edit)
    found = {(issue.code, issue.column) for issue in errors(checked)}
    assert found == {
        ("not_a_number", "Forecast Jul"),
        ("actual_after_period", "Actual Aug"),
        ("blank_required", "Forecast Sep"),
    }
