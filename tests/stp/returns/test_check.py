"""The check: outside any transaction, finished with its effect, given up with a sentence."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from stp.core import clock, faults, jobs
from stp.core.models import AuditEvent, Job, Return
from stp.core.sheets import Issue, Severity
from stp.returns import actions
from stp.returns.actions import checking
from tests.stp.returns.fake import Receive, fake_read, file_bytes, run_checks

State = Return.State


@pytest.mark.parametrize(
    ("errors", "warnings", "state"),
    [([], [], State.READY), ([], ["odd"], State.READY), (["bad"], ["odd"], State.PROBLEMS)],
)
def test_where_a_check_ends(
    ready: Callable[..., Return], errors: list[str], warnings: list[str], state: State
) -> None:
    return_ = ready(file_bytes({"A": 5, "B": 6}, errors=errors, warnings=warnings))
    assert return_.state == state
    assert (return_.error_count, return_.warning_count) == (len(errors), len(warnings))
    assert return_.row_count == 2
    assert return_.rows == [{"ref": "A", "pence": 5}, {"ref": "B", "pence": 6}]
    assert return_.totals == {"schemes": 2, "forecast": 11}
    assert return_.checked_at == clock.now()
    assert Job.objects.get().state == Job.State.DONE
    verbs = list(AuditEvent.objects.order_by("pk").values_list("verb", "by_name"))
    end = "checked" if state == State.READY else "found problems in"
    assert verbs[-2:] == [("started checking", "The tracker"), (end, "The tracker")]


def test_a_refused_file_is_one_whole_file_fault(ready: Callable[..., Return]) -> None:
    return_ = ready(b"REFUSE")
    assert return_.state == State.PROBLEMS
    (issue,) = return_.issues
    assert (issue["code"], issue["severity"], issue["cell"]) == ("encrypted", "error", "")
    assert "Remove the password" in issue["message"]


def test_a_reader_that_breaks_three_times_leaves_unreadable(receive: Receive) -> None:
    return_ = receive(b"CRASH").return_
    for attempt in (1, 2):
        run_checks()
        return_.refresh_from_db()
        assert return_.state == State.CHECKING, f"attempt {attempt}"
    run_checks()
    return_.refresh_from_db()
    assert return_.state == State.UNREADABLE
    assert return_.issues[0]["code"] == "unreadable"
    assert "after 3 attempts" in return_.issues[0]["message"]
    assert Job.objects.get().state == Job.State.QUARANTINED


def test_given_up_before_it_began(receive: Receive) -> None:
    """A process that dies right after its claim never moved the return on."""
    return_ = receive().return_
    actions.check_gave_up(Job.objects.get())
    return_.refresh_from_db()
    assert return_.state == State.UNREADABLE


def test_given_up_after_it_was_settled_changes_nothing(ready: Callable[..., Return]) -> None:
    return_ = ready()
    actions.check_gave_up(Job.objects.get())
    return_.refresh_from_db()
    assert return_.state == State.READY


def test_an_abandoned_return_is_not_checked(receive: Receive, lead: Any) -> None:
    return_ = receive().return_
    actions.abandon(by=lead, return_=return_)
    run_checks()
    return_.refresh_from_db()
    assert (return_.state, return_.rows) == (State.ABANDONED, [])
    assert Job.objects.get().state == Job.State.DONE


def test_an_attempt_that_lost_its_lease_changes_nothing(receive: Receive) -> None:
    """A second attempt took the job while the first one read; the first one rolls back."""
    return_ = receive().return_

    def stolen(name: str) -> None:
        if name == "check.read":
            Job.objects.update(attempt=2)

    faults.install(stolen)
    try:
        run_checks()
    finally:
        faults.install(None)
    return_.refresh_from_db()
    assert return_.state == State.CHECKING
    assert return_.checked_at is None


@pytest.mark.django_db(transaction=True)
def test_the_file_is_read_outside_any_transaction(
    receive: Receive, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []

    def watching(*args: Any, **kwargs: Any) -> Any:
        seen.append(connection.in_atomic_block)
        return fake_read(*args, **kwargs)

    monkeypatch.setattr(checking, "read", watching)
    receive()
    run_checks()
    assert seen == [False]


def test_what_no_database_holds_is_replaced(ready: Callable[..., Return]) -> None:
    odd = Issue(Severity.ERROR, "x", "nul \x00 and half \ud800 pair")
    stored = checking.storable({"a": [odd.as_dict()], "n": 1, "none": None})
    assert stored["a"][0]["message"] == "nul \ufffd and half ? pair"
    assert (stored["n"], stored["none"]) == (1, None)


def test_a_job_runs_through_the_queue_of_jobs(receive: Receive) -> None:
    receive()
    (job_id,) = jobs.due()
    assert jobs.run(job_id)
    assert not jobs.run(job_id), "the same job twice"


def test_a_file_that_is_no_longer_kept_is_said_to_be_gone(
    receive: Receive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is checked again some time after it came, and "it is kept" would be untrue."""
    return_ = receive(file_bytes()).return_

    def gone(*_: Any, **__: Any) -> Any:
        raise FileNotFoundError("uploads/a")

    monkeypatch.setattr("stp.returns.actions.checking.read", gone)
    run_checks()
    return_.refresh_from_db()
    assert return_.state == "problems"
    [issue] = return_.issues
    assert issue["code"] == "original_gone"
    assert "no longer where it was kept" in issue["message"]
