"""A page of a published state that has not changed since: 304, without drawing it again (ADR 0013).

The tag names everything such a page is drawn from, so the same tag means the same page. It is
worked out from what every request reads anyway (session, person, roles) and one query.
"""

import hashlib
from functools import cache, wraps
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import condition

from stp.core import clock, health, staying
from stp.core.access import View
from stp.core.models import ReportingPeriod

_PERIOD = ("code", "state", "data_version", "snapshot_version", "snapshot_data_version", "due_at")
_PROGRAMS = ("stp", "workstreams", "finance", "indicators", "templates", "static")


def tag(request: HttpRequest, *_: Any, **__: Any) -> str | None:
    """The state of the page asked for, as an ETag; None while a message waits to be shown once.

    It differs by address, person, roles, session's end, release, day, demonstration, and by the
    published version and the waiting changes of every period.
    """
    if request.session.get("_messages"):
        return None
    drawn_from = (
        request.get_full_path(),
        request.headers.get("HX-Request", ""),
        _reader(request),
        staying.seconds_left(request.session),
        request.COOKIES.get(settings.CSRF_COOKIE_NAME, ""),
        list(ReportingPeriod.objects.order_by("pk").values_list(*_PERIOD)),
        health.work_is_queued(),
        clock.now().date(),
        settings.DEMO_DATE,
        release(),
    )
    return f'"{hashlib.sha256(repr(drawn_from).encode()).hexdigest()[:32]}"'


def _reader(request: HttpRequest) -> tuple[Any, ...]:
    """Who reads, and what they may do."""
    user: Any = request.user
    grants = sorted((g.role, g.organisation_id or "") for g in user.grants.all())
    return user.pk, str(user), user.get_full_name(), user.is_staff, user.is_superuser, grants


@cache
def release() -> str:
    """Which programs and templates draw the pages: the same in every process of an installation."""
    found = hashlib.sha256()
    for name in _PROGRAMS:
        for path in sorted(Path(settings.BASE_DIR, name).rglob("*")):
            if path.suffix in (".py", ".html", ".css", ".js"):
                state = path.stat()
                found.update(f"{path} {state.st_size} {state.st_mtime_ns}\n".encode())
    return found.hexdigest()


def unless_unchanged[**P](view: View[P]) -> View[P]:
    """On a view of a published state, inside `requires`: who may not see it is told so first.

    A tag makes no page fit to be stored: the answer says `no-store` with it or without (ADR 0013).
    """
    conditional = cast(View[P], condition(etag_func=tag)(cast(Any, view)))

    @wraps(view)
    def inner(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        response = conditional(request, *args, **kwargs)
        if getattr(request, "part_failed", False):  # it may be whole the next time
            del response.headers["ETag"]
        response.headers["Cache-Control"] = "no-store"
        return response

    return cast(View[P], inner)
