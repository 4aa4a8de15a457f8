"""The list template: caption, scope, one aria-sort, words in empty cells (A-12 to A-15)."""

import datetime as dt
import re
from typing import Any

import pytest
from django.template import engines
from django.test import RequestFactory
from django_tables2 import RequestConfig

from stp.core import tables
from stp.core.models import SnapshotLine
from stp.core.periods import LONDON
from stp.core.rag import Rag
from tests.conftest import make_period


class Schemes(tables.Table):
    caption = "Savings schemes"
    noun = "schemes"
    title = tables.RowHeader(
        verbose_name="Scheme", linkify=lambda record: f"/schemes/{record['title']}"
    )
    rag = tables.Rag(verbose_name="Rating")
    trend = tables.Trend(orderable=False)
    plan = tables.Money(verbose_name="Plan, £000", total=True)
    forecast = tables.Money(verbose_name="Forecast, £000", total=True)
    against = tables.Variance(verbose_name="Against plan, £000")
    months = tables.Number(verbose_name="Months")
    changed = tables.When(verbose_name="Changed")
    why = tables.Column(verbose_name="Why", orderable=False, wide=True)


def row(n: int, **changes: Any) -> dict[str, Any]:
    return {
        "title": f"S-{n:03}", "rag": "RED", "trend": ("AMBER", "RED"), "plan": 124_000_000,
        "forecast": 100_000_000, "against": -24_000_000, "months": 12,
        "changed": dt.datetime(2017, 7, 24, 10, 5, tzinfo=LONDON), "why": "Forecast below plan",
    } | changes  # fmt: skip


def draw(
    rows: Any, address: str = "/", of: int | None = None, kind: type[tables.Table] = Schemes
) -> str:
    request = RequestFactory().get(address)
    table = kind(rows, of=of)
    RequestConfig(request).configure(table)
    source = "{% load django_tables2 %}{% render_table table %}"
    return str(engines["django"].from_string(source).render({"table": table}, request))


def cells(html: str) -> list[str]:
    found = re.findall(r"<(?:td|th)[^>]*>(.*?)</(?:td|th)>", html, re.S)
    return [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in found]


def test_a_row_in_full() -> None:
    html = draw([row(1)])
    assert cells(html)[9:18] == [
        "S-001", "R Red", "▼ Worse, was Amber", "1,240", "1,000", "240 adverse", "12",
        "24 July 2017, 10:05", "Forecast below plan",
    ]  # fmt: skip
    assert '<a class="nhsuk-link" href="/schemes/S-001">S-001</a>' in html


def test_caption_scope_row_header_and_scroll_region() -> None:
    html = draw([row(n) for n in range(3)])
    assert html.count('scope="row"') == 3 + 1  # and the foot's
    assert all('scope="' in th for th in re.findall(r"<th [^>]*>", html))
    assert 'nhsuk-table__caption--m" id="schemes-caption">Savings schemes<' in html
    assert 'role="region" aria-labelledby="schemes-caption" tabindex="0"' in html
    assert "(Column headers are sortable)" in html
    assert 'data-module="nhsuk-table"' not in html


@pytest.mark.parametrize(
    ("sort", "direction", "next_sort"),
    [("plan", "ascending", "-plan"), ("-plan", "descending", "plan")],
)
def test_aria_sort_on_the_sorted_column_alone(sort: str, direction: str, next_sort: str) -> None:
    html = draw([row(n, plan=n) for n in range(3)], f"/?sort={sort}&period=2017-06&page=2")
    assert re.findall(r'aria-sort="(\w+)"', html) == [direction]
    assert f'href="?sort={next_sort}&amp;period=2017-06"' in html  # back to page 1


def test_an_order_nobody_offers_is_ignored() -> None:
    assert "aria-sort" not in draw([row(1)], "/?sort=nonsense")


def test_no_cell_is_blank() -> None:
    empty = row(1, plan=None, forecast=None, against=None, months=None, changed=None, why="")
    found = cells(draw([empty, row(2)]))
    assert all(found), found
    assert found.count("No data") == 6


def test_totals_are_of_all_rows_and_say_what_is_not_stated() -> None:
    rows = [row(n) for n in range(60)] + [row(60, forecast=None)]
    html = draw(rows, "/?per_page=25")
    foot = cells(html.partition("<tfoot")[2])
    assert foot[3] == "75,640"
    assert foot[4] == "60,000 (1 not stated)"
    assert all(foot)
    assert cells(draw([row(1, forecast=None)]).partition("<tfoot")[2])[4] == "No data"


