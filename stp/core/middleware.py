"""The site's own middleware, outermost first (see MIDDLEWARE in the settings)."""

import re
import secrets
from collections.abc import Callable

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from stp.core import errors, logs, staying
from stp.core import request as origin

Get = Callable[[HttpRequest], HttpResponse]

# An id that a proxy gave is kept if it is nothing but an id; anything else is replaced.
REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=()"


def every_answer(get_response: Get) -> Get:
    """Outermost: an id for every request, kept with audit events and log lines and sent back.

    Whatever says nothing about caching is not to be stored, redirects and errors too. A page
    with an ETag may be kept by its reader's browser, which must ask each time if it still holds.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        sent = request.headers.get("X-Request-ID", "")
        request_id = sent if REQUEST_ID.fullmatch(sent) else secrets.token_hex(8)
        with origin.through("screen", request_id), logs.during(request):
            response = get_response(request)
        response.headers["X-Request-ID"] = request_id
        response.headers["Permissions-Policy"] = PERMISSIONS_POLICY
        response.headers.setdefault(
            "Cache-Control", "private, no-cache" if response.has_header("ETag") else "no-store"
        )
        return response

    return middleware


def probes(get_response: Get) -> Get:
    """Answer /health/… before host names, redirects to https, sessions and the database.

    A load balancer asks by address over plain http. Headers of the middleware outside stay.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/health/"):
            return get_response(request)
        try:
            found = resolve(request.path_info)
        except Resolver404:
            return get_response(request)
        request.user = AnonymousUser()
        response: HttpResponse = found.func(request, *found.args, **found.kwargs)
        return response

    return middleware


def no_nul(get_response: Get) -> Get:
    """An address with a NUL names nothing: PostgreSQL's text cannot even hold one."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info:
            raise Http404("no address holds a NUL")
        return get_response(request)

    return middleware


def error_pages(get_response: Get) -> Get:
    """A page in place of the empty answer that Django gives to a method a view does not take."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code == 405 and not response.streaming and not response.content:
            return errors.method_not_allowed(request, response)
        return response

    return middleware


def keep_session(get_response: Get) -> Get:
    """Start a session's idle time anew while it is used, without a write on every page.

    On SQLite a write takes the one write lock, and reading must not wait for it.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code >= 500:  # the database may be what is away: ask it nothing more
            return response
        staying.keep_up(request)
        return response

    return middleware
