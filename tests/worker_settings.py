"""The site's settings for a worker of a test: its jobs are small ones, with short leases.

It serves no page, so it loads none: what is tried is the queue.
"""

from stp.settings import *  # noqa: F403 - all of them, but for the jobs and the pages

JOBS = {"note": ("tests.job_actions.note", 3)}
JOB_QUARANTINED = {}
CELERY_TASK_TIME_LIMIT = 10
ROOT_URLCONF = "tests.worker_settings"
urlpatterns: list[object] = []
