"""The gap page adds up to the penny, in every year, line and organisation."""

import datetime as dt

import pytest

from finance.models import Target
from stp.core import snapshots
from stp.core.models import ReportingPeriod
from stp.core.periods import PLAN_YEARS
from stp.dashboards.gap import Gap, gap
from tests.conftest import make_period
from tests.programme import JUNE, MAY, lay_out_programme
from tests.small_system import K

pytestmark = pytest.mark.django_db
MONEY = ("plan_pence", "forecast_pence", "delivered_pence", "secure_pence", "at_risk_pence",
         "slippage_pence")  # fmt: skip


def page_of(year: str) -> Gap:
    june, may = (ReportingPeriod.objects.get(pk=code) for code in (JUNE, MAY))
    page = gap(snapshots.view(june), snapshots.view(may), year)
    assert page is not None
    return page


@pytest.fixture
def programme(demo_clock: dt.datetime) -> None:
    lay_out_programme()


def test_nothing_published_is_no_page(db: None) -> None:
    assert gap(snapshots.view(make_period(JUNE)), None, "2020/21") is None


@pytest.mark.parametrize("year", PLAN_YEARS)
def test_lines_and_organisations_make_the_total(programme: None, year: str) -> None:
    page = page_of(year)
    for money in MONEY:
        total = getattr(page.total, money) or 0
        for rows in (page.by_line, page.by_organisation):
            assert sum(getattr(r.line, money) or 0 for r in rows) == total, (year, money)


def test_the_parts_make_the_gap_and_the_rest_has_no_secure_answer(programme: None) -> None:
    page = page_of("2020/21")
    assert page.adds_up
    assert sum(part.now or 0 for part in page.parts) == page.total.target_pence
    assert page.no_secure_answer == sum(part.now or 0 for part in page.parts[2:])
    page.total.secure_pence = 0
    assert page.no_secure_answer == (page.total.target_pence or 0) - (
        page.total.delivered_pence or 0
    )


def test_without_a_target_nothing_is_claimed(programme: None) -> None:
    page = page_of("2018/19")
    assert page.total.target_pence is None
    assert page.no_secure_answer is None
    assert page.adds_up
    unidentified = page.parts[-1]
    assert (unidentified.now, unidentified.change) == (None, None)


def test_a_change_is_now_less_before(programme: None) -> None:
    forecasts = {part.name: part for part in page_of("2017/18").parts}
    short = forecasts["Forecast shortfall against plan"]
    assert short.now is not None
    assert short.before is not None
    assert short.change == short.now - short.before
    late, new = 9 * 5 * K, 12 * 10 * K  # NGH's UC-01 from July, KGH's CC-09 outside the plan
    assert short.change == late - new


def test_a_row_says_how_the_return_stands(programme: None) -> None:
    stands = {row.line.organisation: row.returned for row in page_of("2020/21").by_organisation}
    assert "Late by 6 days" in stands["nhft"]
    assert "Late" not in stands["kgh"]


def test_ahead_and_over_identified_are_sizes(programme: None) -> None:
    row = page_of("2020/21").by_line[0]
    row.line.detail.update(ahead=-5, over_identified=-7)
    assert (row.ahead, row.over_identified) == (5, 7)
    row.line.detail.update(ahead=None, over_identified=0)
    assert (row.ahead, row.over_identified) == (0, 0)


def test_a_doubtful_target_is_named_with_its_note(programme: None) -> None:
    assert page_of("2020/21").doubts == []
    Target.objects.filter(line="NONE").update(flags=["computed"], flag_note="230 − 88 − 116")
    Target.objects.create(
        line="EFF", year="2020/21", pence=1, reading="82",
        flags=["needs_confirmation"], effective_on=dt.date(2016, 10, 1),
    )  # fmt: skip
    (doubt,) = page_of("2020/21").doubts
    assert (doubt.name, doubt.target.flag_note) == ("In no line", "230 − 88 − 116")
