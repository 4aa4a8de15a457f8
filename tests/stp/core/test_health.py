"""What machines ask: live touches nothing, ready tells the truth in time, deep needs its token."""

import datetime as dt
import os
import re
import shutil
import socket
import threading
import time
from collections import namedtuple
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
import pytest
from django.conf import LazySettings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.test.utils import CaptureQueriesContext

from stp.accounts.models import User
from stp.core import clock, health, jobs
from stp.core.models import Heartbeat, Job, PeriodChange, ReportingPeriod, Snapshot

LIVE, READY, DEEP = "/health/live", "/health/ready", "/health/deep"
TOKEN = "only-for-this-test-0123456789"
PATIENCE = 10.0  # seconds after which a test gives up on what should take a moment


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_queue_seen", (float("-inf"), True))


@contextmanager
def silent_server() -> Iterator[int]:
    """A port that takes every call and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(20)
        yield listener.getsockname()[1]


def a_queue_at(port: int, settings: LazySettings) -> None:
    settings.NUDGE = "stp.celery.nudge"
    settings.REDIS_URL = f"redis://127.0.0.1:{port}/0"


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_live_touches_nothing(client: Client) -> None:
    """No database mark on this test: a query would fail it."""
    answer = client.get(LIVE)
    assert (answer.status_code, answer.json()) == (200, {"status": "live"})


@pytest.mark.django_db
def test_a_session_cookie_makes_live_ask_nothing_either(client: Client) -> None:
    client.force_login(User.objects.create_user("amara", "amara@example.org"))
    with CaptureQueriesContext(connection) as asked:
        client.get(LIVE)
    assert not asked.captured_queries


@pytest.mark.parametrize("address", [LIVE, READY])
@pytest.mark.django_db
def test_a_balancer_asks_by_address_and_over_plain_http(
    address: str, client: Client, settings: LazySettings
) -> None:
    settings.ALLOWED_HOSTS = ["tracker.example.org"]
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = [r"^health/"]
    assert client.get(address, headers={"host": "10.1.2.3:8000"}).status_code == 200
    assert client.get("/help/", headers={"host": "10.1.2.3:8000"}).status_code == 400


@pytest.mark.django_db
def test_ready_with_everything_there(client: Client) -> None:
    answer = client.get(READY)
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "degraded": []})


@pytest.mark.parametrize("address", [LIVE, READY, DEEP])
@pytest.mark.django_db
def test_only_reading(address: str, client: Client) -> None:
    assert client.post(address).status_code == 405
    assert client.head(address).status_code == client.get(address).status_code


@pytest.mark.django_db(transaction=True)
def test_not_ready_while_a_migration_is_missing(client: Client) -> None:
    recorder = MigrationRecorder(connection)
    name = sorted(name for app, name in recorder.applied_migrations() if app == "finance")[-1]
    recorder.record_unapplied("finance", name)
    try:
        answer = client.get(READY)
    finally:
        recorder.record_applied("finance", name)
    assert (answer.status_code, answer.json()["missing"]) == (503, ["migrations"])
    assert client.get(READY).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_database_newer_than_the_code_serves(client: Client) -> None:
    recorder = MigrationRecorder(connection)
    recorder.record_applied("finance", "9999_from_the_future")
    try:
        assert client.get(READY).status_code == 200
    finally:
        recorder.record_unapplied("finance", "9999_from_the_future")


def test_not_ready_when_the_database_refuses(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses() -> bool:
        raise ConnectionRefusedError("secret host name")

    monkeypatch.setattr(health, "_migrations_missing", refuses)
    answer = client.get(READY)
    assert (answer.status_code, answer.json()) == (
        503, {"status": "unavailable", "missing": ["database"]},
    )  # fmt: skip


def test_a_database_that_hangs_is_given_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer comes while the question is still hanging."""
    let_go = threading.Event()
    monkeypatch.setattr(health, "_migrations_missing", lambda: let_go.wait(PATIENCE))
    monkeypatch.setattr(health, "DATABASE_SECONDS", 0.05)
    began = time.monotonic()
    try:
        assert health.missing() == ["database"]
        assert time.monotonic() - began < PATIENCE, "it waited for the question to end"
    finally:
        let_go.set()


def test_both_waits_together_keep_the_promise() -> None:
    assert health.DATABASE_SECONDS + health.QUEUE_SECONDS < 2


@pytest.mark.django_db
def test_a_queue_that_is_down_degrades_and_no_more(client: Client, settings: LazySettings) -> None:
    a_queue_at(closed_port(), settings)
    answer = client.get(READY)
    assert (answer.status_code, answer.json()["degraded"]) == (200, ["queue"])


