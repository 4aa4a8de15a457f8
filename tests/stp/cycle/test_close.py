"""Closing a period: on an up-to-date snapshot, pinned for ever, by those who may."""

import datetime as dt

import pytest

from stp.accounts.models import User
from stp.core import changes
from stp.core.models import AuditEvent, ReportingPeriod, SnapshotPin
from stp.core.permissions import Role
from stp.cycle import actions
from stp.cycle.actions import NotAllowedToClose, NotOpenYet, StillBehind, close_period
from stp.dashboards.actions import recompute
from tests.small_system import Row, lay_out, person, plan, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def may(demo_clock: dt.datetime) -> ReportingPeriod:
    """May and June, open; two organisations with plans; NGH sent May."""
    opened = lay_out(("2017-04", "2017-05", "2017-06"), ("ngh", "kgh"))
    for org in ("ngh", "kgh"):
        plan(org, [Row()])
    send("ngh", "2017-05", [Row()])
    return opened["2017-05"]


@pytest.fixture
def pmo(db: None) -> User:
    return person(Role.PMO)


def test_it_closes_on_a_snapshot_with_everything_in_it(may: ReportingPeriod, pmo: User) -> None:
    closed = close_period(period=may, by=pmo, reason="As agreed at the board.")
    assert (closed.state, closed.closed_by_id) == ("closed", pmo.pk)
    assert closed.closed_at is not None
    assert not closed.is_behind
    pin = SnapshotPin.objects.get()
    assert (pin.why, pin.snapshot.version) == ("close", closed.snapshot_version)
    event = AuditEvent.objects.get(verb="closed")
    assert (event.object_id, event.by, event.reason) == (
        "2017-05", pmo.pk, "As agreed at the board."
    )  # fmt: skip
    assert event.after == {"State": "Closed", "Snapshot": "version 1"}


def test_later_periods_stay_open_and_closed_figures_stay_put(
    may: ReportingPeriod, pmo: User
) -> None:
    close_period(period=may, by=pmo)
    version = ReportingPeriod.objects.get(pk="2017-05").data_version
    changes.bump_all_open(what="a weight")
    assert ReportingPeriod.objects.get(pk="2017-06").is_open
    assert ReportingPeriod.objects.get(pk="2017-05").data_version == version
    assert recompute("2017-05", always=True) is None


def test_a_second_close_does_nothing(may: ReportingPeriod, pmo: User) -> None:
    first = close_period(period=may, by=pmo)
    second = close_period(period=may, by=person(Role.PMO))
    assert second.closed_by_id == first.closed_by_id
    assert (SnapshotPin.objects.count(), AuditEvent.objects.filter(verb="closed").count()) == (1, 1)


@pytest.mark.parametrize("role", [Role.BOARD, Role.AUDITOR, Role.ADMINISTRATOR, Role.SRO])
def test_others_may_not(may: ReportingPeriod, role: Role) -> None:
    with pytest.raises(NotAllowedToClose, match="programme office"):
        close_period(period=may, by=person(role))
    assert ReportingPeriod.objects.get(pk=may.pk).is_open


def test_a_period_that_is_not_open_yet_is_refused(may: ReportingPeriod, pmo: User) -> None:
    ReportingPeriod.objects.filter(pk="2017-06").update(state="planned")
    with pytest.raises(NotOpenYet, match="June 2017 is not open yet"):
        close_period(period=ReportingPeriod.objects.get(pk="2017-06"), by=pmo)


def test_a_change_between_recompute_and_close_is_refused(
    may: ReportingPeriod, pmo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def and_then_something_lands(code: str) -> None:
        recompute(code)
        changes.bump_all_open(what="a risk")

    monkeypatch.setattr(actions, "recompute", and_then_something_lands)
    with pytest.raises(StillBehind, match="does not include yet"):
        close_period(period=may, by=pmo)
    assert ReportingPeriod.objects.get(pk=may.pk).is_open
    assert not SnapshotPin.objects.exists()
