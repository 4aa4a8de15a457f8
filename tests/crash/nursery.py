"""Programs of the site that tests may kill at any moment, born ready: each is a fork of one
process that has the site loaded already, so that a restart costs no time.

    python -m tests.crash.nursery      reads orders from standard input, one JSON line each

The nursery has no thread and no connection, so that forking it is safe. Every child is a
process group of its own.
"""

import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tests.children import ROOT, environment

STEP = 0.02  # seconds between two looks


@dataclass
class Child:
    """One program: its process id, and its exit status once it has ended (minus a signal)."""

    pid: int
    nursery: "Nursery"
    log: Path
    status: int | None = None

    def poll(self) -> int | None:
        if self.status is None:
            self.status = self.nursery.ask({"poll": self.pid})["status"]
        return self.status

    def wait(self, seconds: float = 60) -> int:
        """Its exit status; an error with its last words when it does not end in time."""
        deadline = time.monotonic() + seconds
        while (status := self.poll()) is None:
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.pid} still runs after {seconds} s: {self.said()}")
            time.sleep(STEP)
        return status

    def kill(self) -> None:
        """kill -9 of the whole group, whatever of it still lives."""
        if self.poll() is None:
            os.killpg(self.pid, signal.SIGKILL)
            self.wait()

    def said(self) -> str:
        """The end of what it logged."""
        if not self.log.exists():
            return ""
        return self.log.read_text(encoding="utf-8", errors="replace")[-4000:]


@dataclass
class Nursery:
    """The parent of killable programs, held by a test session."""

    orders: IO[str]
    answers: IO[str]
    children: list[Child] = field(default_factory=list)

    def ask(self, order: Mapping[str, Any]) -> dict[str, Any]:
        self.orders.write(json.dumps(order) + "\n")
        self.orders.flush()
        answer: dict[str, Any] = json.loads(self.answers.readline())
        return answer

    def start(self, what: str, *arguments: Any, log: Path, uploads: Path, **env: str) -> Child:
        """Start a work of tests/crash/works.py; `env` is read by `arming.arm`."""
        order = {"start": what, "arguments": arguments, "env": env, "log": str(log),
                 "uploads": str(uploads)}  # fmt: skip
        child = Child(int(self.ask(order)["pid"]), self, log)
        self.children.append(child)
        return child

    def clear(self) -> None:
        """End every child that is left, by its own id."""
        for child in self.children:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        self.children.clear()


@contextmanager
def nursery(**env: str) -> Iterator[Nursery]:
    """A nursery on this test's database, ended with the block."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.crash.nursery"], cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env=environment(**{"DJANGO_SETTINGS_MODULE": "tests.crash.site", **env}),
    ) as parent:  # fmt: skip
        if parent.stdin is None or parent.stdout is None:
            raise AssertionError("the nursery has no pipes")
        made = Nursery(parent.stdin, parent.stdout)
        try:
            yield made
        finally:
            made.clear()
            parent.stdin.close()
            parent.wait(timeout=30)


def main() -> None:
    """Serve orders until standard input ends."""
    import django

    django.setup()
    import tests.crash.works  # noqa: F401 - loaded once, before the first fork

    for line in sys.stdin:
        order = json.loads(line)
        answer = {"pid": _born(order)} if "start" in order else {"status": _status(order["poll"])}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _born(order: dict[str, Any]) -> int:
    pid = os.fork()
    if pid == 0:
        _live(order)
    return pid


def _live(order: dict[str, Any]) -> None:
    """The child: a group of its own, its log, its crash point, its work; never returns."""
    status = 1
    try:
        os.setsid()
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for theirs, ours in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(theirs, ours)
        _work(order)
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(status)


def _work(order: dict[str, Any]) -> None:
    from django.conf import settings

    from tests.crash import arming, works

    settings.UPLOAD_ROOT = Path(order["uploads"])
    arming.arm(order["env"])
    works.WORKS[order["start"]](*order["arguments"])


def _status(pid: int) -> int | None:
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


if __name__ == "__main__":
    main()
