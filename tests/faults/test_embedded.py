"""L5: the embedded site, SQLite with waitress and its job process, under ten people's work."""

import os
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from django.db import connection

from tests.children import ROOT
from tests.faults.conftest import BUILD, until
from tests.load import faults, report, sign_in
from tests.load_system import OPEN, TODAY, senders
from tests.rounds import rounds
from tests.servers import free_port

pytestmark = [
    pytest.mark.race,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="runs with the tests on SQLite"),
]
USERS = 10


def answers(url: str) -> bool:
    try:
        urllib.request.urlopen(f"{url}/sign-in/", timeout=10).close()  # noqa: S310 - our own address
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def end(child: "subprocess.Popen[bytes]") -> None:
    """Wait for its end, and leave none behind."""
    try:
        child.wait(timeout=60)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
        raise


@contextmanager
def embedded(
    pages: Path, folder: Path, settings: str = "stp.settings"
) -> Iterator[tuple[str, Path]]:
    """The site's address and its log; the two processes that `start.py run` starts."""
    port, log = free_port(), folder / "site.log"
    database = folder / "stp.sqlite3"
    # Not under coverage: SIGTERM ends the job process by an exception, which may come while
    # coverage holds its own lock; it then waits for itself without end.
    dropped = ("REDIS_URL", "STP_MODE", "COVERAGE_")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(dropped)} | {
        "STP_DATA_DIR": str(pages), "STP_DEMO_DATE": TODAY,
        "DJANGO_SETTINGS_MODULE": "stp.settings",
        "DATABASE_URL": f"sqlite:///{database}", "STP_UPLOAD_DIR": str(folder / "uploads"),
    }  # fmt: skip
    python = sys.executable
    for command in (["migrate", "-v0"], ["shell", "-v0", "-c", BUILD]):
        subprocess.run([python, "manage.py", *command], cwd=ROOT, env=environment, check=True)
    commands = (
        ["-m", "waitress", f"--listen=127.0.0.1:{port}", "--ident=", "stp.wsgi:application"],
        ["manage.py", "run_jobs"],
    )
    with log.open("wb") as output:
        children = [
            subprocess.Popen([python, *c], cwd=ROOT, env=environment, stdout=output, stderr=output)
            for c in commands
        ]
        try:
            url = f"http://127.0.0.1:{port}"
            until(lambda: answers(url), 90, "the embedded site does not answer")
            yield url, log
        finally:
            for child in children:
                child.terminate()
            for child in children:
                end(child)


def test_ten_people_meet_no_lock_and_no_error(pages: Path, tmp_path: Path) -> None:
    seconds = rounds(short=10, long=120)
    with embedded(pages, tmp_path) as (url, log):
        with sign_in(url, senders()[:USERS], OPEN, seed=6) as load:
            for worker in load.workers:  # writers from the first second on
                assert worker.send(len(worker.table) - 1, "upload")
            load.run(seconds)
        time.sleep(0.2)
        written = log.read_text(encoding="utf-8", errors="replace")
    print(f"L5: {seconds} s on SQLite, {len(load.sent)} uploads\n{report(load)}")
    bad = faults(load.answers)
    assert not bad, bad[:5]
    assert "database is locked" not in written


def test_twin_without_a_write_lock_at_once_two_writers_collide(tmp_path: Path) -> None:
    """The guard replaced: a transaction that reads, then writes, finds another wrote meanwhile."""
    path = tmp_path / "twin.sqlite3"
    outcomes = {}
    for mode in ("DEFERRED", "IMMEDIATE"):
        a, b = (sqlite3.connect(path, timeout=0.2, isolation_level=None) for _ in range(2))
        try:
            a.execute("PRAGMA journal_mode=WAL")
            a.execute("CREATE TABLE IF NOT EXISTS t (x)")
            a.execute(f"BEGIN {mode}")
            a.execute("SELECT count(*) FROM t").fetchone()
            with suppress(sqlite3.OperationalError):
                b.execute("INSERT INTO t VALUES (1)")  # IMMEDIATE: it has to wait for a
            try:
                a.execute("INSERT INTO t VALUES (2)")
                outcomes[mode] = "written"
            except sqlite3.OperationalError as error:
                outcomes[mode] = str(error)
        finally:
            a.close()
            b.close()
    assert connection.settings_dict["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert outcomes == {"DEFERRED": "database is locked", "IMMEDIATE": "written"}
