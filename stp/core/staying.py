"""Who is signed in, since when and how long yet: what a session keeps beside its key."""

import time
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from stp.core import browsers


def keep_up(request: HttpRequest) -> None:
    """Note in a session in use since when, from what browser, with which roles, and when last.

    The last only once in SESSION_TOUCH seconds: a page that only reads mostly writes nothing. A
    person whose roles changed since the page before goes on under a new key; the old one is dead.
    """
    session, now = request.session, int(time.time())
    if session.is_empty():  # a form that signs out leaves one behind: nothing to keep alive
        return
    if request.user.is_authenticated:
        _note_person(request, now)
    if now - session.get("seen", 0) >= settings.SESSION_TOUCH:
        session["seen"] = now


def _note_person(request: HttpRequest, now: int) -> None:
    session = request.session
    if "started" not in session:
        session["started"] = now
        session["browser"] = browsers.in_words(request.headers.get("User-Agent", ""))
    held = _held(request.user)
    if session.get("held", held) != held:
        session.cycle_key()
    if session.get("held") != held:
        session["held"] = held


def _held(user: Any) -> list[str]:
    """Everything that decides what a person may do, as one list to compare."""
    grants = sorted(f"{grant.role} {grant.organisation_id or '*'}" for grant in user.grants.all())
    return [*grants, *(["staff"] if user.is_staff else []), *(["all"] if user.is_superuser else [])]


def seconds_left(session: Any) -> int:
    """Seconds until the session surely still stands, if nothing more is asked for.

    Use is noted at most once in SESSION_TOUCH seconds, so that much is taken off: the warning
    comes a little early, never late.
    """
    idle: int = settings.SESSION_COOKIE_AGE - settings.SESSION_TOUCH
    if "started" not in session:
        return idle
    longest: int = session["started"] + settings.SESSION_LONGEST - int(time.time())
    return max(0, min(idle, longest))
