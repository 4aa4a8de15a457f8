"""`manage.py run_jobs`: the job process of an installation without Redis.

With `--once` it drains what is due and ends; otherwise it looks for work until it is stopped.
"""

import logging
import signal
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections

from stp.core import jobs, sweeper

logger = logging.getLogger(__name__)
POLL_SECONDS = 0.5
NAME = "run_jobs"


def run_all(ids: list[int]) -> int:
    """Run the jobs of these ids that can be claimed; how many this process did.

    A job that fails is recorded by `jobs.run`. Anything else that goes wrong (the database is
    away, the row cannot be read) is logged and must not end the process.
    """
    done = 0
    for job_id in ids:
        try:
            done += jobs.run(job_id)
        except Exception:
            logger.exception("job %s could not be run", job_id)
    return done


def drain() -> int:
    """Sweep, then run what is due until nothing is; how many jobs were done.

    A job that keeps failing is due again at once, and its attempts are counted, so it ends.
    """
    done = 0
    due = sweeper.sweep(NAME)
    while due:
        done += run_all(due)
        due = jobs.due()
    return done


class Command(BaseCommand):
    help = "Runs jobs that are due; with --once until none is left, else until it is stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="drain what is due, then end")

    def handle(self, *args: Any, **options: Any) -> None:
        """Work in this process; SIGTERM and Ctrl+C end it, and give back the job in hand."""
        if options["once"]:
            done = drain()
            self.stdout.write(f"{done} job{'' if done == 1 else 's'} done.")
            return
        signal.signal(signal.SIGTERM, _stop)
        try:
            self._look_for_work()
        except KeyboardInterrupt:
            logger.info("stopped by hand")

    def _look_for_work(self) -> None:
        next_sweep = 0.0
        while True:
            close_old_connections()
            try:
                if time.monotonic() >= next_sweep:
                    due = sweeper.sweep(NAME)
                    next_sweep = time.monotonic() + settings.JOB_SWEEP_SECONDS
                else:
                    due = jobs.due()
                run_all(due)
            except Exception:
                logger.exception("looking for work failed; trying again")
                next_sweep = time.monotonic() + settings.JOB_SWEEP_SECONDS
            time.sleep(min(POLL_SECONDS, settings.JOB_SWEEP_SECONDS))


def _stop(*_: Any) -> None:
    raise SystemExit(0)
