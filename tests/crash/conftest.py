"""What crash tests start from: a small programme, a folder of uploads, a nursery, the oracle."""

import datetime as dt
import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from pytest_django import Settings

from stp.accounts.models import Grant, User
from stp.core import clock, jobs, sweeper
from stp.core.models import Heartbeat, Job, Organisation, Return
from stp.core.periods import LONDON
from stp.core.permissions import Role
from tests.children import database_url
from tests.crash import files, oracle, works
from tests.crash.nursery import Child, Nursery, nursery
from tests.crash.site import GRACE, LIMIT
from tests.small_system import lay_out

ORGANISATIONS = ("aaa", "bbb", "ccc", "ddd", "eee", "fff", "ggg", "hhh", "iii", "jjj")
PATIENCE = LIMIT + GRACE + 60  # seconds: what RELIABILITY.md gives an import after its crash
# Before the due date, all day: children take their time of day from the real clock.
DATE = "2017-07-12"


@pytest.fixture(scope="session")
def parent(django_db_setup: None) -> Iterator[Nursery]:
    """One nursery for all crash tests of this pytest process, on its database."""
    with nursery(STP_DEMO_DATE=DATE) as made:
        yield made


def until[T](true: Callable[[], T], why: Callable[[], object], seconds: float = PATIENCE) -> T:
    """Wait for a condition; an error that says what was waited for."""
    deadline = time.monotonic() + seconds
    while not (found := true()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:.0f} s in vain: {why()}")
        time.sleep(0.02)
    return found


@dataclass
class World:
    """A programme with organisations and open months, and what was sent and confirmed in it."""

    folder: Path
    uploads: Path
    nursery: Nursery
    confirmed: set[str] = field(default_factory=set)

    def file(self, name: str, *, seed: int, rows: int = 12) -> Path:
        """A file to send; its ending says which kind."""
        path = self.folder / name
        said = files.rows(rows, seed=seed)
        path.write_bytes(files.as_xlsx(said) if name.endswith(".xlsx") else files.as_csv(said))
        return path

    def start(self, what: str, *arguments: Any, **env: str) -> Child:
        log = self.folder / "log"
        return self.nursery.start(what, *arguments, log=log, uploads=self.uploads, **env)

    def log(self) -> str:
        path = self.folder / "log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def receive(self, path: Path, organisation: str = "aaa") -> Return:
        """As the web does: the file is kept, its check asked for."""
        return works.receive(path, organisation)

    def confirm(self, return_: Return) -> Return:
        done = works.confirm(return_.pk)
        self.confirmed.add(done.sha256)
        return done

    def expect(self, path: Path) -> None:
        """The oracle must find this file applied."""
        self.confirmed.add(hashlib.sha256(path.read_bytes()).hexdigest())

    def drain(self) -> None:
        """Do what is due, and what a dead worker held once its lease is over."""
        until(self._drained, left_over)

    def _drained(self) -> bool:
        for job_id in jobs.due():
            jobs.run(job_id)
        return not left_over()

    def finish(self, path: Path, organisation: str = "aaa") -> Return:
        """What people and workers do after a crash: send again what was not received, go on."""
        return_ = self.receive(path, organisation)
        self.drain()
        return_.refresh_from_db()
        if return_.state == Return.State.READY:
            self.confirm(return_)
        self.confirmed.add(return_.sha256)
        self.drain()
        return_.refresh_from_db()
        return return_

    def an_hour_goes_by(self) -> None:
        """Files grow old, and the sweep finds what a killed upload has left."""
        before = time.time() - 3_700
        for path in self.uploads.iterdir():
            os.utime(path, (before, before))
        Heartbeat.objects.filter(name="hourly").delete()
        sweeper.sweep("test")
        self.drain()

    def verdict(self) -> oracle.Verdict:
        """What the oracle says of the database and the files as they are now."""
        connections.close_all()
        return oracle.look(database_url(), self.uploads, confirmed=self.confirmed)

    def must_be_right(self, what: str) -> oracle.Verdict:
        """Print what the oracle counted; fail with what it found wrong."""
        verdict = self.verdict()
        print(f"{what}: {verdict}")
        assert not verdict.faults, f"{what}: {verdict}"
        return verdict


def left_over() -> list[str]:
    """Jobs that are not over."""
    ours = Job.objects.filter(state__in=[Job.State.WAITING, Job.State.RUNNING])
    return [f"{job} attempt {job.attempt}" for job in ours]


def lay_out_crash_world(organisations: Iterable[str]) -> None:
    lay_out(("2017-06",), tuple(organisations))
    for id in organisations:
        lead = User.objects.create(username=f"lead.{id}", email=f"lead.{id}@example.org")
        owner = Organisation.objects.get(pk=id)
        Grant.objects.create(user=lead, role=Role.FINANCE_LEAD.value, organisation=owner)


@pytest.fixture
def today() -> Iterator[None]:
    """This process lives on the same day as its children."""
    with clock.at(dt.datetime.combine(dt.date.fromisoformat(DATE), dt.time(10), LONDON)):
        yield


@pytest.fixture
def short_leases(settings: Settings) -> None:
    """This process takes part as a worker too, with the times of tests.crash.site."""
    settings.JOBS = {kind: (dotted, LIMIT) for kind, (dotted, _) in settings.JOBS.items()}
    settings.JOB_LEASE_GRACE = GRACE
    settings.JOB_SWEEP_SECONDS = 0.5


@pytest.fixture
def world(
    transactional_db: None,
    short_leases: None,
    today: None,
    settings: Settings,
    tmp_path: Path,
    parent: Nursery,
) -> Iterator[World]:
    """Ten organisations that owe June; nothing is sent yet."""
    settings.UPLOAD_ROOT = tmp_path / "uploads"
    settings.UPLOAD_ROOT.mkdir()
    lay_out_crash_world(ORGANISATIONS)
    (tmp_path / "files").mkdir()
    yield World(tmp_path / "files", settings.UPLOAD_ROOT, parent)
    parent.clear()
