"""K4: the PMO closes the period while ten returns are at random stages: wholly in or refused."""

import os
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from finance.models import Figure, SchemeState
from finance.scheme_rows import figure_cells
from stp.accounts.models import User
from stp.core import periods, snapshots
from stp.core.lines import Subject
from stp.core.models import AuditEvent, ReportingPeriod, Return
from stp.core.permissions import Role
from stp.cycle import actions as cycle
from stp.returns import actions
from stp.returns.actions import committing
from tests.rounds import rounds
from tests.sent_files import MONTH_PLAN, K, check, confirm, insist, lead, receive, scheme
from tests.small_system import Row, lay_out, person, plan
from tests.together import together

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.race,
    pytest.mark.postgres,  # SQLite's one write lock lets no two overlap
    pytest.mark.usefixtures("quick_reader"),
]
JUNE = "2017-06"
TEN = [f"o{n}" for n in range(10)]
CELLS = sum(map(len, figure_cells(periods.parse(JUNE)).values()))  # figures of one scheme
STAGES = ("to be sent", "received", "checked")


@dataclass
class Sending:
    """One organisation's return of this round: how far it is, and what became of it."""

    org: str
    by: User
    amount: int
    return_: Return | None = None
    refusal: actions.Refusal | None = None
    over: bool = False

    def reach(self, stage: str) -> None:
        if stage != "to be sent":
            self.return_ = receive(self.by, self.org, self.rows)
        if stage == "checked" and self.return_:
            self.return_ = check(self.return_)

    @property
    def rows(self) -> list[Any]:
        return [scheme(actual=self.amount), scheme("CC-01", line="CC")]

    def go_on(self, pause: float, after: threading.Event | None = None) -> None:
        """Take it as far as it goes; a refusal is kept, any other error fails the test."""
        if after:
            after.wait(timeout=60)
        time.sleep(pause)  # which stage the close meets is the chance of the round
        try:
            if self.return_ is None:
                self.return_ = receive(self.by, self.org, self.rows)
            self.return_ = insist(self.by, check(self.return_))
        except actions.Refusal as refusal:
            self.refusal = refusal
        finally:
            self.over = True


def lay_out_ten() -> User:
    """Ten organisations with plans, and the person of the programme office who closes."""
    lay_out(codes=("2017-04", JUNE), organisations=TEN)
    for org in TEN:
        plan(org, [Row(), Row("CC-01", "CC")])
    return person(Role.PMO)


def senders(number: int) -> list[Sending]:
    return [Sending(org, lead(org), (100 + number) * K + n) for n, org in enumerate(TEN)]


def close(
    pmo: User, sendings: list[Sending], after: int, closing: threading.Event
) -> ReportingPeriod:
    """Close once `after` returns are in, as a person does: who is told that the dashboard is
    behind tries again.
    """
    while sum(s.over for s in sendings) < after:
        time.sleep(0.005)
    closing.set()
    while True:
        try:
            return cycle.close_period(period=ReportingPeriod.objects.get(pk=JUNE), by=pmo)
        except (cycle.StillBehind, snapshots.Overtaken):
            continue


def open_again() -> None:
    """For the next round: what no action may do."""
    ReportingPeriod.objects.filter(pk=JUNE).update(state="open", closed_at=None, closed_by=None)


def one_round(number: int, chance: random.Random, pmo: User) -> list[Sending]:
    sendings = senders(number)
    for sending in sendings:
        sending.reach(chance.choice(STAGES))
    early, closing = chance.randrange(len(TEN) + 1), threading.Event()
    works: list[Callable[[], Any]] = [partial(s.go_on, 0) for s in sendings[:early]]
    works += [partial(s.go_on, chance.uniform(0, 1), closing) for s in sendings[early:]]
    works.append(partial(close, pmo, sendings, chance.randrange(early + 1), closing))
    errors = [o for o in together(*works) if isinstance(o, Exception)]
    assert not errors, errors
    return sendings


def written(return_: Return) -> tuple[int, int]:
    """Scheme states and figures of a return, as the tables hold them."""
    return (
        SchemeState.objects.filter(return_of=return_).count(),
        Figure.objects.filter(return_of=return_).count(),
    )


def judge(sendings: list[Sending], pmo: User) -> int:
    """Each wholly in before the close or wholly refused after it; how many were in."""
    period = ReportingPeriod.objects.get(pk=JUNE)
    closed = AuditEvent.objects.filter(verb="closed", object_id=JUNE).latest("pk")
    snapshot = snapshots.view(period)
    assert not period.is_behind, "it closed on figures that its dashboard does not show"
    lines = {x.subject_id: x for x in snapshot.lines(Subject.SCHEME)}
    whole = 0
    for sending in sendings:
        return_ = sending.return_ and Return.objects.get(pk=sending.return_.pk)
        if sending.refusal is None:
            assert return_ is not None
            assert return_.state == "committed"
            committed = AuditEvent.objects.get(verb="committed", return_id=return_.pk)
            assert committed.pk < closed.pk, f"{return_} went in after the close"
            assert written(return_) == (2, 2 * CELLS)
            delivered = lines[f"{sending.org}/UC-01"].delivered_pence
            assert delivered == 2 * MONTH_PLAN + sending.amount, "closed without its figures"
            whole += 1
            continue
        assert isinstance(sending.refusal, actions.PeriodClosed), sending.refusal
        said = str(sending.refusal)
        assert f"was closed by {pmo}" in said, said
        assert " on " in said, said
        if return_ is not None:
            assert return_.state in ("received", "ready"), return_.state
            assert written(return_) == (0, 0), "half of a refused return is there"
            assert not AuditEvent.objects.filter(verb="committed", return_id=return_.pk).exists()
    return whole


def test_each_is_wholly_in_or_wholly_refused() -> None:
    seed = int(os.environ.get("STP_TEST_SEED") or random.SystemRandom().randrange(10**6))
    chance, count, whole = random.Random(seed), rounds(long=50), 0  # noqa: S311 - no secret
    print(f"K4: seed {seed} (STP_TEST_SEED repeats it)")
    pmo = lay_out_ten()
    for number in range(count):
        whole += judge(one_round(number, chance, pmo), pmo)
        open_again()
    print(f"K4: {count} rounds, {whole} in, {count * len(TEN) - whole} refused, none half")
    assert 0 < whole < count * len(TEN), "every return fell on one side: nothing was raced"


def test_twin_a_commit_that_does_not_hold_the_period_gets_in_after_the_close(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Both guards replaced: the period is looked at and not held, the preview not made again."""
    pmo = lay_out_ten()
    sending = senders(0)[0]
    sending.reach("checked")
    assert sending.return_ is not None
    shown = actions.preview(sending.return_)
    looked, closed = threading.Event(), threading.Event()

    def only_look(period_id: str) -> ReportingPeriod:
        period = ReportingPeriod.objects.get(pk=period_id)
        looked.set()
        closed.wait(timeout=60)
        return period

    def close_meanwhile() -> None:
        looked.wait(timeout=60)
        try:
            close(pmo, [], 0, threading.Event())
        finally:
            closed.set()

    monkeypatch.setattr(committing, "lock_period", only_look)
    monkeypatch.setattr(committing, "preview", lambda return_: shown)
    outcomes = together(partial(confirm, sending.by, sending.return_), close_meanwhile)
    assert not [o for o in outcomes if isinstance(o, Exception)], outcomes
    with pytest.raises(AssertionError, match="after the close"):
        judge([sending], pmo)
