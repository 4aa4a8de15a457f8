"""Error pages: ours, whatever broke, and honest about what to do next.

A database that is away and a disk that is full are no faults of the site: 503 with a time to
come back, not 500. Those pages are drawn without the database.
"""

import errno
import sys

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from stp.core.request import origin

RETRY_SECONDS = 10
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO}
# Classes of SQLSTATE that say "not now": connection, resources, operator, locks, rolled back.
NOT_NOW = ("08", "53", "55", "57", "40")
DISK_FULL = "53100"
SQLITE_NOT_NOW = ("locked", "unable to open", "disk i/o", "busy")
SQLITE_NO_ROOM = ("full", "readonly")


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500: 503 where waiting helps, else 500; called while the exception is at hand."""
    error = sys.exc_info()[1]
    if error is not None and no_room(error):
        return _broken("503_storage.html", 503)
    if error is not None and away(error):
        return _broken("503.html", 503)
    return _broken("500.html", 500)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400: a form larger than the site takes is 413, anything else unreadable 400."""
    # Django's own page looks at the form for its token: a form that cannot be read breaks it too.
    status = 413 if isinstance(exception, RequestDataTooBig) else 400
    return HttpResponse(render_to_string(f"{status}.html"), status=status)


def method_not_allowed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The page for a 405, with the methods that are allowed."""
    page = render(request, "405.html", status=405)
    page.headers["Allow"] = response.headers.get("Allow", "")
    return page


def _broken(template: str, status: int) -> HttpResponse:
    page = render_to_string(template, {"request_id": origin().request_id})
    response = HttpResponse(page, status=status)
    if status == 503:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def away(error: BaseException) -> bool:
    """Whether the database cannot be asked just now: gone, starting, overrun, locked."""
    if isinstance(error, InterfaceError):
        return True
    if not isinstance(error, OperationalError):
        return False
    code = _sqlstate(error)
    if code is None:  # SQLite, or a connection that never came about
        text = str(error).lower()
        return not _is_sqlite(error) or any(words in text for words in SQLITE_NOT_NOW)
    return code.startswith(NOT_NOW)


def no_room(error: BaseException) -> bool:
    """Whether a disk is full or cannot be written."""
    if isinstance(error, OperationalError):
        if _is_sqlite(error):
            return any(words in str(error).lower() for words in SQLITE_NO_ROOM)
        return _sqlstate(error) == DISK_FULL
    return isinstance(error, OSError) and error.errno in NO_ROOM


def _is_sqlite(error: BaseException) -> bool:
    cause = error.__cause__
    return type(cause).__module__.startswith("sqlite3")


def _sqlstate(error: BaseException) -> str | None:
    """PostgreSQL's five characters, where the server got as far as giving them."""
    code = getattr(error.__cause__, "pgcode", None)
    return code if isinstance(code, str) else None
