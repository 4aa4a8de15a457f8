"""Schemes list and scheme page: permission, figures, filters, downloads, rubbish."""

import csv
import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from finance import page_charts, queries
from stp.core.models import ReportingPeriod, SnapshotLine
from stp.core.permissions import Role
from tests.conftest import make_period
from tests.programme import JUNE, lay_out_programme, reader, words
from tests.small_system import Row

pytestmark = pytest.mark.django_db
LIST, ONE = "/finance/schemes/", "/finance/schemes/ngh/UC-01/"
HOSTILE = "<script>alert(1)</script>{{ 7|add:1 }}"


@pytest.fixture
def programme(demo_clock: dt.datetime) -> None:
    lay_out_programme()


def table_of(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.mark.parametrize("address", [LIST, ONE])
def test_who_may_read(programme: None, address: str) -> None:
    assert Client().get(address).status_code == 302
    assert {role: reader(role).get(address).status_code for role in Role} == dict.fromkeys(
        Role, 200
    )


def test_without_a_period_or_snapshot_the_list_says_why(db: None) -> None:
    assert "No reporting period has been opened" in words(reader().get(LIST))
    make_period(JUNE)
    assert "Nothing has been worked out for June 2017" in words(reader().get(LIST))


def test_totals_are_of_all_filtered_rows_not_of_the_page(programme: None) -> None:
    page = reader().get(LIST, {"per_page": "25", "organisation": "ngh"})
    lines = SnapshotLine.objects.filter(period=JUNE, subject="scheme", organisation="ngh")
    assert page.context["totals"]["plan"] == sum(line.plan_pence or 0 for line in lines)
    said = words(page)
    assert "4 schemes of 13, value in 2017/18" in said
    assert "All filtered schemes" in said


def test_a_later_year_shows_that_year_s_money(programme: None) -> None:
    page = reader().get(LIST, {"year": "2020/21", "period": JUNE})
    plans = [
        line.detail["years"]["2020/21"]["plan"]
        for line in SnapshotLine.objects.filter(period=JUNE, subject="scheme")
    ]
    assert page.context["totals"]["plan"] == sum(plans)
    assert "value in 2020/21" in words(page)


def test_bad_values_are_named_and_ignored(programme: None) -> None:
    bad = {"line": "XX", "organisation": "<b>zz", "year": "1999", "rag": "PURPLE", "page": "99"}
    page = reader().get(LIST, bad)
    assert page.status_code in (200, 404), "a page past the end may be no page"
    page = reader().get(LIST, {k: v for k, v in bad.items() if k != "page"} | {"sort": "nothing"})
    assert page.status_code == 200
    assert words(page).count("This filter was ignored") == 4
    assert page.context["year"] == "2017/18"
    assert "<b>zz" not in page.content.decode()


def test_nothing_matching_says_how_many_there_are(programme: None) -> None:
    assert "No schemes match. 13 without filters." in words(reader().get(LIST, {"rag": "COMPLETE"}))


def test_sorting_and_paging_keep_the_filters(programme: None) -> None:
    body = reader().get(LIST, {"workstream": "UC", "sort": "-plan_pence"}).content.decode()
    assert body.count("workstream=UC") > 5, "every head of a column keeps the filter"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_download_is_an_attachment(programme: None, kind: str) -> None:
    answer = reader().get(LIST, {"format": kind})
    assert f"savings-schemes-2017-06.{kind}" in answer["Content-Disposition"]


def test_the_csv_is_exactly_what_is_filtered(programme: None) -> None:
    rows = table_of(reader().get(LIST, {"format": "csv", "organisation": "ngh", "line": "UC"}))
    start = next(n for n, row in enumerate(rows) if row and row[0] == "Organisation")
    (row,) = rows[start + 1 :]
    assert row[:4] == ["NGH", "UC-01", "Scheme UC-01", "UC"]
    line = SnapshotLine.objects.get(period=JUNE, subject_id="ngh/UC-01")
    assert Decimal(row[5].replace(",", "")) == Decimal(line.forecast_pence or 0) / 100
    notes = " ".join(cell for row in rows[:start] for cell in row)
    for wanted in ("June 2017", "Organisation: NGH", "Line: UC", "value in 2017/18"):
        assert wanted in notes


def test_a_formula_in_a_title_is_neutral_in_the_csv(demo_clock: dt.datetime) -> None:
    lay_out_programme(Row("UC-66", words={"title": "=1+1"}))
    rows = table_of(reader().get(LIST, {"format": "csv"}))
    titles = [row[2] for row in rows if len(row) > 2 and row[1] == "UC-66"]
    assert titles
    assert all(not title.startswith("=") and title.endswith("=1+1") for title in titles)


def test_a_hostile_title_is_text_on_list_and_page(demo_clock: dt.datetime) -> None:
    lay_out_programme(Row("UC-66", words={"title": HOSTILE}))
    for address in (LIST, "/finance/schemes/ngh/UC-66/"):
        body = reader().get(address).content.decode()
        assert "<script>alert(1)" not in body, address
        assert "&lt;script&gt;alert(1)" in body, address
        assert "{{ 7|add:1 }}" in body, address


def test_a_scheme_says_who_said_so(programme: None) -> None:
    said = words(reader().get(ONE))
    assert "FIN-2017-06-ngh-01" in said
    assert "approved plan PLA-2017-04-ngh-01" in said or "PLA-2017-04-ngh-01" in said
    assert "Returns that speak of this scheme" in said


def test_a_late_organisation_s_scheme_is_not_rated_and_dated(programme: None) -> None:
    said = words(reader().get("/finance/schemes/nhft/UC-01/"))
    assert "Not rated" in said
    assert "carried from May 2017" in said


def test_a_new_scheme_and_one_outside_the_gap_say_so(programme: None) -> None:
    assert "New, not in the approved plan" in words(reader().get("/finance/schemes/kgh/CC-09/"))
    assert "outside the NHS gap" in words(reader().get("/finance/schemes/ngh/ASC-1/"))


def test_a_scheme_that_is_not_there_is_not_found(programme: None) -> None:
    client = reader()
    assert client.get("/finance/schemes/ngh/XX-1/").status_code == 404
    assert client.get("/finance/schemes/kgh/CC-09/", {"period": "2017-05"}).status_code == 404


def test_a_scheme_of_a_period_without_figures_says_what_comes(programme: None) -> None:
    page = reader().get(ONE, {"period": "2017-04"})
    assert page.status_code == 200
    assert "Nothing has been worked out for April 2017" in words(page)


def test_the_months_of_a_scheme_come_as_a_file(programme: None) -> None:
    answer = reader().get(ONE, {"chart": "months", "format": "csv"})
    assert "ngh-UC-01-by-month.csv" in answer["Content-Disposition"]


def test_a_later_year_that_does_not_apply_is_no_nil(programme: None) -> None:
    line = SnapshotLine.objects.get(period=JUNE, subject_id="ngh/UC-01", to_version=None)
    page = "/finance/schemes/ngh/UC-01/"
    line.detail["years"]["2018/19"] |= {"plan": 0, "forecast": 0, "delivered": 0}
    line.save()
    assert "2018/19 0 0 0" in words(reader().get(page))
    line.detail["not_applicable"] = ["forecast 2018/19"]
    line.save()
    assert "2018/19 0 Not applicable 0" in words(reader().get(page))


def test_a_plan_without_months_has_no_chart(programme: None) -> None:
    line = SnapshotLine.objects.get(period=JUNE, subject_id="ngh/UC-01")
    line.detail["months"] = []
    line.save()
    assert page_charts.months(line, ReportingPeriod.objects.get(pk=JUNE)) is None
    assert "The plan is annual only" in words(reader().get(ONE))


@pytest.mark.parametrize(
    ("returns", "said"),
    [
        ([], "None"),
        (["PLAN-1"], "approved plan PLAN-1"),
        (["PLAN-1", "RET-1"], "RET-1, approved plan PLAN-1"),
        (["RET-1", "PLAN-1"], "RET-1, approved plan PLAN-1"),
    ],
)
def test_the_finance_return_is_named_first(returns: list[str], said: str) -> None:
    assert queries.returns_in_words(SnapshotLine(returns=returns)) == said
