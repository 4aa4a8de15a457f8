"""Which return speaks for an organisation at a period, and what it says."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finance.bridge import DEFAULT_WEIGHTS, scheme_year
from finance.models import PlanChange, SavingsScheme
from finance.positions import positions
from finance.reported import Position, SchemeReport
from stp.core import periods
from stp.core.models import Return
from tests.conftest import make_period
from tests.small_system import LATER, MONTHS, K, Row, lay_out, organisation, plan, send, withdraw

pytestmark = pytest.mark.django_db
JUNE = periods.parse("2017-06")


@pytest.fixture(autouse=True)
def _small(demo_clock: dt.datetime) -> None:
    lay_out(organisations=("ngh",))


def at(code: str = "2017-06") -> Position:
    return positions(["ngh"], periods.parse(code))["ngh"]


def only(position: Position) -> SchemeReport:
    (scheme,) = position.schemes
    return scheme


def test_nothing_sent_has_no_schemes() -> None:
    position = at()
    assert (position.schemes, position.reported, position.references) == ((), False, ())


def test_the_return_of_the_period_is_used_whole() -> None:
    plan("ngh", [Row(), Row("UC-02")])
    send("ngh", "2017-05", [Row("UC-02")])
    june = send("ngh", "2017-06", [Row(), Row("UC-02")])
    position = at()
    assert (position.return_reference, position.carried_from) == (june.reference, "")
    assert [s.scheme.ref for s in position.schemes] == ["UC-01", "UC-02"]
    assert position.references[1].startswith("PLA-2017-04")


def test_an_earlier_return_is_carried_and_says_so() -> None:
    plan("ngh", [Row()])
    send("ngh", "2017-05", [Row(actual=4 * K)])
    position = at()
    assert (position.reported, position.carried_from) == (True, "2017-05")
    assert only(position).scheme.actual_by_month == {"2017-04": 4 * K, "2017-05": 4 * K}


def test_a_later_return_never_speaks_for_an_earlier_period() -> None:
    send("ngh", "2017-05", [Row(actual=4 * K)])
    send("ngh", "2017-06", [Row(actual=9 * K)])
    assert at("2017-05").return_period == "2017-05"


def test_a_superseded_or_withdrawn_version_does_not_speak() -> None:
    send("ngh", "2017-06", [Row(actual=1 * K)])
    second = send("ngh", "2017-06", [Row(actual=2 * K)])
    assert only(at()).scheme.actual_by_month["2017-04"] == 2 * K
    withdraw(second)
    assert only(at()).scheme.actual_by_month["2017-04"] == 1 * K


def test_without_a_finance_return_the_approved_plan_speaks_alone() -> None:
    plan("ngh", [Row()])
    scheme = only(at()).scheme
    assert (scheme.reported, scheme.plan_approved) == (False, True)
    assert scheme.plan_by_month == dict.fromkeys(MONTHS, 10 * K)
    assert scheme.plan_by_year == dict.fromkeys(LATER, 120 * K)
    assert (scheme.actual_by_month, scheme.forecast_by_month) == ({}, {})


def test_a_plan_that_nobody_approved_is_no_plan() -> None:
    plan("ngh", [Row()], approve=False)
    send("ngh", "2017-06", [Row()])
    scheme = only(at()).scheme
    assert (scheme.plan_approved, scheme.in_plan) == (False, True)
    assert (scheme.plan_by_month, scheme.plan_by_year) == ({}, {})


def test_a_plan_change_changes_the_plan() -> None:
    return_ = plan("ngh", [Row()])
    PlanChange.objects.create(
        scheme=SavingsScheme.objects.get(), kind="correction", when="2017-07",
        before_pence=10 * K, after_pence=3 * K, reason="A slip.", period_id="2017-06",
        changed_at=return_.signed_off_at or return_.received_at, changed_by=return_.received_by,
    )  # fmt: skip
    assert only(at()).scheme.plan_by_month["2017-07"] == 3 * K


def test_a_scheme_new_in_a_return_is_not_in_the_plan() -> None:
    plan("ngh", [Row()])
    send("ngh", "2017-06", [Row(), Row("NEW-1")])
    by_ref = {s.scheme.ref: s.scheme for s in at().schemes}
    assert (by_ref["NEW-1"].in_plan, by_ref["UC-01"].in_plan) == (False, True)
    assert (by_ref["NEW-1"].plan_by_month, by_ref["NEW-1"].plan_approved) == ({}, True)


def test_a_scheme_of_the_plan_that_the_return_leaves_out_keeps_its_plan() -> None:
    plan("ngh", [Row(), Row("UC-02")])
    send("ngh", "2017-06", [Row()])
    by_ref = {s.scheme.ref: s.scheme for s in at().schemes}
    assert (by_ref["UC-02"].reported, sum(by_ref["UC-02"].plan_by_month.values())) == (
        False, 120 * K
    )  # fmt: skip


def test_a_blank_due_month_looks_to_the_return_before() -> None:
    send("ngh", "2017-05", [Row(forecast=7 * K)])
    send("ngh", "2017-06", [Row(blank=("2017-06",))])
    scheme = only(at()).scheme
    assert scheme.actual_by_month["2017-06"] is None
    assert scheme.earlier_forecast_by_month == {"2017-06": 7 * K}


@pytest.mark.parametrize(
    ("missing", "expected"), [("n/a", 0), ("unknown", None), ("not due", "absent")]
)
def test_the_four_kinds_of_missing_stay_apart(missing: str, expected: object) -> None:
    return_ = send("ngh", "2017-06", [Row()])
    return_.figures.filter(kind="actual", when="2017-06").update(pence=None, missing=missing)
    report = only(at())
    assert report.scheme.actual_by_month.get("2017-06", "absent") == expected
    assert report.not_applicable == (("actual 2017-06",) if missing == "n/a" else ())


def test_amounts_that_are_not_applicable_are_named_too() -> None:
    send("ngh", "2017-06", [Row()]).scheme_states.update(gross_pence=0, not_applicable=["gross"])
    assert only(at()).not_applicable == ("gross",)
    send("ngh", "2017-06", [Row()])
    assert only(at()).not_applicable == ()


def test_typed_reasons_go_with_the_scheme_they_are_about() -> None:
    return_ = send("ngh", "2017-06", [Row(), Row("UC-02")])
    Return.objects.filter(pk=return_.pk).update(
        issues=[{"code": "forecast_moved", "ref": "UC-02", "severity": "warning"},
                {"code": "no_control_total", "ref": "", "severity": "warning"}],
        reasons={"forecast_moved": "Ward 6 opened late.", "no_control_total": "From the ledger."},
    )  # fmt: skip
    assert [s.reasons for s in at().schemes] == [(), ("Ward 6 opened late. (FIN-2017-06-ngh-01)",)]


def test_a_final_return_makes_the_actuals_final() -> None:
    for code in ("2018-03", "2018-13"):
        make_period(code)
    send("ngh", "2018-03", [Row()])
    assert not only(at("2018-03")).scheme.actuals_final
    send("ngh", "2018-13", [Row(actual=11 * K)])
    scheme = only(at("2018-13")).scheme
    assert scheme.actuals_final
    assert only(at("2018-03")).scheme.actual_by_month["2017-04"] == 10 * K


def test_a_signed_off_month_12_is_final_too() -> None:
    make_period("2018-03")
    send("ngh", "2018-03", [Row()], approve=True)
    assert only(at("2018-03")).scheme.actuals_final


def test_next_year_keeps_the_final_actuals_of_this_one() -> None:
    for code in ("2018-03", "2018-13", "2018-04"):
        make_period(code)
    plan("ngh", [Row()])
    send("ngh", "2018-04", [Row()], kind="plan")
    send("ngh", "2018-13", [Row(actual=11 * K), Row("OLD-1")])
    by_ref = {s.scheme.ref: s.scheme for s in at("2018-04").schemes}
    assert sum(v or 0 for v in by_ref["UC-01"].actual_by_month.values()) == 12 * 11 * K
    assert sum(by_ref["UC-01"].plan_by_month.values()) == 120 * K
    assert by_ref["OLD-1"].closed_in == "2017/18", "the new year's plan goes on without it"


def test_last_years_return_and_plan_speak_until_the_new_years_come() -> None:
    for code in ("2018-03", "2018-04"):
        make_period(code)
    once = {"recurrence": "NR", "end_month": "2018-03"}
    plan("ngh", [Row(), Row("NR-1", words=once)])
    send("ngh", "2018-03", [Row(forecast=7 * K), Row("NR-1", words=once)])
    position = at("2018-04")
    by_ref = {s.scheme.ref: s.scheme for s in position.schemes}
    assert position.carried_from == "2018-03"
    assert by_ref["NR-1"].closed_in == "2017/18", "what is not recurrent ends with its year"
    assert by_ref["UC-01"].plan_by_year == dict.fromkeys(LATER, 120 * K), "approved last year"
    new_year = scheme_year(by_ref["UC-01"], "2018/19", "2018-04", DEFAULT_WEIGHTS)
    assert (new_year.plan, new_year.forecast, new_year.delivered) == (120 * K, 84 * K, 0)
    end = scheme_year(by_ref["UC-01"], "2020/21", "2018-04", DEFAULT_WEIGHTS)
    assert (end.plan, end.forecast) == (120 * K, 84 * K)


def test_n_a_in_the_return_before_is_an_estimate_of_nil() -> None:
    plan("ngh", [Row()])
    may = send("ngh", "2017-05", [Row(forecast=7 * K)])
    may.figures.filter(kind="forecast", when="2017-06").update(pence=None, missing="n/a")
    june = send("ngh", "2017-06", [Row(blank=("2017-06",))])
    june.figures.filter(kind="forecast", when="2017-06").delete()
    assert only(at()).scheme.earlier_forecast_by_month == {"2017-06": 0}


def test_the_number_of_queries_does_not_grow() -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            positions([o.pk for o in organisations], JUNE)
        return len(captured)

    organisations = [organisation(f"few{n}") for n in range(3)]
    for one in organisations:
        plan(one.pk, [Row()])
        send(one.pk, "2017-05", [Row()])
        send(one.pk, "2017-06", [Row(blank=("2017-06",))])
    few = queries()
    organisations += [organisation(f"many{n}") for n in range(3)]
    for one in organisations[3:]:
        rows = [Row(f"UC-{n:02d}", blank=("2017-06",)) for n in range(10)]
        plan(one.pk, rows)
        send(one.pk, "2017-06", rows)
    assert queries() == few
