"""Jobs: request, claim, run, finish, sweep. The database row is the job (DESIGN §5).

Worker, sweeper and `manage.py run_jobs` all call `run(job_id)`. A claim is one conditional
UPDATE; a finish is one too and names the attempt, so a worker that lost its lease changes
nothing: its transaction rolls back.
"""

import datetime as dt
import logging
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils.module_loading import import_string

from stp.core import clock, faults
from stp.core.models import Heartbeat, Job
from stp.core.request import through

logger = logging.getLogger(__name__)


class LeaseLost(Exception):
    """Another attempt owns the job now; whatever this one did must roll back."""


def database_now() -> dt.datetime:
    """The database's clock: leases never trust a worker's own."""
    sql = (
        "SELECT clock_timestamp()"
        if connection.vendor == "postgresql"
        else "SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql)
        (value,) = cursor.fetchone()
    return value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(value)


def request(kind: str, *, key: str, payload: dict[str, Any] | None = None) -> Job:
    """Ask for a job inside the caller's transaction; one waiting job a (kind, key)."""
    job, _ = Job.objects.get_or_create(
        kind=kind,
        key=key,
        state=Job.State.WAITING,
        defaults={"payload": payload or {}, "requested_at": clock.now()},
    )
    transaction.on_commit(lambda: _nudge(job.pk), robust=True)
    return job


def _nudge(job_id: int) -> None:
    if settings.NUDGE:
        import_string(settings.NUDGE)(job_id)


def due() -> list[int]:
    """Ids of jobs that may be claimed now, oldest first."""
    return list(Job.objects.filter(_claimable(database_now())).values_list("pk", flat=True))


def _claimable(now: dt.datetime) -> Q:
    return Q(state=Job.State.WAITING) | Q(state=Job.State.RUNNING, lease_until__lt=now)


def claim(job_id: int) -> Job | None:
    """Take a job, or None if somebody else has it. Counts the attempt before any work."""
    now = database_now()
    row = Job.objects.filter(_claimable(now), pk=job_id)
    exhausted = row.filter(attempt__gte=settings.JOB_ATTEMPTS).update(
        state=Job.State.QUARANTINED, finished_at=now, lease_until=None
    )
    if exhausted:
        _gave_up(Job.objects.get(pk=job_id))
        return None
    kind = Job.objects.values_list("kind", flat=True).filter(pk=job_id).first()
    if kind is None:
        return None
    lease = settings.JOBS[kind][1] + settings.JOB_LEASE_GRACE
    won = row.update(
        state=Job.State.RUNNING,
        attempt=F("attempt") + 1,
        started_at=now,
        lease_until=now + dt.timedelta(seconds=lease),
    )
    return Job.objects.get(pk=job_id) if won else None


def finish(job: Job) -> None:
    """Mark done, in the transaction of the job's effect; LeaseLost if the attempt is not ours."""
    done = Job.objects.filter(pk=job.pk, attempt=job.attempt, state=Job.State.RUNNING).update(
        state=Job.State.DONE, finished_at=database_now(), lease_until=None, error=""
    )
    if not done:
        raise LeaseLost(f"job {job.pk} attempt {job.attempt}")


def run(job_id: int) -> bool:
    """Claim and run one job; True if this call did its work.

    The action named in settings.JOBS takes the claimed job and must call `finish(job)` in the
    transaction of its effect. A failure leaves the row to its lease, or releases it at once.
    """
    job = claim(job_id)
    if job is None:
        return False
    faults.here("job.claimed")
    action = import_string(settings.JOBS[job.kind][0])
    try:
        with through("job", f"job-{job.pk}"):
            action(job)
    except LeaseLost:
        logger.warning("job %s: lease lost, nothing written", job.pk)
        return False
    except Exception as error:
        logger.exception("job %s %s failed, attempt %s", job.pk, job.kind, job.attempt)
        _release(job, error)
        return False
    return True


def _release(job: Job, error: Exception) -> None:
    """After a failed attempt: back to waiting (unless asked for again meanwhile), or give up."""
    last = job.attempt >= settings.JOB_ATTEMPTS
    same_waiting = Job.objects.filter(kind=job.kind, key=job.key, state=Job.State.WAITING).exists()
    if last:
        state = Job.State.QUARANTINED
    else:
        state = Job.State.DONE if same_waiting else Job.State.WAITING
    mine = Job.objects.filter(pk=job.pk, attempt=job.attempt, state=Job.State.RUNNING)
    message = f"{type(error).__name__}: {error}"[:2000]
    if mine.update(state=state, error=message, lease_until=None) and last:
        _gave_up(job)


def _gave_up(job: Job) -> None:
    logger.error("job %s %s quarantined after %s attempts", job.pk, job.kind, job.attempt)
    hook = settings.JOB_QUARANTINED.get(job.kind)
    if hook:
        import_string(hook)(job)


def beat(name: str) -> None:
    """Say that a background process is alive."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": database_now()})
