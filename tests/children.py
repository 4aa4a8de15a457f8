"""Child processes of tests: the site's own programs, pointed to the test's database."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent


def database_url() -> str:
    """DATABASE_URL of the database this test runs on."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        return f"sqlite:///{database['NAME']}"
    host = database["HOST"] or database["OPTIONS"].get("host", "")
    port = f":{database['PORT']}" if database["PORT"] else ""
    user = quote(database["USER"], safe="")
    password = f":{quote(database['PASSWORD'], safe='')}" if database["PASSWORD"] else ""
    return f"postgresql://{user}{password}@{quote(host, safe='')}{port}/{database['NAME']}"


def environment(**extra: str) -> dict[str, str]:
    """What a child needs: the real settings, this test's database and data folder."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "stp.settings",
        "DATABASE_URL": database_url(),
        "REDIS_URL": "",
        "PYTHONUNBUFFERED": "1",
        **extra,
    }


@contextmanager
def running(*arguments: str, **extra: str) -> Iterator[subprocess.Popen[bytes]]:
    """`python ARGUMENTS` as a child, ended by its own id at the latest when the block ends."""
    child = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=environment(**extra))
    try:
        yield child
    finally:
        if child.poll() is None:
            child.terminate()
            try:
                child.wait(timeout=15)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
