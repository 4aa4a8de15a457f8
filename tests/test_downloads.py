"""D4: every route that gives a file gives an attachment, rightly named and typed, never a page.

The routes come of the resolver, and each is asked in every way in which any of them gives a file.
What ought to come out stands in FILES, by hand: a new download is not in it, and fails here.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.urls import get_resolver, reverse
from hypothesis import given
from hypothesis import strategies as st

from finance.returns.template import write_xlsx
from stp.core import downloads
from stp.core.models import Return
from tests import sent_files
from tests.access_table import NO_ROLE, TABLE
from tests.access_world import World, routes, standing
from tests.sent_files import scheme

CSV, XLSX = downloads.CSV, downloads.XLSX
ORIGINAL = "application/octet-stream"
# Route -> the content types of the files it gives.
FILES = {
    "core:change-list": {CSV, XLSX},
    "dashboards:overview": {CSV},
    "dashboards:workstream-list": {CSV, XLSX},
    "dashboards:gap": {CSV},
    "workstreams:milestone-list": {CSV, XLSX},
    "workstreams:risk-list": {CSV, XLSX},
    "indicators:indicator-list": {CSV, XLSX},
    "finance:scheme-list": {CSV, XLSX},
    "finance:scheme-detail": {CSV},
    "returns:return-template": {CSV, XLSX},
    "returns:return-original": {ORIGINAL},
    "returns:return-marked": {XLSX},
    "returns:return-compare": {CSV, XLSX},
}
# What is no file and no page: for scripts, and for machines.
FOR_SCRIPTS = {
    "returns:return-progress": "application/json",
    "core:health-live": "application/json",
    "core:health-ready": "application/json",
    "admin:jsi18n": 'text/javascript; charset="utf-8"',
}
ASKED = ("", "?format=csv", "?format=xlsx", "?format=html", "?chart=bridge&format=csv",
         "?chart=months&format=csv")  # fmt: skip
OF_ROUTE = {
    "returns:return-template": (
        "?organisation=ngh&kind=finance&period=2017-06&download=csv",
        "?organisation=ngh&kind=finance&period=2017-06&download=xlsx",
        "?organisation=ngh&kind=finance&period=2017-06&download=html",
    ),
    "returns:return-compare": tuple(
        f"?before={{before}}&after={{after}}&export={kind}" for kind in ("csv", "xlsx", "html")
    ),
}
# RFC 6266 with the quoted-string of RFC 9110 at its plainest, and RFC 8187's UTF-8 form.
HEADER = re.compile(
    r'attachment; filename="([A-Za-z0-9 ._-]+)"'
    r"(?:; filename\*=UTF-8''((?:[A-Za-z0-9._~-]|%[0-9A-F]{2})+))?"
)


@pytest.fixture(scope="module")
def db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The database for the whole file: in place of pytest-django's, which is a test's."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture(scope="module")
def world(db: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The programme of the access table, in a transaction that is never committed."""
    with standing(tmp_path_factory.mktemp("uploads")) as built:
        yield built


def _addresses(world: World, name: str) -> Iterator[str]:
    """The route's address, asked in each way; of NGH's own objects."""
    address = world.address(name, TABLE[name].about)
    versions = [world.relations[relation]["committed"][0] for relation in ("closed", "own")]
    for asked in (*ASKED, *OF_ROUTE.get(name, ())):
        yield address + asked.format(before=versions[0], after=versions[1])


def _reader(name: str) -> str:
    """Somebody who reads the route."""
    readers = TABLE[name].read - {NO_ROLE}
    return next((who for who in ("finance_lead", "administrator") if who in readers), NO_ROLE)


def _body(answer: Any) -> bytes:
    found: bytes = answer.getvalue() if answer.streaming else answer.content
    return found


def _is_of(body: bytes, content_type: str) -> bool:
    if content_type == XLSX:
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            return "xl/workbook.xml" in book.namelist()
    return content_type == ORIGINAL or body.startswith("\ufeff".encode())


