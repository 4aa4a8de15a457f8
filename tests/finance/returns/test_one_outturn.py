"""One forecast of a scheme's year: preview, stored totals, comparison and warnings say what the
dashboards say, and go on saying it when the next file comes."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.actions import correct_plan
from finance.bridge import DEFAULT_WEIGHTS, scheme_year
from finance.models import SavingsScheme
from finance.plans import approved_plan
from finance.positions import positions
from finance.returns import FINANCE
from finance.returns.compare import compare
from finance.returns.effect import scheme_inputs
from finance.returns.examine import totals
from finance.returns.gather import gather
from finance.scheme_rows import SchemeRow
from stp.core import clock
from stp.core.models import Organisation, ReportingPeriod, Return
from stp.core.returns import Checked, Preview
from tests.conftest import make_period
from tests.finance.returns.conftest import JUNE, MONTHS, K, make_facts, make_row

Row = Callable[..., SchemeRow]
Sent = Callable[..., Return]
Commit = Callable[..., Return]
Check = Callable[..., Checked]


def shown(period: str = "2017-06") -> dict[str, int]:
    """What the list of schemes says of NGH: forecast by ref, in pence."""
    reports = positions(["ngh"], month(period))["ngh"].schemes
    return {
        r.scheme.ref: scheme_year(r.scheme, "2017/18", period, DEFAULT_WEIGHTS).forecast
        for r in reports
    }


def month(code: str) -> Any:
    return ReportingPeriod.objects.get(code=code).period


def after(preview: Preview) -> dict[str, int | None]:
    return {change.ref: change.forecast_after for change in preview.changes}


def in_may_row(row: Row, ref: str = "UC-01", **changes: Any) -> SchemeRow:
    made = row(ref, **changes)
    return {
        **made,
        "actual": {m: v if m < "2017-06" else "not due" for m, v in made["actual"].items()},
    }


@pytest.fixture
def planned(ngh: Organisation, row: Row, sent: Sent, commit: Commit, administrator: Any) -> Return:
    """The approved plan: UC-01, UC-02, and UC-09, which no return reports yet."""
    rows = [row(ref) | {"actual": {}, "forecast": {}} for ref in ("UC-01", "UC-02", "UC-09")]
    plan = sent(ngh, make_period("2017-04"), rows, kind="plan")
    return commit(plan, state="signed_off", signed_off_at=clock.now(), signed_off_by=administrator)


@pytest.fixture
def may(ngh: Organisation, planned: Return, row: Row, sent: Sent, commit: Commit) -> Return:
    """May forecast UC-01 at £7k a month and UC-02 at £42k in June."""
    rows = [
        in_may_row(row, forecast=dict.fromkeys(MONTHS, 7 * K)),
        in_may_row(row, "UC-02", actual={"2017-04": 36 * K, "2017-05": 40 * K},
                   forecast={"2017-06": 42 * K}),
    ]  # fmt: skip
    return commit(sent(ngh, make_period("2017-05"), rows), {"UC-09": "leave"})


CLOSING = {"UC-02": "close", "UC-09": "leave"}
LEAVING = {"UC-02": "leave", "UC-09": "leave"}
BLANK: dict[str, Any] = {"actual": {"2017-06": None}, "forecast": {"2017-06": None}}


@pytest.mark.django_db
@pytest.mark.usefixtures("scheme_types", "demo_clock")
@pytest.mark.parametrize(
    ("changes", "missing", "expected"),
    [
        pytest.param({}, CLOSING, {"UC-01": 120, "UC-02": 76, "UC-09": 120}, id="closed"),
        pytest.param({}, LEAVING, {"UC-01": 120, "UC-02": 208, "UC-09": 120}, id="left"),
        pytest.param({}, {"UC-02": "close", "UC-09": "close"},
                     {"UC-01": 120, "UC-02": 76, "UC-09": 0}, id="a scheme only planned, closed"),
        pytest.param(BLANK, LEAVING, {"UC-01": 117, "UC-02": 208, "UC-09": 120},
                     id="blank: May's forecast cell"),
        pytest.param({"actual": {"2017-06": None}, "forecast": {"2017-06": 5 * K}}, LEAVING,
                     {"UC-01": 115, "UC-02": 208, "UC-09": 120}, id="blank: its own cell"),
        pytest.param({"actual": {"2017-06": "n/a"}}, LEAVING,
                     {"UC-01": 110, "UC-02": 208, "UC-09": 120}, id="not applicable is nil"),
        pytest.param(
            {"maturity": "Closed", "actual": {"2017-04": 7 * K, "2017-05": 0, "2017-06": None},
             "forecast": dict.fromkeys(MONTHS, 0) | {"2017-06": 100 * K}},
            LEAVING, {"UC-01": 7, "UC-02": 208, "UC-09": 120}, id="sent as closed",
        ),
    ],
)  # fmt: skip
def test_what_the_preview_says_is_what_the_list_says_afterwards(
    ngh: Organisation, june: ReportingPeriod, may: Return, row: Row, sent: Sent, commit: Commit,
    changes: dict[str, Any], missing: dict[str, str], expected: dict[str, int],
) -> None:  # fmt: skip
    want = {ref: value * K for ref, value in expected.items()}
    before = shown()
    rows = [row(**changes)]
    return_ = sent(ngh, june, rows)
    preview = FINANCE.plan(return_, missing)
    facts = gather(return_)
    assert preview.totals_before["forecast"] == sum(before.values())
    assert preview.totals_after["forecast"] == sum(want.values())
    assert after(preview) == want | {"UC-09": 0 if missing["UC-09"] == "close" else None}
    assert totals(rows, facts)["forecast"] == want["UC-01"], "the stored total"
    inputs = {i.ref: i for i in scheme_inputs(rows, facts)}
    said = scheme_year(inputs["UC-01"], "2017/18", june.pk, DEFAULT_WEIGHTS).forecast
    assert said == want["UC-01"], "the effect on the programme"
    commit(return_, missing)
    assert shown() == want
    compared = compare(may, return_)
    assert after(compared) == {ref: want[ref] for ref in after(compared)}
    again = gather(sent(ngh, june, rows))
    in_force = {ref: again.outturn_before(made) for ref, made in again.before.items()}
    assert in_force == {ref: want[ref] for ref in in_force}, "what the next file is told it was"


@pytest.mark.django_db
@pytest.mark.usefixtures("scheme_types", "demo_clock")
def test_a_version_it_replaces_is_no_earlier_return(
    ngh: Organisation, june: ReportingPeriod, may: Return, row: Row, sent: Sent, commit: Commit
) -> None:
    """June sent twice: its blank actual is May's forecast of £7k, never the first June's £99k."""
    first = row(forecast={"2017-06": 99 * K})
    commit(sent(ngh, june, [first, row("UC-02")]), LEAVING)
    second = sent(ngh, june, [row(**BLANK), row("UC-02")])
    preview = FINANCE.plan(second, LEAVING)
    assert after(preview)["UC-01"] == 117 * K
    effect = {i.ref: i for i in scheme_inputs(second.rows, gather(second))}
    assert effect["UC-01"].earlier_forecast_by_month["2017-06"] == 7 * K
    commit(second, LEAVING)
    assert shown()["UC-01"] == 117 * K
    assert preview.totals_after["forecast"] == sum(shown().values())


@pytest.mark.django_db
@pytest.mark.usefixtures("scheme_types", "demo_clock")
def test_without_an_earlier_return_a_blank_actual_counts_as_planned(
    ngh: Organisation, june: ReportingPeriod, planned: Return, row: Row, sent: Sent, commit: Commit
) -> None:
    return_ = sent(ngh, june, [row(**BLANK), row("UC-02"), row("UC-09")])
    preview = FINANCE.plan(return_, {})
    assert after(preview)["UC-01"] == 120 * K
    commit(return_)
    assert shown()["UC-01"] == 120 * K
    assert compare(None, return_).totals_after["forecast"] == sum(shown().values())


@pytest.mark.django_db
@pytest.mark.usefixtures("scheme_types", "demo_clock")
def test_the_effect_of_closing_is_nil_in_later_years_too(
    ngh: Organisation, june: ReportingPeriod, planned: Return, row: Row, sent: Sent, commit: Commit
) -> None:
    """A full-year effect that was secured does not outlive the scheme in the preview."""
    from finance.returns.preview import _after

    commit(sent(ngh, make_period("2017-05"), [in_may_row(row, fye_secured=50 * K)]), LEAVING | {
        "UC-02": "leave"})  # fmt: skip
    facts = gather(sent(ngh, june, [row("UC-02"), row("UC-09")]))
    left = {i.ref: i for i in scheme_inputs(_after([], facts, {"UC-01": "close"}), facts)}
    worked = scheme_year(left["UC-01"], "2020/21", june.pk, DEFAULT_WEIGHTS)
    assert (worked.forecast, worked.delivered) == (0, 0)


def test_a_closed_scheme_is_no_forecast_that_moved(row: Row, check: Check) -> None:
    """Closed at £76k with a June forecast of £42k: the next file is compared with £76k."""
    closed = row(maturity="Closed", closed_in="2017/18",
                 actual={"2017-04": 36 * K, "2017-05": 40 * K, "2017-06": None},
                 forecast=dict.fromkeys(MONTHS, 0) | {"2017-06": 42 * K})  # fmt: skip
    facts = make_facts([closed], planned=[row()], before_period="2017-06")
    open_again = row(forecast=dict.fromkeys(MONTHS, 40 * K))
    moved = [i for i in check([open_again], facts).issues if i.code == "forecast_moved"]
    assert any("went from £76k in June 2017" in issue.message for issue in moved), moved


def test_control_totals_are_held_to_the_files_own_cells(row: Row, check: Check) -> None:
    """A ledger knows no plan: a blank month is nil to it, and £10k to the forecast outturn."""
    from finance.returns.cover import Choices
    from stp.core.money import Unit

    said = Choices(unit=Unit.THOUSANDS, control={"forecast": "110"})
    checked = check([row(**BLANK)], make_facts(planned=[row()]), said)
    assert "control_total" not in [issue.code for issue in checked.issues]
    assert checked.totals["forecast"] == 120 * K


MONEY = st.one_of(st.none(), st.just("n/a"), st.integers(-10_000_000, 10_000_000))
CELLS = st.fixed_dictionaries(dict.fromkeys(MONTHS, MONEY))
PENCE = st.dictionaries(st.sampled_from(MONTHS), st.integers(-1_000_000, 1_000_000))


@given(actual=CELLS, forecast=CELLS, earlier=PENCE, plan=PENCE, closed=st.booleans())
def test_a_row_comes_to_what_the_bridge_makes_of_it(
    actual: dict[str, Any], forecast: dict[str, Any], earlier: dict[str, int],
    plan: dict[str, int], closed: bool,
) -> None:  # fmt: skip
    row = make_row(maturity="Closed" if closed else "In delivery")
    row |= {"actual": actual, "forecast": forecast}
    facts = replace(make_facts(), earlier={"UC-01": earlier}, approved={"UC-01": plan})
    (scheme,) = scheme_inputs([row], facts)
    worked = scheme_year(scheme, "2017/18", JUNE.code, DEFAULT_WEIGHTS).forecast
    assert facts.outturn(row) == worked


@pytest.mark.django_db
@pytest.mark.usefixtures("scheme_types", "demo_clock")
def test_a_corrected_plan_is_the_plan_of_preview_and_comparison(
    ngh: Organisation, june: ReportingPeriod, may: Return, row: Row, sent: Sent, commit: Commit,
    administrator: Any,
) -> None:  # fmt: skip
    """A row that is left as last reported still holds the plan of that day."""
    return_ = sent(ngh, june, [row()])
    before = FINANCE.plan(return_, LEAVING).totals_after["plan"]
    assert before is not None
    scheme = SavingsScheme.objects.get(organisation=ngh, ref="UC-02")
    was = approved_plan(["ngh"], "2017/18")["ngh", "UC-02"]["2017-12"]
    correct_plan(
        scheme=scheme, when="2017-12", pence=was + 500 * K, reason="a slip", by=administrator
    )
    preview = FINANCE.plan(return_, LEAVING)
    assert preview.totals_after["plan"] == before + 500 * K
    assert preview.totals_before["plan"] == before + 500 * K
    commit(return_, LEAVING)
    in_no_return = 120 * K  # UC-09, which is only planned
    assert compare(may, return_).totals_after["plan"] == before + 500 * K - in_no_return


@pytest.mark.django_db
@pytest.mark.usefixtures("scheme_types", "demo_clock")
def test_of_a_closed_scheme_a_blank_cell_of_what_is_to_come_is_nil(
    ngh: Organisation, june: ReportingPeriod, row: Row, sent: Sent, planned: Return, book: Any
) -> None:
    """Else the plan would stand in for it, and for its full-year effect, in the later years."""
    blank = dict.fromkeys(row()["forecast"])
    open_, closed = (
        FINANCE.check(book([row(maturity=m, forecast=blank)]), sent(ngh, june, [])).rows[0]
        for m in ("In delivery", "Closed")
    )
    to_come = [when for when in blank if when > "2017-06"]
    assert {open_["forecast"][when] for when in to_come} == {None}
    assert {closed["forecast"][when] for when in to_come} == {0}
    assert closed["forecast"]["2017-06"] is None, "what was due is not known"
