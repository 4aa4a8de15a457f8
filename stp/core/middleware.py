"""The site's own middleware."""

import secrets
from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse

from stp.core import request as origin
from stp.core import staying

Get = Callable[[HttpRequest], HttpResponse]


def request_context(get_response: Get) -> Get:
    """Give every request an id, kept with every audit event it causes and sent back.

    An address with a NUL names nothing: PostgreSQL's text cannot even hold one.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info:
            raise Http404("no address holds a NUL")
        request_id = secrets.token_hex(8)
        with origin.through("screen", request_id):
            response = get_response(request)
        response.headers["X-Request-ID"] = request_id
        return response

    return middleware


def no_store(get_response: Get) -> Get:
    """Keep signed-in pages out of every cache but a conditional one."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.user.is_authenticated and "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        return response

    return middleware


def keep_session(get_response: Get) -> Get:
    """Start a session's idle time anew while it is used, without a write on every page.

    On SQLite a write takes the one write lock, and reading must not wait for it.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        staying.keep_up(request)
        return response

    return middleware
