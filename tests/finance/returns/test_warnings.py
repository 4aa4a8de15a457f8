"""Each warning of a return, one step either side of where it begins (returns.md, "Warnings")."""

from collections.abc import Callable
from typing import Any

import pytest

from finance.returns.cover import Choices
from finance.returns.facts import Facts
from finance.scheme_rows import SchemeRow
from stp.core import periods
from stp.core.money import Unit
from stp.core.returns import Checked
from stp.core.sheets import Issue, Severity

K = 100_000
MONTHS = periods.year_months("2017/18")
Row = Callable[..., SchemeRow]
MakeFacts = Callable[..., Facts]
Check = Callable[..., Checked]


def of(checked: Checked, code: str) -> list[Issue]:
    """The warnings with a code; an error anywhere would make the case mean something else."""
    assert all(issue.severity is Severity.WARNING for issue in checked.issues), checked.issues
    return [issue for issue in checked.issues if issue.code == code]


def flat(row: Row, monthly: int, **changes: Any) -> SchemeRow:
    """A scheme of `monthly` pence each month, planned and forecast, with no later value."""
    cells = dict.fromkeys(MONTHS, monthly) | dict.fromkeys(periods.later_years("2017/18"), 0)
    actual = dict.fromkeys(MONTHS[:3], monthly)
    made = row(plan=cells, forecast=cells, actual=actual, recurrence="NR", end_month="2018-03")
    for name, value in changes.items():
        made[name] = {**made[name], **value} if isinstance(value, dict) else value
    return made


@pytest.mark.parametrize(
    ("before", "after", "warned"),
    [
        # 25 % of 200 is 50: both limits are met at once.
        (200 * K, 150 * K, True),
        (200 * K, 150 * K + 1, False),
        (200 * K, 250 * K, True),
        (200 * K, 250 * K - 1, False),
        # More than 25 %, yet below £50k.
        (100 * K, 50 * K + 1, False),
        (100 * K, 50 * K, True),
        # More than £50k, yet below 25 %.
        (1000 * K, 751 * K, False),
        # £500k moves a reader, whatever the share.
        (10_000 * K, 9_500 * K, True),
        (10_000 * K, 9_500 * K + 1, False),
        (0, 50 * K, True),
        (0, 50 * K - 1, False),
    ],
)
def test_forecast_moved(
    row: Row, facts: MakeFacts, check: Check, before: int, after: int, warned: bool
) -> None:
    old = flat(row, 0, forecast={"2018-03": before})
    new = flat(row, 0, forecast={"2018-03": after})
    found = of(check([new], facts([old], [old])), "forecast_moved")
    assert bool(found) is warned
    later = [flat(row, 0, forecast={"2019/20": value}) for value in (before, after)]
    found = of(check([later[1]], facts([later[0]], [later[0]])), "forecast_moved")
    assert [i.column for i in found] == (["Forecast 2019/20"] if warned else [])


def test_forecast_moved_says_from_what_to_what(row: Row, facts: MakeFacts, check: Check) -> None:
    old, new = flat(row, 100 * K), flat(row, 100 * K, forecast={"2018-03": -300 * K})
    (issue,) = of(check([new], facts([old], [old])), "forecast_moved")
    assert "£1.20m in May 2017 to £800k (\u221233%)" in issue.message
    assert issue.ref == "UC-01"


@pytest.mark.parametrize(
    ("before", "after", "warned"),
    [(5 * K, -1, True), (5 * K, 0, False), (-5 * K, 1, True), (0, -5 * K, False)],
)
@pytest.mark.parametrize("kind", ["actual", "forecast"])
def test_sign_flipped(
    row: Row, facts: MakeFacts, check: Check, kind: str, before: int, after: int, warned: bool
) -> None:
    old, new = flat(row, 0), flat(row, 0)
    old[kind]["2017-05" if kind == "actual" else "2017-09"] = before
    new[kind]["2017-05" if kind == "actual" else "2017-09"] = after
    found = of(check([new], facts([old], [old])), "sign_flipped")
    assert bool(found) is warned


@pytest.mark.parametrize("before", [None, "not due", "n/a"])
@pytest.mark.parametrize(
    ("plan", "actual", "warned"), [(5, -1, True), (-5, 1, True), (5, 0, False)]
)
def test_a_month_that_has_no_figure_yet_is_held_to_the_sign_of_its_plan(
    row: Row, facts: MakeFacts, check: Check, before: Any, plan: int, actual: int, warned: bool
) -> None:
    """The month being reported: in every earlier return it was not due."""
    old = flat(row, plan * K, actual={"2017-06": before})
    new = flat(row, plan * K, actual={"2017-06": actual * K})
    found = of(check([new], facts([old], [old])), "sign_flipped")
    assert [issue.column for issue in found] == (["Actual Jun"] if warned else [])


def test_the_first_return_is_held_to_the_sign_of_the_plan(
    row: Row, facts: MakeFacts, check: Check
) -> None:
    planned = flat(row, 5 * K)
    new = flat(row, 5 * K, actual={"2017-06": -5 * K})
    (issue,) = of(check([new], facts(planned=[planned])), "sign_flipped")
    assert "the plan is £5k" in issue.message
    assert issue.column == "Actual Jun"


