"""C2: the program dies at each crash point there is; what people and workers do next puts it right.

One program does all that web and worker do, so that each point is passed in its natural order.
It ends by `os._exit(137)`, without any clean-up, as if by kill -9.
"""

import re
from pathlib import Path

import pytest
from django.db import connection, connections

from stp.core.models import Job, Return
from tests.children import ROOT
from tests.crash.arming import EXIT
from tests.crash.conftest import World

pytestmark = [pytest.mark.race]

# Every point of the code -> what the moment is; the ten that RELIABILITY.md C2 names in its words.
POINTS = {
    "store.written": "a file half kept",
    "receive.stored": "a file kept and no row",
    "receive.accepted": "received and nobody told",
    "job.claimed": "after claim",
    "check.reading": "checking and nothing read",
    "read.spawned": "after spool to child",
    "read.parsing": "mid-parse",
    "check.read": "checked and nothing kept",
    "check.settled": "before commit of a check",
    "job.done": "after commit before ack",
    "commit.before": "confirmed and nothing begun",
    "apply.before_first": "before first insert",
    "apply.mid": "mid-insert",
    "commit.applied": "before commit",
    "commit.after": "after commit before the answer",
    "recompute.gathered": "gathered and nothing computed",
    "recompute.pointing": "before pointer swap",
    "recompute.pointed": "after pointer swap",
    "recompute.lines": "after snapshot rows",
    "recompute.published": "before commit of a snapshot",
}
# A job's points are passed by the check and by the recompute; the others once.
PASSES = [(point, time) for point in POINTS for time in (1, 2) if time == 1 or point[:4] == "job."]
HERE = re.compile(r'faults\.here\("([^"]+)"\)')


def test_every_crash_point_of_the_code_is_tried() -> None:
    folders = ("stp", "finance", "workstreams", "indicators")
    texts = [p.read_text(encoding="utf-8") for f in folders for p in (ROOT / f).rglob("*.py")]
    found = {name for text in texts for name in HERE.findall(text)}
    assert found == set(POINTS), "a crash point was added or lost: name its moment in POINTS"


def rows_of_everything() -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, as text: what a re-run must not change."""
    tables = sorted(connection.introspection.table_names())
    with connection.cursor() as cursor:
        found = {}
        for table in tables:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 - our own
            found[table] = sorted(cursor.fetchall(), key=repr)
    return found


def died_at(world: World, point: str, time: int, **more: str) -> Path:
    """Let the whole pipeline run until it dies at a point; the file it was about."""
    path = world.file("june.csv", seed=1)
    child = world.start("pipeline", str(path), "aaa", CRASH_AT=point, CRASH_ON=str(time), **more)
    assert child.wait() == EXIT, f"{point} was not passed {time} times: {world.log()}"
    connections.close_all()
    return path


@pytest.mark.parametrize(("point", "time"), PASSES, ids=lambda value: str(value))
def test_death_at(world: World, point: str, time: int) -> None:
    path = died_at(world, point, time)
    if point == "job.done":
        job = Job.objects.filter(state=Job.State.DONE).latest("finished_at")
        before = rows_of_everything()
        assert world.start("run_one", job.pk).wait() == 0, world.log()
        assert rows_of_everything() == before, "a message for a job that is done changed something"
    return_ = world.finish(path)
    world.an_hour_goes_by()
    assert return_.state == Return.State.COMMITTED, world.log()
    verdict = world.must_be_right(f"C2 {POINTS[point]} ({point}, time {time})")
    assert verdict.counted["applied"] == 1
    assert verdict.counted["figures"] == 12 * 42
    assert verdict.counted["snapshots"] >= 1


def test_death_while_a_newer_version_is_confirmed_leaves_the_older_in_force(world: World) -> None:
    world.finish(world.file("first.csv", seed=7))
    second = world.receive(world.file("second.xlsx", seed=8))
    world.drain()
    child = world.start("confirm", second.pk, CRASH_AT="commit.applied")
    assert child.wait() == EXIT, world.log()
    connections.close_all()
    assert Return.objects.get(in_force=True).file_name == "first.csv"
    world.confirm(second)
    world.drain()
    assert world.must_be_right("C2 second version").counted["applied"] == 2


TWINS = [
    ("commit in pieces", "apply.mid", "yet has schemes"),
    ("publish in pieces", "recompute.pointed", "newest is None"),
]


@pytest.mark.parametrize(("twin", "point", "said"), TWINS, ids=lambda value: str(value))
def test_twin(world: World, twin: str, point: str, said: str) -> None:
    """Without transactions the same death leaves what the oracle finds."""
    died_at(world, point, 1, CRASH_TWIN=twin)
    world.confirmed.clear()
    faults = world.verdict().faults
    assert any(said in fault for fault in faults), faults


def test_twin_a_claim_that_asks_nobody_changes_rows_after_the_end(world: World) -> None:
    died_at(world, "job.done", 1)
    job = Job.objects.filter(state=Job.State.DONE).latest("finished_at")
    before = rows_of_everything()
    world.start("run_one", job.pk, CRASH_TWIN="claim anything").wait()
    assert rows_of_everything() != before, "nothing changed: the guard is elsewhere"
