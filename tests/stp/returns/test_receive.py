"""Taking in a file: permission, period, quota, the same bytes again."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError

from stp.accounts.models import Grant, User
from stp.core import clock, jobs
from stp.core.models import AuditEvent, Job, Organisation, ReportingPeriod, Return
from stp.core.permissions import Role
from stp.returns import actions, storage
from stp.returns.actions import (
    NotAllowed,
    PeriodClosed,
    PeriodNotOpen,
    PlanFrozen,
    QuotaExceeded,
    approve_plan,
)
from stp.returns.kinds import UnknownKind
from stp.returns.refusals import NotAPlanMonth
from tests.conftest import make_period
from tests.stp.returns.fake import Receive, commit, file_bytes, person, run_checks


def files(settings: Any) -> int:
    root = Path(settings.UPLOAD_ROOT)
    return len(list(root.iterdir())) if root.exists() else 0


def test_file_row_job_and_trail_come_together(receive: Receive, lead: User, settings: Any) -> None:
    received = receive(file_name="C:\\x\\june.xlsx")
    return_ = received.return_
    assert not received.again
    assert return_.state == Return.State.RECEIVED
    assert return_.file_name == "june.xlsx"
    assert storage.path_of(return_).read_bytes() == file_bytes()
    assert return_.received_at == clock.now()
    job = Job.objects.get(kind="check_return")
    assert (job.key, job.state) == (str(return_.pk), Job.State.WAITING)
    event = AuditEvent.objects.get(verb="received")
    assert (event.by, event.organisation_id, event.period_id) == (lead.pk, "ngh", "2017-06")
    assert files(settings) == 1


def test_redis_down_the_upload_is_accepted(
    receive: Receive, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    """The nudge breaks after the commit; the row is there, and the sweeper does the check."""
    settings.NUDGE = "tests.stp.returns.fake.broken_nudge"
    with django_capture_on_commit_callbacks() as callbacks:
        return_ = receive().return_
    assert callbacks, "nothing was to be sent after the commit"
    run_checks()
    return_.refresh_from_db()
    assert return_.state == Return.State.READY


@pytest.mark.parametrize("role", [Role.BOARD, Role.PMO, Role.AUDITOR, Role.ADMINISTRATOR, None])
def test_who_may_not_send(receive: Receive, settings: Any, role: Role | None) -> None:
    with pytest.raises(NotAllowed):
        receive(by=person("other", role))
    assert files(settings) == 0
    assert not Return.objects.exists()


def test_another_organisations_lead_may_not_send(receive: Receive, stranger: User) -> None:
    with pytest.raises(NotAllowed):
        receive(by=stranger)


def test_a_programme_wide_role_does_not_widen_a_leads_grant(
    receive: Receive, stranger: User
) -> None:
    Grant.objects.create(user=stranger, role=Role.BOARD)
    with pytest.raises(NotAllowed):
        receive(by=stranger)


def test_an_unknown_kind(receive: Receive) -> None:
    with pytest.raises(UnknownKind, match="finance or plan"):
        receive(kind="poetry")


def test_a_closed_period_names_who_and_when(
    receive: Receive, june: ReportingPeriod, pmo: User
) -> None:
    june.state, june.closed_at, june.closed_by = "closed", clock.now(), pmo
    june.save()
    with pytest.raises(PeriodClosed, match="June 2017 was closed by pmo on 24 July 2017, 10:00"):
        receive()
    june.closed_at = june.closed_by = None
    with pytest.raises(PeriodClosed, match="June 2017 is closed"):
        receive(period=june)


def test_a_period_that_is_not_open_yet(receive: Receive) -> None:
    july = make_period("2017-07", "planned")
    with pytest.raises(
        PeriodNotOpen, match=r"July 2017 is not open yet\. It opens on 1 August 2017"
    ):
        receive(period=july)


def test_a_plan_comes_before_its_year_opens_and_only_for_april(
    receive: Receive, june: ReportingPeriod
) -> None:
    april = make_period("2018-04", "planned")
    assert receive(period=april, kind="plan").return_.pk
    with pytest.raises(NotAPlanMonth, match="is sent for April 2017"):
        receive(kind="plan", period=june)


def test_an_approved_plan_is_frozen(
    committed: Callable[..., Return], director: User, receive: Receive
) -> None:
    april = make_period("2017-04")
    plan = committed(kind="plan", period=april)
    assert receive(file_bytes({"A": 1}), kind="plan", period=april).return_.pk, "not approved yet"
    approve_plan(by=director, return_=plan)
    with pytest.raises(PlanFrozen, match=r"approved by director \(PLAN-2017-04-RNS-01\)"):
        receive(file_bytes({"A": 2}), kind="plan", period=april)


def test_ten_files_in_ten_minutes(receive: Receive, settings: Any) -> None:
    for number in range(10):
        receive(file_bytes({"A": number}))
    with pytest.raises(QuotaExceeded, match="10 files") as refused:
        receive(file_bytes({"A": 10}))
    assert refused.value.retry_after == 601
    assert files(settings) == 10, "the eleventh file was kept"
    assert receive(file_bytes({"A": 10}), limited=False).return_.pk, "a command is not limited"
    with clock.at(clock.now() + dt.timedelta(minutes=10)):
        assert receive(file_bytes({"A": 11})).return_.pk


def test_the_quota_is_the_persons(receive: Receive, ngh: Organisation) -> None:
    for number in range(10):
        receive(file_bytes({"A": number}))
    colleague = person("colleague", Role.FINANCE_LEAD, ngh)
    assert receive(file_bytes({"A": 10}), by=colleague).return_.pk


def test_fifty_megabytes_an_organisation_a_day(
    receive: Receive, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = len(file_bytes({"A": 1}))
    monkeypatch.setattr("stp.returns.actions.receiving.BYTES_AN_ORGANISATION_A_DAY", 2 * size)
    for number in (1, 2):
        receive(file_bytes({"A": number}))
    with pytest.raises(QuotaExceeded, match="Try again tomorrow") as refused:
        receive(file_bytes({"A": 3}))
    assert refused.value.retry_after == 14 * 3600 + 1, "until midnight in London"
    with clock.at(clock.now() + dt.timedelta(hours=14)):
        assert receive(file_bytes({"A": 3})).return_.pk


@pytest.mark.parametrize("state", ["received", "ready", "committed"])
def test_the_same_bytes_point_to_the_first(
    receive: Receive, lead: User, settings: Any, state: str
) -> None:
    first = receive().return_
    if state != "received":
        run_checks()
        first.refresh_from_db()
    if state == "committed":
        commit(first, lead)
    waiting = Job.objects.filter(kind="check_return").count()
    second = receive(file_name="renamed.xlsx")
    assert second.again
    assert second.return_.pk == first.pk
    assert Return.objects.count() == 1
    assert Job.objects.filter(kind="check_return").count() == waiting
    assert files(settings) == 1, "the copy stayed"
    assert AuditEvent.objects.filter(verb="sent again").count() == 1


def test_the_bytes_of_an_earlier_version_point_to_it(
    receive: Receive, committed: Callable[..., Return]
) -> None:
    first = committed(file_bytes({"A": 1}))
    committed(file_bytes({"A": 2}))
    again = receive(file_bytes({"A": 1}))
    assert again.again
    assert again.return_.pk == first.pk


def test_a_file_with_problems_may_come_again(ready: Callable[..., Return]) -> None:
    first = ready(file_bytes(errors=["tbc"]))
    second = ready(file_bytes(errors=["tbc"]))
    assert first.state == second.state == Return.State.PROBLEMS
    assert first.pk != second.pk


def test_the_same_bytes_read_another_way_are_another_return(receive: Receive) -> None:
    first = receive().return_
    other = receive(choices={"unit": "pounds", "cumulative": False, "control": {}}).return_
    assert first.pk != other.pk
    default = {"unit": "", "cumulative": False, "control": {}, "default_unit": "thousands"}
    assert receive(choices=default).return_.pk == first.pk, "what a command takes is no choice"


def test_the_same_bytes_for_another_period_are_another_return(receive: Receive) -> None:
    first = receive().return_
    assert receive(period=make_period("2017-05")).return_.pk != first.pk


def test_a_row_that_cannot_be_written_leaves_no_file(
    receive: Receive, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*args: Any, **kwargs: Any) -> None:
        raise DatabaseError

    monkeypatch.setattr(jobs, "request", fails)
    with pytest.raises(DatabaseError):
        receive()
    assert files(settings) == 0
    assert not Return.objects.exists()


def test_a_file_turned_away_leaves_its_attempt(lead: User, ngh: Organisation) -> None:
    actions.note_refused_file(
        by=lead, organisation=ngh, file_name="../a.exe", code="wrong_type", message="No."
    )
    event = AuditEvent.objects.get()
    assert (event.after["File"], event.after["Code"], event.reason) == (
        "a.exe",
        "wrong_type",
        "No.",
    )
