"""Log lines: one a message, with the request, job and person it belongs to; nothing personal.

Production writes one JSON object a line. What went wrong is named by its type and its place in
the code; the text of an exception is left out there, because it may quote what people entered.
"""

import json
import logging
import re
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from stp.core.request import origin

EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
# A link that lets its holder choose a password (stp.accounts.links).
LINK = re.compile(r"(/(?:password/new|invitation)/)[^\s\"']+")
# Everything that could begin a second line or steer a terminal.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
FRAMES = 12

_request: ContextVar[Any] = ContextVar("stp_log_request", default=None)


@contextmanager
def during(request: Any) -> Iterator[None]:
    """Lines written inside the block name this request's person, once they are known."""
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)


def _escaped(match: re.Match[str]) -> str:
    return match.group().encode("unicode_escape").decode()


def _message(record: logging.LogRecord) -> str:
    """The message, without addresses of people, without links, control characters spelt out."""
    plain = LINK.sub(r"\1[link]", EMAIL.sub("[address]", record.getMessage()))
    return CONTROL.sub(_escaped, plain)


def _whose(record: logging.LogRecord) -> dict[str, Any]:
    """request_id, job_id and user_id, as far as there are any."""
    found: dict[str, Any] = {}
    asked = origin()
    if asked.how == "job":
        found["job_id"] = asked.request_id.removeprefix("job-")
    elif asked.request_id:
        found["request_id"] = asked.request_id
    if isinstance(record.args, Mapping):  # gunicorn's access log, written after the answer
        sent = record.args.get("{x-request-id}o", "-")
        found |= {"request_id": sent} if sent != "-" else {}
    request = _request.get()
    # Only a person who was looked up already: a log line asks the database nothing.
    user = getattr(request, "_cached_user", None)
    if user is not None and user.pk:
        found["user_id"] = user.pk
    return found


def _places(error: BaseException) -> list[str]:
    """`file:line function`, the innermost last, without source lines or values."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


class Json(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
            **_whose(record),
        }
        if record.exc_info and record.exc_info[1]:
            error = record.exc_info[1]
            line["error"] = type(error).__name__
            line["at"] = _places(error)
        return json.dumps(line)


class Line(logging.Formatter):
    """A line for a person's terminal; a traceback follows as it is."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        """The line itself, followed by what it belongs to."""
        record.message = _message(record)
        ids = " ".join(f"{name}={value}" for name, value in _whose(record).items())
        return f"{super().formatMessage(record)}{f' [{ids}]' if ids else ''}"


FORMATS = {"json": Json, "line": Line}


def configuration(form: str, level: str) -> dict[str, Any]:
    """A logging configuration of `form` ("json" or "line"), everything to standard error."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"ours": {"()": f"{__name__}.{FORMATS[form].__name__}"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "ours"}},
        "root": {"handlers": ["stderr"], "level": level},
        # Django's own handlers write differently; these speak through the root alone.
        "loggers": {
            name: {"handlers": [], "propagate": True, "level": "NOTSET"}
            for name in ("django", "django.server", "gunicorn.error", "gunicorn.access")
        }
        # At DEBUG its errors quote the whole context of a template, form tokens and all.
        | {"django.template": {"level": "INFO"}},
    }
