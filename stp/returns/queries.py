"""What pages and commands of returns read: only what the reader may see."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q

from stp.core import snapshots
from stp.core.models import AuditEvent, Organisation, ReportingPeriod, Return
from stp.core.models.organisations import OrganisationQuerySet
from stp.core.models.returns import ReturnQuerySet
from stp.core.permissions import Permission, organisations_for
from stp.core.words import day


def visible(user: Any) -> ReturnQuerySet:
    """Returns a person may read: those of organisations whose returns they may view."""
    return Return.objects.visible_to(user).select_related(
        "organisation", "period", "received_by", "committed_by", "signed_off_by"
    )


def organisations(user: Any, permission: Permission) -> OrganisationQuerySet:
    """Organisations a person has a permission for, by name."""
    covered = organisations_for(user, permission)
    every = Organisation.objects.order_by("name")
    return every if covered is None else every.filter(pk__in=covered)


def senders(user: Any) -> OrganisationQuerySet:
    """Organisations that send returns, of those whose returns a person may read."""
    return organisations(user, Permission.VIEW_RETURNS).filter(sends_finance_return=True)


def periods_that_take(kind: str | None = None) -> list[ReportingPeriod]:
    """Periods a return may be sent for, newest first; a plan also for the next April."""
    month = Q(state=ReportingPeriod.State.OPEN)
    first_of_year = Q(state=ReportingPeriod.State.PLANNED, code__endswith="-04")
    wanted = month if kind == Return.Kind.FINANCE else month | first_of_year
    return list(ReportingPeriod.objects.filter(wanted).order_by("-sort_key"))


def period(code: str) -> ReportingPeriod | None:
    return ReportingPeriod.objects.filter(pk=code).first()


def organisation(code: str) -> Organisation | None:
    return Organisation.objects.filter(pk=code).first()


def person(name: str) -> Any | None:
    """An active person by username or e-mail address."""
    if not name or not name.isprintable():  # no database takes NUL or half a surrogate pair
        return None
    people = get_user_model().objects.filter(is_active=True)
    return people.filter(Q(username=name) | Q(email__iexact=name)).first()


def plan_in_force(organisation: Organisation, period: ReportingPeriod) -> Return | None:
    """The plan return in force of an organisation and year."""
    plans = Return.objects.in_force().filter(
        kind=Return.Kind.PLAN, organisation=organisation, period=period
    )
    return plans.select_related("period", "organisation").first()


def history(user: Any, organisation_id: str) -> ReturnQuerySet:
    """Every return of an organisation a person may see, newest first."""
    return visible(user).filter(organisation=organisation_id).order_by("-period__sort_key", "-pk")


def why_withdrawn(returns: Iterable[Return]) -> dict[int, str]:
    """The reason typed when a return was withdrawn, by its id, as the trail keeps it."""
    withdrawn = [r.pk for r in returns if r.state == Return.State.WITHDRAWN]
    if not withdrawn:
        return {}
    events = AuditEvent.objects.filter(return_id__in=withdrawn, verb="withdrew")
    return {e.return_id: f"{e.reason} ({e.by_name}, {day(e.at)})" for e in events if e.return_id}


def changes_not_included(return_: Return) -> int:
    """How many changes the published figures of its month do not include yet."""
    return snapshots.view(return_.period).changes_not_included


def in_force_instead(return_: Return) -> Return | None:
    """The version in force of the same organisation, kind and period, if it is another one."""
    same = Return.objects.in_force().filter(
        kind=return_.kind, scope=return_.scope, period=return_.period_id
    )
    return same.exclude(pk=return_.pk).select_related("organisation", "period").first()


def versions(user: Any, organisation_id: str) -> list[Return]:
    """Every return of an organisation that was ever committed, newest first."""
    committed = history(user, organisation_id).filter(version__isnull=False)
    return list(committed.order_by("-period__sort_key", "kind", "-version"))


def version_before(return_: Return) -> Return | None:
    """What a committed return replaced: the version before it, else the month before's newest."""
    every = Return.objects.filter(
        kind=return_.kind, scope=return_.scope, version__isnull=False
    ).select_related("period")
    same = every.filter(period=return_.period_id, version__lt=return_.version or 0)
    found: Return | None = same.order_by("-version").first()
    if found is None:
        earlier = every.filter(
            period__year=return_.period.year, period__sort_key__lt=return_.period.sort_key
        )
        found = earlier.order_by("-in_force", "-period__sort_key", "-version").first()
    return found
