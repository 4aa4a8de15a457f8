"""The charts of the overview and the gap hold the numbers of their lines."""

import datetime as dt

import pytest

from stp.core import snapshots
from stp.core.charts import table_rows
from stp.core.models import ReportingPeriod
from stp.dashboards import page_charts
from stp.dashboards.overview import Overview, overview
from tests.programme import JUNE, lay_out_programme

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(demo_clock: dt.datetime) -> Overview:
    lay_out_programme()
    found = overview(snapshots.view(ReportingPeriod.objects.get(pk=JUNE)), None)
    assert found is not None
    return found


def test_both_charts_stand_with_a_finding(page: Overview) -> None:
    charts = page_charts.of_overview(page, ReportingPeriod.objects.get(pk=JUNE))
    assert set(charts) == {"bridge", "months"}
    for chart in [draw() for draw in charts.values()]:
        assert chart.headline
        assert len(chart.headline.split()) <= 20
        assert table_rows(chart)


def test_a_month_without_every_return_says_whose_is_missing(page: Overview) -> None:
    months = page_charts.of_overview(page, ReportingPeriod.objects.get(pk=JUNE))["months"]()
    assert any("leaves out NHFT" in note for note in months.footnotes)


def test_all_returns_in_leaves_no_footnote(page: Overview) -> None:
    page.trust["missing"].clear()
    months = page_charts.of_overview(page, ReportingPeriod.objects.get(pk=JUNE))["months"]()
    assert months.footnotes == ()


def test_nothing_to_draw_draws_nothing(page: Overview) -> None:
    from dataclasses import replace

    page.programme.detail["months"] = []
    bare = replace(page, gap=None)
    assert page_charts.of_overview(bare, ReportingPeriod.objects.get(pk=JUNE)) == {}
