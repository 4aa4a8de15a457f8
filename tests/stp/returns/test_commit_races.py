"""Two people confirm the same return, or one clicks twice: one effect. With its twin."""

import datetime as dt
import threading
from functools import partial
from typing import Any

import pytest

from stp.accounts.models import User
from stp.core import clock, periods
from stp.core.models import Organisation, ReportingPeriod, Return
from stp.core.permissions import Role
from stp.returns import actions, states
from stp.returns.actions import committing
from tests.conftest import make_period
from tests.rounds import rounds
from tests.stp.returns.fake import applied, file_bytes, person, run_checks
from tests.together import together

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.race,
    pytest.mark.postgres,  # SQLite's one write lock lets no two commits overlap
]
CLICKS = 4


def ready_return(number: int) -> tuple[Return, list[User]]:
    """A checked return of an organisation of its own, and the people who may confirm it."""
    name = f"o{number}"
    organisation = Organisation.objects.create(id=name, name=name, short=name, kind="trust")
    people = [person(f"{name}-{n}", Role.FINANCE_LEAD, organisation) for n in range(2)]
    period = ReportingPeriod.objects.first() or make_period("2017-06")
    with clock.at(dt.datetime(2017, 7, 24, 10, tzinfo=periods.LONDON)):
        return_ = actions.receive(
            by=people[0],
            kind="finance",
            organisation=organisation,
            period=period,
            file_name="june.xlsx",
            chunks=[file_bytes()],
            choices={},
        ).return_
        run_checks()
    return Return.objects.get(pk=return_.pk), people


def confirm_together(return_: Return, people: list[User]) -> list[Any]:
    digest = actions.preview(return_).digest
    clicks = [
        partial(actions.commit, by=by, return_=return_, digest=digest, missing={})
        for by in (people * CLICKS)[:CLICKS]
    ]
    return together(*clicks)


def test_many_clicks_have_one_effect() -> None:
    for number in range(rounds(long=100)):
        return_, people = ready_return(number)
        outcomes = confirm_together(return_, people)
        errors = [o for o in outcomes if isinstance(o, Exception)]
        assert not errors, errors
        assert {o.reference for o in outcomes} == {f"RET-2017-06-O{number}-01"}
        assert applied(return_) == 1, "the figures were written more than once"
        assert ReportingPeriod.objects.get().data_version == number + 1


def test_twin_without_the_locks_and_the_condition_there_are_more_effects(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The guards replaced: rows read without a lock, the move written by id alone."""
    return_, people = ready_return(0)
    met = threading.Barrier(CLICKS)

    def look(of: Return) -> Return:
        current = Return.objects.select_related("organisation", "period").get(pk=of.pk)
        met.wait(timeout=30)
        return current

    def unlocked(period_id: str) -> ReportingPeriod:
        return ReportingPeriod.objects.get(pk=period_id)

    def unconditional(of: Return, came_from: Any, fields: Any) -> int:
        return Return.objects.filter(pk=of.pk).update(**fields)

    monkeypatch.setattr(committing, "lock_period", unlocked)
    monkeypatch.setattr(committing, "_lock", look)
    monkeypatch.setattr(states, "change", unconditional)
    confirm_together(return_, people)
    assert applied(return_) > 1, "the race did not happen: the test above proves nothing"


def test_two_different_returns_at_once_take_their_turn() -> None:
    """Both commit in the order they come; the later one's preview is stale and says so."""
    first, people = ready_return(0)
    with clock.at(dt.datetime(2017, 7, 24, 10, tzinfo=periods.LONDON)):
        second = actions.receive(
            by=people[1], kind="finance", organisation=Organisation.objects.get(),
            period=first.period, file_name="b.xlsx", chunks=[file_bytes({"UC-01": 7})], choices={},
        ).return_  # fmt: skip
        run_checks()
    second.refresh_from_db()
    digests = {r.pk: actions.preview(r).digest for r in (first, second)}
    outcomes = together(
        *[
            partial(actions.commit, by=people[0], return_=r, digest=digests[r.pk], missing={})
            for r in (first, second)
        ]
    )
    refused = [o for o in outcomes if isinstance(o, Exception)]
    assert [type(o) for o in refused] == [actions.StalePreview], outcomes
    assert Return.objects.in_force().count() == 1
