"""What every list of the site promises, asked of each list (UX 2.7)."""

import csv
import datetime as dt
import html
import io
import re
from typing import Any
from urllib.parse import parse_qs

import openpyxl
import pytest

from stp.core import audit
from stp.core.filters import TickField
from stp.core.models import ReportingPeriod
from tests.programme import JUNE, add_indicator, add_milestone, add_risk, lay_out_programme, words
from tests.programme import reader as signed_in
from tests.small_system import Row

pytestmark = pytest.mark.django_db

# Address, a filter that keeps some rows, its words, one that keeps none, and the noun.
LISTS = [
    ("/finance/schemes/", "organisation=ngh", "Organisation: NGH", "maturity=Closed", "schemes"),
    ("/milestones/", "workstream=UC", "Workstream: Urgent care", "rag=RED", "milestones"),
    ("/risks/", "likelihood=4", "Likelihood: 4", "impact=1", "risks"),
    ("/indicators/", "rag=NOT_RATED", "Rating: Not rated", "rag=RED", "indicators"),
    ("/changes/", "organisation=ngh", "Organisation: NGH", "person=Nobody+at+all", "changes"),
]
EACH = pytest.mark.parametrize(
    ("address", "some", "said", "none", "noun"), LISTS, ids=[row[0] for row in LISTS]
)


@pytest.fixture
def reader(demo_clock: dt.datetime) -> Any:
    """A programme of 60 rows and more on each list, and somebody who reads it."""
    lay_out_programme(*(Row(f"UC-{n}") for n in range(20, 50)))
    for n in range(60):
        add_risk(f"RK{n:02}")
        add_milestone(f"M-{n:02}")
        add_indicator(f"I-{n:02}")
        audit.record(
            "looked at",
            ReportingPeriod.objects.get(pk=JUNE),
            by=None,
            organisation="ngh",
            period=JUNE,
        )
    return signed_in()


def addresses(page: Any) -> list[dict[str, list[str]]]:
    """The query of every link of the list itself: heads, pages, sizes, files."""
    main = page.content.decode().partition("<main")[2].partition("</main>")[0]
    found = re.findall(
        r'href="\?([^"]*)"', re.sub(r'<ul class="app-chips".*?</ul>', "", main, flags=re.S)
    )
    return [parse_qs(html.unescape(query)) for query in found]


@EACH
def test_nothing_drops_a_filter(
    reader: Any, address: str, some: str, said: str, none: str, noun: str
) -> None:
    """Head, page, page size, file and the period bar keep every filter, and the order."""
    page = reader.get(f"{address}?{some}&period={JUNE}&vs=none&per_page=25&sort=rag")
    name, _, value = some.partition("=")
    links = addresses(page)
    assert len(links) >= 3, "heads of columns and both files at least"
    for query in links:
        assert query.get(name) == [value], query
        assert query["period"] == [JUNE]
        assert query["vs"] == ["none"]
        assert "sort" in query
    body = page.content.decode()
    forms = re.findall(r"<form.*?</form>", body, flags=re.S)
    for form in (f for f in forms if 'method="get"' in f):
        kept = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
        assert kept["per_page"] == "25", form
        assert kept["sort"] == "rag", form
        if "app-period__form" in form:
            assert kept[name] == value
        else:
            assert kept["vs"] == "none"
            assert address == "/changes/" or kept["period"] == JUNE


@EACH
def test_filters_in_use_are_chips_in_words(
    reader: Any, address: str, some: str, said: str, none: str, noun: str
) -> None:
    body = reader.get(f"{address}?{some}&page=2&sort=rag").content.decode()
    chips = re.findall(r'<a class="app-chip" href="([^"]*)">(.*?)</a>', body, flags=re.S)
    texts = [html.unescape(re.sub(r"<[^>]+>", "", text)).strip(" ×") for _, text in chips]
    assert texts == [f"Remove filter {said}", "Clear filters"]
    assert [html.unescape(href) for href, _ in chips] == ["?sort=rag", "?sort=rag"]


