"""What a killed upload leaves: swept after an hour, and never a file that is somebody's."""

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stp.core import clock, sweeper
from stp.core.models import Heartbeat, Return
from stp.returns import leftovers
from tests.stp.returns.fake import Receive

MINUTE = dt.timedelta(minutes=1)
HOUR = 60 * MINUTE
MADE = "0123456789abcdef" * 2


@pytest.fixture
def uploads(settings: Any, tmp_path: Path) -> Path:
    settings.UPLOAD_ROOT = tmp_path / "uploads"
    settings.FILE_UPLOAD_TEMP_DIR = settings.UPLOAD_ROOT / "incoming"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir(parents=True)
    root: Path = settings.UPLOAD_ROOT
    return root


def old(path: Path, age: dt.timedelta) -> Path:
    """A file last written so long ago."""
    if not path.exists():
        path.write_bytes(b"half a file")
    moment = clock.real().timestamp() - age.total_seconds()
    os.utime(path, (moment, moment))
    return path


@pytest.mark.django_db
@pytest.mark.parametrize("name", [f"{MADE}.part", "incoming/tmpx1y2.upload.xlsx", MADE])
@pytest.mark.parametrize(("age", "swept"), [(HOUR - MINUTE, False), (HOUR + MINUTE, True)])
def test_what_nobody_owns_goes_after_an_hour(
    uploads: Path, name: str, age: dt.timedelta, swept: bool
) -> None:
    path = old(uploads / name, age)
    leftovers.sweep()
    assert path.exists() is not swept


@pytest.mark.django_db
def test_a_whole_file_is_set_aside_for_a_month(uploads: Path) -> None:
    """After a restore of an older backup it may be the only copy of a return."""
    old(uploads / MADE, HOUR + MINUTE)
    assert leftovers.sweep() == 1
    aside = uploads / leftovers.ASIDE / MADE
    assert aside.read_bytes() == b"half a file"
    assert aside.parent.stat().st_mode & 0o077 == 0, "others may look in"
    old(aside, leftovers.KEPT_ASIDE - HOUR)
    assert leftovers.sweep() == 0
    assert aside.exists()
    old(aside, leftovers.KEPT_ASIDE + HOUR)
    leftovers.sweep()
    assert not aside.exists()


def test_a_return_keeps_its_file_however_old(uploads: Path, receive: Receive) -> None:
    return_ = receive().return_
    path = old(uploads / return_.file_path, 1_000 * HOUR)
    assert leftovers.sweep() == 0
    assert path.exists()


def test_twin_a_sweep_that_asks_no_return_takes_somebodys_file(
    uploads: Path, receive: Receive, monkeypatch: pytest.MonkeyPatch
) -> None:
    return_ = receive().return_
    path = old(uploads / return_.file_path, 2 * HOUR)
    monkeypatch.setattr(leftovers, "Return", type("Nobody", (), {"objects": Return.objects.none()}))
    leftovers.sweep()
    assert not path.exists(), "the file stayed: the guard is elsewhere"


@pytest.mark.django_db
def test_names_that_are_not_ours_are_left_alone(uploads: Path) -> None:
    strangers = [uploads / name for name in ("README", "backup.tar", MADE[:-1], f"{MADE}.bak")]
    for path in strangers:
        old(path, 100 * HOUR)
    assert leftovers.sweep() == 0
    assert all(path.exists() for path in strangers)


@pytest.mark.django_db
def test_no_folder_yet_is_nothing_to_sweep(settings: Any, tmp_path: Path) -> None:
    settings.UPLOAD_ROOT = settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "nowhere"
    assert leftovers.sweep() == 0


@pytest.mark.django_db
def test_a_file_that_another_sweep_takes_first_is_no_error(
    uploads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = old(uploads / MADE, 2 * HOUR)
    listed = leftovers._old(uploads, HOUR)
    path.unlink()
    monkeypatch.setattr(leftovers, "_old", lambda folder, age: listed if folder == uploads else [])
    leftovers.sweep()
    monkeypatch.undo()
    monkeypatch.setattr(Path, "is_file", _gone)
    old(uploads / MADE, 2 * HOUR)
    assert leftovers.sweep() == 0


def _gone(path: Path) -> bool:
    raise FileNotFoundError(path)


@pytest.mark.django_db
def test_of_many_sweeps_in_an_hour_one_does_it(settings: Any) -> None:
    calls: list[str] = []
    settings.HOURLY = [f"{__name__}.noted"]
    _calls.append(calls.append)
    for _ in range(3):
        sweeper.sweep("test")
    assert len(calls) == 1
    Heartbeat.objects.filter(name="hourly").update(at=clock.real() - HOUR - MINUTE)
    sweeper.sweep("test")
    assert len(calls) == 2
    _calls.clear()


@pytest.mark.django_db
def test_an_hourly_sweep_that_fails_keeps_no_job_waiting(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.HOURLY = [f"{__name__}.fails"]
    assert sweeper.sweep("test") == []
    assert "fails failed" in caplog.text


_calls: list[Callable[[str], None]] = []


def noted() -> int:
    _calls[-1]("swept")
    return 0


def fails() -> int:
    raise OSError("the disk is away")
