"""The whole site as processes: PostgreSQL, Redis, gunicorn, a Celery worker and beat.

    python -m tests.stack --folder var/stack --port 8000     (start.py stack prepares first)

The servers come from wheels of the development lock, so this lives with the tests. Every member
is a process group of its own on a loopback port, ended by its own id, in reverse order. A test
leaves members out, stops, kills and starts single ones; ports stay the same over a restart.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests import servers
from tests.children import ROOT

ALL = ("postgres", "redis", "web", "worker", "beat")
START_SECONDS = 90.0
STOP_SECONDS = 20.0
# What a person's shell may hold and the stack decides itself.
OURS = ("DATABASE_URL", "REDIS_URL", "STP_MODE", "DJANGO_SETTINGS_MODULE", "STP_UPLOAD_DIR")


class NotThere(Exception):
    """A server has no wheel on this system and no address was given."""


class DidNotStart(Exception):
    """A member ended, or did not answer in time; its last lines are in the message."""


@dataclass
class Member:
    """One program of the stack: how it is started, asked to stop, and known to be there."""

    name: str
    command: list[str]
    ready: Callable[["Member"], bool]
    stop_signal: signal.Signals = signal.SIGTERM
    user: str | None = None
    child: subprocess.Popen[bytes] | None = None
    log_from: int = 0  # where the log of the present start begins

    @property
    def running(self) -> bool:
        return self.child is not None and self.child.poll() is None


@dataclass
class Stack:
    """A started stack: addresses, process ids, and the means to break it member by member."""

    folder: Path
    environment: dict[str, str]
    ports: dict[str, int]
    members: dict[str, Member] = field(default_factory=dict)
    loud: bool = False  # the site's own programs write to the terminal, not to folder/<name>.log

    @property
    def url(self) -> str:
        """Address of the site, without a slash at the end."""
        return f"http://127.0.0.1:{self.ports['web']}"

    @property
    def database_url(self) -> str:
        return self.environment["DATABASE_URL"]

    @property
    def redis_url(self) -> str:
        return self.environment["REDIS_URL"]

    @property
    def pids(self) -> dict[str, int]:
        """Process id, which is also the group's id, of every member that runs."""
        return {m.name: m.child.pid for m in self.members.values() if m.child and m.running}

    def log(self, name: str) -> str:
        """Everything a member has written since it was first started."""
        path = self.folder / f"{name}.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def manage(self, *arguments: str) -> str:
        """Run a management command in the stack's environment; its output. Fails loudly."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise DidNotStart(f"manage.py {' '.join(arguments)}: {done.stderr[-2000:]}")
        return done.stdout

    def start(self, name: str, *, wait: bool = True) -> None:
        """Start a member that does not run, on the port it always has."""
        member = self.members[name]
        if member.running:
            return
        path = self.folder / f"{name}.log"
        member.log_from = path.stat().st_size if path.exists() else 0
        with ExitStack() as closing:
            quiet = not self.loud or name in ("postgres", "redis")
            output = closing.enter_context(path.open("ab")) if quiet else None
            member.child = subprocess.Popen(
                member.command, cwd=ROOT, env=self.environment, stdout=output, stderr=output,
                start_new_session=True, user=member.user,
            )  # fmt: skip
        if wait:
            self.wait_until_ready(name)

    def wait_until_ready(self, name: str) -> None:
        """Until the member does its work; DidNotStart with its last lines otherwise."""
        member = self.members[name]
        deadline = time.monotonic() + START_SECONDS
        while not member.ready(member):
            if not member.running or time.monotonic() > deadline:
                raise DidNotStart(f"{name} did not start.\n{self.log(name)[-3000:]}")
            time.sleep(0.05)

    def stop(self, name: str, *, by: signal.Signals | None = None) -> None:
        """Ask a member to end (`by` its usual signal) and wait; after 20 seconds make it."""
        member = self.members[name]
        if member.child is None or not member.running:
            return
        member.child.send_signal(by or member.stop_signal)
        try:
            member.child.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill(name)

    def kill(self, name: str) -> None:
        """SIGKILL to the member's whole process group: nothing is finished, nothing said."""
        member = self.members[name]
        if member.child is None:
            return
        self.signal(name, signal.SIGKILL)
        member.child.wait(timeout=STOP_SECONDS)

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to every process of a member's group (SIGSTOP and SIGCONT too)."""
        member = self.members[name]
        if member.child is not None and member.running:
            os.killpg(member.child.pid, number)

    def restart(self, name: str) -> None:
        """Stop and start; PostgreSQL as `pg_ctl restart -m immediate` does it, without a farewell.

        Every connection breaks at once and it recovers from its log on the way up.
        """
        self.stop(name, by=signal.SIGQUIT if name == "postgres" else None)
        self.start(name)

    def stop_all(self) -> None:
        """Every member, the last started first."""
        for name in reversed(self.members):
            self.stop(name)


