"""The business clock: the real one, or the demo's date with the real time of day.

It stamps every business moment (received, committed, closed). Leases, sessions and lock-out
use the real clock. `at(moment)` is for `load_demo` and tests.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings

from stp.core.periods import LONDON

_fixed: ContextVar[dt.datetime | None] = ContextVar("stp_clock", default=None)


def now() -> dt.datetime:
    """The business moment, aware."""
    fixed = _fixed.get()
    if fixed is not None:
        return fixed
    real = dt.datetime.now(LONDON)
    demo: dt.date | None = settings.DEMO_DATE
    return dt.datetime.combine(demo, real.time(), LONDON) if demo else real


def real() -> dt.datetime:
    """The real moment, whatever the demo says: files and leases know no other."""
    return dt.datetime.now(dt.UTC)


def today() -> dt.date:
    """The business date in London."""
    return now().astimezone(LONDON).date()


@contextmanager
def at(moment: dt.datetime) -> Iterator[None]:
    """Fix the business clock at an aware moment inside the block."""
    token = _fixed.set(moment)
    try:
        yield
    finally:
        _fixed.reset(token)
