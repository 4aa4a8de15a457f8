"""The one way to write the audit trail. Called by actions, inside their transaction."""

from collections.abc import Mapping
from typing import Any

from stp.core import clock
from stp.core.models import AuditEvent
from stp.core.request import origin


def record(
    verb: str,
    obj: Any,
    *,
    by: Any,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    return_id: int | None = None,
    organisation: str = "",
    period: str = "",
    label: str = "",
) -> AuditEvent:
    """Append one event: `by` is a user, or None when a rule did it. Values in human words."""
    came = origin()
    return AuditEvent.objects.create(
        at=clock.now(),
        by=by.pk if by else None,
        by_name=str(by) if by else "The tracker",
        verb=verb,
        object_type=obj._meta.verbose_name,
        object_id=str(obj.pk),
        object_label=(label or str(obj))[:300],
        before=dict(before or {}),
        after=dict(after or {}),
        reason=reason,
        how=came.how,
        request_id=came.request_id,
        return_id=return_id,
        organisation_id=organisation,
        period_id=period,
    )