def _check_file(answer: Any, address: str) -> str:
    """Fail unless the answer is an attachment as it should be; its content type."""
    given_type: str = answer["Content-Type"]
    found = HEADER.fullmatch(answer.get("Content-Disposition", ""))
    assert found, f"{address}: {answer.get('Content-Disposition')!r}"
    assert answer["X-Content-Type-Options"] == "nosniff", address
    assert given_type in (CSV, XLSX, ORIGINAL), f"{address}: {given_type}"
    assert _is_of(_body(answer), given_type), f"{address}: no {given_type}"
    if given_type != ORIGINAL:
        ending = ".csv" if given_type == CSV else ".xlsx"
        assert found[1].endswith(ending), f"{address}: {found[1]}"
    return given_type


@pytest.mark.parametrize("name", routes(get_resolver()))
def test_a_file_is_an_attachment_and_all_else_is_a_page(world: World, name: str) -> None:
    """An HTML page is never named as a file; what is neither stands in FOR_SCRIPTS."""
    files: set[str] = set()
    for address in _addresses(world, name):
        answer = world.ask(_reader(name), "get", address)
        content_type = answer.get("Content-Type", "")
        if content_type.startswith("text/html"):
            assert "Content-Disposition" not in answer.headers, address
        elif answer.status_code == 200 and name not in FOR_SCRIPTS:
            files.add(_check_file(answer, address))
        elif answer.status_code == 200:
            assert content_type == FOR_SCRIPTS[name], address
    assert files == FILES.get(name, set()), f"{name}: state its files in FILES"


LONG = "é" * 190
NAMES = {
    # what was sent -> the name a browser shows
    "Bericht – Größe £5.xlsx": "Bericht – Größe £5.xlsx",
    "収支報告.csv": "収支報告.csv",
    'a"; filename="evil.html.csv': 'a"; filename="evil.html.csv',
    "it's 100%25 %2e%2e.csv": "it's 100%25 %2e%2e.csv",
    "../../etc/passwd.csv": "passwd.csv",
    "..\\..\\windows\\june.csv": "june.csv",
    "june\u202evsc.exe.csv": "junevsc.exe.csv",
    "\u2067june\u2069\u200f.csv": "june.csv",
    f"{LONG}.csv": "é" * 120 + ".csv",
    "x.html .csv": "x.html .csv",
    "june.html": "june.html",
    "june.csv.svg": "june.csv.svg",
    "<script>alert(1)</script>.csv": "script>.csv",
    "CON.csv": "CON.csv",
}


def _name_of(answer: Any) -> str:
    """The name a browser that follows RFC 6266 takes: the extended one where there is one."""
    found = HEADER.fullmatch(answer["Content-Disposition"])
    assert found, answer["Content-Disposition"]
    assert answer["Content-Disposition"].isascii()
    return unquote(found[2], errors="strict") if found[2] else found[1]


@pytest.mark.parametrize("sent", NAMES)
def test_an_original_keeps_its_name_and_is_never_shown(world: World, sent: str) -> None:
    """Whatever the row says its name is: its ending decides nothing about how it is served."""
    pk = world.relations["own"]["committed"][0]
    address = reverse("returns:return-original", args=[pk])
    with transaction.atomic():
        Return.objects.filter(pk=pk).update(file_name=sent)
        answer = world.browsers["finance_lead"].get(address)
        assert _check_file(answer, address) == ORIGINAL
        assert _name_of(answer) == NAMES[sent]
        marked = reverse("returns:return-marked", args=world.relations["own"]["warned"])
        Return.objects.filter(pk=world.relations["own"]["warned"][0]).update(
            file_name=sent.replace(".xlsx", ".csv")  # so that no copy of the file is tried
        )
        copy = world.browsers["finance_lead"].get(marked)
        assert _check_file(copy, marked) == XLSX
        assert _name_of(copy).endswith("-problems.xlsx") or len(_name_of(copy)) >= 120
        transaction.set_rollback(True)


