"""The monthly cycle's writes. So far: closing a period."""

from typing import Any

from django.db import transaction

from stp.core import audit, clock, snapshots
from stp.core.again import retried
from stp.core.models import ReportingPeriod
from stp.core.permissions import Permission, may
from stp.dashboards.actions import recompute, recompute_earlier
from stp.returns.refusals import Refusal


class NotAllowedToClose(Refusal):
    """The person lacks the permission."""

    code = "not_allowed"

    def __init__(self) -> None:
        super().__init__("You are not allowed to close a period. Ask the programme office.")


class NotOpenYet(Refusal):
    """A period that has not opened has nothing to close."""

    code = "period_not_open"

    def __init__(self, period: ReportingPeriod) -> None:
        super().__init__(f"{period.name} is not open yet, so it cannot be closed.")


class StillBehind(Refusal):
    """A change came in between the recompute and the close."""

    code = "period_behind"

    def __init__(self, period: ReportingPeriod) -> None:
        super().__init__(
            f"{period.name} has changes its dashboard does not include yet. "
            "Wait for the recompute, then close it."
        )


@retried
def close_period(*, period: ReportingPeriod, by: Any, reason: str = "") -> ReportingPeriod:
    """Close a period on an up-to-date snapshot and pin that; a second call does nothing.

    Brings the dashboard up to date in this process first. Later periods stay as they are.
    Raises NotAllowedToClose, NotOpenYet or StillBehind; then the period is still open.
    """
    if not may(by, Permission.CLOSE_PERIOD):
        raise NotAllowedToClose
    current = ReportingPeriod.objects.get(pk=period.pk)
    if current.is_open:
        recompute_earlier(current)
        recompute(current.code)
    with transaction.atomic():
        held = ReportingPeriod.objects.select_for_update(no_key=True).get(pk=period.pk)
        if held.state == ReportingPeriod.State.CLOSED:
            return held
        if not held.is_open:
            raise NotOpenYet(held)
        snapshot = snapshots.view(held).snapshot
        if snapshot is None or held.is_behind:
            raise StillBehind(held)
        held.state = ReportingPeriod.State.CLOSED
        held.closed_at, held.closed_by = clock.now(), by
        held.save(update_fields=["state", "closed_at", "closed_by"])
        snapshots.pin(snapshot, why="close", label=f"{held.name} closed")
        audit.record(
            "closed",
            held,
            by=by,
            before={"State": "Open"},
            after={"State": "Closed", "Snapshot": f"version {snapshot.version}"},
            reason=reason.strip(),
            period=held.code,
        )
    return held
