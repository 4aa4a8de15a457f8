"""How gunicorn runs the site, read from the folder it is started in.

Workers, threads and the address are the deployer's: --workers, --threads, --bind.
"""

import gc
import os
from typing import Any

import gunicorn

from stp import settings
from stp.core import logs

# No product and no version in the Server header.
gunicorn.SERVER = "web"

threads = 4
# A request is answered within seconds; a commit of 18,000 figures takes about one.
timeout = 60
graceful_timeout = 30
# What a worker has gathered in memory goes with it, now and then, never all workers at once.
max_requests = 5_000
max_requests_jitter = 1_000
# A long filtered address, once more inside the door's ?next=, is still answered by the site.
limit_request_line = 8_190
# Nobody steers it through a socket in a home folder.
control_socket_disable = True
# The path alone: a query may hold what somebody searched for. No address, no browser.
access_log_format = "%(m)s %(U)s %(s)s %(B)s bytes %(L)s s %({x-request-id}o)s"
logconfig_dict = logs.configuration(settings.LOG_FORMAT, settings.LOG_LEVEL)
if settings.LOG_FORMAT == "line":  # on a terminal a line a request is only in the way
    logconfig_dict["loggers"]["gunicorn.access"]["level"] = "WARNING"
# Workers' signs of life: memory, so that a slow disk is not taken for a dead worker.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 - made by gunicorn


def post_worker_init(worker: Any) -> None:
    """What was loaded at the start stays: set apart, it makes no later collection slow, and what
    a request leaves behind is collected soon instead of when it amounts to a quarter of all that.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(1_000, 5, 5)
