"""C6: a worker that stops until its lease is over and then goes on changes nothing any more.

It stops itself by SIGSTOP at a crash point, as a machine does that is paused or out of memory;
another worker finishes the job; then it is let go on.
"""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connections

from stp.core.models import AuditEvent, Job, Return
from tests.crash.conftest import World, until
from tests.crash.nursery import Child
from tests.crash.test_points import rows_of_everything

pytestmark = [
    pytest.mark.race,
    pytest.mark.skipif(not Path("/proc/self").exists(), reason="NOT RUN: no /proc here"),
]
State = Return.State
# What says that somebody is alive changes by itself.
ALIVE = "core_heartbeat"


def stopped(child: Child) -> bool:
    """Whether it has stopped itself."""
    return ") T " in Path(f"/proc/{child.pid}/stat").read_text()


def stop_at(world: World, what: str, point: str, *arguments: object, **env: str) -> Child:
    child = world.start(what, *arguments, CRASH_AT=point, CRASH_HOW="stop", **env)
    until(lambda: stopped(child), lambda: f"{what} never stopped at {point}: {child.said()}")
    return child


def go_on(child: Child) -> None:
    os.kill(child.pid, signal.SIGCONT)


def figures() -> dict[str, list[tuple[object, ...]]]:
    rows = rows_of_everything()
    del rows[ALIVE]
    return rows


def finish_by_another(world: World, over: Callable[[], bool]) -> None:
    """Another worker does it once the lease is over, and ends."""
    other = world.start("run_jobs")
    until(over, lambda: f"the other worker: {other.said()}")
    other.kill()
    connections.close_all()


def checked(return_: Return) -> bool:
    return_.refresh_from_db()
    return return_.state == State.READY and Job.objects.get(key=str(return_.pk)).state == "done"


def published() -> bool:
    return not Job.objects.exclude(state=Job.State.DONE).exists()


def lost(child: Child) -> bool:
    return "lease lost, nothing written" in child.said()


@pytest.mark.parametrize("twin", ["", "no alarm"])
def test_a_check_that_comes_too_late_changes_nothing(world: World, twin: str) -> None:
    """Its own alarm stops it as it goes on; where there is none, the attempt's number does."""
    return_ = world.receive(world.file("june.csv", seed=1))
    late = stop_at(world, "run_jobs", "check.read", CRASH_TWIN=twin)
    finish_by_another(world, lambda: checked(return_))
    before = figures()
    go_on(late)
    until(lambda: lost(late), late.said)
    assert figures() == before
    assert AuditEvent.objects.filter(verb="checked").count() == 1
    assert late.poll() is None, "the late worker ended"
    world.confirm(return_)
    until(published, late.said)  # the late worker works on: nobody else is there
    world.must_be_right("C6 check stopped, late finish changed 0 rows")


def test_twin_without_the_fence_the_late_check_writes_again(world: World) -> None:
    return_ = world.receive(world.file("june.csv", seed=1))
    late = stop_at(world, "run_jobs", "check.read", CRASH_TWIN="no alarm, no fence")
    finish_by_another(world, lambda: checked(return_))
    go_on(late)
    twice = AuditEvent.objects.filter(verb="checked")
    until(lambda: twice.count() == 2, lambda: f"one event: the guard is elsewhere: {late.said()}")


@pytest.mark.parametrize("point", ["recompute.gathered", "recompute.pointing"])
@pytest.mark.parametrize("twin", ["", "no alarm"])
def test_a_recompute_that_comes_too_late_changes_nothing(
    world: World, point: str, twin: str
) -> None:
    if point == "recompute.pointing" and connections["default"].vendor == "sqlite":
        pytest.skip("inside its transaction it holds SQLite's one write lock")
    return_ = world.receive(world.file("june.csv", seed=1))
    world.drain()
    world.confirm(return_)
    late = stop_at(world, "run_jobs", point, CRASH_TWIN=twin)
    finish_by_another(world, published)
    before = figures()
    go_on(late)
    until(lambda: lost(late), late.said)
    assert figures() == before
    world.must_be_right(f"C6 {point} stopped, late publish changed 0 rows")


@pytest.mark.postgres
@pytest.mark.parametrize("point", ["check.settled", "recompute.published"])
def test_stopped_inside_its_transaction_it_is_cut_off(world: World, point: str) -> None:
    """The database ends a transaction that idles before the lease is over, and its locks go."""
    return_ = world.receive(world.file("june.csv", seed=1))
    if point != "check.settled":
        world.drain()
        world.confirm(return_)
    late = stop_at(world, "run_jobs", point)
    finish_by_another(world, published)
    before = figures()
    go_on(late)
    until(lambda: lost(late), late.said)
    assert figures() == before
    assert late.poll() is None, "the late worker ended"
    return_.refresh_from_db()
    if return_.state == State.READY:
        world.confirm(return_)
    until(published, late.said)
    world.must_be_right(f"C6 {point} stopped inside its transaction, changed 0 rows")


def test_a_confirmation_that_comes_after_another_is_refused(world: World) -> None:
    """`commit_return` is stopped before its transaction, and another version is confirmed."""
    first = world.file("first.csv", seed=1)
    late = stop_at(world, "commit_return", "commit.before", str(first), "aaa")
    connections.close_all()
    world.finish(world.file("second.csv", seed=2))
    go_on(late)
    assert late.wait() == 1, late.said()
    assert "stale" in late.said()
    world.drain()
    verdict = world.must_be_right("C6 commit_return stopped across a second commit")
    assert (verdict.counted["applied"], verdict.counted["returns"]) == (1, 2)


@pytest.mark.postgres
def test_a_confirmation_stopped_inside_its_transaction_holds_nobody_up(world: World) -> None:
    late = stop_at(
        world, "commit_return", "commit.applied", str(world.file("a.csv", seed=1)), "aaa"
    )
    connections.close_all()
    world.finish(world.file("b.csv", seed=2))
    go_on(late)
    assert late.wait() != 0, late.said()
    abandoned = Return.objects.get(file_name="a.csv")
    assert abandoned.state == State.READY
    again = world.start("commit_return", str(world.folder / "a.csv"), "aaa")
    assert again.wait() == 0, again.said()
    world.expect(world.folder / "a.csv")
    world.drain()
    verdict = world.must_be_right("C6 commit_return stopped inside its transaction")
    assert verdict.counted["applied"] == 2


def test_in_service_a_stopped_transaction_ends_before_any_lease() -> None:
    """The real values: idle_in_transaction_session_timeout is below every kind's lease."""
    source = Path(__file__).resolve().parents[2] / "stp" / "settings.py"
    text = source.read_text(encoding="utf-8")
    idle = int(text.partition("idle_in_transaction_session_timeout=")[2].partition("s")[0])
    from stp import settings as service

    shortest = min(limit for _, limit in service.JOBS.values()) + service.JOB_LEASE_GRACE
    assert idle < shortest, f"{idle} s idle, {shortest} s lease: a stopped worker blocks the next"
