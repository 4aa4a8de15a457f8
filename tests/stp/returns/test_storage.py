"""Originals: whole or not at all, under a made name, unread by others."""

import errno
import hashlib
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from stp.core.models import Return
from stp.returns import storage


def kept(settings: Any) -> list[Path]:
    root = Path(settings.UPLOAD_ROOT)
    return sorted(root.iterdir()) if root.exists() else []


def test_a_file_is_kept_byte_for_byte(settings: Any) -> None:
    stored = storage.store([b"abc", b"def"])
    (path,) = kept(settings)
    assert path.read_bytes() == b"abcdef"
    assert stored.path == path.name
    assert stored.size == 6
    assert stored.sha256 == hashlib.sha256(b"abcdef").hexdigest()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600, "others may read an original"
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    with storage.open_original(Return(file_path=stored.path)) as file:
        assert file.read() == b"abcdef"


def test_two_files_never_share_a_name(settings: Any) -> None:
    names = {storage.store([b"same"]).path for _ in range(5)}
    assert len(names) == 5


@pytest.mark.parametrize(("size", "fits"), [(9, True), (10, True), (11, False)])
def test_the_limit_is_kept_while_streaming(settings: Any, size: int, fits: bool) -> None:
    settings.UPLOAD_MAX_BYTES = 10
    chunks = iter([b"x"] * size + [b""])
    if fits:
        assert storage.store(chunks).size == size
    else:
        with pytest.raises(storage.FileRefused, match="must be smaller") as refused:
            storage.store(chunks)
        assert refused.value.code == "too_large"
        assert kept(settings) == [], "part of a file that is too large was kept"


def test_an_empty_file_is_refused(settings: Any) -> None:
    with pytest.raises(storage.FileRefused, match="is empty"):
        storage.store([b""])
    assert kept(settings) == []


@pytest.mark.parametrize(
    ("number", "raised"), [(errno.ENOSPC, storage.StorageFull), (errno.EIO, OSError)]
)
def test_a_full_or_broken_disk_leaves_nothing(
    settings: Any, monkeypatch: pytest.MonkeyPatch, number: int, raised: type[Exception]
) -> None:
    def fails(descriptor: int) -> None:
        raise OSError(number, "disk")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(raised):
        storage.store([b"abc"])
    assert kept(settings) == []


def test_a_sender_who_breaks_off_leaves_nothing(settings: Any) -> None:
    def broken() -> Any:
        yield b"abc"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        storage.store(broken())
    assert kept(settings) == []


def test_discard_removes_and_may_be_repeated(settings: Any) -> None:
    stored = storage.store([b"abc"])
    storage.discard(stored)
    storage.discard(stored)
    assert kept(settings) == []


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("june.xlsx", "june.xlsx"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\june.xlsx", "june.xlsx"),
        ("<script>alert(1)</script>.xlsx", "script>.xlsx"),
        ("june\u202exslx.exe", "junexslx.exe"),
        ("ju\x00ne.xlsx", "june.xlsx"),
        ("ju\r\nne.xlsx", "june.xlsx"),
        ("", "unnamed"),
        ("a/", "unnamed"),
        ("x" * 300 + ".xlsx", "x" * 195 + ".xlsx"),
        ("x" * 300, "x" * 200),
        ("a." + "y" * 300, "a." + "y" * 9),
    ],
)
def test_a_name_is_only_shown(sent: str, shown: str) -> None:
    assert storage.shown_name(sent) == shown
