"""Receive, check and commit in the caller's own process: for commands and `load_demo`."""

import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.db import transaction

from stp.core import jobs
from stp.core.models import Organisation, ReportingPeriod, Return
from stp.returns.actions.checking import check_again, run_check
from stp.returns.actions.committing import (
    commit,
    decide_all,
    preview,
    refs_missing,
    warning_codes,
)
from stp.returns.actions.endings import abandon
from stp.returns.actions.receiving import Received, check_job, receive
from stp.returns.refusals import Faulty, MissingUndecided, Refusal, StillChecking
from stp.returns.states import UNDER_WAY

REFUSE = "refuse"
_POLL_SECONDS = 0.2


def send(
    *,
    by: Any,
    kind: str,
    organisation: Organisation,
    period: ReportingPeriod,
    file_name: str,
    chunks: Iterable[bytes],
    choices: Mapping[str, Any],
    reason: str = "",
    missing: str = REFUSE,
) -> Received:
    """Take a file from bytes to a committed return. The same file again has no new effect.

    `reason` answers every warning; `missing` is leave, close or refuse, for every scheme the
    file leaves out. Raises Faulty with the checked return, or any other Refusal; a return that
    was checked but not committed is abandoned. A process that dies on the way leaves a job
    behind that a worker finishes.
    """
    with transaction.atomic():
        received = receive(
            by=by,
            kind=kind,
            organisation=organisation,
            period=period,
            file_name=file_name,
            chunks=chunks,
            choices=choices,
            limited=False,
        )
        # Claimed before anybody else can see it, so that no worker takes it first.
        job = None if received.again else check_job(received.return_)
        mine = jobs.claim(job.pk) if job else None
    if mine is not None:
        # Slower than its lease: a worker has taken over, and is waited for.
        with suppress(jobs.LeaseLost):
            run_check(mine)
    return_ = _checked(received.return_)
    if return_.state == Return.State.READY and check_again(by=by, return_=return_):
        return_ = _checked(return_)
    if return_.state == Return.State.READY:
        return_ = _confirm(return_, by=by, reason=reason, missing=missing)
    elif return_.state in (Return.State.PROBLEMS, Return.State.UNREADABLE):
        raise Faulty(return_)
    return Received(return_, again=received.again)


def _checked(return_: Return) -> Return:
    """The return once its check is over, whoever does it.

    Each holder may die and leave its lease to run out, so the wait is a lease for every attempt;
    StillChecking after that.
    """
    lease = settings.JOBS["check_return"][1] + settings.JOB_LEASE_GRACE
    deadline = time.monotonic() + settings.JOB_ATTEMPTS * lease
    while True:
        current = Return.objects.select_related("organisation", "period").get(pk=return_.pk)
        if current.state not in UNDER_WAY - {Return.State.READY}:
            return current
        job = check_job(current)
        if job is not None and job.pk in jobs.due() and jobs.run(job.pk):
            continue
        if time.monotonic() > deadline:
            raise StillChecking
        time.sleep(_POLL_SECONDS)


def _confirm(return_: Return, *, by: Any, reason: str, missing: str) -> Return:
    try:
        shown = preview(return_)
        if missing == REFUSE and refs_missing(shown):
            raise MissingUndecided(list(refs_missing(shown)))
        return commit(
            by=by,
            return_=return_,
            digest=shown.digest,
            missing=decide_all(shown, missing),
            reasons=dict.fromkeys(warning_codes(return_), reason),
        )
    except Refusal:
        abandon(by=by, return_=return_)
        raise
