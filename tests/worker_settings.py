"""The site's settings for a worker of a test: its jobs are small ones, with short leases."""

from stp.settings import *  # noqa: F403 - all of them, but for the jobs

JOBS = {"note": ("tests.job_actions.note", 3)}
JOB_QUARANTINED: dict[str, str] = {}
CELERY_TASK_TIME_LIMIT = 10
