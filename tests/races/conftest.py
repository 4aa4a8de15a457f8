"""A small programme on a real database, and originals in a folder of the test's own."""

from pathlib import Path
from typing import Any

import pytest

from tests.sent_files import read_here


@pytest.fixture(autouse=True)
def uploads(tmp_path: Path, settings: Any) -> Path:
    settings.UPLOAD_ROOT = tmp_path / "uploads"
    return tmp_path / "uploads"


@pytest.fixture
def quick_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read in this process."""
    monkeypatch.setattr("stp.returns.actions.checking.read", read_here)
