"""Set-up: finding a Python, plain messages, the sample of settings, the list of checks."""

import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

import start
from tests import checks

ROOT = Path(start.__file__).parent


def test_a_shim_that_fails_when_run_is_no_python(tmp_path: Path) -> None:
    shim = tmp_path / "python3.13"
    shim.write_text("#!/bin/sh\necho 'pyenv: python3.13: command not found' >&2\nexit 127\n")
    shim.chmod(0o755)
    assert start.version_of([str(shim)]) == ""
    assert start.version_of([str(tmp_path / "nothing here")]) == ""
    assert start.version_of([sys.executable]) == f"3.{sys.version_info.minor}"


def pretend(monkeypatch: pytest.MonkeyPatch, *versions: str) -> None:
    monkeypatch.setattr(start, "candidates", lambda: [[version] for version in versions])
    monkeypatch.setattr(start, "version_of", lambda command: command[0])


@pytest.mark.parametrize(
    ("there", "chosen"),
    [
        (("3.11", "3.12", "3.13"), "3.13"),
        (("3.12", "3.14"), "3.14"),
        (("", "3.11", "3.12"), "3.12"),
    ],
)
def test_the_best_python_is_chosen(
    there: tuple[str, ...], chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, *there)
    assert start.find_python() == [chosen]


@pytest.mark.parametrize(
    ("there", "named"), [(("3.11", "3.15"), "3.11, 3.15"), (("",), "none that starts")]
)
def test_without_one_the_message_says_what_is_here_and_what_to_do(
    there: tuple[str, ...], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, *there)
    with pytest.raises(start.Stop) as problem:
        start.find_python()
    assert f"found here: {named}" in str(problem.value)
    assert "apt install python3.13" in str(problem.value)


def test_start_py_reads_on_an_old_python() -> None:
    """Its own syntax: a Python 3.8 must get as far as the message."""
    import ast

    ast.parse((ROOT / "start.py").read_text(encoding="utf-8"), feature_version=(3, 8))


def test_a_taken_port_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(start.Stop, match=f"Port {port} of 127.0.0.1 is in use"):
            start.refuse_taken_port(port)
    start.refuse_taken_port(port)


def test_a_stamp_changes_with_any_file(tmp_path: Path) -> None:
    folder = tmp_path / "static"
    folder.mkdir()
    (folder / "a.css").write_text("a")
    seen = {start.digest(folder)}
    (folder / "a.css").write_text("b")
    seen.add(start.digest(folder))
    (folder / "b.css").write_text("b")
    seen.add(start.digest(folder))
    seen.add(start.digest(folder, tmp_path / "missing"))
    assert len(seen) == 4


def test_children_are_stopped_by_their_own_id() -> None:
    sleepers = [
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) for _ in range(2)
    ]
    start.stop_all(sleepers)
    assert all(sleeper.poll() is not None for sleeper in sleepers)


def test_the_sample_lists_every_setting_and_no_other() -> None:
    code = (ROOT / "stp" / "settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r"\benv(?:_list)?\(\s*\"([A-Z_]+)\"", code))
    sample = (ROOT / ".env.sample").read_text(encoding="utf-8")
    listed = set(re.findall(r"^([A-Z_]+)=", sample, flags=re.MULTILINE))
    assert read, "the pattern finds no setting at all"
    assert listed == read


def test_each_setting_in_the_sample_has_its_sentence() -> None:
    lines = (ROOT / ".env.sample").read_text(encoding="utf-8").splitlines()
    bare = [b for a, b in pairwise(lines) if "=" in b and not a.startswith("#")]
    assert [line for line in bare if not line.startswith("#")] == []


def test_locks_name_no_registry() -> None:
    for name in ("requirements.lock", "requirements-dev.lock", "requirements-assets.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text, f"{name} names an address"
        assert "--hash=sha256:" in text
    assert "resolved" not in (ROOT / "package-lock.json").read_text(encoding="utf-8")


def test_ci_the_hook_and_the_hand_use_one_list() -> None:
    for path in (".ci/run", ".githooks/pre-commit"):
        assert "python3 start.py checks" in (ROOT / path).read_text(encoding="utf-8")
        assert os.access(ROOT / path, os.X_OK), f"{path} cannot be run"
    names = [name for name, _, _ in checks.commands()]
    assert names == [
        "format", "lint", "types", "imports", "templates", "migrations", "deployment",
    ]  # fmt: skip


def test_a_check_that_fails_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fine, broken = [sys.executable, "-c", ""], [sys.executable, "-c", "raise SystemExit(3)"]
    monkeypatch.setattr(checks, "commands", lambda: [("a", fine, {}), ("b", broken, {})])
    monkeypatch.setattr(checks, "coverage", lambda: True)
    assert checks.main() == 1
    assert "Checks that failed: b" in capsys.readouterr().out
    monkeypatch.setattr(checks, "commands", lambda: [("a", fine, {})])
    assert checks.main() == 0
