"""Set up, run, test and check the tracker. Only the standard library; any Python 3.8 or newer.

    python3 start.py               set up what is missing, then run the site   [--port 8000]
    python3 start.py setup         environment, assets and database alone
    python3 start.py stack         the site on PostgreSQL and Redis, kept under var/stack
    python3 start.py test          every test, on SQLite and on PostgreSQL      [--long]
    python3 start.py checks        style, types, imports, templates, deployment
    python3 start.py bench         speed, in ratios from one run; writes docs/bench.md

The site itself needs Python 3.12 to 3.14; this file looks for one and says so if there is none.
A warm start does nothing twice: each step leaves a stamp made from the files it depends on.
"""

from __future__ import annotations

import argparse
import glob
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
DATA = Path(os.environ.get("STP_DATA_DIR") or ROOT / "var").resolve()
VENV = ROOT / ".venv"
BIN = "Scripts" if os.name == "nt" else "bin"
EXE = ".exe" if os.name == "nt" else ""
PYTHON = VENV / BIN / ("python" + EXE)
WANTED = ("3.13", "3.14", "3.12")  # in order of preference
DEMO_DATE = "2017-07-24"
LOCK, DEV_LOCK, ASSETS_LOCK = (
    ROOT / name
    for name in ("requirements.lock", "requirements-dev.lock", "requirements-assets.lock")
)


class Stop(Exception):
    """Something is missing or failed: its text is all that the user is shown."""


def say(text: str) -> None:
    print(text, flush=True)


def call(command: list[str], *, env: dict[str, str] | None = None, why: str = "") -> None:
    """Run a command in the project's folder; Stop with a sentence if it fails."""
    done = subprocess.run(command, cwd=str(ROOT), env=env)
    if done.returncode:
        shown = " ".join(command[:6])
        raise Stop(f"{why or 'A step failed'}: “{shown}” ended with {done.returncode}.")


def digest(*paths: Path) -> str:
    """One hash over the names and contents of files and of every file under folders."""
    total = hashlib.sha256()
    for path in paths:
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in files:
            total.update(str(file.relative_to(path.parent)).encode())
            total.update(file.read_bytes() if file.exists() else b"")
    return total.hexdigest()


def stamped(stamp: Path, *any_of: str) -> bool:
    return stamp.exists() and stamp.read_text(encoding="utf-8") in any_of


# -- A Python that the site can run on -------------------------------------------------------


def candidates() -> list[list[str]]:
    """Commands that may start a Python, this one first."""
    found = [[sys.executable]]
    for version in WANTED:
        found.append([f"python{version}"])
        found += [[p] for p in glob.glob(f"/usr/bin/python{version}")]
        found += [[p] for p in glob.glob(f"/opt/homebrew/bin/python{version}")]
        found += [[p] for p in glob.glob(f"/usr/local/bin/python{version}")]
        pattern = os.path.join("versions", f"{version}*", "bin", "python")
        homes = [os.environ.get("PYENV_ROOT", ""), os.path.expanduser("~/.pyenv")]
        for home in filter(None, homes):
            found += [[p] for p in sorted(glob.glob(os.path.join(home, pattern)), reverse=True)]
        if os.name == "nt":
            found.append(["py", f"-{version}"])
    return [*found, ["python3"], ["python"]]