@pytest.mark.django_db
def test_a_queue_that_never_answers_degrades(client: Client, settings: LazySettings) -> None:
    with silent_server() as port:
        a_queue_at(port, settings)
        answer = client.get(READY)
    assert (answer.status_code, answer.json()["degraded"]) == (200, ["queue"])


@pytest.mark.redis
@pytest.mark.django_db
def test_a_queue_that_answers_does_not(
    client: Client, settings: LazySettings, redis_url: str
) -> None:
    settings.NUDGE, settings.REDIS_URL = "stp.celery.nudge", redis_url
    assert client.get(READY).json()["degraded"] == []


# -- The band on the pages -------------------------------------------------------------------------

BAND = "Work is queued"


@pytest.mark.django_db
def test_pages_say_that_work_is_queued(client: Client, settings: LazySettings) -> None:
    assert BAND not in client.get("/accessibility/").text
    a_queue_at(closed_port(), settings)
    assert BAND not in client.get("/accessibility/").text, "it concerns nobody who is not signed in"
    client.force_login(User.objects.create_user("amara", "amara@example.org"))
    assert BAND in client.get("/accessibility/").text


@pytest.mark.django_db
def test_no_band_without_a_queue_to_be_away(client: Client) -> None:
    client.force_login(User.objects.create_user("amara", "amara@example.org"))
    assert BAND not in client.get("/accessibility/").text


def test_the_queue_is_looked_at_once_in_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[float] = []

    def away() -> bool:
        looks.append(time.monotonic())
        return False

    monkeypatch.setattr(health, "_queue_answers", away)
    assert [health.work_is_queued() for _ in range(5)] == [True] * 5
    assert len(looks) == 1
    monkeypatch.setattr(health, "_queue_seen", (time.monotonic() - health.QUEUE_REMEMBERED, True))
    assert health.work_is_queued()
    assert len(looks) == 2


# -- Deep -----------------------------------------------------------------------------------------


def ask(client: Client, token: str = TOKEN) -> Any:
    return client.get(DEEP, headers={"authorization": f"Bearer {token}"})


@pytest.fixture
def token(settings: LazySettings) -> None:
    settings.HEALTH_TOKEN = TOKEN


@pytest.mark.django_db
def test_without_a_token_set_there_is_no_such_page(client: Client, settings: LazySettings) -> None:
    settings.HEALTH_TOKEN = ""
    assert client.get(DEEP).status_code == 404
    assert ask(client, "").status_code == 404, "an empty token opened it"


@pytest.mark.parametrize("sent", ["", "wrong", TOKEN[:-1], TOKEN + "x", f"Bearer {TOKEN}"])
@pytest.mark.django_db
def test_a_wrong_token_gets_no_figure(client: Client, sent: str, token: None) -> None:
    answer = ask(client, sent)
    assert answer.status_code == 403
    assert "checks" not in answer.json()


@pytest.mark.django_db
def test_deep_answers_with_every_figure(client: Client, token: None) -> None:
    checks = ask(client).json()["checks"]
    assert list(checks) == [
        "database", "queue", "jobs", "signs_of_life", "periods", "uploads", "backup",
        "restore_rehearsal",
    ]  # fmt: skip
    assert checks["backup"] == checks["restore_rehearsal"] == {"state": "not recorded"}
    assert checks["uploads"]["free_bytes"] > 0


@pytest.mark.parametrize("address", [LIVE, READY, DEEP])
@pytest.mark.django_db
def test_no_answer_names_a_version(address: str, client: Client, token: None) -> None:
    answer = client.get(address, headers={"authorization": f"Bearer {TOKEN}"})
    shown = answer.text + str(answer.headers)
    assert django.__version__ not in shown
    assert not re.search(r"python|django|postgres|redis|celery", shown, re.IGNORECASE)


@pytest.mark.parametrize(
    ("seconds", "state"),
    [(None, "amber"), (0, "green"), (299, "green"), (300, "amber"), (1799, "amber"), (1800, "red")],
)
def test_behind_turns_amber_at_five_minutes_and_red_at_thirty(
    seconds: float | None, state: str
) -> None:
    assert health.state_of(seconds, health.BEHIND) == state


@pytest.mark.parametrize(
    ("states", "worst"),
    [
        (["green"], "green"), (["green", "not recorded"], "green"), (["green", "amber"], "amber"),
        (["amber", "red", "green"], "red"), ([], "green"),
    ],
)  # fmt: skip
def test_the_worst_check_is_the_state(states: list[str], worst: str) -> None:
    checks: dict[str, Any] = {str(n): {"state": state} for n, state in enumerate(states)}
    assert health.worst(checks) == worst
    assert health.worst({"all": list(checks.values())}) == worst


