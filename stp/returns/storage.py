"""Originals as they came: kept unchanged under made names, outside anything that is served.

A file is whole before its row exists: temporary name, fsync, rename, then the row. What has a
final name and no row was never said to be received.
"""

import errno
import hashlib
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from stp.core import faults
from stp.core.models import Return
from stp.returns.refusals import Refusal

_TEMPORARY = ".part"
_LONGEST_NAME = 200


class FileRefused(Refusal):
    """A file that is not kept: a stable code, and a sentence that says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class StorageFull(Refusal):
    """The disk is full: nothing was kept, the sender may try again later."""

    code = "storage_full"

    def __init__(self) -> None:
        super().__init__(
            "There is no room to keep the file, so it was not received. "
            "Tell the programme office, and send it again later."
        )


@dataclass(frozen=True, slots=True)
class Stored:
    """A kept file: its made name under UPLOAD_ROOT, its size in bytes, its SHA-256 in hex."""

    path: str
    size: int
    sha256: str


def too_large() -> FileRefused:
    """The refusal of a file over the limit, in the words of the NHS file upload."""
    limit = settings.UPLOAD_MAX_BYTES // (1024 * 1024)
    return FileRefused("too_large", f"The selected file must be smaller than {limit}MB")


def store(chunks: Iterable[bytes]) -> Stored:
    """Keep a file as it streams in. FileRefused when empty or too large, StorageFull."""
    root = settings.UPLOAD_ROOT
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = secrets.token_hex(16)
    temporary = root / (name + _TEMPORARY)
    try:
        size, sha256 = _write(temporary, chunks)
        faults.here("store.written")
        temporary.rename(root / name)
        _sync_folder(root)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull from error
        raise
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return Stored(name, size, sha256)


def _write(path: Path, chunks: Iterable[bytes]) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for chunk in chunks:
            size += len(chunk)
            if size > settings.UPLOAD_MAX_BYTES:
                raise too_large()
            digest.update(chunk)
            file.write(chunk)
        if size == 0:
            raise FileRefused("empty", "The selected file is empty")
        file.flush()
        os.fsync(file.fileno())
    return size, digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    """Make the rename itself survive a power cut; Windows has no handle to a folder."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def discard(stored: Stored) -> None:
    """Remove a file whose row was not written."""
    (settings.UPLOAD_ROOT / stored.path).unlink(missing_ok=True)


def path_of(return_: Return) -> Path:
    """Where the original of a return lies."""
    return Path(settings.UPLOAD_ROOT) / return_.file_path


def open_original(return_: Return) -> BinaryIO:
    """The original, byte for byte, open for reading."""
    return path_of(return_).open("rb")


def shown_name(name: str) -> str:
    """A sender's file name as we show it: no folders, no invisible or turning characters.

    It never names a file of ours. At most 200 characters, the ending kept.
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(character for character in last if character.isprintable()).strip()
    if len(printable) > _LONGEST_NAME:
        stem, dot, ending = printable.rpartition(".")
        ending = (dot + ending)[:10] if dot else ""
        printable = (stem or printable)[: _LONGEST_NAME - len(ending)] + ending
    return printable or "unnamed"