@EACH
def test_filtered_empty_is_not_empty(
    reader: Any, address: str, some: str, said: str, none: str, noun: str
) -> None:
    page = reader.get(f"{address}?{none}")
    found = re.search(rf"No {noun} match\. ([\d,]+) without filters\. Clear filters", words(page))
    assert found, words(page)
    assert int(found[1].replace(",", "")) > 25
    assert "Download" not in words(page)


@EACH
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_file_is_exactly_what_is_filtered(
    reader: Any, address: str, some: str, said: str, none: str, noun: str, kind: str
) -> None:
    page = reader.get(f"{address}?{some}&per_page=25")
    count = page.context["table"].paginator.count
    answer = reader.get(f"{address}?{some}&per_page=25&page=2&format={kind}")
    assert f".{kind}" in answer["Content-Disposition"]
    rows = cells_of(answer.content, kind)
    head = rows.index([])
    assert len(rows) - head - 2 == count, "every filtered row, and no other"
    notes = [row[0] for row in rows[:head]]
    assert f"Filters: {said}" in notes
    assert any(note.startswith("As at ") for note in notes)
    if address != "/changes/":
        assert "June 2017" in notes[0]
        assert "Compared with May 2017" in notes


def cells_of(content: bytes, kind: str) -> list[list[str]]:
    if kind == "csv":
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    return [[str(v) for v in row if v is not None] for row in sheet.iter_rows(values_only=True)]


@pytest.mark.parametrize("address", [row[0] for row in LISTS])
def test_all_rows_on_one_page(reader: Any, address: str) -> None:
    count = reader.get(address).context["table"].paginator.count
    assert f"All ({count})" in words(reader.get(f"{address}?per_page=25"))
    table = reader.get(f"{address}?per_page=all").context["table"]
    assert len(table.page.object_list) == count
    assert table.paginator.num_pages == 1


@pytest.mark.parametrize(
    ("address", "query", "named"),
    [
        ("/finance/schemes/", "rag=PURPLE", "Status: Select a valid choice. PURPLE"),
        (
            "/finance/schemes/",
            "changed=banana",
            "Only what changed: “banana” is neither yes nor no",
        ),
        ("/milestones/", "critical=2", "Critical only: “2” is neither"),
        ("/risks/", "likelihood=9", "Likelihood: Select a valid choice. 9"),
        ("/indicators/", "family=x", "Kind: Select a valid choice. x"),
        ("/changes/", "since=yesterday", "From: Enter a valid date."),
        ("/workstreams/", "kind=x&changed=maybe", "Only what changed: “maybe” is neither"),
    ],
)
def test_a_bad_value_is_ignored_and_named(
    reader: Any, address: str, query: str, named: str
) -> None:
    page = words(reader.get(f"{address}?{query}"))
    assert named in page
    assert "This filter was ignored." in page
    assert "Remove filter" not in page, "what was ignored is no filter in use"
    file = reader.get(f"{address}?{query}&format=csv").content.decode("utf-8-sig")
    assert "This filter was ignored." in file
    assert "Filters: none" in file


def test_the_list_of_workstreams_can_be_filtered_by_change_and_downloaded(reader: Any) -> None:
    page = reader.get("/workstreams/?changed=on")
    assert "Remove filter Only what changed" in words(page)
    shown = [row.line.label for row in page.context["rows"]]
    assert 0 < len(shown) < page.context["of"]
    file = reader.get("/workstreams/?changed=on&format=csv").content
    rows = cells_of(file, "csv")
    assert [row[0] for row in rows[rows.index([]) + 2 :]] == shown
    assert "Filters: Only what changed" in [row[0] for row in rows[: rows.index([])]]
    nothing = words(reader.get("/workstreams/?changed=on&vs=2017-06&rag=COMPLETE"))
    assert re.search(r"No workstreams match\. \d+ without filters\. Clear filters", nothing)


@pytest.mark.parametrize("value", [True, "on", "1"])
def test_ticked(value: Any) -> None:
    assert TickField().clean(value) is True


@pytest.mark.parametrize("value", [False, None, "", "off", "0"])
def test_not_ticked(value: Any) -> None:
    assert TickField().clean(value) is False
