"""C4: only the child that opens the file dies; its file is refused and the worker works on."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from stp.core.models import Job, Return
from tests.crash.conftest import DATE, World, until
from tests.crash.nursery import Child, Nursery, nursery

pytestmark = [pytest.mark.race]
linux = pytest.mark.skipif(not Path("/proc/self").exists(), reason="NOT RUN: no /proc here")
State = Return.State


@pytest.fixture(scope="module")
def patient(django_db_setup: None) -> Iterator[Nursery]:
    """Workers that give a check time: a second of CPU may take many on a busy machine."""
    with nursery(STP_DEMO_DATE=DATE, STP_CRASH_LIMIT="30") as made:
        yield made


@pytest.fixture
def world(world: World, patient: Nursery) -> Iterator[World]:
    world.nursery = patient
    yield world
    patient.clear()


def ended(return_: Return) -> bool:
    return_.refresh_from_db()
    return return_.state not in (State.RECEIVED, State.CHECKING)


def child_of(worker: Child) -> int:
    """The process id of the worker's reader, as soon as there is one."""
    path = Path(f"/proc/{worker.pid}/task/{worker.pid}/children")
    return int(until(lambda: path.read_text().split(), lambda: f"no reader: {worker.said()}")[0])


def next_job_runs(world: World, worker: Child) -> None:
    """The same worker, of the same process id, checks the next file."""
    assert worker.poll() is None, f"the worker ended: {worker.said()}"
    good = world.receive(world.file("good.csv", seed=2), "bbb")
    until(lambda: ended(good), worker.said)
    assert good.state == State.READY
    assert worker.poll() is None


@linux
@pytest.mark.parametrize(
    ("sent", "code"),
    [(signal.SIGKILL, "unreadable_memory"), (signal.SIGSEGV, "unreadable_crash")],
)
def test_the_reader_alone_is_killed(world: World, sent: signal.Signals, code: str) -> None:
    worker = world.start("run_jobs", CRASH_READER="slow")
    bad = world.receive(world.file("bad.csv", seed=1))
    os.kill(child_of(worker), sent)
    until(lambda: ended(bad), worker.said)
    assert (bad.state, bad.issues[0]["code"]) == (State.PROBLEMS, code)
    next_job_runs(world, worker)
    print(f"C4: reader {sent.name}: refused {code}, worker {worker.pid} unchanged, next job ran")


@pytest.mark.parametrize(
    ("over", "code"),
    [
        ("over CPU", "unreadable_time"),
        ("over memory", "unreadable_memory"),
        ("over the wall clock", "unreadable_time"),
    ],
)
def test_the_reader_passes_a_limit(world: World, over: str, code: str) -> None:
    worker = world.start("run_jobs", CRASH_READER=over)
    bad = world.receive(world.file("bad.csv", seed=1))
    until(lambda: ended(bad), worker.said)
    assert (bad.state, bad.issues[0]["code"]) == (State.PROBLEMS, code), worker.said()
    assert Job.objects.get(key=str(bad.pk)).attempt == 1, "it was tried again"
    # The next job is one without a file: this worker's readers are all bad ones.
    late = world.receive(world.file("late.csv", seed=3), "bbb")
    until(lambda: ended(late), worker.said)
    assert worker.poll() is None
    print(f"C4: reader {over}: refused {code}, worker {worker.pid} unchanged, next job ran")


def test_twin_a_worker_that_reads_the_file_itself_dies_of_it(world: World) -> None:
    worker = world.start("run_jobs", CRASH_TWIN="read in this program")
    world.receive(world.file("bad.csv", seed=1))
    assert worker.wait() == -signal.SIGSEGV
