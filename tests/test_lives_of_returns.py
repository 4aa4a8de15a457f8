"""D7: a return's life in any order, against a model that is a plain dict.

Two organisations send one of three files, have them checked, confirm once or twice, drop,
withdraw; the process that checks or confirms dies; the period closes. After each step the tables
say what the model says.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from finance.models import Figure
from stp.accounts.models import Grant, User
from stp.core import clock, faults, jobs
from stp.core.models import AuditEvent, Job, Organisation, ReportingPeriod, Return
from stp.core.permissions import Role
from stp.returns import actions
from tests import sent_files
from tests.conftest import DEMO_MOMENT
from tests.rounds import rounds
from tests.small_system import lay_out, person

State = Return.State
STANDS = {State.RECEIVED, State.CHECKING, State.READY, State.COMMITTED, State.SUPERSEDED}
ORGS = st.sampled_from(["ngh", "kgh"])
FILES = st.sampled_from([1, 2, 3])
PICK = st.integers(0, 30)
COUNTED = {"machines": 0, "steps": 0}


class Died(BaseException):
    """The process that was at work is gone: nothing of it runs on."""


@contextmanager
def dying_at(name: str) -> Iterator[None]:
    def handler(point: str) -> None:
        if point == name:
            raise Died

    faults.install(handler)
    try:
        yield
    finally:
        faults.install(None)


class Life(RuleBasedStateMachine):
    """`known`: id -> what the model says of it; `open`: whether June takes returns."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = clock.at(DEMO_MOMENT)
        self.clock.__enter__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        lay_out(codes=("2017-06",), organisations=("ngh", "kgh"))
        self.leads = {org: sent_files.lead(org) for org in ("ngh", "kgh")}
        self.directors = {org: self._director(org) for org in ("ngh", "kgh")}
        self.known: dict[int, dict[str, Any]] = {}
        self.open = True
        self.commits = 0
        COUNTED["machines"] += 1

    def _director(self, org: str) -> User:
        user = person()
        user.grants.all().delete()
        Grant.objects.create(user=user, role=Role.FINANCE_DIRECTOR, organisation_id=org)
        return user

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)
        self.clock.__exit__(None, None, None)

    # --- the model's own words -----------------------------------------------------------------

    def _one(self, pick: int) -> tuple[int, dict[str, Any]]:
        return list(self.known.items())[pick % len(self.known)]

    def _in_force(self, org: str) -> dict[str, Any] | None:
        return next((k for k in self.known.values() if k["org"] == org and k["in_force"]), None)

    def _in_force_pk(self, org: str) -> int | None:
        of = (pk for pk, k in self.known.items() if k["org"] == org and k["in_force"])
        return next(of, None)

    def _expect(self, refusal: type[Exception] | None, act: Callable[[], object]) -> None:
        if refusal is None:
            act()
            return
        with pytest.raises(refusal):
            act()

    # --- what people and machines do -----------------------------------------------------------

    @rule(org=ORGS, file=FILES)
    def upload(self, org: str, file: int) -> None:
        rows = [sent_files.scheme("UC-01", actual=file * 1_000), sent_files.scheme("UC-02")]
        if not self.open:
            self._expect(
                actions.PeriodClosed, lambda: sent_files.receive(self.leads[org], org, rows)
            )
            return
        same = [
            pk
            for pk, k in self.known.items()
            if (k["org"], k["file"]) == (org, file) and k["state"] in STANDS
        ]
        got = sent_files.receive(self.leads[org], org, rows)
        if same:
            assert got.pk in same, "the same file became another return"
            return
        self.known[got.pk] = {
            "org": org, "file": file, "state": State.RECEIVED, "in_force": False,
            "version": None, "deaths": 0, "compared": None,
        }  # fmt: skip

    @precondition(lambda self: self.known)
    @rule(pick=PICK)
    def check(self, pick: int) -> None:
        pk, k = self._one(pick)
        self._run(pk)
        if k["state"] in (State.RECEIVED, State.CHECKING):
            k |= {"state": State.READY, "compared": self._in_force_pk(k["org"])}

    @precondition(lambda self: self.known)
    @rule(pick=PICK)
    def die_in_check(self, pick: int) -> None:
        pk, k = self._one(pick)
        if k["state"] not in (State.RECEIVED, State.CHECKING) or k["deaths"] == 2:
            return
        with dying_at("check.read"), pytest.raises(Died):
            self._run(pk)
        k |= {"state": State.CHECKING, "deaths": k["deaths"] + 1}

    def _run(self, pk: int) -> None:
        """What a worker does: takes the job, or one whose taker's lease is over."""
        mine = Job.objects.filter(kind="check_return", key=str(pk))
        mine.filter(state="running").update(lease_until=DEMO_MOMENT)
        for job in mine.filter(state__in=("waiting", "running")):
            jobs.run(job.pk)
            job.refresh_from_db()
            assert not job.error, job.error

    @precondition(lambda self: self.known)
    @rule(pick=PICK, twice=st.booleans(), dies=st.booleans())
    def commit(self, pick: int, twice: bool, dies: bool) -> None:
        pk, k = self._one(pick)
        by, return_ = self.leads[k["org"]], Return.objects.get(pk=pk)
        if k["version"] is not None:
            assert sent_files.confirm(by, return_).version == k["version"], "a second click counted"
            return
        if k["state"] != State.READY or not self.open:
            refusal = actions.PeriodClosed if k["state"] == State.READY else actions.NotReady
            self._expect(refusal, lambda: sent_files.confirm(by, return_))
            return
        if k["compared"] != self._in_force_pk(k["org"]):
            self._expect(actions.OutOfDate, lambda: sent_files.confirm(by, return_))
            assert actions.check_again(by=by, return_=return_)
            assert not actions.check_again(by=by, return_=return_), "it is asked for already"
            k |= {"state": State.RECEIVED, "deaths": 0}
            return
        if dies:
            with dying_at("commit.applied"), pytest.raises(Died):
                sent_files.confirm(by, return_)
            return
        sent_files.confirm(by, return_)
        if twice:
            sent_files.confirm(by, return_)
        earlier = self._in_force(k["org"])
        if earlier:
            earlier |= {"in_force": False, "state": State.SUPERSEDED}
        versions = [o["version"] or 0 for o in self.known.values() if o["org"] == k["org"]]
        k |= {"state": State.COMMITTED, "in_force": True, "version": max(versions) + 1}
        self.commits += 1

    @precondition(lambda self: self.known)
    @rule(pick=PICK)
    def abandon(self, pick: int) -> None:
        pk, k = self._one(pick)
        fine = k["state"] in (State.RECEIVED, State.READY, State.ABANDONED)
        self._expect(
            None if fine else actions.NotReady,
            lambda: actions.abandon(by=self.leads[k["org"]], return_=Return.objects.get(pk=pk)),
        )
        if fine:
            k["state"] = State.ABANDONED

    @precondition(lambda self: self.known)
    @rule(pick=PICK)
    def withdraw(self, pick: int) -> None:
        pk, k = self._one(pick)
        return_ = Return.objects.get(pk=pk)
        digest = actions.withdrawal(return_).digest if k["in_force"] else ""
        refusal: type[Exception] | None = None
        if not self.open:
            refusal = actions.PeriodClosed
        elif not k["in_force"] and k["state"] != State.WITHDRAWN:
            refusal = actions.NotInForce
        self._expect(
            refusal,
            lambda: actions.withdraw(
                by=self.directors[k["org"]], return_=return_, digest=digest,
                reason="Sent for the wrong month.",
            ),
        )  # fmt: skip
        if refusal or k["state"] == State.WITHDRAWN:
            return
        k |= {"state": State.WITHDRAWN, "in_force": False}
        replaced = [o for o in self.known.values()
                    if o["org"] == k["org"] and o["state"] == State.SUPERSEDED]  # fmt: skip
        if replaced:
            back = max(replaced, key=lambda o: o["version"])
            back |= {"state": State.COMMITTED, "in_force": True}

    @precondition(lambda self: self.open and self.commits > 1)
    @rule()
    def close(self) -> None:
        ReportingPeriod.objects.update(
            state=ReportingPeriod.State.CLOSED,
            closed_at=clock.now(),
            closed_by=User.objects.first(),
        )
        self.open = False

    # --- what must be so after every step ------------------------------------------------------

    @invariant()
    def the_tables_say_what_the_model_says(self) -> None:
        COUNTED["steps"] += 1
        columns = ("organisation_id", "state", "in_force", "version")
        said = {pk: tuple(rest) for pk, *rest in Return.objects.values_list("pk", *columns)}
        model = {
            pk: (k["org"], k["state"], k["in_force"], k["version"]) for pk, k in self.known.items()
        }
        assert said == model
        counted = set(Figure.objects.values_list("return_of", flat=True))
        assert counted == {pk for pk, k in self.known.items() if k["version"]}
        made = AuditEvent.objects.filter(verb="committed", before__Status="Ready to send")
        assert made.count() == self.commits
        for org in Organisation.objects.all():
            assert Return.objects.filter(organisation=org, in_force=True).count() <= 1


@pytest.mark.django_db
def test_any_order_of_steps(
    monkeypatch: pytest.MonkeyPatch, settings: LazySettings, tmp_path: Any
) -> None:
    settings.UPLOAD_ROOT = tmp_path
    monkeypatch.setattr("stp.returns.actions.checking.read", sent_files.read_here)
    run_state_machine_as_test(Life, settings=LIVES)
    print(f"{COUNTED['machines']} lives of returns, {COUNTED['steps']} steps")
    assert COUNTED["steps"] > COUNTED["machines"]


LIVES = settings(
    max_examples=rounds(short=4, long=120), stateful_step_count=20, deadline=None,
    suppress_health_check=list(HealthCheck), database=None,
)  # fmt: skip
