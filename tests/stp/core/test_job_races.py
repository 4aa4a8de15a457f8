"""Two at once: claims, requests, dates and leases, on connections of their own.

Each race has a twin in which the guard is replaced; a race whose twin passes proves nothing.
"""

import threading
from typing import Any

import pytest
from django.conf import settings as site
from django.db import IntegrityError, connections, transaction
from django.db.models import F
from pytest_django import Settings

from stp.core import changes, clock, jobs
from stp.core.models import Job, PeriodChange, ReportingPeriod
from tests.job_actions import note, notes
from tests.rounds import rounds
from tests.together import together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
PROCESSES = 4


@pytest.fixture(autouse=True)
def kinds(settings: Settings) -> None:
    settings.JOBS = {"note": ("tests.job_actions.note", 3), "recompute": site.JOBS["recompute"]}


def claims(claim: Any, job: Job) -> int:
    """How many of four claims at once won; an error fails the test."""
    outcomes = together(*[lambda: claim(job.pk)] * PROCESSES)
    errors = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert not errors, errors
    return sum(outcome is not None for outcome in outcomes)


def test_of_four_claims_at_once_one_wins() -> None:
    for number in range(rounds(long=200)):
        job = jobs.request("note", key=str(number))
        assert claims(jobs.claim, job) == 1
        job.refresh_from_db()
        assert job.attempt == 1


def test_twin_claims_that_look_and_then_write_win_together() -> None:
    met = threading.Barrier(PROCESSES)

    def look_then_write(job_id: int) -> Job | None:
        job = Job.objects.get(pk=job_id)
        met.wait(timeout=30)
        if job.state != Job.State.WAITING:
            return None
        Job.objects.filter(pk=job_id).update(state=Job.State.RUNNING, attempt=F("attempt") + 1)
        return job

    assert claims(look_then_write, jobs.request("note", key="twin")) == PROCESSES


@pytest.mark.postgres
def test_requests_at_once_make_one_job_and_no_error() -> None:
    for number in range(rounds(long=100)):
        made = together(*[lambda n=number: jobs.request("note", key=str(n)).pk] * PROCESSES)
        assert len(set(made)) == 1, made
        assert Job.objects.filter(key=str(number)).count() == 1


@pytest.mark.postgres
def test_twin_requests_that_only_insert_collide(monkeypatch: pytest.MonkeyPatch) -> None:
    met = threading.Barrier(PROCESSES)

    def just_insert(kind: str, key: str, payload: dict[str, Any]) -> Job:
        met.wait(timeout=30)
        return Job.objects.create(kind=kind, key=key, payload=payload, requested_at=clock.now())

    monkeypatch.setattr(jobs, "_new", just_insert)
    made = together(*[lambda: jobs.request("note", key="twin")] * PROCESSES)
    assert sum(isinstance(outcome, IntegrityError) for outcome in made) == PROCESSES - 1, made


def version_seen_by_a_worker(june: ReportingPeriod) -> int:
    """The data version a worker reads after a claim that begins while a change joins the job.

    The job waits already; the change finds it waiting, and commits a moment later.
    """
    job = jobs.request("recompute", key=june.code)
    seen: list[int] = []

    def work() -> None:
        try:
            if jobs.claim(job.pk):
                seen.append(ReportingPeriod.objects.get(pk=june.pk).data_version)
        finally:
            connections.close_all()

    worker = threading.Thread(target=work)
    with transaction.atomic():
        changes.bump([june], scope=changes.ALL, what="A return landed")
        worker.start()
        worker.join(timeout=0.5)
    worker.join(timeout=10)
    Job.objects.filter(pk=job.pk).update(state=Job.State.DONE)
    assert len(seen) == 1, "the worker never got the job"
    return seen[0]


@pytest.mark.postgres
def test_a_recompute_cannot_start_without_the_change_that_joined_it(june: ReportingPeriod) -> None:
    for number in range(1, rounds(long=50) + 1):
        assert version_seen_by_a_worker(june) == number


@pytest.mark.postgres
def test_twin_without_the_lock_the_recompute_starts_too_early(
    june: ReportingPeriod, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unlocked(kind: str, key: str) -> Job | None:
        return Job.objects.filter(kind=kind, key=key, state=Job.State.WAITING).first()

    monkeypatch.setattr(jobs, "_waiting", unlocked)
    assert version_seen_by_a_worker(june) == 0, "the twin found the change: the guard is elsewhere"


def sweeps(june: ReportingPeriod) -> int:
    """Changes counted by four sweeps that saw the same period, as its due date passes."""
    seen = ReportingPeriod.objects.get(pk=june.pk)

    def sweep() -> bool:
        with clock.at(june.due_at):
            return changes.pass_dates(seen)

    outcomes = together(*[sweep] * PROCESSES)
    assert all(isinstance(outcome, bool) for outcome in outcomes), outcomes
    return PeriodChange.objects.filter(period=june).count()


def test_a_date_that_passes_is_counted_once(june: ReportingPeriod) -> None:
    for number in range(1, rounds(long=50) + 1):
        ReportingPeriod.objects.filter(pk=june.pk).update(dates_passed=1)
        assert sweeps(june) == number


def test_twin_sweeps_that_do_not_name_the_count_count_it_four_times(
    june: ReportingPeriod, monkeypatch: pytest.MonkeyPatch
) -> None:
    ReportingPeriod.objects.filter(pk=june.pk).update(dates_passed=1)
    named = changes._by_one

    def any_count(row: Any, **also: object) -> int:
        return named(ReportingPeriod.objects.filter(pk=june.pk), **also)

    monkeypatch.setattr(changes, "_by_one", any_count)
    assert sweeps(june) == PROCESSES


def late_and_new_attempt(job: Job) -> list[str]:
    """Notes left when an attempt whose lease ran out finishes beside the attempt after it."""
    late = jobs.claim(job.pk)
    assert late
    Job.objects.filter(pk=job.pk).update(lease_until=jobs.database_now())
    new = jobs.claim(job.pk)
    assert new
    outcomes = together(lambda: note(late), lambda: note(new))
    assert all(outcome is None or isinstance(outcome, jobs.LeaseLost) for outcome in outcomes)
    return notes(job)


def test_only_the_newest_attempt_leaves_anything() -> None:
    for number in range(rounds(long=50)):
        job = jobs.request("note", key=str(number))
        assert late_and_new_attempt(job) == [f"note {job.pk} 2"]


def test_twin_a_finish_that_names_no_attempt_lets_the_late_one_write(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def anybody(job: Job) -> None:
        Job.objects.filter(pk=job.pk).update(state=Job.State.DONE, lease_until=None)

    monkeypatch.setattr(jobs, "finish", anybody)
    job = jobs.request("note", key="twin")
    assert f"note {job.pk} 1" in late_and_new_attempt(job)