def test_actual_blank_is_unknown_and_nil_is_not(row: Row, facts: MakeFacts, check: Check) -> None:
    for value, warned in ((None, True), (0, False), ("n/a", False)):
        new = flat(row, 0, actual={"2017-06": value})
        found = of(check([new], facts(planned=[new])), "actual_blank")
        assert [i.column for i in found] == (["Actual Jun"] if warned else []), value


@pytest.mark.parametrize(
    ("month", "value", "warned"),
    [
        ("2017-05", 1 * K, True),
        ("2017-05", None, True),
        ("2017-05", "n/a", True),
        ("2017-05", 0, False),
        ("2017-06", 1 * K, False),  # this month's own
    ],
)
def test_prior_month_restated(
    row: Row, facts: MakeFacts, check: Check, month: str, value: Any, warned: bool
) -> None:
    old = flat(row, 0, actual={"2017-06": "not due"})
    new = flat(row, 0, actual={month: value})
    found = of(check([new], facts([old], [old])), "prior_month_restated")
    assert bool(found) is warned


def test_forecast_below_actual(row: Row, facts: MakeFacts, check: Check) -> None:
    for last, warned in ((-1, True), (0, False)):
        new = flat(row, 0, forecast={"2018-03": last})
        found = of(check([new], facts(planned=[flat(row, 0)])), "forecast_below_actual")
        assert bool(found) is warned, last


@pytest.mark.parametrize(("june", "warned"), [(70 * K - 1, True), (70 * K, False), (None, False)])
def test_forecast_not_reviewed_below_090(
    row: Row, facts: MakeFacts, check: Check, june: int | None, warned: bool
) -> None:
    """300k planned to date: 270k is 0.90; a blank month takes its plan out too."""
    planned = flat(row, 100 * K)
    new = flat(row, 100 * K, actual={"2017-06": june})
    found = of(check([new], facts(planned=[planned])), "forecast_not_reviewed")
    assert bool(found) is warned
    moved = flat(row, 100 * K, actual={"2017-06": june}, forecast={"2018-03": 99 * K})
    assert of(check([moved], facts(planned=[planned])), "forecast_not_reviewed") == []


@pytest.mark.parametrize(
    ("actual", "warned"),
    [(499, False), (500, True), (1000, True), (2000, True), (2001, False), (1, False)],
)
def test_one_cell_in_the_wrong_unit(
    row: Row, facts: MakeFacts, check: Check, actual: int, warned: bool
) -> None:
    planned = flat(row, K)
    new = flat(row, K, actual={"2017-06": actual * K})
    found = [i for i in of(check([new], facts(planned=[planned])), "factor_1000") if i.column]
    assert [i.column for i in found] == (["Actual Jun"] if warned else [])


@pytest.mark.parametrize("factor", [1000, 0.001])
def test_a_whole_file_in_the_wrong_unit(
    row: Row, facts: MakeFacts, check: Check, factor: float
) -> None:
    old = flat(row, 10 * K)
    new = flat(row, int(10 * K * factor)) | {"plan": old["plan"]}
    found = of(check([new], facts([old], [old])), "factor_1000")
    assert [i.cell for i in found if not i.ref] == [""]
    assert "unit" in found[0].message
    assert of(check([old], facts([old], [old])), "factor_1000") == []


def test_a_plan_in_the_wrong_unit(row: Row, facts: MakeFacts, check: Check) -> None:
    april = {"kind": "plan", "period": periods.parse("2017-04"), "before_period": "2017-04"}
    old, new = (flat(row, m, actual={}, forecast={}) for m in (10 * K, 10_000 * K))
    old["actual"] = new["actual"] = old["forecast"] = new["forecast"] = {}
    found = of(check([new], facts([old], **april)), "factor_1000")
    assert "plan for 2017/18" in found[0].message


@pytest.mark.parametrize(
    ("years", "columns"),
    [
        ((120, 120, 120), []),
        ((119, 119, 119), ["Forecast 2018/19"]),
        ((120, 119, 200), ["Forecast 2019/20"]),
        ((200, 150, 100), ["Forecast 2019/20", "Forecast 2020/21"]),
    ],
)
def test_looks_incremental(
    row: Row, facts: MakeFacts, check: Check, years: tuple[int, ...], columns: list[str]
) -> None:
    """The scheme is worth £120k in 2017/18 and recurrent."""
    later = {y: v * K for y, v in zip(periods.later_years("2017/18"), years, strict=True)}
    found = of(check([row(forecast=later)], facts(planned=[row()])), "looks_incremental")
    assert [i.column for i in found] == columns
    ending = row(forecast=later, end_month="2018-09")
    assert of(check([ending], facts(planned=[row()])), "looks_incremental") == []


def test_non_recurrent_with_a_later_year(row: Row, facts: MakeFacts, check: Check) -> None:
    for value, warned in ((1 * K, True), (0, False), ("n/a", False)):
        new = flat(row, 0, forecast={"2018/19": value})
        found = of(check([new], facts(planned=[flat(row, 0)])), "nr_later_year")
        assert bool(found) is warned, value


