"""Incremental = full on the database, and recomputes that race with returns.

The pure half, 200 examples, is in test_compute_properties.py.
"""

import datetime as dt
import threading
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stp.core import changes, clock, snapshots
from stp.core.lines import Line
from stp.core.models import ReportingPeriod, Return
from stp.core.periods import LONDON
from stp.dashboards import actions, inputs
from stp.dashboards.actions import recompute
from stp.dashboards.compute import compute
from stp.dashboards.inputs import gather
from tests.rounds import rounds
from tests.small_system import K, Row, lay_out, plan, send, withdraw
from tests.together import together

ORGANISATIONS = ("kgh", "ngh")
OPEN = ("2017-05", "2017-06")
JUNE = "2017-06"
DAYS = (
    dt.datetime(2017, 6, 12, 10, tzinfo=LONDON),  # before May is due
    dt.datetime(2017, 6, 20, 10, tzinfo=LONDON),  # May late
    dt.datetime(2017, 7, 10, 10, tzinfo=LONDON),  # June opened
    dt.datetime(2017, 7, 24, 10, tzinfo=LONDON),  # June late
)


def lines_of(code: str) -> dict[Any, Line]:
    period = ReportingPeriod.objects.get(pk=code)
    return {row.line.key: row.line for row in snapshots.stored(code, period.snapshot_version)}


def bring_up_to_date() -> None:
    """What the sweeper and the jobs do until nothing is behind."""
    for _ in range(6):
        for period in ReportingPeriod.objects.behind():
            recompute(period.code)
        if not ReportingPeriod.objects.behind().exists():
            return
    raise AssertionError("periods stay behind for ever")


def assert_incremental_is_full() -> None:
    for code in OPEN:
        full = {line.key: line for line in compute(gather(code, full=True).facts)}
        stored = lines_of(code)
        assert stored.keys() == full.keys(), code
        differing = [key for key in full if stored[key] != full[key]]
        assert not differing, f"{code}: {differing}"


rows = st.lists(
    st.builds(
        Row,
        ref=st.sampled_from(["UC-01", "CIP-1"]),
        line=st.sampled_from(["UC", "CC", "CIP", "ASC"]),
        actual=st.integers(-5, 12).map(lambda n: n * K),
        forecast=st.integers(0, 12).map(lambda n: n * K),
        blank=st.sampled_from([(), ("2017-05",), ("2017-06",), ("2017-04", "2017-05")]),
    ),
    max_size=2,
    unique_by=lambda row: row.ref,
)
step = st.one_of(
    st.tuples(st.just("send"), st.sampled_from(ORGANISATIONS), st.sampled_from(OPEN), rows),
    st.tuples(st.just("withdraw"), st.integers(0, 5)),
    st.tuples(st.just("day passes")),
    st.tuples(st.just("weight")),
)


@pytest.mark.django_db
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(step, min_size=1, max_size=5))
def test_incremental_equals_full_on_the_database(steps: list[tuple[Any, ...]]) -> None:
    with transaction.atomic():
        _walk(steps)
        transaction.set_rollback(True)


def _walk(steps: list[tuple[Any, ...]]) -> None:
    day = 0
    with clock.at(DAYS[day]):
        lay_out(OPEN, ORGANISATIONS)
        ReportingPeriod.objects.create(
            code="2017-04", sort_key=0, year="2017/18", state="closed",
            **dict.fromkeys(("opens_at", "due_at", "hold_at", "closes_at"), DAYS[0]),
        )  # fmt: skip
        for org in ORGANISATIONS:
            plan(org, [Row(), Row("CIP-1", "CIP")])
        bring_up_to_date()
    for one in steps:
        day = min(day + 1, len(DAYS) - 1) if one[0] == "day passes" else day
        with clock.at(DAYS[day]):
            _apply(one)
            bring_up_to_date()
            assert_incremental_is_full()


def _apply(one: tuple[Any, ...]) -> None:
    if one[0] == "send":
        _, org, code, sent = one
        send(org, code, sent)
    elif one[0] == "withdraw":
        in_force = list(Return.objects.in_force().filter(kind="finance").order_by("pk"))
        if in_force:
            withdraw(in_force[one[1] % len(in_force)])
    else:
        # The sweeper bumps a period whose date has passed; a weight bumps them all.
        changes.bump_all_open(what=one[0])


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_returns_landing_while_recomputing_are_all_in_the_end(demo_clock: dt.datetime) -> None:
    lay_out((JUNE, "2017-04"), ORGANISATIONS)
    for org in ORGANISATIONS:
        plan(org, [Row()])
    for number in range(1, rounds(short=3, long=20) + 1):
        _race(number)
        while ReportingPeriod.objects.behind().exists():
            for period in ReportingPeriod.objects.behind():
                recompute(period.code)
        _assert_oracle(number)


