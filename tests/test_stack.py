"""The stack itself: it starts, single members stop and come back, all end together."""

import os
import urllib.error
import urllib.request
from collections.abc import Iterator

import psycopg2
import pytest

from tests import servers, stack

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
