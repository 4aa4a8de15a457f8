"""Every view says which permission it needs; a house-rule test refuses one that does not."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, Protocol, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from stp.core.permissions import Permission, Scoped, may

UNSENT = "unsent"  # in the door's address: a form was sent after the session had ended

type View[**P] = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


class Guarded[**P](Protocol):
    """A view that carries the permission it needs."""

    permission: Permission

    def __call__(
        self, request: HttpRequest, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase: ...


def requires[**P](permission: Permission) -> Callable[[View[P]], Guarded[P]]:
    """Let in who has `permission` somewhere; the anonymous go to sign-in, others get a 403.

    Whether this object is theirs is asked where it is loaded (`visible_to`, `may(…, obj)`).
    """

    def guard(view: View[P]) -> Guarded[P]:
        @wraps(view)
        def inner(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if permission is not Permission.PUBLIC and not request.user.is_authenticated:
                return _to_sign_in(request)
            if request.user.is_authenticated:  # roles are asked for all over a page: read once
                prefetch_related_objects([request.user], "grants__organisation")
            if not may(request.user, permission):
                raise PermissionDenied(permission.value)
            return view(request, *args, **kwargs)

        guarded = cast(Any, inner)
        guarded.permission = permission
        return cast(Guarded[P], guarded)

    return guard


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """To the door and back; the door says so when a form was sent too late and is not kept."""
    answer = redirect_to_login(request.get_full_path())
    if request.method == "POST":
        answer = HttpResponseRedirect(f"{answer.url}&{UNSENT}=1")
    return answer


def posting_needs(request: HttpRequest, permission: Permission, obj: Scoped) -> None:
    """On a page that more people read than change: 403 for who sends a form without the right.

    Asked before the form is looked at, so that not even its faults are answered.
    """
    if request.method == "POST" and not may(request.user, permission, obj):
        raise PermissionDenied(permission.value)