@contextmanager
def stack(
    folder: Path,
    *,
    members: Sequence[str] = ALL,
    env: dict[str, str] | None = None,
    database_url: str = "",
    redis_url: str = "",
    prepare: Sequence[Sequence[str]] = (),
    port: int = 0,
    durable: bool = False,
    loud: bool = False,
    workers: int = 2,
) -> Iterator[Stack]:
    """Run `members` with their files in `folder` until the block ends.

    A database or queue whose URL is given is used as it is and its member is left out; NotThere
    where one is wanted and cannot be had. `env` is laid over the environment of every process,
    `prepare` are management commands run before the site starts (say ["set_up"]), `port` is the
    site's, or any free one. `durable=False` trades only what a power cut would cost: a commit
    survives every kill and every immediate restart.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ports = {name: servers.free_port() for name in ("postgres", "redis", "web")}
    ports["web"] = port or ports["web"]
    made = Stack(folder, _environment(folder, env or {}), ports, loud=loud)
    try:
        if database_url:
            made.environment["DATABASE_URL"] = database_url
        elif "postgres" in members:
            made.members["postgres"] = _postgres(folder, ports["postgres"], durable)
            made.environment["DATABASE_URL"] = (
                f"postgresql://postgres@127.0.0.1:{ports['postgres']}/postgres"
            )
        if redis_url:
            made.environment["REDIS_URL"] = redis_url
        elif "redis" in members:
            made.members["redis"] = _redis(folder, ports["redis"], durable)
        # Its address is known to the site even where a test leaves it out: a Redis that is down.
        made.environment.setdefault("REDIS_URL", f"redis://127.0.0.1:{ports['redis']}/0")
        for name in ("postgres", "redis"):
            if name in made.members:
                made.start(name)
        for command in prepare:
            made.manage(*command)
        for name in ("web", "worker", "beat"):
            if name in members:
                made.members[name] = _program(made, name, workers)
                made.start(name, wait=False)
        for name in made.members:
            made.wait_until_ready(name)
        yield made
    finally:
        made.stop_all()


def _environment(folder: Path, env: dict[str, str]) -> dict[str, str]:
    """What every process of the stack is given."""
    bare = {name: value for name, value in os.environ.items() if name not in OURS}
    return {
        **bare,
        "DJANGO_SETTINGS_MODULE": "stp.settings",
        "PYTHONUNBUFFERED": "1",
        # As in the Dockerfile: threads else keep heaps of their own, and what a large page took.
        "MALLOC_ARENA_MAX": "2",
        "MALLOC_TRIM_THRESHOLD_": "131072",
        "MALLOC_MMAP_THRESHOLD_": "65536",
        # Said in so many words to root, who runs this in a container of tests.
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser",
        "STP_UPLOAD_DIR": str(folder / "uploads"),
        **env,
    }


def _postgres(folder: Path, port: int, durable: bool) -> Member:
    """A PostgreSQL that listens on loopback only, its cluster made if there is none."""
    home = folder / "postgresql"
    prepared = servers.cluster(home)
    if prepared is None:
        raise NotThere("PostgreSQL")
    # Off: what a power cut would cost. A commit still reaches the log before it is answered.
    haste = [] if durable else ["-c", "fsync=off", "-c", "full_page_writes=off"]
    command = [
        str(prepared.bin / "postgres"), "-D", str(home), "-p", str(port), "-h", "127.0.0.1",
        "-k", "", *haste,
    ]  # fmt: skip

    def answers(_: Member) -> bool:
        return servers.postgres_answers(f"postgresql://postgres@127.0.0.1:{port}/postgres")

    # SIGINT is its "fast": open transactions roll back, then it ends.
    return Member("postgres", command, answers, signal.SIGINT, prepared.user)


def _redis(folder: Path, port: int, durable: bool) -> Member:
    """A server of Redis's protocol in the foreground; what it holds is only nudges."""
    program = servers.redis_program()
    if program is None:
        raise NotThere("Redis")
    home = folder / "redis"
    home.mkdir(exist_ok=True)
    command = [
        program, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(home),
        "--maxmemory-policy", "noeviction", "--appendonly", "yes" if durable else "no",
        "--save", "",
    ]  # fmt: skip
    return Member("redis", command, lambda _: servers.redis_answers(port))


