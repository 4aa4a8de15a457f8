"""Taking in a file: who may send it, for what, how often; then file, row and job together."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Sum

from stp.core import audit, clock, faults, jobs, periods
from stp.core.again import retried
from stp.core.models import Job, Organisation, ReportingPeriod, Return
from stp.core.models.returns import ReturnQuerySet
from stp.core.periods import LONDON
from stp.core.permissions import Permission, may
from stp.returns import kinds, states, storage
from stp.returns.refusals import (
    NotAllowed,
    NotAPlanMonth,
    PeriodClosed,
    PeriodNotOpen,
    PlanFrozen,
    QuotaExceeded,
)

FILES_A_PERSON = 10
PERSON_WINDOW = dt.timedelta(minutes=10)
BYTES_AN_ORGANISATION_A_DAY = 50 * 1024 * 1024

# The same bytes in one of these states answer for themselves; a file with problems, an
# unreadable, abandoned or withdrawn one may be sent again.
_STANDS = (*states.UNDER_WAY, *states.COUNTING, Return.State.SUPERSEDED)


@dataclass(frozen=True, slots=True)
class Received:
    """The return a file became; `again` when the same file had come before and nothing is new."""

    return_: Return
    again: bool = False


def receive(
    *,
    by: Any,
    kind: str,
    organisation: Organisation,
    period: ReportingPeriod,
    file_name: str,
    chunks: Iterable[bytes],
    choices: Mapping[str, Any],
    limited: bool = True,
) -> Received:
    """Keep a file and ask for its check, both before anybody is told "received".

    `choices` are {"unit", "cumulative", "control"} as chosen at upload, from a command also
    "default_unit". `limited` is False for an operator's commands, which no quota holds. Raises
    NotAllowed, UnknownKind, NotAPlanMonth, PeriodClosed, PeriodNotOpen, PlanFrozen,
    QuotaExceeded, FileRefused or StorageFull; then nothing is kept.
    """
    kinds.of(kind)
    check_open(kind, period)
    if not may(by, Permission.SEND_RETURN, organisation):
        raise NotAllowed
    stored = storage.store(chunks)
    faults.here("receive.stored")
    return_ = Return(
        kind=kind,
        scope=organisation.pk,
        organisation=organisation,
        period=period,
        file_name=storage.shown_name(file_name),
        file_path=stored.path,
        file_size=stored.size,
        sha256=stored.sha256,
        choices=dict(choices),
        received_at=clock.now(),
        received_by=by,
    )
    try:
        received = _accept(return_, limited=limited)
    except BaseException:
        storage.discard(stored)
        raise
    faults.here("receive.accepted")
    if received.again:
        storage.discard(stored)
    return received


@retried
@transaction.atomic
def _accept(return_: Return, *, limited: bool) -> Received:
    """Row, audit event and job in one transaction, one sender of an organisation at a time."""
    Organisation.objects.select_for_update(no_key=True).get(pk=return_.organisation_id)
    check_not_frozen(return_)
    same = _same_file(return_)
    if same is not None:
        _record("sent again", same, by=return_.received_by)
        return Received(same, again=True)
    if limited:
        _check_quotas(return_)
    return_.save(force_insert=True)
    _record("received", return_, by=return_.received_by)
    jobs.request("check_return", key=str(return_.pk))
    return Received(return_)


def check_open(kind: str, period: ReportingPeriod) -> None:
    """A period takes returns while it is open; a year's plan may come before its first month is.

    Raises NotAPlanMonth, PeriodClosed or PeriodNotOpen.
    """
    if kind == Return.Kind.PLAN and period.code != periods.first_period(period.year).code:
        raise NotAPlanMonth(period)
    if period.state == ReportingPeriod.State.CLOSED:
        raise PeriodClosed(period)
    if period.state != ReportingPeriod.State.OPEN and kind != Return.Kind.PLAN:
        raise PeriodNotOpen(period)


def check_not_frozen(return_: Return) -> None:
    """PlanFrozen when the plan of that year was approved."""
    if return_.kind != Return.Kind.PLAN:
        return
    approved = of_scope(return_).filter(in_force=True, state=Return.State.SIGNED_OFF)
    found = approved.select_related("period", "signed_off_by").first()
    if found:
        raise PlanFrozen(found)


def of_scope(return_: Return) -> ReturnQuerySet:
    """Every return of the same kind, scope and period."""
    return Return.objects.filter(
        kind=return_.kind, scope=return_.scope, period_id=return_.period_id
    )


def _same_file(return_: Return) -> Return | None:
    """The newest return of the same bytes, read the same way, that still answers for them."""
    same = of_scope(return_).filter(sha256=return_.sha256, state__in=_STANDS)
    return next((r for r in same if _chosen(r) == _chosen(return_)), None)


def _chosen(return_: Return) -> dict[str, Any]:
    """What the sender chose; what a command takes when neither file nor sender say is no choice."""
    return {key: value for key, value in return_.choices.items() if key != "default_unit"}


def _check_quotas(return_: Return) -> None:
    now = return_.received_at
    sent = Return.objects.filter(
        received_by=return_.received_by, received_at__gt=now - PERSON_WINDOW
    ).order_by("-received_at")
    times = list(sent.values_list("received_at", flat=True)[:FILES_A_PERSON])
    if len(times) == FILES_A_PERSON:
        wait = times[-1] + PERSON_WINDOW - now
        raise QuotaExceeded(
            f"You sent {FILES_A_PERSON} files in the last ten minutes. Wait a little.",
            int(wait.total_seconds()) + 1,
        )
    midnight = now.astimezone(LONDON).replace(hour=0, minute=0, second=0, microsecond=0)
    today = Return.objects.filter(
        organisation=return_.organisation_id, received_at__gte=midnight
    ).aggregate(size=Sum("file_size"))["size"]
    if (today or 0) + return_.file_size > BYTES_AN_ORGANISATION_A_DAY:
        wait = midnight + dt.timedelta(days=1) - now
        raise QuotaExceeded(
            f"{return_.organisation} sent 50MB of files today, which is the limit for a day. "
            "Try again tomorrow.",
            int(wait.total_seconds()) + 1,
        )


def _record(verb: str, return_: Return, *, by: Any) -> None:
    audit.record(
        verb,
        return_,
        by=by,
        after={"File": return_.file_name, "SHA-256": return_.sha256},
        return_id=return_.pk,
        organisation=return_.scope,
        period=return_.period_id,
    )


@transaction.atomic
def note_refused_file(
    *, by: Any, organisation: Organisation, file_name: str, code: str, message: str
) -> None:
    """Keep the attempt of a file that was turned away at the door, and nothing else of it."""
    audit.record(
        "refused a file of",
        organisation,
        by=by,
        after={"File": storage.shown_name(file_name), "Code": code},
        reason=message,
        organisation=organisation.pk,
    )


def check_job(return_: Return) -> Job | None:
    """The newest job that checks a return."""
    return Job.objects.filter(kind="check_return", key=str(return_.pk)).order_by("-pk").first()
