"""Recompute against the database: what is published, what is reused, what is asked for next."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stp.core import changes, clock, faults, jobs, snapshots
from stp.core.lines import Line, Subject
from stp.core.models import Job, PeriodChange, ReportingPeriod, Snapshot, SnapshotLine
from stp.core.periods import LONDON
from stp.dashboards import actions
from stp.dashboards.actions import recompute, run_recompute
from stp.dashboards.compute import compute
from stp.dashboards.inputs import gather
from tests.small_system import K, Row, lay_out, organisation, plan, send, withdraw

pytestmark = pytest.mark.django_db
JUNE = "2017-06"


@pytest.fixture(autouse=True)
def small(db: None, demo_clock: dt.datetime) -> Iterator[None]:
    """Three organisations with approved plans; NGH and KGH sent May, KGH sent June."""
    lay_out()
    for org in ("ngh", "kgh", "nhft"):
        plan(org, [Row(), Row("CC-01", "CC"), Row("CIP-1", "CIP")])
    with clock.at(dt.datetime(2017, 6, 14, 10, tzinfo=LONDON)):
        send("ngh", "2017-05", [Row(actual=5 * K), Row("CC-01", "CC"), Row("CIP-1", "CIP")])
        send("kgh", "2017-05", [Row(), Row("CC-01", "CC"), Row("CIP-1", "CIP")])
        recompute("2017-05")
    send("kgh", JUNE, [Row(forecast=5 * K), Row("CC-01", "CC"), Row("CIP-1", "CIP")])
    yield
    faults.install(None)


def published(code: str = JUNE) -> dict[tuple[str, str], Line]:
    period = ReportingPeriod.objects.get(pk=code)
    rows = snapshots.stored(code, period.snapshot_version)
    return {(r.line.subject.value, r.line.subject_id): r.line for r in rows}


def full(code: str = JUNE) -> dict[tuple[str, str], Line]:
    lines = compute(gather(code, full=True).facts)
    return {(x.subject.value, x.subject_id): x for x in lines}


def test_a_late_organisation_is_not_rated_beside_its_carried_rating() -> None:
    recompute("2017-05")
    recompute(JUNE)
    line = published()["scheme", "ngh/UC-01"]
    may = published("2017-05")["scheme", "ngh/UC-01"]
    assert (line.rag, line.code) == ("NOT_RATED", "no_return")
    assert line.carried_from == "2017-05"
    assert line.detail["carried_rating"] == {
        "rag": may.rag.value, "code": may.code, "reason": may.reason, "period": "2017-05"
    }  # fmt: skip
    assert line.detail["counted_as"] in ("RED", "AMBER"), "never better than amber while late"
    organisation = published()["organisation", "ngh"]
    assert (organisation.code, organisation.reason) == (
        "late", "Late by 6 days; May 2017 figures used."
    )  # fmt: skip


def test_an_organisation_that_never_reported_stands_on_its_plan() -> None:
    recompute(JUNE)
    line = published()["scheme", "nhft/UC-01"]
    assert (line.rag, line.code) == ("NOT_RATED", "no_return")
    assert (line.plan_pence, line.forecast_pence, line.delivered_pence) == (120 * K, 120 * K, 0)
    assert published()["organisation", "nhft"].reason.endswith("plan used, nothing reported.")


def test_before_the_due_date_the_last_rating_stands() -> None:
    with clock.at(dt.datetime(2017, 7, 10, 10, tzinfo=LONDON)):
        recompute("2017-05")
        recompute(JUNE)
    line = published()["scheme", "ngh/UC-01"]
    may = published("2017-05")["scheme", "ngh/UC-01"]
    assert (line.rag, line.code) == (may.rag, "return_not_due")
    assert published()["organisation", "ngh"].code == "due"


def test_figures_on_time_are_rated_and_dated() -> None:
    recompute(JUNE)
    line = published()["scheme", "kgh/UC-01"]
    assert line.forecast_pence == (3 * 10 + 9 * 5) * K
    assert (line.rag, line.code) == ("RED", "forecast_short_red"), "£75k of £120k is 62.5 %"
    assert (line.carried_from, line.returns[0]) == ("", "FIN-2017-06-kgh-01")


def test_the_trust_of_a_snapshot_names_who_is_missing() -> None:
    snapshot = recompute(JUNE)
    assert snapshot is not None
    trust = snapshot.trust
    assert (trust["expected"], trust["received"]) == (3, 1)
    missing = [(m["organisation"], m["used_period"]) for m in trust["missing"]]
    assert missing == [("ngh", "2017-05"), ("nhft", "")]
    assert trust["carried_plan"] == 2 * 360 * K
    assert trust["finance_as_at"] == "2017-06-30"
    assert trust["last_commit"]["reference"].startswith("FIN-2017-06-kgh")


def test_nothing_new_publishes_nothing() -> None:
    assert recompute(JUNE) is not None
    assert recompute(JUNE) is None
    assert recompute(JUNE, always=True) is not None
    assert SnapshotLine.objects.filter(period=JUNE, from_version=2).count() == 0


def test_only_the_organisation_that_sent_is_gathered() -> None:
    recompute(JUNE)
    send("ngh", JUNE, [Row(), Row("CC-01", "CC"), Row("CIP-1", "CIP")])
    gathered = gather(JUNE)
    assert [o.id for o in gathered.facts.organisations if o.position] == ["ngh"]
    assert not gathered.full
    published_now = recompute(JUNE)
    assert published_now is not None
    touched = SnapshotLine.objects.filter(period=JUNE, from_version=published_now.version)
    schemes = touched.filter(subject=Subject.SCHEME.value)
    assert set(schemes.values_list("organisation", flat=True)) == {"ngh"}
    assert published() == full()


def test_a_change_to_all_gathers_everybody() -> None:
    recompute(JUNE)
    changes.bump_all_open(what="a weight")
    assert gather(JUNE).full


def test_the_due_date_passing_is_seen_without_any_note_of_it() -> None:
    with clock.at(dt.datetime(2017, 7, 10, 10, tzinfo=LONDON)):
        recompute(JUNE)
        before = published()["scheme", "ngh/UC-01"].code
    send("kgh", JUNE, [Row()])
    recompute(JUNE)
    assert before == "return_not_due"
    assert published()["scheme", "ngh/UC-01"].code == "no_return"
    assert published() == full()


def test_a_new_may_return_reaches_the_estimates_of_june() -> None:
    send("kgh", JUNE, [Row(blank=(JUNE,), words={"title": "Blank June"})])
    recompute(JUNE)
    send("kgh", "2017-05", [Row(forecast=1 * K)])
    assert ReportingPeriod.objects.get(pk=JUNE).is_behind
    send("ngh", JUNE, [Row()])
    recompute(JUNE)
    assert published() == full()


def test_a_period_recomputes_the_earlier_ones_first() -> None:
    changes.bump_all_open(what="a risk")
    job = jobs.claim(jobs.request("recompute", key=JUNE).pk)
    assert job
    run_recompute(job)
    assert not ReportingPeriod.objects.behind().exists()
    job.refresh_from_db()
    assert job.state == Job.State.DONE


def test_a_return_that_lands_during_a_recompute_is_not_lost() -> None:
    recompute(JUNE)
    Job.objects.all().delete()
    send("ngh", JUNE, [Row(actual=1 * K)])
    _lands_once("recompute.gathered", lambda: send("nhft", JUNE, [Row(actual=2 * K)]))
    snapshot = recompute(JUNE)
    period = ReportingPeriod.objects.get(pk=JUNE)
    assert snapshot is not None
    assert period.is_behind, "the second return is not in this snapshot, and the period says so"
    assert Job.objects.filter(kind="recompute", key=JUNE, state="waiting").exists()
    recompute(JUNE)
    assert published() == full()
    assert published()["scheme", "nhft/UC-01"].delivered_pence == 6 * K


def test_twin_a_recompute_that_claims_the_newest_count_loses_the_return(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recompute(JUNE)
    send("ngh", JUNE, [Row(actual=1 * K)])

    def claims_newest(gathered: Any, lines: list[Line], job: Job | None) -> Snapshot:
        newest = ReportingPeriod.objects.get(pk=gathered.period).data_version
        return publish(replace(gathered, data_version=newest), lines, job)

    publish = actions._publish
    monkeypatch.setattr(actions, "_publish", claims_newest)
    _lands_once("recompute.gathered", lambda: send("nhft", JUNE, [Row(actual=2 * K)]))
    recompute(JUNE)
    assert not ReportingPeriod.objects.get(pk=JUNE).is_behind, "so nobody would look again"
    assert published()["scheme", "nhft/UC-01"].delivered_pence != 6 * K


def test_an_overtaken_recompute_starts_again_from_the_new_state() -> None:
    send("ngh", JUNE, [Row()])
    _lands_once("recompute.gathered", lambda: recompute(JUNE))
    send("nhft", JUNE, [Row()])
    result = recompute(JUNE, always=True)
    assert result is not None
    assert result.version == 2
    assert published() == full()


def test_a_recompute_overtaken_every_time_gives_up_and_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(snapshots, "_point", lambda *args: False)
    with pytest.raises(snapshots.Overtaken):
        recompute(JUNE)
    assert not Snapshot.objects.filter(period=JUNE).exists()


@pytest.mark.parametrize("point", ["recompute.gathered", "recompute.lines", "recompute.published"])
def test_a_crash_leaves_the_state_before_whole(point: str) -> None:
    recompute(JUNE)
    before = published()
    send("ngh", JUNE, [Row(actual=1 * K)])

    def crash(name: str) -> None:
        if name == point:
            raise RuntimeError(name)

    faults.install(crash)
    with pytest.raises(RuntimeError):
        recompute(JUNE)
    faults.install(None)
    assert published() == before
    assert ReportingPeriod.objects.get(pk=JUNE).snapshot_version == 1
    recompute(JUNE)
    assert published() == full()


def test_a_job_of_a_closed_period_ends_without_effect() -> None:
    ReportingPeriod.objects.filter(pk="2017-04").update(state="closed")
    job = jobs.claim(jobs.request("recompute", key="2017-04").pk)
    assert job
    run_recompute(job)
    assert not Snapshot.objects.filter(period="2017-04").exists()


def test_a_job_of_no_period_fails_with_a_sentence() -> None:
    job = jobs.claim(jobs.request("recompute", key="2031-01").pk)
    assert job
    with pytest.raises(ReportingPeriod.DoesNotExist, match="no reporting period 2031-01"):
        run_recompute(job)


def test_when_the_red_areas_of_may_move_june_is_behind() -> None:
    recompute("2017-05")
    recompute(JUNE)
    send("ngh", "2017-05", [Row(actual=0, forecast=0)])
    recompute("2017-05")
    scopes = PeriodChange.objects.filter(period=JUNE).values_list("scope", flat=True)
    assert changes.EARLIER_PERIOD in scopes
    recompute(JUNE)
    assert published() == full()


def test_a_withdrawal_brings_the_earlier_version_back() -> None:
    first = published_after(send("ngh", JUNE, [Row(actual=3 * K)]))
    second = send("ngh", JUNE, [Row(actual=4 * K)])
    recompute(JUNE)
    withdraw(second)
    recompute(JUNE)
    assert published()["scheme", "ngh/UC-01"] == first["scheme", "ngh/UC-01"]
    assert published() == full()


def published_after(return_: Any) -> dict[tuple[str, str], Line]:
    recompute(JUNE)
    return published()


def queries(code: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        gather(code, full=True)
    return len(captured)


def test_gathering_takes_the_same_number_of_queries_for_3_and_30_schemes() -> None:
    few = queries(JUNE)
    for number in range(4):
        org = organisation(f"more{number}").pk
        rows = [Row(f"UC-{n:02d}", words={"title": str(n)}) for n in range(10)]
        plan(org, rows)
        send(org, "2017-05", rows)
        send(org, JUNE, [replace(r, blank=(JUNE,)) for r in rows])
    assert queries(JUNE) == few


def _lands_once(point: str, what: Any) -> None:
    """Let `what` happen when the recompute first reaches a point."""

    def handler(name: str) -> None:
        if name == point:
            faults.install(None)
            what()

    faults.install(handler)
