"""Writes about people: grants given and taken, sign-ins noted."""

from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from stp.accounts.models import Grant, User
from stp.core import audit
from stp.core.models import Organisation
from stp.core.permissions import Permission, Role, may


class NotAllowedError(Exception):
    """The person may not do this; the sentence says what would be needed."""


@transaction.atomic
def give_grant(
    *, user: User, role: Role, organisation: Organisation | None = None, by: User | None
) -> Grant:
    """Give a role; `by` is None only when a command of the installation does it."""
    _must_administer(by)
    grant, created = Grant.objects.get_or_create(
        user=user, role=role.value, organisation=organisation
    )
    if created:
        audit.record(
            "gave role",
            user,
            by=by,
            after={"Role": str(grant)},
            organisation=organisation.pk if organisation else "",
        )
    return grant


@transaction.atomic
def take_grant(*, grant: Grant, by: User | None) -> None:
    """Take a role away; takes effect at the person's next request."""
    _must_administer(by)
    audit.record("took role", grant.user, by=by, before={"Role": str(grant)})
    grant.delete()


def note_sign_in(user: User) -> None:
    """Put a sign-in on the audit trail."""
    audit.record("signed in", user, by=user)


def note_refused_sign_in(login: str) -> None:
    """Put a refused sign-in of a known person on the audit trail; what was typed is not kept."""
    # No address holds a NUL, and PostgreSQL refuses to look one up.
    user = User.objects.filter(email__iexact=login.replace("\0", "")).first()
    if user:
        audit.record("was refused sign-in", user, by=None)


def _must_administer(by: User | AnonymousUser | None) -> None:
    if by is not None and not may(by, Permission.ADMINISTER):
        raise NotAllowedError("Only an administrator may give or take roles.")
