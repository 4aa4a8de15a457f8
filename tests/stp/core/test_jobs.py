"""Jobs: the row is the job. Claims, attempts, leases, quarantine, limits."""

import datetime as dt
import signal
import time
from typing import Any

import pytest
from django.conf import settings as site
from django.db import transaction
from django.utils.module_loading import import_string
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from stp.core import jobs
from stp.core.models import Heartbeat, Job

pytestmark = pytest.mark.django_db
State = Job.State

ran: list[int] = []
given_up: list[int] = []


def finishes(job: Job) -> None:
    ran.append(job.pk)
    jobs.finish(job)


def fails(job: Job) -> None:
    ran.append(job.pk)
    raise ValueError("no such sheet")


def never_ends(job: Job) -> None:
    time.sleep(30)


def is_told_to_stop(job: Job) -> None:
    raise SystemExit(0)


def loses_its_lease(job: Job) -> None:
    """Another attempt takes the job while this one works: its own writes must go."""
    with transaction.atomic():
        Heartbeat.objects.create(name="written by the loser", at=jobs.database_now())
        Job.objects.filter(pk=job.pk).update(attempt=job.attempt + 1)
        jobs.finish(job)


def was_given_up(job: Job) -> None:
    given_up.append(job.pk)


HERE = __name__


