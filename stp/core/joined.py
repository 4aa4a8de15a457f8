"""css/site.css: the site's own style sheets in one file, so that a page asks for them once.

A finder like Django's own, so collectstatic, findstatic and WHITENOISE_USE_FINDERS all see the
file. It is put together from static/css whenever it is asked for, and written only if it changed.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

SITE = "css/site.css"
# In the order in which a later rule may answer an earlier one.
PARTS = ("app", "pages", "rag", "chart", "dialog", "heat")


def joined() -> str:
    """The text of the one sheet."""
    folder = Path(settings.BASE_DIR) / "static" / "css"
    return "\n".join((folder / f"{part}.css").read_text(encoding="utf-8") for part in PARTS)


class JoinedFinder(BaseFinder):
    """Finds css/site.css and nothing else."""

    def __init__(self, *_: Any, **__: Any) -> None:
        self.folder = Path(settings.DATA_DIR) / "joined"

    def check(self, **_: Any) -> list[Any]:
        """Nothing to set up wrongly: it has no settings of its own."""
        return []

    def find(self, path: str, find_all: bool = False, **_: Any) -> Any:
        """The file's place on disk, [] for every other path, as Django's finders answer."""
        if path != SITE:
            return []
        return [str(self._written())] if find_all else str(self._written())

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Any]]:
        """The one file, for collectstatic."""
        self._written()
        yield SITE, FileSystemStorage(location=self.folder)

    def _written(self) -> Path:
        """Whole or not at all: another process may be reading it."""
        file, text = self.folder / SITE, joined()
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            handle, made = tempfile.mkstemp(dir=file.parent)
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as sheet:
                sheet.write(text)
            Path(made).chmod(0o644)
            Path(made).replace(file)
        return file
