"""The parent's side of reading an upload: starts the reader process and believes nothing it says."""

from pathlib import Path

from stp.core.sheets import Refused, Workbook


def read(path: Path, *, file_name: str) -> Workbook:
    """Read an uploaded file; raises Refused(code, message) for one that is not taken.

    `path` is the stored file under its made name, `file_name` what the user called it (its
    ending decides what it must be). Never raises anything else, never waits over the wall clock.
    """
    raise Refused("unreadable", f"“{file_name}” cannot be read yet.")
