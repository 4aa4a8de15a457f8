"""The site's settings with a nudge that has patience: the twin of a queue that never answers."""

from stp import celery
from stp.settings import *  # noqa: F403 - all of them, but for the nudge

NUDGE = "tests.faults.patient.nudge"


def nudge(job_id: int) -> None:
    """Send a job's id as the queue's library would by itself: no limit below ten seconds."""
    options = {"socket_timeout": 10, "socket_connect_timeout": 10, "max_retries": 0}
    try:
        with celery.app.connection_for_write(transport_options=options) as connection:
            celery.run_job.apply_async((job_id,), connection=connection, retry=False)
    except Exception:
        celery.logger.warning("a patient nudge gave up")
