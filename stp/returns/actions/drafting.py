"""What was typed and not sent yet: kept on the server, so that no time-out loses it.

A draft is no decision: nothing of it counts, and it leaves no trace in the trail until it is
saved as reasons or confirmed. Everybody who may send for the organisation may go on with it.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from stp.core import clock
from stp.core.models import Return
from stp.core.permissions import Permission, may
from stp.returns.actions.checking import storable
from stp.returns.actions.committing import CLOSE, LEAVE, warning_codes
from stp.returns.refusals import REASON_LIMIT, NotAllowed, NotReady

MOST_SCHEMES = 20_000  # as many as a file has rows
LONGEST_REF = 40
# In place of a ref, the choice for every missing scheme; no ref of a file starts with a space.
EVERY = " every"


@transaction.atomic
def keep_draft(
    *,
    by: Any,
    return_: Return,
    reasons: Mapping[str, str] | None = None,
    missing: Mapping[str, str] | None = None,
) -> Return:
    """Keep reasons (warning group -> text, however short) and choices of missing schemes.

    A choice is ref, or EVERY -> leave | close. What is not given stays as it was kept. Raises
    NotAllowed, or NotReady where the return waits for nothing any more; then nothing is kept.
    """
    held = Return.objects.select_for_update(no_key=True, of=("self",))
    current = held.get(pk=return_.pk)
    if not may(by, Permission.SEND_RETURN, current):
        raise NotAllowed
    if current.state != Return.State.READY:
        raise NotReady(current)
    kept = {"reasons": typed_so_far(current), "missing": current.draft.get("missing", {})}
    for code in warning_codes(current):
        if reasons is not None and code in reasons:
            kept["reasons"][code] = storable(reasons[code][:REASON_LIMIT])
    if missing is not None:
        chosen = [(r[:LONGEST_REF], c) for r, c in missing.items() if c in (LEAVE, CLOSE)]
        kept["missing"] = dict(chosen[:MOST_SCHEMES])
    if kept == {name: current.draft.get(name) for name in kept}:
        return current
    current.draft = kept | {"by": str(by), "at": clock.now().isoformat()}
    current.save(update_fields=["draft"])
    return current


def typed_so_far(return_: Return) -> dict[str, str]:
    """Reasons as typed last: the draft where there is one, else what was saved."""
    return {**return_.reasons, **return_.draft.get("reasons", {})}
