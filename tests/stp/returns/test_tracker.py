"""Who owes which return, in the words of DESIGN §4."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from stp.accounts.models import User
from stp.core import clock, periods
from stp.core.models import Organisation, ReportingPeriod, Return
from stp.returns import actions, tracker
from tests.conftest import make_period
from tests.stp.returns.fake import Receive, commit, file_bytes, run_checks

Ready = Callable[..., Return]


def words(user: User) -> dict[tuple[str, str, str], str]:
    return {
        (row.organisation.pk, row.period.code, row.kind): row.word
        for month in tracker.months(user)
        for row in month.rows
    }


@pytest.mark.parametrize(
    ("day", "hour", "word"),
    [
        (dt.date(2017, 6, 30), 10, "Not due"),
        (dt.date(2017, 7, 1), 9, "Due"),
        (dt.date(2017, 7, 18), 17, "Due"),
        (dt.date(2017, 7, 18), 18, "Late by 1 day"),
        (dt.date(2017, 7, 24), 10, "Late by 6 days"),
    ],
)
def test_where_a_return_stands_by_date(
    lead: User, june: ReportingPeriod, day: dt.date, hour: int, word: str
) -> None:
    moment = dt.datetime.combine(day, dt.time(hour), periods.LONDON)
    with clock.at(moment):
        assert words(lead)[("ngh", "2017-06", "finance")] == word


def test_where_a_return_stands_by_state(
    receive: Receive, lead: User, director: User, june: ReportingPeriod
) -> None:
    key = ("ngh", "2017-06", "finance")
    bad = receive(file_bytes(errors=["bad"])).return_
    assert words(lead)[key] == "Checking"
    run_checks()
    assert words(lead)[key] == "Problems"
    good = receive(file_bytes({"A": 1})).return_
    run_checks()
    good.refresh_from_db()
    assert words(lead)[key] == "Ready"
    commit(good, lead)
    assert words(lead)[key] == "Committed"
    other = receive(file_bytes({"A": 2}, errors=["bad"])).return_
    run_checks()
    assert words(lead)[key] == "Problems", "a correction that failed is what needs work"
    assert bad.pk < other.pk
    digest = actions.withdrawal(good).digest
    actions.withdraw(by=director, return_=good, reason="sent for the wrong month", digest=digest)
    Return.objects.exclude(pk=good.pk).delete()
    assert words(lead)[key] == "Late by 6 days", "a withdrawn return counts as none"


def test_a_plan_row_in_the_first_month_and_none_required_for_month_1(
    committed: Ready, lead: User, director: User, june: ReportingPeriod
) -> None:
    april = make_period("2017-04")
    found = words(lead)
    assert found[("ngh", "2017-04", "finance")] == "Not required"
    assert found[("ngh", "2017-04", "plan")].startswith("Late by")
    assert ("ngh", "2017-06", "plan") not in found
    plan = committed(kind="plan", period=april)
    actions.approve_plan(by=director, return_=plan)
    assert words(lead)[("ngh", "2017-04", "plan")] == "Signed off"


def test_who_sees_whose_rows(
    lead: User, stranger: User, pmo: User, june: ReportingPeriod, kgh: Organisation
) -> None:
    kgh.sends_finance_return = True
    assert {key[0] for key in words(lead)} == {"ngh"}
    assert {key[0] for key in words(stranger)} == {"kgh"}
    assert {key[0] for key in words(pmo)} == {"ngh", "kgh"}
    rows = {m.rows[0].href for m in tracker.months(pmo)}
    assert rows == {""}, "who only watches is offered a form"


def test_open_closed_and_next_periods_newest_first(lead: User, june: ReportingPeriod) -> None:
    for code, state in (("2017-05", "closed"), ("2017-07", "planned"), ("2017-08", "planned")):
        make_period(code, state)
    make_period("2017-03", "closed")
    assert [m.period.code for m in tracker.months(lead)] == ["2017-07", "2017-06", "2017-05"]
    rows = {m.period.code: m.rows[0] for m in tracker.months(lead)}
    assert rows["2017-06"].href.endswith("?organisation=ngh&period=2017-06&kind=finance")
    assert rows["2017-05"].href == rows["2017-07"].href == ""


def test_a_return_under_way_that_is_late_says_both(receive: Receive, lead: User) -> None:
    receive()
    (month,) = tracker.months(lead)
    assert month.rows[0].hint == "june.xlsx, received 24 July 2017, 10:00; late by 6 days"
    assert month.rows[0].tag == {"text": "Checking", "colour": "blue"}


def test_the_number_of_queries_does_not_grow(
    pmo: User, june: ReportingPeriod, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        Organisation.objects.create(id=f"o{number}", short="O", sends_finance_return=True)
    with django_assert_max_num_queries(6):
        rows = [row for month in tracker.months(pmo) for row in month.rows]
    assert len(rows) == 30
