"""From which state a return may go to which, and the one way to move it (DESIGN §4)."""

from collections.abc import Mapping
from typing import Any

from stp.core import audit
from stp.core.models import Return
from stp.returns.refusals import Refusal

State = Return.State

# The whole state machine. A superseded return comes back only when the one that replaced it
# is withdrawn: "the newest earlier committed version is in force again".
MOVES: Mapping[State, frozenset[State]] = {
    State.RECEIVED: frozenset({State.CHECKING, State.ABANDONED}),
    State.CHECKING: frozenset({State.PROBLEMS, State.READY, State.UNREADABLE}),
    State.PROBLEMS: frozenset(),
    State.UNREADABLE: frozenset(),
    # Back to its check where what it was compared with is no longer in force.
    State.READY: frozenset({State.RECEIVED, State.COMMITTED, State.ABANDONED}),
    State.COMMITTED: frozenset({State.SIGNED_OFF, State.SUPERSEDED, State.WITHDRAWN}),
    State.SIGNED_OFF: frozenset({State.SUPERSEDED, State.WITHDRAWN}),
    State.SUPERSEDED: frozenset({State.COMMITTED, State.SIGNED_OFF}),
    State.WITHDRAWN: frozenset(),
    State.ABANDONED: frozenset(),
}

# States a return can be in while figures of it count; exactly these may be in force.
COUNTING = frozenset({State.COMMITTED, State.SIGNED_OFF})
# States of a return that once was committed.
EVER_COMMITTED = COUNTING | {State.SUPERSEDED, State.WITHDRAWN}
# States in which a return still waits for the tracker or for its sender.
UNDER_WAY = frozenset({State.RECEIVED, State.CHECKING, State.READY})

_VERBS: Mapping[State, str] = {
    State.RECEIVED: "asked for another check of",
    State.CHECKING: "started checking",
    State.UNREADABLE: "gave up reading",
    State.PROBLEMS: "found problems in",
    State.READY: "checked",
    State.COMMITTED: "committed",
    State.SIGNED_OFF: "signed off",
    State.SUPERSEDED: "superseded",
    State.WITHDRAWN: "withdrew",
    State.ABANDONED: "abandoned",
}


class MoveRefused(Refusal):
    """The return is not, or no longer, in a state that allows the move. Nothing changed."""

    code = "moved_on"


def change(return_: Return, came_from: State, fields: Mapping[str, Any]) -> int:
    """The conditional UPDATE: writes only while the row still is in `came_from`. Rows changed."""
    return Return.objects.filter(pk=return_.pk, state=came_from).update(**fields)


def move(
    return_: Return,
    to: State,
    *,
    by: Any,
    reason: str = "",
    note: Mapping[str, Any] | None = None,
    **fields: Any,
) -> None:
    """Move a return to `to`, set `fields` with it and record who did it.

    `return_.state` is the state the caller saw. MoveRefused when the move is not allowed from
    there, or when the row left that state meanwhile. `note` is added to the audit event.
    """
    came_from = State(return_.state)
    if to not in MOVES[came_from]:
        raise MoveRefused(f"A return that is “{came_from.label}” cannot become “{to.label}”.")
    written = {**fields, "state": to}
    if change(return_, came_from, written) != 1:
        raise MoveRefused(f"This return is no longer “{came_from.label}”.")
    for name, value in written.items():
        setattr(return_, name, value)
    audit.record(
        _VERBS[to],
        return_,
        by=by,
        before={"Status": came_from.label},
        after={"Status": to.label, **(note or {})},
        reason=reason,
        return_id=return_.pk,
        organisation=return_.organisation_id or "",
        period=return_.period_id,
    )
