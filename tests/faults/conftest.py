"""The whole stack with the system of the load tests, and what is true of it after a fault."""

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from tests import stack
from tests.load import Load, Sent, sign_in
from tests.load_system import OPEN, TODAY, senders

BUILD = "from tests.load_system import build; build()"
USERS = 10
# Quick sweeps, so that what a lost nudge left behind is found within the minute of a test.
SWEEP_SECONDS = 2
OVER = ("problems", "unreadable", "ready", "committed", "superseded", "withdrawn", "abandoned")


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the pages' static files."""
    try:
        return stack.collected(tmp_path_factory.mktemp("pages"))
    except RuntimeError as missing:
        pytest.skip(f"NOT RUN: {missing}")


@dataclass
class Site:
    """A running stack and the questions a test asks of its database."""

    stack: stack.Stack

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        connection = psycopg2.connect(self.stack.database_url)
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql, values)
                return list(cursor.fetchall())
        finally:
            connection.close()

    def a_quarter_later(self) -> None:
        """Uploads so far were longer ago than the window in which a person's are counted."""
        connection = psycopg2.connect(self.stack.database_url)
        with connection, connection.cursor() as cursor:
            cursor.execute("UPDATE core_return SET received_at = received_at - interval '15 min'")
        connection.close()

    def people(self, count: int = USERS, *, seed: int = 0) -> Load:
        return sign_in(self.stack.url, senders()[:count], OPEN, seed=seed)

    def unfinished(self, sent: Sequence[Sent]) -> list[tuple[Any, ...]]:
        """Returns among `sent` that still wait for their check, and those that are not there."""
        pks = [int(s.path.strip("/").rpartition("/")[2]) for s in sent]
        found = dict(self.rows("SELECT id, state FROM core_return WHERE id = ANY(%s)", pks))
        return [(pk, found.get(pk)) for pk in pks if found.get(pk) not in OVER]

    def jobs_left(self) -> int:
        return int(self.rows("SELECT count(*) FROM core_job WHERE state IN ('waiting', 'running')"
                             )[0][0])  # fmt: skip

    def lost(self, sent: Sequence[Sent]) -> list[str]:
        """Files whose sender saw "received" and that are not kept byte for byte."""
        uploads = Path(self.stack.environment["STP_UPLOAD_DIR"])
        wrong = []
        for one in sent:
            pk = int(one.path.strip("/").rpartition("/")[2])
            row = self.rows("SELECT file_path, sha256 FROM core_return WHERE id = %s", pk)
            digest = hashlib.sha256(one.content).hexdigest()
            kept = uploads / row[0][0] if row else None
            if kept is None or not kept.exists():
                wrong.append(f"{one.path}: no row or no file")
            elif not digest == row[0][1] == hashlib.sha256(kept.read_bytes()).hexdigest():
                wrong.append(f"{one.path}: another SHA-256")
        return wrong

    def untrue(self) -> list[str]:
        """Figures that are not what the committed files say; read by SQL alone."""
        half = self.rows(
            "SELECT r.id, r.state, r.row_count, count(DISTINCT s.id), count(DISTINCT f.scheme_id)"
            " FROM core_return r LEFT JOIN finance_schemestate s ON s.return_of_id = r.id"
            " LEFT JOIN finance_figure f ON f.return_of_id = r.id"
            " WHERE r.file_path <> 'none' GROUP BY r.id"
        )
        committed = ("committed", "superseded", "signed_off")
        wrong = [
            f"return {pk} is {state} with {schemes} schemes and figures of {figured}"
            for pk, state, rows, schemes, figured in half
            if not (schemes == figured >= rows if state in committed else schemes == figured == 0)
        ]
        twice = self.rows(
            "SELECT kind, scope, period_id, count(*) FROM core_return WHERE in_force"
            " GROUP BY 1, 2, 3 HAVING count(*) > 1"
        )
        events = self.rows(
            "SELECT r.id, count(a.id) FROM core_return r LEFT JOIN core_auditevent a"
            " ON a.return_id = r.id AND a.verb = 'committed' WHERE r.file_path <> 'none'"
            " AND r.committed_at IS NOT NULL GROUP BY r.id HAVING count(a.id) <> 1"
        )
        return [*wrong, *(f"in force twice: {t}" for t in twice),
                *(f"not one event of a commit: {e}" for e in events)]  # fmt: skip


@contextmanager
def running(pages: Path) -> Iterator[Site]:
    """The stack with the seeded system; NOT RUN where its servers are not to be had."""
    env = {
        "STP_DATA_DIR": str(pages), "STP_DEMO_DATE": TODAY,
        "STP_JOB_SWEEP_SECONDS": str(SWEEP_SECONDS),
    }  # fmt: skip
    prepare = [["migrate", "-v0"], ["shell", "-v0", "-c", BUILD]]
    with stack.short_folder() as folder:
        try:
            with stack.stack(folder, env=env, prepare=prepare) as made:
                yield Site(made)
        except stack.NotThere as missing:
            if os.environ.get("CI"):
                pytest.fail(f"NOT RUN: no {missing} here", pytrace=False)
            pytest.skip(f"NOT RUN: no {missing} here")


@pytest.fixture(scope="session")
def shared_site(pages: Path) -> Iterator[Site]:
    """One for all tests of this folder: each leaves it running and whole."""
    with running(pages) as made:
        yield made


@pytest.fixture
def site(shared_site: Site) -> Site:
    """The shared site a quarter of an hour later: nobody's quota of uploads is spent."""
    shared_site.a_quarter_later()
    return shared_site


def until(true: Callable[[], Any], seconds: float, why: str) -> float:
    """Wait for something; how long it took. Fails with what it still is after `seconds`."""
    began = time.monotonic()
    while True:
        if found := true():
            return time.monotonic() - began
        if time.monotonic() - began > seconds:
            pytest.fail(f"{why}: not within {seconds:.0f} s ({found!r})", pytrace=False)
        time.sleep(0.2)
