"""The state machine of a return, against a plain dict written out from DESIGN §4."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from stp.accounts.models import User
from stp.core import clock
from stp.core.models import AuditEvent, Organisation, ReportingPeriod, Return
from stp.returns import states
from stp.returns.states import MOVES, MoveRefused, State
from tests.conftest import make_period
from tests.stp.returns.fake import Receive

# DESIGN §4 in plain words; the last line is "in force again after a withdrawal".
MODEL: dict[str, set[str]] = {
    "received": {"checking", "abandoned"},
    "checking": {"problems", "ready", "unreadable"},
    "ready": {"received", "committed", "abandoned"},  # back to its check: ADR 0016
    "committed": {"signed_off", "superseded", "withdrawn"},
    "signed_off": {"superseded", "withdrawn"},
    "superseded": {"committed", "signed_off"},
    "problems": set(),
    "unreadable": set(),
    "withdrawn": set(),
    "abandoned": set(),
}


def test_the_dict_of_moves_is_the_design() -> None:
    assert {k.value: {v.value for v in to} for k, to in MOVES.items()} == MODEL


def test_every_state_is_in_the_dict() -> None:
    assert set(MOVES) == set(State)


def new_return() -> Return:
    user, _ = User.objects.get_or_create(username="m", email="m@example.org")
    ngh, _ = Organisation.objects.get_or_create(id="ngh", name="NGH", short="NGH", ods="RNS")
    period = ReportingPeriod.objects.first()
    return Return.objects.create(
        kind="finance", scope="ngh", organisation=ngh, period=period or make_period("2017-06"),
        file_name="a.xlsx", file_path="x", file_size=1, sha256="0" * 64,
        received_at=clock.now(), received_by=user,
    )  # fmt: skip


class ReturnMachine(RuleBasedStateMachine):
    """Any sequence of moves: allowed ones happen and are recorded, others change nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.return_ = new_return()
        self.model = "received"
        self.moves = 0

    @rule(to=st.sampled_from(list(State)))
    def move(self, to: State) -> None:
        if to.value in MODEL[self.model]:
            states.move(self.return_, to, by=None)
            self.model, self.moves = to.value, self.moves + 1
        else:
            with pytest.raises(MoveRefused):
                states.move(self.return_, to, by=None)

    @precondition(lambda self: bool(MODEL[self.model]))
    @rule(data=st.data())
    def a_stale_copy_moves_nothing(self, data: Any) -> None:
        """Two saw the same state; the second one's move is refused whatever it wants."""
        stale = Return.objects.get(pk=self.return_.pk)
        first = data.draw(st.sampled_from(sorted(MODEL[self.model])))
        second = data.draw(st.sampled_from(sorted(MODEL[self.model])))
        states.move(self.return_, State(first), by=None)
        self.model, self.moves = first, self.moves + 1
        with pytest.raises(MoveRefused):
            states.move(stale, State(second), by=None)

    @invariant()
    def row_and_trail_say_what_the_model_says(self) -> None:
        stored = Return.objects.get(pk=self.return_.pk)
        assert stored.state == self.return_.state == self.model
        recorded = AuditEvent.objects.filter(return_id=stored.pk)
        assert recorded.count() == self.moves, "a move without its audit event"


@pytest.mark.django_db
def test_any_sequence_of_moves() -> None:
    run_state_machine_as_test(
        ReturnMachine,
        settings=settings(
            max_examples=25,
            stateful_step_count=8,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_move_sets_its_fields_and_says_who(receive: Receive, lead: User) -> None:
    return_ = receive().return_
    states.move(
        return_, State.ABANDONED, by=lead, reason="wrong month", note={"x": 1}, ended_at=clock.now()
    )
    return_.refresh_from_db()
    assert return_.ended_at == clock.now()
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.by, event.reason) == ("abandoned", lead.pk, "wrong month")
    assert (event.before, event.after) == (
        {"Status": "Received"},
        {"Status": "Abandoned", "x": 1},
    )


def test_twin_without_the_condition_a_stale_copy_moves(
    ready: Callable[..., Return], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard replaced: an UPDATE by id alone lets both of two stale copies move."""

    def unconditional(return_: Return, came_from: State, fields: Any) -> int:
        return Return.objects.filter(pk=return_.pk).update(**fields)

    monkeypatch.setattr(states, "change", unconditional)
    return_ = ready()
    stale = Return.objects.get(pk=return_.pk)
    states.move(return_, State.ABANDONED, by=None)
    states.move(stale, State.COMMITTED, by=None)
    assert Return.objects.get(pk=return_.pk).state == State.COMMITTED
