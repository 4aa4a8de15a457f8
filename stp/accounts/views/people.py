"""Who may come in: the list of people, an invitation, and what can be done about one person."""

from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_tables2 import RequestConfig

from stp.accounts import actions, attempts, forms
from stp.accounts.models import User
from stp.accounts.queries import open_sessions, people, person, standing
from stp.accounts.tables import People
from stp.accounts.views.sessions import chosen
from stp.core.access import requires
from stp.core.navigation import role_words
from stp.core.permissions import Permission, may


def _site(request: HttpRequest) -> str:
    return request.build_absolute_uri("/")


@requires(Permission.OPEN_SIGN_IN)
@require_safe
def person_list(request: HttpRequest) -> HttpResponse:
    """Everybody, with their roles and whether they can come in."""
    table = People(people(), locked=attempts.locked_names())
    RequestConfig(request, paginate={"per_page": 50}).configure(table)
    may_invite = may(request.user, Permission.ADMINISTER)
    return render(request, "account/people.html", {"table": table, "may_invite": may_invite})


@requires(Permission.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def person_invite(request: HttpRequest) -> HttpResponse:
    """Add a person and send the link to choose a password."""
    form = forms.Invite(request.POST or None)
    if request.method == "POST" and form.is_valid():
        by = cast(User, request.user)
        try:
            user = actions.invite(**form.cleaned_data, site=_site(request), by=by)
        except actions.AlreadyThere as refusal:  # since the form looked, a moment ago
            form.add_error("email", str(refusal))
        else:
            messages.success(request, f"{user} is invited. The link goes to {user.email}.")
            return redirect("accounts:person-detail", user.pk)
    return render(request, "account/invite.html", {"form": form, **_mail()})


@requires(Permission.OPEN_SIGN_IN)
@require_safe
def person_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: roles, whether they can come in, and (for administrators) their sessions."""
    user, locked = person(pk), attempts.locked_names()
    administers = may(request.user, Permission.ADMINISTER)
    known = {
        "person": user,
        "locked": attempts.name_of(user.email) in locked,
        "standing": standing(user, locked),
        "roles": role_words(user),
        "administers": administers,
        "sessions": open_sessions(user) if administers else [],
        "here": request.session.session_key,
    }
    return render(request, "account/person.html", {**known, **_mail()})


@requires(Permission.OPEN_SIGN_IN)
@require_POST
def person_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody try again who was locked out."""
    user = person(pk)
    actions.open_door(user=user, by=cast(User, request.user))
    messages.success(request, f"{user} may try to sign in again.")
    return redirect("accounts:person-detail", pk)


@requires(Permission.ADMINISTER)
@require_POST
def person_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a new link to choose a password."""
    user = person(pk)
    actions.send_link(user=user, site=_site(request), by=cast(User, request.user))
    messages.success(request, f"A new link goes to {user.email}.")
    return redirect("accounts:person-detail", pk)


@requires(Permission.ADMINISTER)
@require_POST
def person_switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch a person's account off or on again; nobody shuts themselves out."""
    user, on = person(pk), request.POST.get("on") == "yes"
    if user == request.user:
        messages.error(
            request, "You cannot switch off your own account: ask another administrator."
        )
        return redirect("accounts:person-detail", pk)
    actions.switch(user=user, on=on, by=cast(User, request.user))
    messages.success(request, f"The account of {user} is switched {'on' if on else 'off'}.")
    return redirect("accounts:person-detail", pk)


@requires(Permission.ADMINISTER)
@require_POST
def person_end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign somebody out of one browser."""
    user = person(pk)
    session = chosen(request, user)
    actions.end_session(session=session, by=cast(User, request.user))
    messages.success(request, f"{user} is signed out of {session.browser or 'that browser'}.")
    return redirect("accounts:person-detail", pk)


def _mail() -> dict[str, Any]:
    return {"kept": settings.MAIL_IS_KEPT, "days": settings.INVITATION_HOURS // 24}