def _program(made: Stack, name: str, workers: int) -> Member:
    """gunicorn, the Celery worker or beat."""
    python = sys.executable
    if name == "web":
        command = [
            python, "-m", "gunicorn", "stp.wsgi:application", "--threads=4",
            f"--bind=127.0.0.1:{made.ports['web']}", f"--workers={workers}",
        ]  # fmt: skip
        return Member(name, command, lambda _: _answers(f"{made.url}/health/live"))
    celery = [python, "-m", "celery", "--quiet", "-A", "stp.celery", name]
    celery += [f"--loglevel={'WARNING' if made.loud else 'INFO'}"]
    if name == "worker":
        # One name a stack: two stacks on one Redis must not take each other for a twin.
        celery += ["--concurrency=1", "--without-gossip", "--without-mingle"]
        celery += [f"--hostname=stp-{made.ports['web']}@localhost"]
        return Member(name, celery, lambda member: _wrote(made, member, "ready."))
    celery += [f"--schedule={made.folder / 'beat-schedule'}", "--pidfile="]
    return Member(name, celery, lambda member: _wrote(made, member, "beat: Starting"))


def _answers(url: str) -> bool:
    """Whether a page answers at all; an error page is an answer too."""
    try:
        urllib.request.urlopen(url, timeout=10).close()  # noqa: S310  our own address
    except urllib.error.HTTPError as error:
        error.close()
        return True
    except OSError:
        return False
    return True


def _wrote(made: Stack, member: Member, words: str) -> bool:
    """Whether a member has said so in this start's log; on a terminal nobody can look."""
    if made.loud:
        return True
    with (made.folder / f"{member.name}.log").open("rb") as log:
        log.seek(member.log_from)
        return words.encode() in log.read()


def collected(folder: Path) -> Path:
    """A data folder for tests with the pages' static files in it, made once.

    Give it to the stack as STP_DATA_DIR; RuntimeError where the assets are not built.
    """
    assets = Path(os.environ.get("STP_ASSETS_DIR", ROOT / "var" / "assets"))
    if not (assets / "nhsuk-frontend.min.css").exists():
        raise RuntimeError(f"No assets in {assets}: run “python3 start.py setup” first")
    if not (folder / "static" / "staticfiles.json").exists():
        shutil.copytree(assets, folder / "assets", dirs_exist_ok=True)
        command = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
        env = _environment(folder, {"STP_DATA_DIR": str(folder), "REDIS_URL": ""})
        subprocess.run(command, cwd=ROOT, env=env, check=True)
    return folder


@contextmanager
def short_folder() -> Iterator[Path]:
    """A new folder under the system's temporary one, gone at the end with all it holds."""
    folder = Path(tempfile.mkdtemp(prefix="stp-stack-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main(arguments: list[str]) -> int:
    """The stack for a person: their own folder, kept; until Ctrl+C or until a member ends."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, required=True, help="of the databases and uploads")
    parser.add_argument("--port", type=int, default=8000, help="of the site")
    asked = parser.parse_args(arguments)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _asked_to_end)
    try:
        with stack(
            asked.folder.resolve(), prepare=[["set_up"]], port=asked.port, durable=True, loud=True,
            database_url=os.environ.get("DATABASE_URL", ""),
            redis_url=os.environ.get("REDIS_URL", ""),
        ) as made:  # fmt: skip
            return _until_one_ends(made)
    except NotThere as missing:
        name = "DATABASE_URL" if str(missing) == "PostgreSQL" else "REDIS_URL"
        print(
            f"\nNo {missing} here: there is none ready-made for this system. Start one and give "
            f"its address as {name}, or run the site without: python3 start.py",
            file=sys.stderr,
        )
        return 1
    except DidNotStart as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def _asked_to_end(*_: object) -> None:
    """End the block once; a second signal must not cut short the stopping of the members."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    print("\nStopping …", flush=True)
    raise KeyboardInterrupt


def _until_one_ends(made: Stack) -> int:
    """Say where the site is, then watch; 1 when a member ended by itself."""
    print(made.manage("show_demo_sign_ins"), flush=True)
    names = ", ".join(made.pids)
    print(f"\nThe tracker is at {made.url}/ with {names}  (Ctrl+C stops all)\n", flush=True)
    while all(member.running for member in made.members.values()):
        time.sleep(0.3)
    ended = ", ".join(m.name for m in made.members.values() if not m.running)
    print(f"\nEnded by itself: {ended}. All the others were stopped.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
