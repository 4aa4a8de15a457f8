"""What the overview reads from a published state."""

import datetime as dt

import pytest

from stp.core import snapshots
from stp.core.models import ReportingPeriod
from stp.core.rag import Rag
from stp.dashboards.overview import overview, row
from stp.dashboards.reading import read
from stp.dashboards.workstream import SUBJECTS
from tests.conftest import make_period
from tests.programme import JUNE, MAY, add_risk, lay_out_programme

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
