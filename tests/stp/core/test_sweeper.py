"""The sweep: dates that pass, recomputes that are behind, jobs left behind."""

import datetime as dt

import pytest
from django.core.management import call_command

from stp.core import changes, clock, jobs, periods, sweeper
from stp.core.management.commands import run_jobs
from stp.core.models import AuditEvent, Heartbeat, Job, PeriodChange, ReportingPeriod

pytestmark = pytest.mark.django_db
STEP = dt.timedelta(seconds=1)


def at(moment: dt.datetime) -> list[int]:
    with clock.at(moment):
        return sweeper.sweep("test")


def state(period: ReportingPeriod) -> tuple[str, int, int]:
    period.refresh_from_db()
    return period.state, period.dates_passed, period.data_version


@pytest.fixture
def planned(june: ReportingPeriod) -> ReportingPeriod:
    ReportingPeriod.objects.filter(pk=june.pk).update(state=ReportingPeriod.State.PLANNED)
    june.refresh_from_db()
    return june


def test_each_date_is_counted_once_at_its_moment(planned: ReportingPeriod) -> None:
    at(planned.opens_at - STEP)
    assert state(planned) == ("planned", 0, 0)
    dates = (planned.opens_at, planned.due_at, planned.hold_at, planned.closes_at)
    for number, date in enumerate(dates, start=1):
        if number > 1:
            at(date - STEP)
            assert state(planned) == ("open", number - 1, number - 1)
        at(date)
        at(date)
        assert state(planned) == ("open", number, number), f"date {number} at {date}"
    what = PeriodChange.objects.order_by("data_version").values_list("scope", "what")
    assert list(what) == [(changes.ALL, text) for text in changes.PASSING]


def test_opening_is_in_the_trail_as_the_trackers_own_act(planned: ReportingPeriod) -> None:
    at(planned.opens_at)
    event = AuditEvent.objects.get()
    assert (event.verb, event.by_name, event.period_id) == ("opened", "The tracker", "2017-06")


def test_dates_missed_together_are_one_change(june: ReportingPeriod) -> None:
    at(june.hold_at)
    assert state(june) == ("open", 3, 1)
    assert PeriodChange.objects.get().what == "The hold date passed"


def test_a_closed_period_never_moves(june: ReportingPeriod) -> None:
    ReportingPeriod.objects.filter(pk=june.pk).update(state=ReportingPeriod.State.CLOSED)
    assert at(june.closes_at + STEP) == []
    assert state(june) == ("closed", 0, 0)


def test_of_two_sweeps_that_saw_the_same_count_one_passes_it(june: ReportingPeriod) -> None:
    seen_by_the_other = ReportingPeriod.objects.get(pk=june.pk)
    with clock.at(june.due_at):
        assert changes.pass_dates(june)
        assert not changes.pass_dates(seen_by_the_other)
    assert state(june) == ("open", 2, 1)


def test_a_period_that_is_behind_gets_one_recompute(june: ReportingPeriod) -> None:
    ReportingPeriod.objects.filter(pk=june.pk).update(
        data_version=3, snapshot_data_version=2, dates_passed=4
    )
    before = june.opens_at - dt.timedelta(days=1)
    due = at(before)
    assert at(before) == due
    job = Job.objects.get()
    assert (job.kind, job.key, due) == ("recompute", "2017-06", [job.pk])


def test_a_recompute_given_up_is_not_asked_for_by_the_clock_but_by_the_next_change(
    june: ReportingPeriod,
) -> None:
    with clock.at(june.opens_at):
        changes.bump([june], scope=changes.ALL, what="A milestone moved")
    Job.objects.update(state=Job.State.QUARANTINED)
    ReportingPeriod.objects.update(dates_passed=4)
    assert at(june.opens_at) == []
    with clock.at(june.opens_at):
        changes.bump([june], scope=changes.organisation("ngh"), what="A return")
    assert len(at(june.opens_at)) == 1


def test_a_change_reaches_open_periods_only(june: ReportingPeriod) -> None:
    changes.bump_all_open(what="A weight changed")
    assert state(june) == ("open", 0, 1)
    ReportingPeriod.objects.update(state=ReportingPeriod.State.CLOSED)
    changes.bump_all_open(what="Another weight changed")
    changes.bump([june], scope=changes.ALL, what="A target changed")
    assert state(june) == ("closed", 0, 1)
    assert periods.parse(PeriodChange.objects.get().period_id).code == "2017-06"


def test_run_jobs_once_drains_and_says_how_many(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for key in ("a", "b"):
        jobs.request("check_return", key=key)
    monkeypatch.setattr(jobs, "import_string", lambda dotted: jobs.finish)
    call_command("run_jobs", "--once")
    assert capsys.readouterr().out == "2 jobs done.\n"
    assert Heartbeat.objects.exclude(name="hourly").get().name == run_jobs.NAME


def test_one_failing_job_never_ends_the_process(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken, fine = (jobs.request("check_return", key=key).pk for key in ("a", "b"))
    real = jobs.run

    def breaks(job_id: int) -> bool:
        if job_id == broken:
            raise RuntimeError("the row cannot be read")
        return real(job_id)

    monkeypatch.setattr(jobs, "run", breaks)
    monkeypatch.setattr(jobs, "import_string", lambda dotted: jobs.finish)
    assert run_jobs.run_all([broken, fine]) == 1
    assert "the row cannot be read" in caplog.text
