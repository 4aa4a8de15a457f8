"""Of organisations nothing happened to, a recompute reads their sums and none of their schemes."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stp.core import snapshots
from stp.core.lines import Line, Subject
from stp.core.models import Organisation, ReportingPeriod, Return, SnapshotLine
from stp.dashboards.actions import recompute
from stp.dashboards.compute import compute
from stp.dashboards.inputs import gather
from tests.small_system import K, Row, lay_out, plan, send

JUNE = "2017-06"

pytestmark = pytest.mark.django_db


@pytest.fixture
def published(demo_clock: dt.datetime) -> None:
    """Two organisations, one scheme each that claims the other's, published."""
    lay_out((JUNE, "2017-04"), ("ngh", "kgh"))
    for org, other in (("ngh", "kgh"), ("kgh", "ngh")):
        plan(org, [Row()])
        send(org, JUNE, [Row(words={"same_as": f"{other}/UC-01"})])
    recompute(JUNE)


def lines_of_version() -> dict[Any, Line]:
    period = ReportingPeriod.objects.get(pk=JUNE)
    return {row.line.key: row.line for row in snapshots.stored(JUNE, period.snapshot_version)}


def assert_as_full() -> None:
    assert lines_of_version() == {x.key: x for x in compute(gather(JUNE, full=True).facts)}


def test_only_the_schemes_of_the_organisation_that_sent_are_read(published: None) -> None:
    send("ngh", JUNE, [Row(actual=4 * K, words={"same_as": "kgh/UC-01"})])
    gathered = gather(JUNE)
    schemes = {r.line.subject_id for r in gathered.stored if r.line.subject is Subject.SCHEME}
    assert schemes == {"ngh/UC-01"}
    assert {x.subject for x in gathered.facts.kept} == {Subject.SUMS, Subject.ORGANISATION}
    assert gathered.facts.kept_plans == {"kgh/UC-01": 120 * K}, "a claim on it is to be settled"
    recompute(JUNE)
    assert_as_full()


def test_the_number_of_queries_does_not_grow_with_other_organisations(
    published: None,
) -> None:
    few = _recomputed("ngh", 3)
    plan("kgh", [Row(f"S-{n}") for n in range(30)])
    send("kgh", JUNE, [Row(f"S-{n}") for n in range(30)])
    recompute(JUNE)
    assert _recomputed("ngh", 5) <= few


def _recomputed(org: str, actual: int) -> int:
    send(org, JUNE, [Row(actual=actual * K)])
    with CaptureQueriesContext(connection) as queries:
        recompute(JUNE)
    return len(queries)


def test_a_version_without_sums_is_worked_out_whole(published: None) -> None:
    """What an installation that was upgraded has stored."""
    SnapshotLine.objects.filter(subject=Subject.SUMS.value).delete()
    send("ngh", JUNE, [Row(actual=2 * K)])
    assert gather(JUNE).full
    recompute(JUNE)
    assert_as_full()


def test_schemes_of_an_organisation_that_left_go_from_the_snapshot(published: None) -> None:
    Return.objects.filter(organisation="kgh").update(in_force=False, state="withdrawn")
    Organisation.objects.filter(pk="kgh").update(sends_finance_return=False)
    send("ngh", JUNE, [Row()])
    recompute(JUNE)
    left = {key for key, x in lines_of_version().items() if x.organisation == "kgh"}
    assert not {key for key in left if key[0] in ("scheme", "sums", "organisation")}
    assert_as_full()


def test_twin_sums_that_are_wrong_are_seen_above(published: None) -> None:
    """The stored sums are what the roll-ups rest on: spoilt, the programme's money differs."""
    line = SnapshotLine.objects.get(period=JUNE, subject=Subject.SUMS.value, subject_id="kgh")
    line.detail["lines"]["UC"]["years"]["2017/18"]["plan"] += 1
    SnapshotLine.objects.filter(pk=line.pk).update(detail=line.detail)
    send("ngh", JUNE, [Row()])
    recompute(JUNE)
    with pytest.raises(AssertionError):
        assert_as_full()


def test_an_organisation_neither_gathered_nor_kept_is_no_nil(published: None) -> None:
    facts = gather(JUNE, full=True).facts
    blind = tuple(replace(o, position=None) for o in facts.organisations)
    with pytest.raises(KeyError):
        compute(replace(facts, organisations=blind))
