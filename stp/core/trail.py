"""What no action writes and the trail must hold: access refused, and files taken away.

Once for every page, at the edge: a view cannot forget it. Read pages cost nothing by it; only a
refusal or a download is one row more.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import ResolverMatch

from stp.core import audit

logger = logging.getLogger(__name__)

METHODS = ("GET", "HEAD", "POST")
# Parts of an address and of a query that are kept as they were asked. Whatever else stands
# there may be a link's secret or somebody's words: it is named and its value left out.
KEPT = frozenset(
    {"pk", "organisation", "workstream", "ref", "object_id", "period", "vs", "year", "format"}
    | {"download", "chart", "kind", "app_label", "version", "other", "line"}
)
LONGEST = 80  # characters of one value
MOST = 20  # parts of one address
NOT_KEPT = "(not kept)"


@dataclass(frozen=True)
class _Named:
    verbose_name: str


@dataclass(frozen=True)
class Page:
    """A page as the object of an event: its name in the address list."""

    pk: str
    _meta: ClassVar[_Named] = _Named("page")

    def __str__(self) -> str:
        return self.pk


def known_methods(get_response: Callable[[HttpRequest], HttpResponse]) -> Any:
    """GET, HEAD and POST are all the site speaks: every other method is a 405, OPTIONS too."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        return get_response(request)

    return middleware


def access(get_response: Callable[[HttpRequest], HttpResponse]) -> Any:
    """Note a signed-in person's refused request, or object not there for them; and downloads."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        match = request.resolver_match
        verb = _verb(request.method or "", match, response) if match else ""
        if match and verb:
            try:
                if request.user.is_authenticated:
                    _note(verb, request, match)
            except DatabaseError:  # the answer stands; that it left no event is in the log
                logger.exception("the trail misses: %s %s", verb, match.view_name)
        return response

    return middleware


def _verb(method: str, match: ResolverMatch, response: HttpResponse) -> str:
    """What is to be noted of this answer; "" of nearly all of them."""
    if response.status_code == 403:
        return "was refused"
    if response.status_code == 404 and match.kwargs:
        return "found nothing at"
    taken = response.headers.get("Content-Disposition", "").startswith("attachment")
    return "downloaded" if taken and method == "GET" and response.status_code == 200 else ""


def _note(verb: str, request: HttpRequest, match: ResolverMatch) -> None:
    name = match.view_name or match.route
    parts = _shown(match.kwargs)
    asked = {**parts, **_shown(request.GET.dict())}
    if request.method != "GET":
        asked["method"] = str(request.method)
    label = ", ".join([name, *(f"{part} {value}" for part, value in parts.items())])
    audit.record(verb, Page(name[:LONGEST]), by=request.user, after=asked, label=label)


def _shown(parts: Mapping[str, Any]) -> dict[str, str]:
    """What was asked, as far as it is kept: names of parts only where they are plain names."""
    named = [name for name in parts if name.isidentifier() and len(name) <= LONGEST][:MOST]
    return {name: _value(parts[name]) if name in KEPT else NOT_KEPT for name in named}


def _value(value: object) -> str:
    """One line that both databases hold: PostgreSQL's text knows no NUL."""
    return "".join(c if c.isprintable() else "\ufffd" for c in str(value)[:LONGEST])
