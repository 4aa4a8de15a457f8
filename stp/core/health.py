"""Whether the site lives, whether it can serve, and whether it is well (RELIABILITY.md H1).

`ready` must answer when a driver hangs, so what may hang is asked in a thread of its own and
waited for a moment. `deep` is for whoever watches the installation: every figure has a state,
green, amber or red, and what nobody records says so.
"""

import datetime as dt
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, connections
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Count, Min
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from stp.core import clock, jobs
from stp.core.models import Heartbeat, Job, PeriodChange, ReportingPeriod

logger = logging.getLogger(__name__)

# Seconds a probe waits: H1 promises an answer within 2.
DATABASE_SECONDS = 1.4
QUEUE_SECONDS = 0.4
# Seconds for which one look at the queue serves every page of this process.
QUEUE_REMEMBERED = 5.0

# Amber and red, in seconds. Behind: N4 of RELIABILITY.md. A sign of life is due every sweep.
BEHIND = (300, 1800)
WAITING = (60, 300)
SIGN_OF_LIFE = (60, 300)
# Amber and red: share of the upload store's disk that is free.
FREE_SHARE = (0.10, 0.03)

GREEN, AMBER, RED, UNKNOWN = "green", "amber", "red", "not recorded"


def answer[T](question: Callable[[], T], seconds: float) -> T | None:
    """What `question` returns, or None if it fails or is not done within `seconds`.

    It runs in a thread with database connections of its own, which it closes.
    """
    answers: list[T] = []

    def ask() -> None:
        try:
            answers.append(question())
        except Exception as error:
            logger.warning("health: %s", type(error).__name__)
        finally:
            connections.close_all()

    thread = threading.Thread(target=ask, name="health", daemon=True)
    thread.start()
    thread.join(seconds)
    return answers[0] if answers else None


def missing() -> list[str]:
    """What the site cannot serve without: "database", "migrations", or nothing."""
    found = answer(_migrations_missing, DATABASE_SECONDS)
    if found is None:
        return ["database"]
    return ["migrations"] if found else []


def _migrations_missing() -> bool:
    """A database older than the code; a newer one serves (docs/running.md, upgrade)."""
    return not _written() <= set(MigrationRecorder(connection).applied_migrations())


@cache
def _written() -> frozenset[tuple[str, str]]:
    """(app, name) of every migration on the disk, without importing one."""
    return frozenset(
        (app.label, path.stem)
        for app in apps.get_app_configs()
        for path in (Path(app.path) / "migrations").glob("*.py")
        if path.stem != "__init__"
    )


def degraded() -> list[str]:
    """What is away while the site still works: "queue"."""
    return [] if _queue_answers() else ["queue"]


def _queue_answers() -> bool:
    if not (settings.NUDGE and settings.REDIS_URL):
        return True  # the job process looks for work itself: there is no queue to be away
    return answer(_ping, QUEUE_SECONDS) is True


def _ping() -> bool:
    limits = {"socket_timeout": QUEUE_SECONDS, "socket_connect_timeout": QUEUE_SECONDS}
    with Redis.from_url(settings.REDIS_URL, retry=Retry(NoBackoff(), 0), **limits) as link:
        return bool(link.ping())


_queue_seen: tuple[float, bool] = (float("-inf"), True)


def work_is_queued() -> bool:
    """Whether uploads and new figures wait because the queue is away; a look every 5 seconds."""
    global _queue_seen
    at, answered = _queue_seen
    if time.monotonic() - at >= QUEUE_REMEMBERED:
        answered = _queue_answers()
        _queue_seen = (time.monotonic(), answered)
    return not answered


# -- Deep ---------------------------------------------------------------------------------------


