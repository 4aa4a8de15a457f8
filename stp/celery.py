"""The queue: a Celery task that runs one job, and the nudge that sends its id (DESIGN §5).

The database row is the job. A nudge that is lost, late or doubled changes nothing: the sweeper
finds the row, and a claim is one conditional UPDATE. So a nudge may fail, but it must never keep
a request waiting: it uses a connection of its own, gives up after a second, and after a failure
none is tried for half a minute.
"""

import logging
import os
import time

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stp.settings")

logger = logging.getLogger(__name__)

app = Celery("stp")
app.config_from_object("django.conf:settings", namespace="CELERY")

BREAK_SECONDS = 30.0
MOST_NUDGES = 50  # a sweep: the rest wait for the next one
IMPATIENT = {
    "socket_timeout": 1,
    "socket_connect_timeout": 1,
    "max_retries": 0,
    "retry_on_timeout": False,
}

_broken_until = 0.0


def nudge(job_id: int) -> None:
    """Tell a worker about a job. Never raises, never takes much over a second."""
    global _broken_until
    if time.monotonic() < _broken_until:
        return
    try:
        with app.connection_for_write(transport_options=IMPATIENT) as connection:
            run_job.apply_async((job_id,), connection=connection, retry=False, ignore_result=True)
    except Exception as error:
        _broken_until = time.monotonic() + BREAK_SECONDS
        logger.warning(
            "no nudge for job %s (%s); none for %s s, the sweeper will find it",
            job_id, error, BREAK_SECONDS,
        )  # fmt: skip


@app.task(name="stp.run_job")
def run_job(job_id: int) -> None:
    """Run one job if it can be claimed, then look for others that were left behind."""
    from stp.core import jobs

    if jobs.run(job_id):
        _sweep()


@app.task(name="stp.sweep")
def sweep() -> None:
    """What beat sends: a sign of life of beat's too, for /health/deep."""
    from stp.core import jobs

    jobs.beat("beat")
    _sweep()


def _sweep() -> None:
    """Sweep, and nudge what is due, oldest first."""
    from stp.core import sweeper

    for job_id in sweeper.sweep("worker")[:MOST_NUDGES]:
        nudge(job_id)
