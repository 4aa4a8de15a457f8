"""What happens to a return besides being committed: abandoned, or approved as plan."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction

from stp.core import changes, clock
from stp.core.again import retried
from stp.core.models import ReportingPeriod, Return
from stp.core.permissions import ROLES, Permission, may
from stp.returns import states
from stp.returns.actions.committing import lock_period
from stp.returns.refusals import NotAllowed, NotReady, SamePerson


@retried
@transaction.atomic
def abandon(*, by: Any, return_: Return) -> Return:
    """Drop a return that was received or checked but not sent; its file stays. NotReady else."""
    current = Return.objects.get(pk=return_.pk)
    if not may(by, Permission.SEND_RETURN, current):
        raise NotAllowed
    if current.state == Return.State.ABANDONED:
        return current
    if Return.State.ABANDONED not in states.MOVES[Return.State(current.state)]:
        raise NotReady(current)
    states.move(current, Return.State.ABANDONED, by=by, ended_at=clock.now())
    return current


def approvers(return_: Return) -> list[Any]:
    """People who may approve this plan: the permission for its organisation, and not its sender."""
    roles = [role for role, rule in ROLES.items() if Permission.APPROVE_PLAN in rule.permissions]
    people = (
        get_user_model()
        .objects.filter(is_active=True, grants__role__in=roles)
        .exclude(pk__in=[return_.received_by_id, return_.committed_by_id])
        .prefetch_related("grants")
        .distinct()
    )
    return [p for p in people.order_by("pk") if may(p, Permission.APPROVE_PLAN, return_)]


@retried
@transaction.atomic
def approve_plan(*, by: Any, return_: Return) -> Return:
    """Sign off a committed plan return: its year columns are the approved plan from now on.

    Somebody other than who sent or confirmed it. A second click does nothing. Raises NotAllowed,
    SamePerson or NotReady.
    """
    lock_period(return_.period_id)
    current = Return.objects.select_related("organisation", "period").get(pk=return_.pk)
    if not may(by, Permission.APPROVE_PLAN, current):
        raise NotAllowed
    if current.state == Return.State.SIGNED_OFF:
        return current
    if current.kind != Return.Kind.PLAN or not current.in_force:
        raise NotReady(current)
    if by.pk in (current.received_by_id, current.committed_by_id):
        raise SamePerson(approvers(current))
    states.move(
        current,
        Return.State.SIGNED_OFF,
        by=by,
        signed_off_at=clock.now(),
        signed_off_by=by,
    )
    # Its later-year columns show in every later year too, so no next return ends its reach.
    changes.bump(
        ReportingPeriod.objects.open().filter(sort_key__gte=current.period.sort_key),
        scope=changes.organisation(current.scope),
        what=f"{current.reference} approved",
    )
    return current
