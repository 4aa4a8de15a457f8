"""What axes counted of failed sign-ins, asked in the words of our rules.

axes locks one person from one address after AXES_FAILURE_LIMIT failures. That alone would let one
password be tried on everybody, so an address from which many people were tried is slowed: it may
try once in SIGN_IN_SPACING seconds. Both counts stand in the database, the same for all processes.
"""

import datetime as dt
import math
import time
import unicodedata

from axes.models import AccessAttempt
from axes.utils import reset
from django.conf import settings
from django.db.models import Count, Max, Sum


def name_of(typed: str) -> str:
    """One name for all ways to write one address, as the database looks it up.

    Case, spaces around it and look-alike letters do not start a count anew. Never with a NUL,
    which PostgreSQL refuses to look up.
    """
    plain = unicodedata.normalize("NFKC", typed.replace("\0", "")).strip()
    return plain.upper().casefold()[:255]


def _since() -> dt.datetime:
    """Start of the time in which failures count."""
    return dt.datetime.fromtimestamp(time.time(), dt.UTC) - settings.AXES_COOLOFF_TIME


def people_tried(address: str) -> int:
    """How many names failed from this address lately."""
    found = AccessAttempt.objects.filter(ip_address=address, attempt_time__gte=_since())
    return int(found.aggregate(n=Count("username", distinct=True))["n"])


def addresses_trying(typed: str) -> int:
    """From how many addresses this name failed lately."""
    found = AccessAttempt.objects.filter(username=name_of(typed), attempt_time__gte=_since())
    return int(found.aggregate(n=Count("ip_address", distinct=True))["n"])


def seconds_to_wait(address: str) -> int:
    """0, or how long an address that tries many people must wait before it may try again."""
    if people_tried(address) < settings.SIGN_IN_PEOPLE:
        return 0
    last = AccessAttempt.objects.filter(ip_address=address).aggregate(at=Max("attempt_time"))["at"]
    waited = time.time() - float(last.timestamp())
    return max(0, math.ceil(float(settings.SIGN_IN_SPACING) - waited))


def locked_names() -> set[str]:
    """Names whose sign-in is closed from at least one address."""
    rows = (
        AccessAttempt.objects.filter(attempt_time__gte=_since())
        .values("username", "ip_address")
        .annotate(failures=Sum("failures_since_start"))
        .filter(failures__gte=settings.AXES_FAILURE_LIMIT)
    )
    return {row["username"] for row in rows if row["username"]}


def forget(typed: str) -> None:
    """Count anew for this name, from everywhere: an open door again."""
    reset(username=name_of(typed))
