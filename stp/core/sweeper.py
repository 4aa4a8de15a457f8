"""The sweep: what time alone brings about, and work that a lost nudge left behind (DESIGN §5).

Called by `manage.py run_jobs`, by Celery's beat and by a worker after each job. Several sweeps
at once do no harm: every step is a conditional UPDATE or a request that is unique while waiting.
"""

import datetime as dt
import logging

from django.conf import settings
from django.utils.module_loading import import_string

from stp.core import changes, jobs
from stp.core.models import Heartbeat, Job, ReportingPeriod

logger = logging.getLogger(__name__)
HOUR = dt.timedelta(hours=1)


def sweep(name: str) -> list[int]:
    """Pass dates, ask for recomputes that are behind; ids of jobs that may be claimed now.

    `name` is the sweeping process, for its sign of life.
    """
    jobs.beat(name)
    for period in ReportingPeriod.objects.exclude(state=ReportingPeriod.State.CLOSED):
        if changes.pass_dates(period):
            logger.info("period %s: a date passed", period.code)
    for period in ReportingPeriod.objects.behind():
        if not _given_up("recompute", period.code):
            jobs.request("recompute", key=period.code)
    if _hour_has_come():
        _each_hour()
    return jobs.due()


def _each_hour() -> None:
    """What settings.HOURLY names; one that fails is logged, and tried again in an hour."""
    for dotted in settings.HOURLY:
        try:
            import_string(dotted)()
        except Exception:
            logger.exception("%s failed", dotted)


def _hour_has_come() -> bool:
    """True for one sweep in an hour, of however many processes, by the database's clock."""
    now = jobs.database_now()
    _, first = Heartbeat.objects.get_or_create(name="hourly", defaults={"at": now})
    return first or bool(Heartbeat.objects.filter(name="hourly", at__lt=now - HOUR).update(at=now))


def _given_up(kind: str, key: str) -> bool:
    """The newest job of this key is quarantined: only a new change asks again, not the clock."""
    newest = Job.objects.filter(kind=kind, key=key).order_by("-pk").first()
    return newest is not None and newest.state == Job.State.QUARANTINED
