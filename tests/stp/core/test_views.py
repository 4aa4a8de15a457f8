"""Who changed what, help, rules and the accessibility statement as pages."""

import csv
import datetime as dt
import io

import pytest
from django.test import Client

from stp.core import audit
from stp.core.models import Organisation
from stp.core.permissions import Role
from tests.programme import reader, words
from tests.small_system import person

pytestmark = pytest.mark.django_db
HOSTILE = "=1+1<script>alert(1)</script>"


@pytest.fixture
def events(demo_clock: dt.datetime, ngh: Organisation, kgh: Organisation) -> None:
    ann = person()
    audit.record("renamed", ngh, by=ann, label=HOSTILE, organisation="ngh", reason="Merger",
                 before={"Name": "Old"}, after={"Name": "New"})  # fmt: skip
    audit.record("moved", kgh, by=ann, label="KGH", organisation="kgh")


@pytest.mark.parametrize("address", ["/changes/", "/help/", "/help/ratings/"])
def test_pages_for_people_signed_in(ngh: Organisation, address: str) -> None:
    assert Client().get(address).status_code == 302
    assert {role: reader(role).get(address).status_code for role in Role} == dict.fromkeys(
        Role, 200
    )


def test_the_accessibility_statement_is_public(db: None) -> None:
    page = Client().get("/accessibility/")
    assert page.status_code == 200
    assert "ccessib" in words(page)


def test_help_says_what_every_role_may_do(db: None) -> None:
    said = words(reader().get("/help/"))
    for wanted in ("Board member", "Auditor", "Sending a return", "Not rated"):
        assert wanted in said, wanted


def test_the_trail_says_who_what_and_why(events: None) -> None:
    page = reader(Role.AUDITOR).get("/changes/")
    said = words(page)
    assert "Name: Old → New" in said
    assert "Merger" in said
    assert "<script>alert" not in page.content.decode()


def test_filters_narrow_the_list_and_the_file_alike(events: None) -> None:
    client = reader(Role.AUDITOR)
    said = words(client.get("/changes/", {"organisation": "kgh"}))
    assert "moved KGH" in said
    assert "Merger" not in said
    answer = client.get("/changes/", {"about": "renamed", "format": "csv"})
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    (row,) = [row for row in rows if len(row) > 3 and row[2] == "renamed"]
    assert not row[3].startswith("="), "a formula is neutralised"
    assert any("newest first: 1" in cell for row in rows for cell in row)
    assert client.get("/changes/", {"format": "xlsx"})["Content-Disposition"].endswith('.xlsx"')


def test_people_and_dates_filter(events: None) -> None:
    client = reader(Role.AUDITOR)
    assert "moved KGH" in words(client.get("/changes/", {"since": "2017-07-24"}))
    assert "moved KGH" not in words(client.get("/changes/", {"until": "2017-07-23"}))
    assert "moved KGH" not in words(client.get("/changes/", {"person": "nobody of that name"}))


def test_a_bad_filter_is_named_and_ignored(events: None) -> None:
    page = reader(Role.AUDITOR).get(
        "/changes/", {"since": "yesterday", "organisation": "zz", "period": "x"}
    )
    assert page.status_code == 200
    assert words(page).count("This filter was ignored") == 3
    assert "moved KGH" in words(page)
