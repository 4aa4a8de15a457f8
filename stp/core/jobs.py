"""Jobs: request, claim, run, finish, sweep. The database row is the job (DESIGN §5).

Worker, sweeper and `manage.py run_jobs` all call `run(job_id)`. A claim is one conditional
UPDATE; a finish is one too and names the attempt, so a worker that lost its lease changes
nothing: its transaction rolls back.
"""

import datetime as dt
import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q
from django.utils.module_loading import import_string

from stp.core import clock, faults
from stp.core.models import Heartbeat, Job
from stp.core.request import through

logger = logging.getLogger(__name__)


class LeaseLost(Exception):
    """Another attempt owns the job now; whatever this one did must roll back."""


class Overran(Exception):
    """A job ran past its kind's hard limit and was stopped."""


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
    """Ask for a job inside the caller's transaction; one waiting job a (kind, key).

    A waiting job is locked until the caller commits: a worker that takes it then sees the
    caller's change, and cannot have started without it.
    """
    with transaction.atomic():
        job = _waiting(kind, key) or _new(kind, key, payload or {})
    transaction.on_commit(lambda: _nudge(job.pk), robust=True)
    return job


def _waiting(kind: str, key: str) -> Job | None:
    waiting = Job.objects.filter(kind=kind, key=key, state=Job.State.WAITING)
    return waiting.select_for_update().first()


def _new(kind: str, key: str, payload: dict[str, Any]) -> Job:
    """A new waiting row, or the one somebody else made in the same moment."""
    for _ in range(3):
        try:
            with transaction.atomic():
                return Job.objects.create(
                    kind=kind, key=key, payload=payload, requested_at=clock.now()
                )
        except IntegrityError:
            job = _waiting(kind, key)  # none: taken by a worker already, so ask again
            if job:
                return job
    raise RuntimeError(f"No {kind} job for {key} could be requested: too many at once.")


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
    kind = Job.objects.values_list("kind", flat=True).filter(pk=job_id).first()
    if kind is None or _gave_up_on(job_id, kind):
        return None
    now = database_now()
    lease = settings.JOBS[kind][1] + settings.JOB_LEASE_GRACE
    won = Job.objects.filter(_claimable(now), pk=job_id).update(
        state=Job.State.RUNNING,
        attempt=F("attempt") + 1,
        started_at=now,
        lease_until=now + dt.timedelta(seconds=lease),
    )
    return Job.objects.get(pk=job_id) if won else None


def _gave_up_on(job_id: int, kind: str) -> bool:
    """Quarantine a job that has used its attempts, or whose kind nothing here can run."""
    now = database_now()
    spent = Job.objects.filter(_claimable(now), pk=job_id)
    if kind in settings.JOBS:
        spent = spent.filter(attempt__gte=settings.JOB_ATTEMPTS)
    with transaction.atomic():
        gone = spent.update(state=Job.State.QUARANTINED, finished_at=now, lease_until=None)
        if gone:
            _gave_up(Job.objects.get(pk=job_id))
    return bool(gone)


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
        logger.info("job %s: nothing to do, it is done, given up or somebody else's", job_id)
        return False
    faults.here("job.claimed")
    dotted, limit = settings.JOBS[job.kind]
    try:
        with through("job", f"job-{job.pk}"), _limited(limit):
            import_string(dotted)(job)
        faults.here("job.done")
    except LeaseLost:
        logger.warning("job %s: lease lost, nothing written", job.pk)
        return False
    except (SystemExit, KeyboardInterrupt):
        _release(job, "stopped with its process", counts=False)
        raise
    except Exception as error:
        _failed(job, error)
        return False
    return True


def _failed(job: Job, error: Exception) -> None:
    """Release the job; an attempt that came too late has changed nothing, and says so."""
    # A transaction the database cut off leaves a connection nothing more can be said over.
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
    if _release(job, f"{type(error).__name__}: {error}"[:2000]):
        logger.error("job %s %s failed, attempt %s", job.pk, job.kind, job.attempt, exc_info=error)
    else:
        logger.warning("job %s: lease lost, nothing written (%s)", job.pk, error)


@contextmanager
def _limited(seconds: int) -> Iterator[None]:
    """Raise Overran inside the block after `seconds`, where the system has timers.

    The lease outlives the limit, so a stopped job is released by its own process first.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not (
        threading.main_thread()
    ):
        yield
        return

    def stop(*_: Any) -> None:
        raise Overran(f"stopped after {seconds} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _release(job: Job, why: str, *, counts: bool = True) -> bool:
    """After an attempt that did not finish: back to waiting, or give up after the last one.

    With a newer waiting row of the same key, that one does the work and this one is done.
    `counts=False` gives the attempt back: the process was told to stop, the job did no wrong.
    False when the attempt had lost its lease: then nothing is released.
    """
    mine = Job.objects.filter(pk=job.pk, attempt=job.attempt, state=Job.State.RUNNING)
    if counts and job.attempt >= settings.JOB_ATTEMPTS:
        with transaction.atomic():
            gone = mine.update(
                state=Job.State.QUARANTINED,
                error=why,
                lease_until=None,
                finished_at=database_now(),
            )
            if gone:
                _gave_up(job)
        return bool(gone)
    attempt = job.attempt if counts else job.attempt - 1
    try:
        with transaction.atomic():
            gone = mine.update(
                state=Job.State.WAITING, attempt=attempt, error=why, lease_until=None
            )
    except IntegrityError:
        gone = mine.update(
            state=Job.State.DONE, error=why, lease_until=None, finished_at=database_now()
        )
    return bool(gone)


def _gave_up(job: Job) -> None:
    logger.error("job %s %s quarantined after %s attempts", job.pk, job.kind, job.attempt)
    hook = settings.JOB_QUARANTINED.get(job.kind)
    if hook:
        import_string(hook)(job)


def beat(name: str) -> None:
    """Say that a background process is alive."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": database_now()})
