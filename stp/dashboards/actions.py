"""Recompute: the only writer of snapshots (DESIGN §4, step 6).

Gather in a short read, compute outside any transaction, publish in a short write. A snapshot
says which count of changes it includes; whatever came later makes the period behind again.
"""

import logging

from django.db import transaction

from stp.core import changes, faults, jobs, snapshots
from stp.core.lines import Line, Subject
from stp.core.models import Job, ReportingPeriod, Snapshot
from stp.dashboards.compute import compute
from stp.dashboards.compute.trust import trust
from stp.dashboards.inputs import Gathered, gather

logger = logging.getLogger(__name__)

# How often one call starts again when another recompute published first.
TRIES = 3


def run_recompute(job: Job) -> None:
    """The job: bring the period named by the job's key up to date, then finish the job.

    Earlier periods that are behind come first: a late organisation carries its ratings from
    them. A closed period never moves. Raises Overtaken when others published each time.
    """
    period = ReportingPeriod.objects.filter(pk=job.key).first()
    if period is None:
        raise ReportingPeriod.DoesNotExist(f"There is no reporting period {job.key}.")
    recompute_earlier(period)
    if recompute(period.code, job=job) is None:
        jobs.finish(job)


def recompute_earlier(period: ReportingPeriod) -> list[Snapshot]:
    """Bring every earlier open period up to date, oldest first; what was published."""
    before = ReportingPeriod.objects.behind().filter(sort_key__lt=period.sort_key)
    published = [recompute(code) for code in before.values_list("code", flat=True)]
    return [snapshot for snapshot in published if snapshot]


def recompute(
    code: str, *, full: bool = False, always: bool = False, job: Job | None = None
) -> Snapshot | None:
    """Work out and publish one period; None when it is closed or nothing changed since.

    `always` publishes even when nothing changed, `full` reuses nothing. `job` is finished in
    the transaction that publishes. Raises Overtaken after TRIES, having published nothing.
    """
    for left in reversed(range(TRIES)):
        period = ReportingPeriod.objects.get(pk=code)
        fresh = period.snapshot_version > 0 and not period.is_behind
        if not period.is_open or (fresh and not always):
            return None
        gathered = gather(code, full=full)
        faults.here("recompute.gathered")
        try:
            return _publish(gathered, list(compute(gathered.facts)), job)
        except snapshots.Overtaken:
            logger.info("recompute %s: overtaken, %s tries left", code, left)
            if not left:
                raise
    return None


def _publish(gathered: Gathered, lines: list[Line], job: Job | None) -> Snapshot:
    """One short write: the lines that differ, the pointer, the job, and what is asked for next."""
    changed = snapshots.difference(gathered.stored, lines)
    with transaction.atomic():
        snapshot = snapshots.publish(
            period=gathered.period,
            expected=gathered.version,
            data_version=gathered.data_version,
            known_at=gathered.known_at,
            changed=changed,
            trust=trust(gathered.facts, lines, gathered.last_commit),
        )
        _tell_next_period(gathered, lines)
        if ReportingPeriod.objects.behind().filter(pk=gathered.period).exists():
            jobs.request("recompute", key=gathered.period)
        if job:
            jobs.finish(job)
        faults.here("recompute.published")
    snapshots.prune(gathered.period)
    logger.info(
        "recompute %s v%s: %s lines worked out, %s closed, %s inserted",
        gathered.period, snapshot.version, len(lines), len(changed.closed), len(changed.inserted),
    )  # fmt: skip
    return snapshot


def _tell_next_period(gathered: Gathered, lines: list[Line]) -> None:
    """The next period says "was n red" of this one: when n moves, its dashboard is behind."""
    before = next((r.line for r in gathered.stored if r.line.subject is Subject.PROGRAMME), None)
    after = next(line for line in lines if line.subject is Subject.PROGRAMME)
    if before is not None and before.detail["areas"] == after.detail["areas"]:
        return
    key = gathered.facts.period.sort_key
    following = ReportingPeriod.objects.open().filter(sort_key__gt=key, snapshot_version__gt=0)
    first = following.order_by("sort_key")[:1]
    changes.bump(first, scope=changes.EARLIER_PERIOD, what=f"{gathered.facts.period.name} moved")