def version_of(command: list[str]) -> str:
    """'3.13' if the command runs a Python that can make environments, else ''.

    Running it is the test: a pyenv shim of that name may exist and refuse to start.
    """
    probe = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run(
            [*command, "-c", probe],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=30, cwd=str(ROOT),
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode(errors="replace").strip() if done.returncode == 0 else ""


def find_python() -> list[str]:
    """The command of the best Python for the site; Stop in plain words if there is none."""
    found: dict[str, list[str]] = {}
    for command in candidates():
        version = version_of(command)
        found.setdefault(version, command)
        if version == WANTED[0]:
            break
    for version in WANTED:
        if version in found:
            return found[version]
    have = ", ".join(sorted(v for v in found if v)) or "none that starts"
    raise Stop(
        f"The tracker needs Python 3.12, 3.13 or 3.14 with its venv module; found here: {have}.\n"
        "Install one (python.org, “apt install python3.13 python3.13-venv”, “brew install "
        "python@3.13”, “pyenv install 3.13”) and run this command again."
    )


# -- Environment, assets, database ---------------------------------------------------------------


def make_environment(folder: Path, lock: Path) -> None:
    """A virtual environment in `folder` holding exactly what `lock` pins, by hash."""
    python = folder / BIN / ("python" + EXE)
    uv = shutil.which("uv")
    if version_of([str(python)]) not in WANTED:
        best = find_python()
        say(f"Making an environment in {folder} …")
        shutil.rmtree(str(folder), ignore_errors=True)
        call([*best, "-m", "venv", str(folder)], why="No environment could be made")
    say(f"Installing {lock.name} …")
    if uv:
        install = [uv, "pip", "install", "--python", str(python), "--compile-bytecode", "--quiet"]
    else:
        install = [str(python), "-m", "pip", "install", "--no-compile", "--quiet"]
        install += ["--disable-pip-version-check", "--no-input"]
    call([*install, "--require-hashes", "-r", str(lock)], why="The packages were not installed")
    if not uv:  # bytecode in one go, on every core, whatever PYTHONDONTWRITEBYTECODE says
        packages = glob.glob(str(folder / "[Ll]ib" / "**" / "site-packages"), recursive=True)
        quietly = [str(python), "-m", "compileall", "-q", "-q", "-j", "0", *packages[:1]]
        subprocess.run(quietly, cwd=str(ROOT))


def environment(dev: bool) -> None:
    """`.venv` with the site's packages, and with `dev` the tools of tests and checks."""
    stamp = VENV / ".installed"
    everything = f"dev {digest(DEV_LOCK)}"
    wanted = everything if dev else f"site {digest(LOCK)}"
    if PYTHON.exists() and stamped(stamp, wanted, everything):
        return
    make_environment(VENV, DEV_LOCK if dev else LOCK)
    stamp.write_text(wanted, encoding="utf-8")


def find_npm() -> tuple[list[str], dict[str, str]]:
    """A working npm and its environment: the system's, else one from a wheel of its own."""
    system = shutil.which("npm")
    if system and subprocess.run(
        [system, "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ).returncode == 0:  # fmt: skip
        return [system], dict(os.environ)
    folder, stamp = DATA / "node-venv", DATA / "node-venv" / ".installed"
    if not stamped(stamp, digest(ASSETS_LOCK)):
        make_environment(folder, ASSETS_LOCK)
        stamp.write_text(digest(ASSETS_LOCK), encoding="utf-8")
    path = str(folder / BIN) + os.pathsep + os.environ.get("PATH", "")
    return [str(folder / BIN / ("npm" + EXE))], {**os.environ, "PATH": path}


def assets(dev: bool) -> None:
    """Third-party style sheet, script and icons, in var/assets; with `dev` axe for the tests."""
    lock = ROOT / "package-lock.json"
    modules = ROOT / "node_modules"
    stamp, everything = modules / ".installed", f"dev {digest(lock)}"
    wanted = everything if dev else f"site {digest(lock)}"
    built = DATA / "assets" / ".built"
    core = ROOT / "stp" / "core"
    recipe = digest(lock, core / "assets.py", core / "style_rules.py")
    if not stamped(stamp, wanted, everything) and (dev or not stamped(built, recipe)):
        say("Fetching the pages' styles and scripts …")
        npm, env = find_npm()
        quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        only = [] if dev else ["--omit=dev"]
        call([*npm, "ci", *quiet, *only], env=env, why="Styles and scripts were not fetched")
        stamp.write_text(wanted, encoding="utf-8")
    if not stamped(built, recipe):
        call([str(PYTHON), "-m", "stp.core.assets", str(modules), str(built.parent)])
        built.write_text(recipe, encoding="utf-8")


def static_files() -> None:
    """Every file the pages load, hashed and compressed, in var/static."""
    stamp = DATA / "static" / ".collected"
    joined = ROOT / "stp" / "core" / "joined.py"
    wanted = digest(LOCK, joined, ROOT / "static", DATA / "assets")
    if not stamped(stamp, wanted):
        say("Collecting static files …")
        manage("collectstatic", "--noinput", "--clear", "-v", "0")
        stamp.write_text(wanted, encoding="utf-8")


def site_environment() -> dict[str, str]:
    """The environment of the site's processes; embedded, it lives at the demo's date."""
    env = dict(os.environ, STP_DATA_DIR=str(DATA))
    if env.get("STP_MODE", "embedded") != "production":
        env.setdefault("STP_DEMO_DATE", DEMO_DATE)
    return env


def manage(*arguments: str) -> None:
    call([str(PYTHON), "manage.py", *arguments], env=site_environment())


def set_up() -> None:
    """All that `run` needs: environment, assets, static files, database with the plan."""
    DATA.mkdir(parents=True, exist_ok=True)
    environment(dev=False)
    assets(dev=False)
    static_files()
    manage("set_up")


# -- Run -----------------------------------------------------------------------------------------


def refuse_taken_port(port: int, command: str = "python3 start.py") -> None:
    """Stop with a sentence if nothing can listen on a loopback port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            raise Stop(
                f"Port {port} of 127.0.0.1 is in use (or not ours to use). Is the tracker already "
                f"running? Choose another: {command} --port {port + 1}"
            ) from None


def stop_all(children: list[subprocess.Popen[bytes]], patience: float = 10) -> None:
    """Ask every child to end, by its own process id; after `patience` seconds make it."""
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + patience
    for child in children:
        try:
            child.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def wait_for_page(port: int, children: list[subprocess.Popen[bytes]]) -> None:
    """Until the site accepts connections; Stop if a process ends first."""
    while True:
        if any(child.poll() is not None for child in children):
            raise Stop("The site did not start; the lines above say why.")
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)


def run(port: int) -> None:
    """Set up, then the web server and the job process until Ctrl+C or until either ends."""
    refuse_taken_port(port)
    set_up()
    commands = (
        # No name and no version in the Server header.
        [str(PYTHON), "-m", "waitress", f"--listen=127.0.0.1:{port}", "--ident=", "--threads=8",
         "stp.wsgi:application"],
        [str(PYTHON), "manage.py", "run_jobs"],
    )  # fmt: skip
    children: list[subprocess.Popen[bytes]] = []
    try:
        for command in commands:
            started = subprocess.Popen(command, cwd=str(ROOT), env=site_environment())
            children.append(started)
        wait_for_page(port, children)
        manage("show_demo_sign_ins")
        say(f"\nThe tracker is at http://127.0.0.1:{port}/  (Ctrl+C stops it)\n")
        while all(child.poll() is None for child in children):
            time.sleep(0.5)
        raise Stop("One of the site's two processes ended, so both were stopped.")
    except KeyboardInterrupt:
        say("\nStopping …")
    finally:
        stop_all(children)


def stack(port: int) -> None:
    """The site as it runs in service, on servers of its own, until Ctrl+C or until one ends."""
    refuse_taken_port(port, "python3 start.py stack")
    DATA.mkdir(parents=True, exist_ok=True)
    environment(dev=True)  # the servers come from its wheels
    assets(dev=False)
    static_files()
    folder = str(DATA / "stack")
    command = [str(PYTHON), "-m", "tests.stack", "--folder", folder, "--port", str(port)]
    child = subprocess.Popen(command, cwd=str(ROOT), env=site_environment())
    try:
        failed = child.wait()
    except KeyboardInterrupt:
        failed = 0
    finally:  # it stops its members one after the other, and a worker ends its job first
        stop_all([child], patience=120)
    if failed:
        raise Stop("The stack has ended; the lines above say why.")


# -- Tests and checks ----------------------------------------------------------------------------


def by_hand(module: str, *arguments: str) -> None:
    """Hand over to tests/everything.py, tests/checks.py or bench/, with tools and assets there."""
    environment(dev=True)
    assets(dev=True)
    env = {**os.environ, "STP_ASSETS_DIR": str(DATA / "assets")}
    child = subprocess.Popen([str(PYTHON), "-m", module, *arguments], cwd=str(ROOT), env=env)
    try:
        failed = child.wait()
    finally:  # it has servers of its own to stop, so it is asked to end
        stop_all([child])
    if failed:
        raise Stop(f"Not everything passed: the lines above say what ({module}).")


def main() -> int:
    """Read the command line; 0 when done, 1 with a plain message otherwise."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    commands = ("run", "setup", "stack", "test", "checks", "bench")
    parser.add_argument("command", nargs="?", default="run", choices=commands)
    parser.add_argument("--port", type=int, default=8000, help="of the site, with run or stack")
    parser.add_argument("--long", action="store_true", help="full rounds and coverage, with test")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that children are stopped too
    try:
        if asked.command == "run":
            run(asked.port)
        elif asked.command == "setup":
            set_up()
            say("Set up. Start it with: python3 start.py")
        elif asked.command == "stack":
            stack(asked.port)
        elif asked.command == "test":
            by_hand("tests.everything", *(["--long"] if asked.long else []))
        elif asked.command == "bench":
            by_hand("bench")
        else:
            by_hand("tests.checks")
    except Stop as problem:
        sys.stderr.write(f"\n{problem}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
