"""Which period a read page shows, and which it is compared with: ?period=2017-06&vs=2017-05.

The choice lives in the address, so any view can be mailed, printed and reproduced. Board members
start at the last closed period, everyone else at the newest open one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest

from stp.core import snapshots
from stp.core.models import ReportingPeriod
from stp.core.permissions import Role

NONE = "none"  # ?vs=none: no comparison
_LABELS = {"period": "As at", "vs": "compared with"}  # as the bar names its two fields


@dataclass(frozen=True)
class Completeness:
    """How many of the expected returns are in, from the snapshot's own account of itself."""

    expected: int
    received: int
    missing: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """'Data complete: 4 of 7 returns'."""
        return f"Data complete: {self.received} of {self.expected} returns"


@dataclass(frozen=True)
class Choice:
    """What a page shows: one published state, and the one it is compared with (or None).

    `view` is None where there is no period at all; `view.snapshot` is None where the period has
    nothing published yet. Pages show the empty state in both cases (`has_figures` is False).
    """

    view: snapshots.View | None
    against: snapshots.View | None
    periods: Sequence[ReportingPeriod]

    @property
    def has_figures(self) -> bool:
        return self.view is not None and self.view.snapshot is not None

    @property
    def completeness(self) -> Completeness | None:
        """Returns in and expected; None where the snapshot does not say."""
        if self.view is None or self.view.snapshot is None:
            return None
        trust: dict[str, Any] = self.view.snapshot.trust
        if "expected" not in trust:
            return None
        return Completeness(
            expected=int(trust["expected"]),
            received=int(trust["received"]),
            missing=tuple(entry["short"] for entry in trust["missing"]),
        )


def choose(request: HttpRequest) -> Choice:
    """Read the choice from the address; a code that is no period is named in a message."""
    periods = [p for p in ReportingPeriod.objects.order_by("-sort_key") if p.state != "planned"]
    by_code = {p.code: p for p in periods}
    shown = _asked(request, "period", by_code) or _usual(request.user, periods)
    if shown is None:
        return Choice(None, None, periods)
    against = None
    if request.GET.get("vs") != NONE:
        against = _earlier(request, shown, by_code) or _before(shown, periods)
    return Choice(snapshots.view(shown), snapshots.view(against) if against else None, periods)


def _asked(
    request: HttpRequest, field: str, by_code: dict[str, ReportingPeriod]
) -> ReportingPeriod | None:
    """The period a field names; None, with a message, if it names none."""
    code = request.GET.get(field, "").strip()
    if not code:
        return None
    if code not in by_code:
        messages.warning(
            request,
            f"“{code[:20]}” is not a period of this programme, so the usual one is shown. "
            f"Choose one under “{_LABELS[field]}”.",
        )
    return by_code.get(code)


def _earlier(
    request: HttpRequest, shown: ReportingPeriod, by_code: dict[str, ReportingPeriod]
) -> ReportingPeriod | None:
    """The period `vs` names, if it lies before the one shown.

    "Was", "since", "better" and "worse" are about an earlier month. Who chooses an earlier "As
    at" leaves the old comparison behind, and gets the month before.
    """
    asked = _asked(request, "vs", by_code)
    return asked if asked and asked.sort_key < shown.sort_key else None


def _usual(user: Any, periods: Sequence[ReportingPeriod]) -> ReportingPeriod | None:
    """Last closed for board members, newest open for others, else whatever there is."""
    state = ReportingPeriod.State.CLOSED if _is_board(user) else ReportingPeriod.State.OPEN
    return next((p for p in periods if p.state == state), periods[0] if periods else None)


def _is_board(user: Any) -> bool:
    """Whether every role of this person is board member: an added role reads the open period."""
    if not user.is_authenticated:
        return False
    roles = {grant.role for grant in user.grants.all()}
    return roles == {Role.BOARD.value}


def _before(shown: ReportingPeriod, periods: Sequence[ReportingPeriod]) -> ReportingPeriod | None:
    """The period before, newest first in `periods`; None for the first."""
    return next((p for p in periods if p.sort_key < shown.sort_key), None)