def _race(number: int) -> None:
    done = threading.Event()
    outcomes = together(lambda: _keep_recomputing(done), lambda: _send_both(number, done))
    unexpected = [o for o in outcomes if isinstance(o, Exception)]
    assert not unexpected, unexpected


def _send_one(org: str) -> None:
    with clock.at(DAYS[-1]), transaction.atomic():
        send(org, JUNE, [Row()])


def _send_both(number: int, done: threading.Event) -> None:
    try:
        with clock.at(DAYS[-1]):
            for org in ORGANISATIONS:
                with transaction.atomic():
                    send(org, JUNE, [Row(actual=number * K)])
    finally:
        done.set()


def _keep_recomputing(done: threading.Event) -> None:
    with clock.at(DAYS[-1]):
        while not done.is_set():
            recompute(JUNE)
            done.wait(0.01)


def _assert_oracle(number: int) -> None:
    full = {line.key: line for line in compute(gather(JUNE, full=True).facts)}
    assert lines_of(JUNE) == full
    line = next(x for x in full.values() if x.subject_id == "ngh/UC-01")
    assert line.delivered_pence == 3 * number * K


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_stale_recompute_of_two_publishes_nothing(
    demo_clock: dt.datetime,
) -> None:
    """N2: A gathers, B gathers newer facts and publishes; A is refused."""
    stale, fresh = _two_gathered()
    actions._publish(fresh, list(compute(fresh.facts)), None)
    with pytest.raises(snapshots.Overtaken):
        actions._publish(stale, list(compute(stale.facts)), None)
    assert ReportingPeriod.objects.get(pk=JUNE).snapshot_version == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_twin_without_the_condition_the_older_facts_win(
    demo_clock: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unconditionally(period: str, expected: int, data_version: int) -> bool:
        ReportingPeriod.objects.filter(pk=period).update(
            snapshot_version=expected + 1, snapshot_data_version=data_version
        )
        return True

    stale, fresh = _two_gathered()
    monkeypatch.setattr(snapshots, "_point", unconditionally)
    actions._publish(fresh, list(compute(fresh.facts)), None)
    period = ReportingPeriod.objects.get(pk=JUNE)
    stale = replace(stale, version=1, stored=snapshots.stored(JUNE, 1))
    actions._publish(stale, list(compute(stale.facts)), None)
    then = ReportingPeriod.objects.get(pk=JUNE)
    assert then.snapshot_data_version < period.snapshot_data_version


def _two_gathered() -> Any:
    lay_out((JUNE, "2017-04"), ORGANISATIONS)
    plan("ngh", [Row()])
    stale = gather(JUNE)
    send("ngh", JUNE, [Row(actual=2 * K)])
    return stale, gather(JUNE)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_gathering_reads_one_state_and_blocks_nobody(
    demo_clock: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A return that lands between two reads of one gather is in none of them."""
    lay_out((JUNE, "2017-04"), ORGANISATIONS)
    plan("ngh", [Row()])
    landed: list[object] = []
    scopes = inputs._scopes

    def then_one_lands(period: ReportingPeriod) -> Any:
        landed.extend(together(lambda: _send_one("ngh")))
        return scopes(period)

    monkeypatch.setattr(inputs, "_scopes", then_one_lands)
    gathered = gather(JUNE)
    monkeypatch.setattr(inputs, "_scopes", scopes)
    assert not any(isinstance(x, Exception) for x in landed), landed
    position = next(o.position for o in gathered.facts.organisations if o.id == "ngh")
    assert landed, "the return did land while gathering"
    assert position is not None
    assert not position.reported, "figures newer than the count they are published with"
    assert ReportingPeriod.objects.get(pk=JUNE).data_version > gathered.data_version
    recompute(JUNE)
    recompute(JUNE)
    assert lines_of(JUNE) == {x.key: x for x in compute(gather(JUNE, full=True).facts)}
