"""What the overview reads from a published state."""

import datetime as dt
from typing import Any

import pytest

from stp.core import clock, snapshots
from stp.core.models import ReportingPeriod, Snapshot
from stp.core.rag import Rag
from stp.dashboards.actions import recompute
from stp.dashboards.overview import overview, row
from stp.dashboards.reading import read
from stp.dashboards.workstream import SUBJECTS
from tests.conftest import make_period
from tests.programme import JUNE, MAY, ROWS, add_risk, lay_out_programme
from tests.small_system import send

pytestmark = pytest.mark.django_db


def view(code: str) -> snapshots.View:
    return snapshots.view(ReportingPeriod.objects.get(pk=code))


def test_nothing_published_is_no_page() -> None:
    make_period(JUNE)
    assert overview(view(JUNE), None) is None


def test_rows_come_in_the_plan_s_order_and_by_kind(demo_clock: dt.datetime) -> None:
    lay_out_programme()
    page = overview(view(JUNE), view(MAY))
    assert page is not None
    assert [r.line.subject_id for r in page.delivery_rows] == ["UC", "CC", "SC", "PR", "PD", "EFF"]
    assert [r.name for r in page.enabler_rows] == ["EN1"]
    assert sum(count.now for count in page.areas) == 5, "every area carries one rating"


def test_risk_adjusted_is_delivered_and_secure(demo_clock: dt.datetime) -> None:
    lay_out_programme()
    page = overview(view(JUNE), None)
    assert page is not None
    assert page.year is not None
    assert page.risk_adjusted == (page.year.delivered_pence or 0) + (page.year.secure_pence or 0)
    page.year.delivered_pence = None
    assert page.risk_adjusted is None, "unknown is never zero"


def test_risks_are_the_five_highest_with_the_score_they_had(demo_clock: dt.datetime) -> None:
    lay_out_programme()
    for number in range(1, 8):
        add_risk(f"RK{number}", score=number)
    add_risk("RK7", MAY, score=20)
    add_risk("RK8", score=None)
    page = overview(view(JUNE), view(MAY))
    assert page is not None
    assert [r.line.subject_id for r in page.risks] == ["RK7", "RK6", "RK5", "RK4", "RK3"]
    assert page.risks[0].before == 20


def test_indicators_are_counted_by_rating_without_the_total(demo_clock: dt.datetime) -> None:
    lay_out_programme()
    page = overview(view(JUNE), None)
    assert page is not None
    page.programme.detail["indicators"] = {"NOT_RATED": 3, "RED": 1, "GREEN": 0, "total": 4}
    assert dict(page.indicator_counts) == {"RED": 1, "NOT_RATED": 3}
    assert all(Rag(name) for name, _ in page.indicator_counts)


def test_a_workstream_that_is_not_there_is_an_error(demo_clock: dt.datetime) -> None:
    lay_out_programme()
    lines = read(view(JUNE), *SUBJECTS)
    with pytest.raises(KeyError):
        row("XX", lines, lines)


def test_a_version_is_read_once_whoever_reads_it(
    demo_clock: dt.datetime, django_assert_num_queries: Any
) -> None:
    lay_out_programme()
    first = overview(view(JUNE), view(MAY))
    now, then = view(JUNE), view(MAY)
    with django_assert_num_queries(0):
        assert overview(now, then) == first
    with django_assert_num_queries(1):  # another pair: nothing to compare with
        alone = overview(now, None)
    assert alone is not None
    assert alone.before is None


def test_the_next_version_is_read_by_itself(demo_clock: dt.datetime) -> None:
    lay_out_programme()
    before = overview(view(JUNE), view(MAY))
    send("nhft", JUNE, list(ROWS))
    recompute(JUNE)
    after = overview(view(JUNE), view(MAY))
    assert before is not None
    assert after is not None
    assert before.trust["received"] + 1 == after.trust["received"]
    assert before.programme != after.programme


def test_a_database_put_back_is_not_taken_for_the_one_before(demo_clock: dt.datetime) -> None:
    """Version 1 of June, published a minute later with other lines, after a restore."""
    lay_out_programme()
    assert overview(view(JUNE), None) is not None
    Snapshot.objects.filter(period=JUNE).update(published_at=demo_clock + dt.timedelta(minutes=1))
    add_risk("RK1")
    page = overview(view(JUNE), None)
    assert page is not None
    assert [r.line.subject_id for r in page.risks] == ["RK1"]


def test_what_is_not_of_the_version_is_as_of_now(demo_clock: dt.datetime) -> None:
    """How late a return is depends on the day and on the period's own row."""
    lay_out_programme()

    def late() -> str:
        page = overview(view(JUNE), view(MAY))
        assert page is not None
        return next(said for line, said in page.organisations if line.subject_id == "nhft")

    today = late()
    with clock.at(demo_clock + dt.timedelta(days=3)):
        assert late() != today
    due_at = view(JUNE).period.due_at + dt.timedelta(days=2)
    ReportingPeriod.objects.filter(pk=JUNE).update(due_at=due_at)
    assert late() != today
