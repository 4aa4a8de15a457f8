"""Who asked and how, for the audit trail: set once by the edge, read by actions."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """The id of the request, command or job a change came through, and the word for it."""

    request_id: str = ""
    how: str = "rule"


_origin: ContextVar[Origin] = ContextVar("stp_origin", default=Origin())


def origin() -> Origin:
    return _origin.get()


@contextmanager
def through(how: str, request_id: str = "") -> Iterator[None]:
    """Everything recorded inside the block came through `how` ("screen", "command", …)."""
    token = _origin.set(Origin(request_id, how))
    try:
        yield
    finally:
        _origin.reset(token)
