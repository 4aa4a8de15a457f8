"""Taking a return in force back: what it would do, then doing exactly that."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from stp.core import clock
from stp.core.again import retried
from stp.core.models import Return
from stp.core.permissions import Permission, may
from stp.core.returns import Preview
from stp.core.seen import seen_length
from stp.returns import kinds, states
from stp.returns.actions.committing import bump_dependants, lock_period
from stp.returns.actions.receiving import check_open, of_scope
from stp.returns.refusals import (
    REASON_LENGTH,
    REASON_LIMIT,
    NotAllowed,
    NotInForce,
    ReasonsMissing,
    Refusal,
    StalePreview,
)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What withdrawing a return would do now, and the digest that holds it to that.

    `back` is the version that comes in force again; without one `stands` is the return of an
    earlier month that speaks instead, None where nothing does.
    """

    back: Return | None
    stands: Return | None
    preview: Preview
    effect: Sequence[Mapping[str, Any]]
    digest: str


def withdrawal(return_: Return) -> Withdrawal:
    """Work out what withdrawing a return in force would do. Reads, never writes."""
    back, stands = _after(return_)
    kind = kinds.of(return_.kind)
    return Withdrawal(
        back=back,
        stands=stands,
        preview=kind.compare(return_, back or stands),
        effect=kind.effect_without(return_, back),
        digest=_digest(return_, back, stands),
    )


def _after(return_: Return) -> tuple[Return | None, Return | None]:
    """The newest earlier version, which comes back; without one the month before that speaks."""
    earlier = of_scope(return_).filter(state=Return.State.SUPERSEDED).select_related("period")
    back: Return | None = earlier.order_by("-version").first()
    if back is not None or return_.kind == Return.Kind.PLAN:
        return back, None
    before = Return.objects.in_force().filter(
        kind=return_.kind,
        scope=return_.scope,
        period__year=return_.period.year,
        period__sort_key__lt=return_.period.sort_key,
    )
    return None, before.select_related("period").order_by("-period__sort_key").first()


def _digest(return_: Return, back: Return | None, stands: Return | None) -> str:
    """Versions never change once committed, so their names say all that was shown."""
    named = [str(r.pk) if r else "-" for r in (return_, back, stands)]
    return hashlib.sha256(f"withdraw {' '.join(named)}".encode()).hexdigest()


def closed_to_withdrawal(return_: Return) -> Refusal | None:
    """Why its period takes no withdrawal; None while it does. Nothing is locked."""
    try:
        check_open(return_.kind, return_.period)
    except Refusal as refusal:
        return refusal
    return None


@retried
@transaction.atomic
def withdraw(*, by: Any, return_: Return, reason: str, digest: str) -> Return | None:
    """Take the return in force back; the newest earlier committed version is in force again.

    `digest` is the one of the `withdrawal` that was shown. Gives that version, or None when
    there is none. A second call finds nothing to do. Raises NotAllowed, ReasonsMissing,
    PeriodClosed, NotInForce or StalePreview; then nothing changed.
    """
    period = lock_period(return_.period_id)
    current = Return.objects.select_related("organisation", "period").get(pk=return_.pk)
    if not may(by, Permission.WITHDRAW_RETURN, current):
        raise NotAllowed
    if seen_length(reason) < REASON_LENGTH:
        raise ReasonsMissing(["the withdrawal"])
    check_open(current.kind, period)
    if current.state == Return.State.WITHDRAWN:
        return of_scope(current).filter(in_force=True).first()
    if not current.in_force:
        raise NotInForce(current)
    back, stands = _after(current)
    if digest != _digest(current, back, stands):
        raise StalePreview
    _take_back(current, back, by=by, reason=reason.strip()[:REASON_LIMIT])
    bump_dependants(current, f"{current.reference} withdrawn")
    return back


def _take_back(current: Return, back: Return | None, *, by: Any, reason: str) -> None:
    states.move(
        current,
        Return.State.WITHDRAWN,
        by=by,
        reason=reason,
        note={"In force again": back.reference if back else "no version"},
        in_force=False,
        ended_at=clock.now(),
    )
    if back is not None:
        states.move(
            back,
            Return.State.SIGNED_OFF if back.signed_off_at else Return.State.COMMITTED,
            by=by,
            reason=f"{current.reference} was withdrawn",
            in_force=True,
            ended_at=None,
        )
