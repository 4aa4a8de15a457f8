"""What a worker's death looks like to the person who waits: said, never a dead end."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from stp.core import clock, jobs
from stp.core.models import Heartbeat, Job, Return
from stp.returns import progress
from tests.stp.returns.fake import Receive, broken_nudge, run_checks
from tests.stp.returns.pages import page, text

SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def waiting(receive: Receive) -> Return:
    """A return that was received a moment ago, while a worker is heard of."""
    return_ = receive().return_
    jobs.beat("worker")
    return return_


def change(return_: Return, **fields: Any) -> None:
    Job.objects.filter(kind="check_return", key=str(return_.pk)).update(**fields)


def test_nothing_is_said_while_all_is_well(waiting: Return) -> None:
    assert progress.of(waiting).delay == ""
    change(waiting, state="running", attempt=1, lease_until=jobs.database_now() + 60 * SECOND)
    found = progress.of(waiting)
    assert (found.delay, found.sentence) == ("", "Your return is being checked.")


@pytest.mark.parametrize(
    ("fields", "lease", "said"),
    [
        ({"state": "running", "attempt": 1}, -1, "The process that checked it stopped"),
        ({"state": "running", "attempt": 2}, 60, "attempt 2 of 3"),
        ({"state": "waiting", "attempt": 1}, None, "starts anew: attempt 2 of 3"),
        ({"state": "waiting", "attempt": 2}, None, "attempt 3 of 3"),
    ],
)
def test_an_attempt_that_died_is_said(
    browser: Client, waiting: Return, fields: dict[str, Any], lease: int | None, said: str
) -> None:
    until = None if lease is None else jobs.database_now() + lease * SECOND
    change(waiting, lease_until=until, **fields)
    found = progress.of(waiting)
    assert found.delay.startswith("This is taking longer than usual; it goes on by itself.")
    assert said in found.delay
    for name in ("checking", "progress"):
        body = text(browser.get(page(name, waiting)))
        assert said in body
        assert "come back to it from “Your returns”" in body
    assert "Check progress" in text(browser.get(page("checking", waiting)))
    assert b"every 2s" in browser.get(page("progress", waiting)).content, "it stopped asking"


def test_no_worker_that_answers(
    waiting: Return, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    missed = progress.MISSED_SWEEPS * settings.JOB_SWEEP_SECONDS
    for age, heard in ((missed - 5, True), (missed + 1, False)):
        Heartbeat.objects.update(at=jobs.database_now() - age * SECOND)
        assert ("No process that checks returns answers" not in progress.of(waiting).delay) is heard
    Heartbeat.objects.all().delete()
    assert "No process that checks returns answers" in progress.of(waiting).delay
    jobs.beat("run_jobs")
    assert progress.of(waiting).delay == "", "the embedded worker counts too"


def test_long_is_said_from_a_minute_on(waiting: Return) -> None:
    for seconds, long in ((60, False), (61, True)):
        waiting.received_at = clock.now() - seconds * SECOND
        assert bool(progress.of(waiting).delay) is long, seconds
    waiting.received_at = clock.now() - 3600 * SECOND
    assert progress.of(waiting).delay.startswith("This is taking longer than usual")


def test_without_the_queue_the_page_stands_and_the_check_comes(
    browser: Client, receive: Receive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redis is down: the nudge fails, the page asks the database alone, a sweep does the work."""
    monkeypatch.setattr(jobs, "_nudge", broken_nudge)
    return_ = receive().return_
    assert "waits to be checked" in text(browser.get(page("checking", return_)))
    run_checks()
    assert "The check is over" in text(browser.get(page("progress", return_)))


def test_a_check_that_was_given_up_says_what_to_do(browser: Client, waiting: Return) -> None:
    change(waiting, state="quarantined", attempt=3)
    found = progress.of(waiting)
    assert (found.gave_up, found.delay) == (True, "")
    body = text(browser.get(page("checking", waiting)))
    assert "given up after 3 attempts" in body
    assert "Send the file again" in body
    assert "tell the programme office" in body