PAGE = b"<!doctype html><script>alert(1)</script>"


@pytest.mark.parametrize("declared", ["text/html", "image/svg+xml", "application/xhtml+xml", "x"])
@pytest.mark.parametrize("name", ["june.csv", "june.html.csv"])
def test_what_was_declared_and_what_is_inside_decide_nothing(
    world: World, declared: str, name: str
) -> None:
    """A page sent as a return, through the form: kept, refused by its check, given as a file."""
    browser = world.browsers["finance_lead"]
    with transaction.atomic():
        answer = browser.post(reverse("returns:return-send"), {
            "organisation": "ngh", "kind": "finance", "period": "2017-06", "unit": "",
            "basis": "in_month", "file": SimpleUploadedFile(name, PAGE, content_type=declared),
        })  # fmt: skip
        assert answer.status_code == 302, answer.content.decode()[:2_000]
        sent = Return.objects.latest("pk")
        original = browser.get(reverse("returns:return-original", args=[sent.pk]))
        assert _body(original) == PAGE
        assert _check_file(original, name) == ORIGINAL
        assert _name_of(original) == name
        transaction.set_rollback(True)


def test_a_name_that_ends_like_a_page_is_turned_away(world: World) -> None:
    answer = world.ask("finance_lead", "post", reverse("returns:return-send"), {
        "organisation": "ngh", "kind": "finance", "period": "2017-06", "unit": "",
        "basis": "in_month", "file": SimpleUploadedFile("june.html", PAGE),
    })  # fmt: skip
    assert answer.status_code == 200
    assert "must be an XLSX or CSV" in answer.content.decode()


@given(name=st.text(max_size=300))
def test_any_name_gives_one_header_that_says_the_same_twice(name: str) -> None:
    header = downloads.disposition(name)
    found = HEADER.fullmatch(header)
    assert found, header
    shown = unquote(found[2], errors="strict") if found[2] else found[1]
    assert shown.isprintable() or any(c.isspace() for c in shown), repr(shown)
    assert not set(shown) & {"/", "\\", "\r", "\n", "\0", "\u202e"}
    assert len(shown) <= 131
    assert not shown.startswith("."), shown


def test_the_marked_copy_of_a_workbook_is_one(world: World) -> None:
    """The sender's own `.xlsx` with comments in it, not only the list of faults."""
    browser = world.browsers["finance_lead"]
    bad = scheme(actual=5, title="=1+1") | {"risk": "Hgih"}
    with transaction.atomic():
        content = write_xlsx([bad], period="2017-06", cover={"organisation": "ngh"})
        browser.post(reverse("returns:return-send"), {
            "organisation": "ngh", "kind": "finance", "period": "2017-06", "unit": "",
            "basis": "in_month", "file": SimpleUploadedFile("Prüfung.xlsx", content),
        })  # fmt: skip
        sent = sent_files.check(Return.objects.latest("pk"))
        assert sent.state == "problems", sent.issues
        answer = browser.get(reverse("returns:return-marked", args=[sent.pk]))
        assert _check_file(answer, "marked") == XLSX
        assert _name_of(answer) == "Prüfung-problems.xlsx"
        with zipfile.ZipFile(io.BytesIO(_body(answer))) as book:
            parts = b"".join(book.read(part) for part in book.namelist())
        assert b"=1+1" in parts
        assert b">1+1</f>" not in parts, "a text of the sender's became a formula"
        transaction.set_rollback(True)


def test_twin_an_inline_answer_is_found_out() -> None:
    page = HttpResponse(PAGE, headers={"X-Content-Type-Options": "nosniff"})
    inline = downloads.file(PAGE, name="a.csv", content_type=CSV)
    inline["Content-Disposition"] = 'inline; filename="a.csv"'
    typed = downloads.file(PAGE, name="a.html", content_type="text/html")
    for wrong in (page, inline, typed):
        with pytest.raises(AssertionError):
            _check_file(wrong, "twin")