@pytest.mark.django_db
def test_a_period_that_is_behind(
    client: Client, token: None, june: ReportingPeriod, demo_clock: dt.datetime
) -> None:
    def since(seconds: int) -> dict[str, Any]:
        PeriodChange.objects.update_or_create(
            period=june, data_version=2,
            defaults={
                "scope": "all", "what": "x", "at": demo_clock - dt.timedelta(seconds=seconds),
            },
        )  # fmt: skip
        found: dict[str, Any] = health.deep()["checks"]["periods"][0]
        return found

    ReportingPeriod.objects.update(snapshot_version=1, snapshot_data_version=1, data_version=1)
    Snapshot.objects.create(
        period=june, version=1, data_version=1, known_at=demo_clock,
        published_at=demo_clock - dt.timedelta(seconds=90),
    )  # fmt: skip
    assert health.deep()["checks"]["periods"] == [
        {
            "period": "2017-06", "state": "green", "snapshot_seconds": 90, "behind_seconds": 0,
            "changes_not_included": 0,
        }
    ]  # fmt: skip
    ReportingPeriod.objects.update(data_version=2)
    assert since(299)["state"] == "green"
    assert since(300) == {
        "period": "2017-06", "state": "amber", "snapshot_seconds": 90, "behind_seconds": 300,
        "changes_not_included": 1,
    }  # fmt: skip
    assert since(1800)["state"] == "red"
    assert ask(client).status_code == 503, "a monitor that reads only the status must see red"


@pytest.mark.django_db
def test_jobs_that_wait_and_jobs_given_up(demo_clock: dt.datetime) -> None:
    def found() -> dict[str, Any]:
        jobs_: dict[str, Any] = health.deep()["checks"]["jobs"]
        return jobs_

    assert found() == {
        "state": "green", "waiting": 0, "oldest_waiting_seconds": None, "quarantined": 0,
    }  # fmt: skip
    with clock.at(demo_clock - dt.timedelta(seconds=60)):
        old = jobs.request("recompute", key="2017-06")
    jobs.request("recompute", key="2017-05")
    assert found() == {
        "state": "amber", "waiting": 2, "oldest_waiting_seconds": 60, "quarantined": 0,
    }  # fmt: skip
    Job.objects.filter(pk=old.pk).update(state=Job.State.QUARANTINED)
    assert found() == {
        "state": "amber", "waiting": 1, "oldest_waiting_seconds": 0, "quarantined": 1,
    }  # fmt: skip


@pytest.mark.django_db
def test_signs_of_life(settings: LazySettings) -> None:
    def states() -> dict[str, str]:
        return {s["name"]: s["state"] for s in health.deep()["checks"]["signs_of_life"]}

    assert states() == {"run_jobs": "amber"}, "never heard of is not green"
    jobs.beat("run_jobs")
    assert states() == {"run_jobs": "green"}
    long_ago = jobs.database_now() - dt.timedelta(seconds=301)
    Heartbeat.objects.update(at=long_ago)
    assert states() == {"run_jobs": "red"}
    a_queue_at(closed_port(), settings)
    assert list(states()) == ["worker", "beat"]


@pytest.mark.django_db
def test_a_disk_that_fills(
    monkeypatch: pytest.MonkeyPatch, settings: LazySettings, tmp_path: Path
) -> None:
    usage = namedtuple("usage", "total used free")
    settings.UPLOAD_MAX_BYTES = 10

    def state(free: int, total: int = 1000) -> str:
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(total, total - free, free))
        return str(health.deep()["checks"]["uploads"]["state"])

    assert [state(free) for free in (100, 99, 30, 29)] == ["green", "amber", "amber", "red"]
    small = [state(free, total=20) for free in (10, 9)]
    assert small == ["green", "red"], "not one upload has room"
    settings.UPLOAD_ROOT = tmp_path / "a file in its place"
    assert state(500) == "green", "it is made with the first upload"
    settings.UPLOAD_ROOT.write_text("")
    assert state(500) == "red"
    settings.UPLOAD_ROOT = tmp_path
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert state(500) == "red"


def test_deep_without_a_database_says_so_and_is_red(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "missing", lambda: ["database"])
    found = health.deep()
    assert found["state"] == "red"
    assert found["checks"]["database"] == {"state": "red", "missing": ["database"]}
    assert "jobs" not in found["checks"]
