"""Celery workers as process groups of their own, and a Redis that tests stop, empty and restart."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis

from tests.children import ROOT, environment
from tests.crash.conftest import DATE, World, until

READY = "ready."


@dataclass
class Worker:
    """One worker, with its beat if it has one; the pool's processes are of the same group."""

    url: str
    name: str
    log: Path
    uploads: Path
    concurrency: int
    beat: bool
    env: dict[str, str]
    started: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self.started is not None
        return self.started.pid

    @property
    def running(self) -> bool:
        return self.started is not None and self.started.poll() is None

    def start(self) -> None:
        """Start it; it takes messages a few seconds later."""
        sweeping = ["-B", "-s", str(self.log.with_suffix(".beat"))] if self.beat else []
        with self.log.open("ab") as log:
            self.started = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "tests.crash.queue", "worker",
                 f"--concurrency={self.concurrency}", "--loglevel=INFO", "--without-gossip",
                 "--without-mingle", "-n", f"{self.name}@stp", *sweeping],
                cwd=ROOT, stdout=log, stderr=log, start_new_session=True,
                env=environment(
                    DJANGO_SETTINGS_MODULE="tests.crash.site", REDIS_URL=self.url,
                    STP_UPLOAD_DIR=str(self.uploads), STP_DEMO_DATE=DATE,
                    STP_JOB_SWEEP_SECONDS="0.5", **self.env,
                ),
            )  # fmt: skip

    def kill(self) -> None:
        """kill -9 of the whole group."""
        if self.started is not None and self.started.poll() is None:
            os.killpg(self.started.pid, signal.SIGKILL)
            self.started.wait()

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    def wait_until_ready(self) -> None:
        until(lambda: READY in self.said(), self.said)


@contextmanager
def celery_worker(
    world: World,
    url: str,
    *,
    name: str = "one",
    concurrency: int = 1,
    beat: bool = True,
    **env: str,
) -> Iterator[Worker]:
    """A worker that runs, killed by its own group's id when the block ends."""
    log = world.folder / f"{name}.log"
    worker = Worker(url, name, log, world.uploads, concurrency, beat, env)
    worker.start()
    try:
        yield worker
    finally:
        worker.kill()


def emptied(url: str) -> "redis.Redis":
    """A connection to a Redis database, which is emptied of what an earlier test left."""
    connection = redis.Redis.from_url(url)
    connection.flushdb()
    return connection
