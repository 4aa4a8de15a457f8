"""People, as the pages about them ask."""

import datetime as dt
import time
from collections.abc import Container

from django.db.models import QuerySet
from django.http import Http404

from stp.accounts import attempts
from stp.accounts.models import Session, User


def people() -> QuerySet[User]:
    """Everybody, with their roles, by name."""
    found = User.objects.prefetch_related("grants__organisation")
    return found.order_by("last_name", "first_name", "pk")


def person(pk: int) -> User:
    """One of them; Http404 where there is none."""
    found = people().filter(pk=pk).first()
    if found is None:
        raise Http404("Nobody has this number.")
    return found


def standing(user: User, locked: Container[str]) -> str:
    """Whether a person can come in, in words; `locked` are the names locked out now."""
    if not user.is_active:
        return "Switched off"
    if attempts.name_of(user.email) in locked:
        return "Locked out for a while"
    return "Invited, no password yet" if user.is_invited else "In use"


def open_sessions(user: User) -> QuerySet[Session]:
    """The browsers a person is signed in with now, the last used first."""
    now = dt.datetime.fromtimestamp(time.time(), dt.UTC)
    found = Session.objects.filter(user=user, expire_date__gt=now)
    return found.order_by("-seen_at", "session_key")
