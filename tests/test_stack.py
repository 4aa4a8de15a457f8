"""The stack itself: it starts, single members stop and come back, all end together."""

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest

from tests import servers, stack
from tests.children import ROOT

pytestmark = [pytest.mark.postgres, pytest.mark.redis]


@pytest.fixture(scope="module")
def servers_alone() -> Iterator[stack.Stack]:
    """PostgreSQL and Redis without the site."""
    with (
        stack.short_folder() as folder,
        stack.stack(folder, members=("postgres", "redis")) as made,
    ):
        yield made


def said(made: stack.Stack) -> int:
    """Rows in a table that a test filled."""
    connection = psycopg2.connect(made.database_url)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM said")
        (count,) = cursor.fetchone()
    connection.close()
    return int(count)


def test_a_commit_survives_an_immediate_restart_and_a_kill(servers_alone: stack.Stack) -> None:
    made = servers_alone
    connection = psycopg2.connect(made.database_url)
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE said (what text); INSERT INTO said VALUES ('one')")
    before = made.ports
    made.restart("postgres")
    with pytest.raises(psycopg2.OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert said(made) == 1
    made.kill("postgres")
    assert not servers.postgres_answers(made.database_url)
    made.start("postgres")
    assert said(made) == 1
    assert made.ports == before


def test_redis_stops_and_comes_back_on_its_port(servers_alone: stack.Stack) -> None:
    made = servers_alone
    port = made.ports["redis"]
    made.stop("redis")
    assert not servers.redis_answers(port)
    assert "redis" not in made.pids
    made.start("redis")
    assert servers.redis_answers(port)


def test_the_whole_stack_starts_and_leaves_nothing_behind(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """On servers that are there already, as most tests use it: no set-up, so pages are errors."""
    folder = tmp_path_factory.mktemp("stack")
    with stack.stack(
        folder,
        database_url=os.environ["DATABASE_URL"], redis_url=os.environ["REDIS_URL"],
        env={"STP_DATA_DIR": str(folder)}, workers=1,
    ) as made:  # fmt: skip
        assert list(made.pids) == ["web", "worker", "beat"]
        started = made.pids
        with pytest.raises(urllib.error.HTTPError) as answered:
            urllib.request.urlopen(f"{made.url}/no-such-page/", timeout=10)  # noqa: S310  our own address
        answered.value.close()
        made.kill("worker")
        made.start("worker")
        assert made.pids["worker"] != started["worker"]
        assert made.pids["web"] == started["web"]
        ended = made.pids
    for name, pid in ended.items():
        with pytest.raises(ProcessLookupError):
            os.killpg(pid, 0)
        assert made.members[name].child is not None


def test_a_member_that_cannot_start_says_why(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("stack")
    with (
        pytest.raises(stack.DidNotStart, match=r"SECRET_KEY"),
        stack.stack(folder, members=("web",), env={"STP_MODE": "production"}),
    ):
        pass


# -- For a person: python -m tests.stack ---------------------------------------------------------


@contextmanager
def by_hand(folder: Path, data: Path) -> Iterator[subprocess.Popen[str]]:
    """The stack as start.py runs it, once it has said where the site is."""
    dropped = ("DATABASE_URL", "REDIS_URL", "STP_DEMO_DATE")
    env = {k: v for k, v in os.environ.items() if k not in dropped}
    command = ["-m", "tests.stack", "--folder", str(folder), "--port", str(servers.free_port())]
    child = subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, env={**env, "STP_DATA_DIR": str(data)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        assert child.stdout is not None
        said = []
        for line in child.stdout:
            said.append(line)
            if "The tracker is at" in line:
                break
        else:
            pytest.fail("".join(said)[-3000:])
        yield child
    finally:
        child.terminate()
        child.communicate(timeout=120)


def postmaster(folder: Path) -> tuple[int, str]:
    """Process id and address of the stack's PostgreSQL, from its own note."""
    pid, _, _, port, *_ = (folder / "postgresql" / "postmaster.pid").read_text().splitlines()
    return int(pid), f"postgresql://postgres@127.0.0.1:{port}/postgres"


def test_it_keeps_what_was_entered_and_ends_as_a_whole(tmp_path: Path) -> None:
    """A member's end is everybody's, said by name; asked to end, it ends quietly and wholly."""
    data = stack.collected(tmp_path / "data")
    with stack.short_folder() as folder:
        with by_hand(folder, data) as child:
            pid, url = postmaster(folder)
            connection = psycopg2.connect(url)
            with connection, connection.cursor() as cursor:
                cursor.execute("CREATE TABLE kept AS SELECT count(*) AS n FROM django_migrations")
            connection.close()
            os.kill(pid, signal.SIGINT)
            shown, _ = child.communicate(timeout=120)
            assert child.returncode == 1
            assert "Ended by itself: postgres" in shown
            assert not servers.postgres_answers(url)
        with by_hand(folder, data) as child:
            _, url = postmaster(folder)
            connection = psycopg2.connect(url)
            with connection.cursor() as cursor:
                cursor.execute("SELECT n FROM kept")
                assert cursor.fetchone()[0] > 0
            connection.close()
            child.send_signal(signal.SIGINT)
            child.send_signal(signal.SIGTERM)  # start.py asks once more, as Ctrl+C reaches both
            child.communicate(timeout=120)
            assert child.returncode == 0
            assert not (folder / "postgresql" / "postmaster.pid").exists()


@pytest.mark.parametrize(
    ("part", "name"), [("cluster", "DATABASE_URL"), ("redis_program", "REDIS_URL")]
)
def test_without_a_server_it_says_what_to_do(
    part: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    monkeypatch.setattr(servers, part, lambda *_: None)
    monkeypatch.delenv(name)
    try:
        assert stack.main(["--folder", str(tmp_path)]) == 1
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert f"give its address as {name}" in capsys.readouterr().err