def deep() -> dict[str, Any]:
    """Every check with its figures and state; `state` is the worst of them.

    Ages are whole seconds; a figure that nobody has recorded yet is null and its check amber.
    """
    gone = missing()
    checks: dict[str, Any] = {
        "database": {"state": RED if gone else GREEN, "missing": gone},
        "queue": {"state": AMBER if degraded() else GREEN},
    }
    if not gone:
        checks |= {
            "jobs": _jobs(),
            "signs_of_life": _signs_of_life(),
            "periods": [_period(p) for p in ReportingPeriod.objects.open()],
        }
    checks["uploads"] = _uploads()
    checks["backup"] = {"state": UNKNOWN}
    checks["restore_rehearsal"] = {"state": UNKNOWN}
    return {"state": worst(checks), "checks": checks}


def worst(checks: dict[str, Any]) -> str:
    """Red if any check is red, else amber if any is; "not recorded" does not count."""
    states = set()
    for check in checks.values():
        states |= {part["state"] for part in (check if isinstance(check, list) else [check])}
    return next((state for state in (RED, AMBER) if state in states), GREEN)


def state_of(seconds: float | None, limits: tuple[int, int]) -> str:
    """Green, amber from the first limit, red from the second; unknown is amber, never green."""
    if seconds is None:
        return AMBER
    amber, red = limits
    return RED if seconds >= red else AMBER if seconds >= amber else GREEN


def _seconds_since(moment: dt.datetime | None, now: dt.datetime) -> int | None:
    return None if moment is None else max(0, int((now - moment).total_seconds()))


def _jobs() -> dict[str, Any]:
    waiting = Job.objects.filter(state=Job.State.WAITING).aggregate(
        count=Count("pk"), oldest=Min("requested_at")
    )
    oldest = _seconds_since(waiting["oldest"], clock.now())
    quarantined = Job.objects.filter(state=Job.State.QUARANTINED).count()
    late = state_of(oldest or 0, WAITING)
    return {
        "state": AMBER if quarantined and late == GREEN else late,
        "waiting": waiting["count"],
        "oldest_waiting_seconds": oldest,
        "quarantined": quarantined,
    }


def _signs_of_life() -> list[dict[str, Any]]:
    """Seconds since each background process was last heard of, by the database's clock."""
    wanted = ["worker", "beat"] if settings.NUDGE else ["run_jobs"]
    heard = dict(Heartbeat.objects.values_list("name", "at"))
    now = jobs.database_now()
    found = []
    for name in wanted:
        age = _seconds_since(heard.get(name), now)
        found.append({"name": name, "seconds_ago": age, "state": state_of(age, SIGN_OF_LIFE)})
    return found


def _period(period: ReportingPeriod) -> dict[str, Any]:
    """How old an open period's snapshot is, and for how long changes have waited for the next."""
    now = clock.now()
    published = (
        period.snapshots.filter(version=period.snapshot_version)
        .values_list("published_at", flat=True)
        .first()
    )
    waiting = PeriodChange.objects.filter(
        period=period, data_version__gt=period.snapshot_data_version
    ).aggregate(count=Count("pk"), since=Min("at"))
    behind = _seconds_since(waiting["since"], now)
    return {
        "period": period.code,
        "state": state_of(behind or 0, BEHIND),
        "snapshot_seconds": _seconds_since(published, now),
        "behind_seconds": behind or 0,
        "changes_not_included": waiting["count"],
    }


def _uploads() -> dict[str, Any]:
    """Room for uploads; red too where nothing can be written, or not one upload has room."""
    folder = Path(settings.UPLOAD_ROOT)
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent  # it is made with the first upload
    disk = shutil.disk_usage(folder)
    share = disk.free / disk.total if disk.total else 0.0
    amber, red = FREE_SHARE
    writable = folder.is_dir() and os.access(folder, os.W_OK)
    full = share < red or disk.free < settings.UPLOAD_MAX_BYTES
    state = RED if full or not writable else AMBER if share < amber else GREEN
    return {
        "state": state,
        "free_bytes": disk.free,
        "free_percent": round(100 * share, 1),
        "writable": writable,
    }
