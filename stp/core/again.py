"""An action that a deadlock or a failed serialisation ended is tried again, whole.

Two people who change related rows in the same moment may wait for each other; PostgreSQL then
ends one of them, having written nothing of it. That person did no wrong and is told nothing:
their action runs again. The order in which rows are locked makes this rare
(docs/adr/0014-the-order-of-locks.md).
"""

import logging
import random
import time
from collections.abc import Callable
from functools import wraps

from django.db import OperationalError, connection

logger = logging.getLogger(__name__)

TIMES = 3
PAUSE = 0.05  # seconds at most before another try, so that two do not meet again at once
# PostgreSQL's codes (SQLSTATE): serialization_failure, deadlock_detected.
_PASSING = ("40001", "40P01")


def retried[**P, R](action: Callable[P, R]) -> Callable[P, R]:
    """Run `action`, which holds its whole transaction, up to TIMES times.

    Inside a caller's transaction it runs once: what the database ended is the caller's to repeat.
    Raises what the last try raised; any other error at once.
    """

    @wraps(action)
    def whole(*args: P.args, **kwargs: P.kwargs) -> R:
        left = 1 if connection.in_atomic_block else TIMES
        while True:
            left -= 1
            try:
                return action(*args, **kwargs)
            except OperationalError as error:
                if not left or not passing(error):
                    raise
                logger.warning("%s: %s; trying again", action.__name__, _first_line(error))
                time.sleep(random.uniform(0, PAUSE))  # noqa: S311 - no secret

    return whole


def passing(error: OperationalError) -> bool:
    """Whether the same action may well succeed in a moment."""
    return getattr(error.__cause__, "pgcode", None) in _PASSING


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
