"""A person's own sessions: which browsers they are signed in with, and ending them."""

from typing import cast

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from stp.accounts import actions
from stp.accounts.models import Session, User
from stp.accounts.queries import open_sessions
from stp.core.access import requires
from stp.core.permissions import Permission
from stp.core.staying import seconds_left


def chosen(request: HttpRequest, of: User) -> Session:
    """The session of `of` that a form names by its handle; 404 for one that has ended."""
    named = request.POST.get("session", "")
    for session in open_sessions(of):
        if session.handle == named:
            return session
    raise Http404("This session has ended already.")


@requires(Permission.SIGNED_IN)
@require_safe
def session_list(request: HttpRequest) -> HttpResponse:
    """Every browser this person is signed in with, this one first."""
    here = request.session.session_key
    found = open_sessions(cast(User, request.user))
    known = {
        "sessions": sorted(found, key=lambda s: s.session_key != here),
        "here": here,
        "idle_minutes": settings.SESSION_COOKIE_AGE // 60,
        "longest_hours": settings.SESSION_LONGEST // 3600,
    }
    return render(request, "account/sessions.html", known)


@requires(Permission.SIGNED_IN)
@require_POST
def session_end(request: HttpRequest) -> HttpResponse:
    """End one of one's own sessions, or all but this one."""
    user = cast(User, request.user)
    if request.POST.get("session") == "others":
        ended = actions.end_sessions(user=user, by=user, but=request.session.session_key)
        messages.success(
            request, f"Signed out of {ended} other session{'' if ended == 1 else 's'}."
        )
        return redirect("accounts:session-list")
    session = chosen(request, user)
    actions.end_session(session=session, by=user)
    if session.session_key == request.session.session_key:
        request.session.flush()
        return redirect("account_login")
    messages.success(request, f"Signed out of {session.browser or 'that browser'}.")
    return redirect("accounts:session-list")


@requires(Permission.SIGNED_IN)
@require_POST
def session_stay(request: HttpRequest) -> JsonResponse:
    """“Stay signed in”: being asked is what keeps the session; says how long it is good for."""
    return JsonResponse({"seconds": seconds_left(request.session)})
