"""The embedded site as a person starts it, in a folder of its own, and a browser's sign-in.

For the journeys, and for the pictures of docs/screens.
"""

import atexit
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from playwright.sync_api import Page

from tests.children import ROOT

PASSWORD = "demonstration-2017"
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
    "--disable-background-networking", "--no-first-run",
]  # fmt: skip
CHROMIUM = os.environ.get("STP_CHROMIUM", "/usr/bin/chromium")
RETURNS = ROOT / "fixtures" / "returns"


@dataclass(frozen=True)
class Site:
    """A running site: its address and the folder that holds its data."""

    address: str
    folder: Path
    environment: dict[str, str]

    def manage(self, *arguments: str) -> str:
        """Run a management command of this site; its standard output."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"manage.py {' '.join(arguments)}: {done.stderr[-2000:]}"
        return done.stdout


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _assets() -> Path:
    return Path(os.environ.get("STP_ASSETS_DIR", ROOT / "var" / "assets"))


@contextmanager
def _running(site: Site, port: int, jobs: bool) -> Iterator[None]:
    """The web server and the job process, ended by their own ids."""
    commands = (
        ["-m", "waitress", f"--listen=127.0.0.1:{port}", "--ident=", "stp.wsgi:application"],
        *([["manage.py", "run_jobs"]] if jobs else []),
    )
    log = (site.folder / "site.log").open("wb")
    children = [
        subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=site.environment, stdout=log, stderr=log
        )
        for command in commands
    ]
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{site.address}/sign-in/", timeout=5).close()  # noqa: S310  our own address
                break
            except OSError:
                time.sleep(0.1)
        else:
            raise RuntimeError((site.folder / "site.log").read_text(encoding="utf-8")[-2000:])
        yield
    finally:
        for child in children:
            child.terminate()
        for child in children:
            try:
                child.wait(timeout=20)
            except subprocess.TimeoutExpired:  # coverage's lock (tests/faults/test_embedded.py)
                child.kill()
                child.wait()
        log.close()


@cache
def _prepared() -> Path:
    """A data folder with the demonstration loaded and static files collected, made once a process.

    Every site starts from a copy of it: loading the year takes longer than most journeys.
    """
    if not (_assets() / "nhsuk-frontend.min.css").exists():
        raise RuntimeError(f"No assets in {_assets()}: run “python3 start.py setup” first")
    folder = Path(tempfile.mkdtemp(prefix="stp-demo-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    shutil.copytree(_assets(), folder / "assets")
    made = Site("", folder, _environment(folder))
    made.manage("collectstatic", "--noinput", "-v0")
    made.manage("set_up")
    with closing(sqlite3.connect(folder / "stp.sqlite3")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # all of it in the one file
    return folder


def _environment(folder: Path) -> dict[str, str]:
    dropped = ("DATABASE_URL", "REDIS_URL", "STP_MODE", "STP_UPLOAD_DIR", "DJANGO_SETTINGS_MODULE")
    environment = {k: v for k, v in os.environ.items() if k not in dropped}
    return environment | {"STP_DATA_DIR": str(folder), "STP_DEMO_DATE": "2017-07-24"}


@contextmanager
def embedded_site(folder: Path, *, jobs: bool = True, **settings: str) -> Iterator[Site]:
    """The site with the plan and the illustrative year in `folder`, running until the block ends.

    `settings` are further environment variables; `jobs=False` leaves the job process out.
    RuntimeError where the assets are not built.
    """
    shutil.copytree(_prepared(), folder, dirs_exist_ok=True)
    port = _free_port()
    made = Site(f"http://127.0.0.1:{port}", folder, _environment(folder) | settings)
    with _running(made, port, jobs):
        yield made


@contextmanager
def bare_site(folder: Path, script: str) -> Iterator[Site]:
    """The site of a programme that has only begun: no demonstration, no plan, no job process.

    `script` is run in its shell before it starts: it makes the people.
    """
    shutil.copytree(_prepared(), folder, ignore=shutil.ignore_patterns("stp.sqlite3*"),
                    dirs_exist_ok=True)  # fmt: skip
    port = _free_port()
    without = {k: v for k, v in _environment(folder).items() if k != "STP_DEMO_DATE"}
    made = Site(f"http://127.0.0.1:{port}", folder, without)
    made.manage("migrate", "-v0")
    made.manage("shell", "-v0", "-c", script)
    with _running(made, port, jobs=False):
        yield made


def sign_in(page: Page, person: str) -> None:
    """Sign in at the door, as a person would."""
    page.goto("/")
    page.get_by_label("Email address").fill(f"{person}@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state()
