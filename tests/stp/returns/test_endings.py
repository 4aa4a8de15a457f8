"""Abandon, withdraw, approve a plan: every exit."""

from collections.abc import Callable
from typing import Any

import pytest

from stp.accounts.models import User
from stp.core import clock
from stp.core.models import AuditEvent, Organisation, ReportingPeriod, Return
from stp.core.permissions import Role
from stp.returns import actions
from stp.returns.actions import NotAllowed, NotReady, SamePerson
from tests.conftest import make_period
from tests.stp.returns.fake import Receive, commit, file_bytes, person

State = Return.State
Ready = Callable[..., Return]
WHY = "sent for the wrong month"


def test_abandon_what_was_received_or_checked(receive: Receive, ready: Ready, lead: User) -> None:
    for return_ in (receive(file_bytes({"A": 1})).return_, ready(file_bytes({"A": 2}))):
        done = actions.abandon(by=lead, return_=return_)
        assert (done.state, done.ended_at) == (State.ABANDONED, clock.now())
        assert actions.abandon(by=lead, return_=return_).state == State.ABANDONED, "again"
    assert AuditEvent.objects.filter(verb="abandoned").count() == 2


def test_what_cannot_be_abandoned(
    ready: Ready, committed: Ready, lead: User, stranger: User
) -> None:
    with pytest.raises(NotAllowed):
        actions.abandon(by=stranger, return_=ready())
    with pytest.raises(NotReady):
        actions.abandon(by=lead, return_=committed(file_bytes({"UC-01": 1})))


@pytest.fixture
def plan(committed: Ready) -> Return:
    return committed(kind="plan", period=make_period("2017-04"))


def test_a_second_person_approves_the_plan(plan: Return, director: User) -> None:
    make_period("2018-05")
    before = {p.code: p.data_version for p in ReportingPeriod.objects.all()}
    done = actions.approve_plan(by=director, return_=plan)
    assert (done.state, done.in_force) == (State.SIGNED_OFF, True)
    assert (done.signed_off_by, done.signed_off_at) == (director, clock.now())
    assert {p.code: p.data_version - before[p.code] for p in ReportingPeriod.objects.all()} == {
        "2017-04": 1,
        "2017-06": 1,
        "2018-05": 1,
    }, "later years show the plan's later columns"
    again = actions.approve_plan(by=director, return_=plan)
    assert again.signed_off_at == done.signed_off_at
    assert AuditEvent.objects.filter(verb="signed off").count() == 1


def test_the_sender_cannot_approve_and_sees_who_can(
    ready: Ready, lead: User, director: User, ngh: Organisation
) -> None:
    colleague = person("colleague", Role.FINANCE_DIRECTOR, ngh)
    admin = person("admin", Role.ADMINISTRATOR)
    person("away", Role.FINANCE_DIRECTOR, Organisation.objects.create(id="x", short="X"))
    sent = ready(kind="plan", period=make_period("2017-04"), by=director)
    plan = commit(sent, colleague)
    for sender in (director, colleague):  # received by one, confirmed by the other
        with pytest.raises(SamePerson, match="Who can: admin"):
            actions.approve_plan(by=sender, return_=plan)
    assert actions.approvers(plan) == [admin]
    with pytest.raises(NotAllowed):
        actions.approve_plan(by=lead, return_=plan)


def test_nobody_can_approve_yet(ready: Ready, director: User) -> None:
    plan = commit(ready(kind="plan", period=make_period("2017-04"), by=director), director)
    with pytest.raises(SamePerson, match="nobody yet"):
        actions.approve_plan(by=director, return_=plan)


def test_only_a_plan_in_force_is_approved(
    committed: Ready, ready: Ready, director: User, lead: User
) -> None:
    with pytest.raises(NotReady):
        actions.approve_plan(by=director, return_=committed())
    april = make_period("2017-04")
    old = committed(file_bytes({"A": 1}), kind="plan", period=april)
    committed(file_bytes({"A": 2}), kind="plan", period=april)
    with pytest.raises(NotReady):
        actions.approve_plan(by=director, return_=old)


def test_a_frozen_plan_is_not_superseded_by_one_that_was_ready(
    ready: Ready, plan: Return, director: User, lead: User
) -> None:
    waiting: Any = ready(file_bytes({"UC-01": 9}), kind="plan", period=plan.period)
    actions.approve_plan(by=director, return_=plan)
    with pytest.raises(actions.PlanFrozen):
        commit(waiting, lead)


def test_an_approved_plan_comes_back_approved(
    ready: Ready, plan: Return, director: User, lead: User
) -> None:
    """A version that was signed off before it was superseded is signed off again."""
    actions.approve_plan(by=director, return_=plan)
    Return.objects.filter(pk=plan.pk).update(state="superseded", in_force=False)
    later = commit(ready(file_bytes({"A": 9}), kind="plan", period=plan.period), lead)
    back = actions.withdraw(
        by=director, return_=later, reason=WHY, digest=actions.withdrawal(later).digest
    )
    assert back is not None
    assert back.state == State.SIGNED_OFF
