"""What an upload that was killed has left in the folder of originals, and the hourly sweep of it.

A file gets its row at once, so one that is an hour old and nobody's was never said to be
received. What was never whole is deleted. A whole file is only set aside, for a month: after a
database was restored from a backup, it may be the one copy of a return that came later.
"""

import datetime as dt
import logging
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from stp.core import clock
from stp.core.models import Return

logger = logging.getLogger(__name__)

UPLOAD_TAKES = dt.timedelta(hours=1)  # at most, with time to spare
KEPT_ASIDE = dt.timedelta(days=30)
ASIDE = "nobodys"
# Names this site gives: an original, one still being written, one the web server is taking in.
_WHOLE = re.compile(r"[0-9a-f]{32}")
_PART = re.compile(r"[0-9a-f]{32}\.part|.+\.upload(\..*)?")


def sweep() -> int:
    """Clear the folder of originals of what is older than an hour and no return's; how many.

    Files with other names than ours are left alone. Several sweeps at once do no harm.
    """
    root = Path(settings.UPLOAD_ROOT)
    # Listed first: a file whose row is written meanwhile is found to be somebody's.
    parts = [p for p in _old(root, UPLOAD_TAKES) if _PART.fullmatch(p.name)]
    parts += _old(Path(settings.FILE_UPLOAD_TEMP_DIR), UPLOAD_TAKES)
    whole = [p for p in _old(root, UPLOAD_TAKES) if _WHOLE.fullmatch(p.name)]
    ours = set(Return.objects.values_list("file_path", flat=True)) if whole else set()
    nobodys = [path for path in whole if path.name not in ours]
    for path in nobodys:
        _set_aside(path, root / ASIDE)
    for path in [*parts, *_old(root / ASIDE, KEPT_ASIDE)]:
        path.unlink(missing_ok=True)
    if parts or nobodys:
        logger.warning("uploads: %s half files deleted, %s set aside", len(parts), len(nobodys))
    return len(parts) + len(nobodys)


def _old(folder: Path, age: dt.timedelta) -> list[Path]:
    """Files of a folder last written longer ago than `age`, by the files' own time."""
    before = clock.real().timestamp() - age.total_seconds()
    return [path for path, written in _written(folder) if written < before]


def _written(folder: Path) -> Iterator[tuple[Path, float]]:
    for path in folder.iterdir() if folder.exists() else ():
        try:
            if path.is_file():
                yield path, path.stat().st_mtime
        except FileNotFoundError:  # swept by somebody else
            continue


def _set_aside(path: Path, folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    try:
        path.rename(folder / path.name)
        (folder / path.name).touch()  # the month begins now
    except FileNotFoundError:  # another sweep was faster
        return