def test_pages_are_numbered_and_keep_the_address() -> None:
    rows = [row(n) for n in range(230)]
    html = draw(rows, "/?page=3&per_page=25&sort=plan&workstream=UC")
    assert "Savings schemes – rows 51 to 75 of 230" in html
    assert html.count('aria-current="page"') == 1
    assert 'aria-label="Pages of Savings schemes"' in html
    assert 'href="?per_page=25&amp;sort=plan&amp;workstream=UC&amp;page=4"' in html
    assert 'href="?per_page=50&amp;sort=plan&amp;workstream=UC"' in html
    assert "&ctdot;" in html


@pytest.mark.parametrize("size", ["100000", "0", "-1", "x", "7"])
def test_a_page_size_that_is_not_offered_is_the_usual_one(size: str) -> None:
    html = draw([row(n) for n in range(120)], f"/?per_page={size}")
    assert html.count('scope="row"') == tables.Table.per_page + 1


@pytest.mark.parametrize("page", ["0", "99", "x", "-3"])
def test_a_page_that_is_not_there_is_the_nearest(page: str) -> None:
    assert "rows " in draw([row(n) for n in range(120)], f"/?page={page}")


def test_captions_and_empty_lists_say_which_emptiness() -> None:
    assert "Savings schemes – 1 of 118 shown" in draw([row(1)], of=118)
    assert "118 without filters" in draw([row(n) for n in range(60)], of=118)
    assert "No schemes match. 118 without filters." in draw([], of=118)
    assert "No schemes recorded." in draw([])
    assert "<tfoot" not in draw([])


def test_text_is_escaped() -> None:
    assert "<script" not in draw([row(1, title="<script>", why="<script>alert(1)</script>")])


class Lines(tables.Table):
    caption = "Lines"
    label = tables.RowHeader()
    rag = tables.Rag()
    plan_pence = tables.Money(total=True)


@pytest.mark.django_db
@pytest.mark.parametrize("sign", ["", "-"])
def test_ratings_sort_by_severity_and_sums_are_the_databases(sign: str) -> None:
    june = make_period("2017-06")
    for n, rag in enumerate(Rag):
        SnapshotLine.objects.create(
            period=june, subject="scheme", subject_id=str(n), label=rag.word, rag=rag.value,
            from_version=1, plan_pence=None if n == 0 else 100_000_000,
        )  # fmt: skip
    html = draw(SnapshotLine.objects.all(), f"/?sort={sign}rag", kind=Lines)
    words = re.findall(r"</svg>[A-Z]+ ([^<]*)</strong>", html)
    worst_first = ["Red", "Amber", "Not rated", "Green", "Complete", "Not applicable"]
    assert words == (worst_first if not sign else worst_first[::-1])
    assert "5,000" in html
    assert "(1 not stated)" in html


class Odd(tables.Table):
    """What a row must not stumble over: braces in headings and words, any arguments, a link."""

    stacks = True
    name = tables.RowHeader(verbose_name="Name {0}")
    shown = tables.Column(verbose_name="{set} & <so>", empty_values=())
    period = tables.Column(accessor="period__state")
    plan_pence = tables.Column(linkify=lambda value: f"/{value}")

    def render_shown(self, record: Any, bound_column: Any, table: Any, **others: Any) -> str:
        assert table is self
        return f"{{}} {bound_column.name} {sorted(others)} {record['name']}"


def test_headings_and_words_with_braces_stand_as_they_are() -> None:
    record = {"name": "{name}", "period": {"state": "open"}, "plan_pence": 5}
    html = draw([record], kind=Odd)
    assert '<th scope="row" class="nhsuk-table__header" role="rowheader">{name}</th>' in html
    said = "{} shown [&#x27;column&#x27;, &#x27;value&#x27;] {name}"
    assert f'role="cell" data-label="{{set}} &amp; &lt;so&gt;">{said}</td>' in html
    assert 'role="cell" data-label="Period">open' in html
    assert '<a class="nhsuk-link" href="/5">5</a>' in html


@pytest.mark.django_db
def test_a_field_with_choices_says_its_word_also_of_a_related_record() -> None:
    line = SnapshotLine(period=make_period("2017-06"), rag="RED")

    class Words(tables.Table):
        rag = tables.RowHeader()
        state = tables.Column(accessor="period__state")
        detail = tables.Column(accessor="detail__missing")

    assert cells(draw([line], kind=Words))[3:] == ["Red", "Open", "No data"]
