"""The site's settings for programs that tests kill: the same jobs with short leases, no pages.

STP_CRASH_LIMIT is a job's hard limit in seconds; a lease is that and one second more.
"""

import os

from stp.settings import *  # noqa: F403 - all of them, but for the times and the pages
from stp.settings import DATABASES, JOBS

LIMIT = int(os.environ.get("STP_CRASH_LIMIT", "3"))
GRACE = 1
JOBS = {kind: (dotted, LIMIT) for kind, (dotted, _) in JOBS.items()}
JOB_LEASE_GRACE = GRACE
JOB_SWEEP_SECONDS = 0.5
CELERY_TASK_TIME_LIMIT = LIMIT + 10
# A stopped process that holds locks is cut off before its lease is over, as in service.
if not DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"]["options"] = (
        "-c lock_timeout=5s -c idle_in_transaction_session_timeout=2s"
    )
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ROOT_URLCONF = "tests.crash.site"
urlpatterns: list[object] = []