@pytest.mark.parametrize(
    ("start", "maturity", "warned"),
    [
        ("2017-06", "Fully developed", True),
        ("2017-07", "Fully developed", False),
        ("2017-06", "In delivery", False),
        ("2017-06", "Opportunity", True),
    ],
)
def test_start_passed_but_not_in_delivery(
    row: Row, facts: MakeFacts, check: Check, start: str, maturity: str, warned: bool
) -> None:
    new = row(start_month=start, maturity=maturity)
    found = of(check([new], facts(planned=[row()])), "started_not_in_delivery")
    assert bool(found) is warned


@pytest.mark.parametrize(
    ("maturity", "qia", "warned"),
    [
        ("In delivery", "In progress", True),
        ("Delivered", "Rejected", True),
        ("In delivery", "Not required", False),
        ("In delivery", "Approved", False),
        ("Fully developed", "Not started", False),
    ],
)
def test_in_delivery_without_an_approved_qia(
    row: Row, facts: MakeFacts, check: Check, maturity: str, qia: str, warned: bool
) -> None:
    new = row(maturity=maturity, qia=qia, start_month="2017-07")
    found = of(check([new], facts(planned=[row()])), "in_delivery_without_qia")
    assert bool(found) is warned


def test_the_same_saving_claimed_from_either_side(row: Row, facts: MakeFacts, check: Check) -> None:
    ours = check([row(same_as="RNQ/UC-09")], facts(planned=[row()]))
    (issue,) = of(ours, "same_saving_claimed")
    assert "kgh/UC-09" in issue.message
    theirs = check([row()], facts(planned=[row()], claims={"uc-01": "KGH UC-09"}))
    (issue,) = of(theirs, "same_saving_claimed")
    assert "KGH UC-09" in issue.message


def test_a_scheme_the_file_leaves_out(row: Row, facts: MakeFacts, check: Check) -> None:
    old = [row(), row("UC-02"), row("UC-03", maturity="Closed")]
    (issue,) = of(check([row()], facts(old, [row(), row("UC-02")])), "missing_scheme")
    assert issue.ref == "UC-02"
    assert "May 2017" in issue.message
    planned = facts(planned=[row(), row("UC-02")], only_planned={"UC-02": row("UC-02")})
    (issue,) = of(check([row()], planned), "missing_scheme")
    assert "plan" in issue.message


def test_a_new_ref_near_a_missing_one(row: Row, facts: MakeFacts, check: Check) -> None:
    new = row("UC-011", plan=dict.fromkeys(row()["plan"], None))
    found = of(check([new], facts([row("UC-01")], [row("UC-01")])), "ref_not_known")
    assert "Did you mean “UC-01”?" in found[0].message

    def unplanned(ref: str) -> SchemeRow:
        return row(ref, plan=dict.fromkeys(row()["plan"], None))

    both = facts([row("UC-01"), row("UC-02")], [row("UC-01"), row("UC-02")])
    (tie,) = of(check([unplanned("UC-03")], both), "ref_not_known")
    assert "Did you mean “UC-01” or “UC-02”?" in tie.message
    (left,) = of(check([unplanned("UC-03"), row("UC-01")], both), "ref_not_known")
    assert "Did you mean “UC-02”?" in left.message, "a scheme the file has is not meant"
    other = row("PD-77", plan=dict.fromkeys(row()["plan"], None))
    assert of(check([row("UC-01"), other], facts([row("UC-01")], [row()])), "ref_not_known") == []


@pytest.mark.parametrize(("june", "warned"), [(20 * K - 1, True), (20 * K, False)])
def test_decreasing_cumulative(
    row: Row, facts: MakeFacts, check: Check, june: int, warned: bool
) -> None:
    choices = Choices(unit=Unit.THOUSANDS, cumulative=True, control={"schemes": "1"})
    new = row(actual={"2017-04": 10 * K, "2017-05": 20 * K, "2017-06": june})
    found = of(check([new], facts(planned=[row()]), choices), "decreasing_cumulative")
    assert bool(found) is warned


def test_hidden_rows_and_unknown_headings_are_said(
    row: Row, facts: MakeFacts, check: Check
) -> None:
    def edit(table: list[list[str]]) -> None:
        table[0].append("Colour")
        table[1].append("blue")

    (issue,) = of(check([row()], facts(planned=[row()]), edit=edit), "unknown_column")
    assert "Colour" in issue.message


def test_a_faulty_figure_makes_no_warning_about_sums(
    row: Row, facts: MakeFacts, check: Check
) -> None:
    def edit(table: list[list[str]]) -> None:
        table[1][table[0].index("Forecast Mar")] = "tbc"

    old = flat(row, 100 * K, forecast={"2018-03": 9_000 * K})
    checked = check([old], facts([old], [old | {"plan": old["plan"]}]), edit=edit)
    assert [issue.code for issue in checked.issues] == ["not_a_number"]
