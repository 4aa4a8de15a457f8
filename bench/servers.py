"""Servers and databases of a run: one PostgreSQL and one Valkey, a migrated database a measure."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from tests import servers

ROOT = Path(__file__).resolve().parent.parent
_TEMPLATE = "bench_template"
# What a person's shell, or a test, may hold and a run decides itself.
_OURS = ("STP_", "DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")


@dataclass(frozen=True)
class Place:
    """Where measures run: the environment of their processes, and a folder of their own."""

    environment: dict[str, str]
    folder: Path

    def own(self, measure: str) -> dict[str, str]:
        """The environment of one measure, with a fresh copy of the migrated database."""
        data = self.folder / measure
        data.mkdir()
        shutil.copytree(self.environment["STP_ASSETS_DIR"], data / "assets")
        made = self.environment | {"STP_DATA_DIR": str(data)}
        url = made.get("DATABASE_URL")
        (data / "uploads/incoming").mkdir(parents=True)
        if url:
            name = f"bench_{measure}"
            _execute(url, f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
            made["DATABASE_URL"] = _other(url, name)
        else:
            migrate(made)
        return made


@contextmanager
def place(*, real: bool = True) -> Iterator[Place]:
    """Start what a run needs; without `real` servers every measure has SQLite."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(_OURS)}
    kept |= {"STP_LOG_LEVEL": "WARNING", "STP_ASSETS_DIR": os.environ.get(
        "STP_ASSETS_DIR", str(ROOT / "var" / "assets"))}  # fmt: skip
    if not Path(kept["STP_ASSETS_DIR"]).exists():
        sys.exit("The assets are not built: run “python3 start.py setup” first.")
    with tempfile.TemporaryDirectory(prefix="stp-bench-") as folder:
        if not real:
            yield Place(kept, Path(folder))
            return
        with servers.both() as found:
            if "DATABASE_URL" not in found:
                sys.exit("No PostgreSQL here: set DATABASE_URL to an empty one of your own.")
            made = Place(kept | found, Path(folder))
            _template(made)
            yield made


def _template(made: Place) -> None:
    url = made.environment["DATABASE_URL"]
    _execute(url, f"DROP DATABASE IF EXISTS {_TEMPLATE}")
    _execute(url, f"CREATE DATABASE {_TEMPLATE}")
    data = made.folder / "template"
    data.mkdir()
    migrate(made.environment | {"DATABASE_URL": _other(url, _TEMPLATE), "STP_DATA_DIR": str(data)})


def migrate(environment: dict[str, str]) -> None:
    """Make the tables of the database an environment names, and the folder of uploads."""
    (Path(environment["STP_DATA_DIR"]) / "uploads/incoming").mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0", "--skip-checks"],
        cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip


def end(process: "subprocess.Popen[bytes]") -> None:
    """End a measure and what it started: asked first, so that it stops its own servers."""
    process.terminate()
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _other(url: str, name: str) -> str:
    return f"{url.rpartition('/')[0]}/{name}"


def _execute(url: str, statement: str) -> None:
    """One statement outside any transaction, by the server's own administrator."""
    connection = psycopg2.connect(url)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()