@pytest.fixture(autouse=True)
def kinds(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Test kinds, run by functions of this file."""
    module = globals()
    actions = (finishes, fails, never_ends, is_told_to_stop, loses_its_lease)
    settings.JOBS = {action.__name__: (f"{HERE}.{action.__name__}", 60) for action in actions}
    settings.JOB_QUARANTINED = {"fails": f"{HERE}.was_given_up"}
    settings.JOB_LEASE_GRACE = 30
    ran.clear()
    given_up.clear()
    # importlib mode: this file is not importable by its name, so names resolve here.
    monkeypatch.setattr(jobs, "import_string", lambda dotted: module[dotted.rpartition(".")[2]])


def ask(kind: str, key: str = "k") -> Job:
    return jobs.request(kind, key=key)


def expire(job: Job) -> None:
    past = jobs.database_now() - dt.timedelta(seconds=1)
    Job.objects.filter(pk=job.pk).update(lease_until=past)


def test_a_request_while_one_waits_is_the_same_job() -> None:
    assert ask("finishes").pk == ask("finishes").pk
    assert ask("finishes", "other").pk != ask("finishes").pk


def test_a_request_while_one_runs_is_a_new_job() -> None:
    first = ask("finishes")
    assert jobs.claim(first.pk)
    assert ask("finishes").pk != first.pk


def test_a_claim_counts_the_attempt_and_sets_the_lease_by_the_database_clock() -> None:
    job = jobs.claim(ask("finishes").pk)
    assert job
    assert (job.state, job.attempt) == (State.RUNNING, 1)
    assert job.lease_until
    left = (job.lease_until - jobs.database_now()).total_seconds()
    assert 80 < left <= 90, f"limit 60 + grace 30, but {left} s are left"


def test_a_running_job_is_not_claimed_again() -> None:
    job = ask("finishes")
    assert jobs.claim(job.pk)
    assert jobs.claim(job.pk) is None
    assert jobs.due() == []


def test_an_expired_lease_is_claimed_again_and_the_first_attempt_cannot_finish() -> None:
    first = jobs.claim(ask("finishes").pk)
    assert first
    expire(first)
    assert jobs.due() == [first.pk]
    second = jobs.claim(first.pk)
    assert second
    assert second.attempt == 2
    with pytest.raises(jobs.LeaseLost):
        jobs.finish(first)
    jobs.finish(second)
    second.refresh_from_db()
    assert second.state == State.DONE


def test_a_job_that_is_gone_or_done_is_not_claimed() -> None:
    assert jobs.claim(987_654) is None
    job = ask("finishes")
    assert jobs.run(job.pk)
    assert jobs.claim(job.pk) is None
    assert jobs.run(job.pk) is False
    assert ran == [job.pk]


def test_three_failures_quarantine_and_tell_the_kind_once() -> None:
    job = ask("fails")
    assert [jobs.run(job.pk) for _ in range(5)] == [False] * 5
    job.refresh_from_db()
    assert (job.state, job.attempt) == (State.QUARANTINED, 3)
    assert job.error == "ValueError: no such sheet"
    assert job.finished_at
    assert len(ran) == 3
    assert given_up == [job.pk]


def test_a_job_that_kills_its_worker_three_times_is_quarantined_at_the_fourth_claim() -> None:
    job = ask("fails")
    for attempt in (1, 2, 3):
        claimed = jobs.claim(job.pk)
        assert claimed
        assert claimed.attempt == attempt
        expire(claimed)
    assert given_up == []
    assert jobs.claim(job.pk) is None
    job.refresh_from_db()
    assert job.state == State.QUARANTINED
    assert given_up == [job.pk]


def test_a_kind_nobody_knows_is_quarantined_at_once() -> None:
    job = ask("of another version")
    assert jobs.run(job.pk) is False
    job.refresh_from_db()
    assert job.state == State.QUARANTINED


def test_a_failure_while_a_newer_request_waits_leaves_one_waiting() -> None:
    job = ask("fails")
    claimed = jobs.claim(job.pk)
    assert claimed
    newer = ask("fails")
    jobs._release(claimed, "it failed")
    job.refresh_from_db()
    assert job.state == State.DONE
    assert jobs.due() == [newer.pk]


def test_losing_the_lease_rolls_back_what_the_attempt_wrote() -> None:
    job = ask("loses_its_lease")
    assert jobs.run(job.pk) is False
    assert not Heartbeat.objects.exists()


def test_a_job_past_its_limit_is_stopped_and_released(settings: Settings) -> None:
    settings.JOBS = {"never_ends": (f"{HERE}.never_ends", 1)}
    job = ask("never_ends")
    began = time.monotonic()
    assert jobs.run(job.pk) is False
    assert time.monotonic() - began < 5
    job.refresh_from_db()
    assert job.state == State.WAITING
    assert "stopped after 1 seconds" in job.error
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0), "a timer is left behind"


def test_a_job_stopped_with_its_process_gets_its_attempt_back() -> None:
    job = ask("is_told_to_stop")
    with pytest.raises(SystemExit):
        jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempt, job.lease_until) == (State.WAITING, 0, None)


def test_the_nudge_is_sent_after_commit_and_its_failure_hurts_nobody(
    settings: Settings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[int] = []
    settings.NUDGE = "somewhere.nudge"
    monkeypatch.setattr(jobs, "import_string", lambda dotted: sent.append)
    with django_capture_on_commit_callbacks(execute=True):
        job = ask("finishes")
        assert sent == []
    assert sent == [job.pk]

    def breaks(job_id: int) -> None:
        raise OSError("no route")

    monkeypatch.setattr(jobs, "import_string", lambda dotted: breaks)
    with django_capture_on_commit_callbacks(execute=True):
        ask("finishes", "second")
    assert Job.objects.filter(key="second").exists()


def test_requests_that_meet_a_claim_ask_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The waiting row vanishes between the refused insert and the look: taken by a worker."""
    ask("finishes")
    looks: list[Any] = [None, None]
    real = jobs._waiting
    monkeypatch.setattr(
        jobs, "_waiting", lambda kind, key: looks.pop() if looks else real(kind, key)
    )
    assert ask("finishes").state == State.WAITING
    monkeypatch.setattr(jobs, "_waiting", lambda kind, key: None)
    with pytest.raises(RuntimeError, match="too many at once"):
        ask("finishes")


def test_a_sign_of_life_is_one_row_a_name() -> None:
    jobs.beat("run_jobs")
    jobs.beat("run_jobs")
    assert Heartbeat.objects.count() == 1


@pytest.mark.parametrize(
    "dotted",
    [
        *(action for action, _ in site.JOBS.values()),
        *site.JOB_QUARANTINED.values(),
        "stp.celery.nudge",  # settings.NUDGE wherever there is a REDIS_URL
    ],
)
def test_every_name_that_calls_upwards_resolves(dotted: str) -> None:
    assert callable(import_string(dotted))


def test_a_lease_outlives_every_kinds_limit() -> None:
    assert site.JOB_LEASE_GRACE > 0
    assert set(site.JOB_QUARANTINED) <= set(site.JOBS)
