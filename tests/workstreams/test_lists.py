"""The lists of milestones and risks as a board member reads them."""

import csv
import datetime as dt
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from stp.accounts.models import Grant, User
from stp.core.lines import Subject
from stp.core.models import ReportingPeriod, Snapshot, SnapshotLine
from stp.core.permissions import Role
from tests.conftest import make_period
from workstreams.models import Milestone, Risk, Workstream

pytestmark = pytest.mark.django_db
JUNE = "2017-06"


def line(period: ReportingPeriod, subject: Subject, ref: str, **values: Any) -> SnapshotLine:
    values.setdefault("rag", "GREEN")
    return SnapshotLine.objects.create(
        period=period, subject=subject.value, subject_id=ref, from_version=1, **values
    )


def milestone(period: ReportingPeriod, ref: str, **values: Any) -> SnapshotLine:
    said = values.pop("detail", {})
    detail = {
        "critical": False, "origin": "plan", "project": "", "as_printed": "June 2017",
        "precision": "month", "slip_days": 0, "slip_days_original": 0, "confirmed_on": None,
        "note": "", "owner": "", "illustrative": False, "flags": [], "source": "p.18", **said,
    }  # fmt: skip
    values.setdefault("label", f"Something due {ref}")
    values.setdefault("due_on", dt.date(2017, 6, 30))
    return line(period, Subject.MILESTONE, ref, detail=detail, **values)


def risk(period: ReportingPeriod, ref: str, likelihood: int | None, impact: int | None,
         **said: Any) -> SnapshotLine:  # fmt: skip
    detail = {
        "likelihood": likelihood, "impact": impact, "workstreams": [], "owner": "",
        "review_on": None, "review_overdue": False, "next_action": "", "open": True,
        "illustrative": False, "flags": [], "source": "p.20", **said,
    }  # fmt: skip
    score = likelihood * impact if likelihood and impact else None
    return line(period, Subject.RISK, ref, label=f"Trouble {ref}", score=score, detail=detail)


def publish(period: ReportingPeriod, known_at: dt.datetime) -> None:
    Snapshot.objects.create(period=period, version=1, known_at=known_at, data_version=0,
                            published_at=known_at, trust={})  # fmt: skip
    ReportingPeriod.objects.filter(pk=period.pk).update(snapshot_version=1)


@pytest.fixture
def months(demo_clock: dt.datetime) -> dict[str, ReportingPeriod]:
    """May closed and June open, both published; two workstreams."""
    for order, (pk, short) in enumerate((("UC", "Urgent care"), ("CC", "Complex care")), 1):
        Workstream.objects.create(pk=pk, kind="delivery_area", order=order, name=short, short=short)
    found = {code: make_period(code, state) for code, state in
             (("2017-05", "closed"), (JUNE, "open"))}  # fmt: skip
    for period in found.values():
        publish(period, demo_clock)
    return {code: ReportingPeriod.objects.get(pk=code) for code in found}


@pytest.fixture
def reader(client: Client) -> Client:
    person = User.objects.create_user(username="pmo", email="pmo@example.test")
    Grant.objects.create(user=person, role=Role.PMO.value)
    client.force_login(person)
    return client


def text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("address", ["/milestones/", "/risks/"])
def test_only_those_who_may_read_the_programme(client: Client, address: str) -> None:
    assert client.get(address).status_code == 302
    client.force_login(User.objects.create_user(username="nobody", email="n@example.test"))
    assert client.get(address).status_code == 403


@pytest.mark.parametrize("address", ["/milestones/", "/risks/"])
def test_without_a_period_the_page_says_what_would_be_here(reader: Client, address: str) -> None:
    assert "No reporting period has been opened yet" in text(reader, address)


def test_a_milestone_shows_its_dates_slip_rating_and_reason(
    reader: Client, months: dict[str, ReportingPeriod]
) -> None:
    milestone(
        months[JUNE], "E15", workstream="UC", rag="RED", reason="32 days late: red above 30.",
        label="Joint structure", due_on=dt.date(2016, 12, 31), forecast_on=dt.date(2017, 2, 1),
        detail={"as_printed": "December 2016", "slip_days": 32, "slip_days_original": 60,
                "confirmed_on": "2017-06-20", "critical": True, "illustrative": True,
                "flags": ["inferred"]},
    )  # fmt: skip
    Milestone.objects.create(ref="E15", title="x", flag_note="The day is our reading.")
    page = text(reader, "/milestones/")
    for words in (
        "Joint structure", "Urgent care", "31 December 2016", "“December 2016”",
        "1 February 2017", "32 days", "60 days since the first date", "32 days late: red above 30.",
        "20 June 2017", "Critical.", "Illustrative", "Inferred, not stated",
        "The day is our reading.", "Source: p.18",
    ):  # fmt: skip
        assert words in page
    assert 'class="app-rag app-rag--red' in page


def test_a_milestone_without_dates_says_so(
    reader: Client, months: dict[str, ReportingPeriod]
) -> None:
    said = {"as_printed": "tbc", "slip_days": None, "slip_days_original": None}
    milestone(months[JUNE], "M-1", due_on=None, rag="NOT_RATED", detail=said)
    milestone(months[JUNE], "M-2", rag="COMPLETE", completed_on=dt.date(2017, 6, 12))
    page = text(reader, "/milestones/")
    assert "No date agreed" in page
    assert "“tbc”" in page
    assert "Done 12 June 2017" in page
    assert "None named" in page


def test_what_changed_since_the_month_before_is_marked_and_can_be_asked_for(
    reader: Client, months: dict[str, ReportingPeriod]
) -> None:
    for code, rag, forecast in (("2017-05", "GREEN", None), (JUNE, "AMBER", dt.date(2017, 7, 9))):
        milestone(months[code], "M-1", rag=rag, forecast_on=forecast, label="Moved")
        milestone(months[code], "M-2", label="As before")
    milestone(months["2017-05"], "M-4", label="Gone", forecast_on=dt.date(2017, 8, 1))
    milestone(months[JUNE], "M-3", label="Added since")
    page = text(reader, "/milestones/?changed=true")
    assert "Moved" in page
    assert "Added since" in page
    assert "As before" not in page
    assert "Worse" in page
    assert "was Green" in page
    assert "2 of 3 shown" in page
    alone = text(reader, "/milestones/?vs=none")
    assert "As before" in alone
    assert "Worse" not in alone


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("workstream=UC", "Urgent one", "Complex one"),
        ("workstream=none", "Of none", "Urgent one"),
        ("rag=RED", "Complex one", "Urgent one"),
        ("critical=true", "Urgent one", "Complex one"),
    ],
)
def test_milestones_are_filtered(
    reader: Client, months: dict[str, ReportingPeriod], query: str, shown: str, hidden: str
) -> None:
    milestone(months[JUNE], "M-1", label="Urgent one", workstream="UC",
              detail={"critical": True})  # fmt: skip
    milestone(months[JUNE], "M-2", label="Complex one", workstream="CC", rag="RED")
    milestone(months[JUNE], "M-3", label="Of none")
    page = text(reader, f"/milestones/?{query}")
    assert shown in page
    assert hidden not in page


@pytest.mark.parametrize(
    ("address", "query", "words"),
    [
        ("/milestones/", "workstream=XX", "This filter was ignored"),
        ("/milestones/", "rag=PURPLE", "This filter was ignored"),
        ("/milestones/", "sort=nothing", "Something due M-1"),
        ("/milestones/", "page=99&per_page=abc", "Something due M-1"),
        ("/milestones/", "period=1999-99", "is not a period of this programme"),
        ("/risks/", "likelihood=9", "This filter was ignored"),
        ("/risks/", "impact=%00", "This filter was ignored"),
        ("/risks/", "workstream=%27", "This filter was ignored"),
    ],
)
def test_a_bad_value_is_named_and_ignored(
    reader: Client, months: dict[str, ReportingPeriod], address: str, query: str, words: str
) -> None:
    milestone(months[JUNE], "M-1")
    risk(months[JUNE], "RK1", 2, 2)
    assert words in text(reader, f"{address}?{query}")


@pytest.mark.parametrize(
    ("address", "empty", "filtered"),
    [
        ("/milestones/", "No milestones yet.", "No milestones match. 1 without filters."),
        ("/risks/", "No risks recorded.", "No risks match. 1 without filters."),
    ],
)
def test_empty_and_filtered_empty_are_two_sentences(
    reader: Client, months: dict[str, ReportingPeriod], address: str, empty: str, filtered: str
) -> None:
    assert empty in text(reader, address)
    milestone(months[JUNE], "M-1")
    risk(months[JUNE], "RK1", 2, 2)
    assert filtered in text(reader, f"{address}?rag=AMBER")


def rows_of(client: Client, address: str) -> list[dict[str, str]]:
    content = client.get(address).content.decode("utf-8-sig")
    body = content.partition("\r\n\r\n")[2]
    return list(csv.DictReader(io.StringIO(body)))


def test_the_download_is_exactly_what_is_filtered(
    reader: Client, months: dict[str, ReportingPeriod]
) -> None:
    said = {"flags": ["tbc"], "confirmed_on": "2017-06-20"}
    milestone(months[JUNE], "M-1", label="=Urgent", workstream="UC", reason="On time.", detail=said)
    Milestone.objects.create(ref="M-1", title="x", flag_note="Ask.")
    milestone(months[JUNE], "M-2", workstream="CC")
    (row,) = rows_of(reader, "/milestones/?format=csv&workstream=UC")
    assert row["Milestone"] == "'=Urgent", "text never becomes a formula"
    assert (row["Workstream"], row["Status"], row["Why"]) == ("Urgent care", "Green", "On time.")
    assert row["Due on"] == "2017-06-30"
    assert row["Confirmed on"] == "2017-06-20"
    assert row["To note"] == "To be confirmed in the source. Ask."
    assert row["Source"] == "p.18"
    content = reader.get("/milestones/?format=csv&workstream=UC").content.decode("utf-8-sig")
    assert "Filters: Workstream: Urgent care" in content
    assert "Milestones, June 2017" in content


def test_risks_can_be_downloaded(reader: Client, months: dict[str, ReportingPeriod]) -> None:
    risk(months[JUNE], "RK1", 4, 5, workstreams=["UC", "CC"], review_on="2017-06-01",
         review_overdue=True, next_action="Recruit")  # fmt: skip
    (row,) = rows_of(reader, "/risks/?format=csv")
    assert (row["Score"], row["Workstreams"]) == ("20", "Urgent care, Complex care")
    assert (row["Review on"], row["Review overdue"], row["Open"]) == ("2017-06-01", "Yes", "Yes")
    response = reader.get("/risks/?format=xlsx")
    assert response["Content-Disposition"] == 'attachment; filename="risks-2017-06.xlsx"'
    assert response.content[:2] == b"PK"


def test_the_register_names_what_is_missing_and_overdue(
    reader: Client, months: dict[str, ReportingPeriod]
) -> None:
    risk(months["2017-05"], "RK1", 4, 4)
    risk(months[JUNE], "RK1", 4, 5, workstreams=["UC"], review_on="2017-06-01",
         review_overdue=True, illustrative=True)  # fmt: skip
    risk(months[JUNE], "RK2", None, None, open=False)
    plan = Risk.objects.create(ref="RK1", title="x", description="Money is short.")
    plan.mitigations.create(order=1, text="Find more")
    plan.mitigations.create(order=2, text="Spend less")
    page = text(reader, "/risks/")
    for words in ("Trouble RK1", "Money is short.", "Answer: Find more; Spend less",
                  "Urgent care", "No owner named", "1 June 2017, overdue",
                  "Illustrative", "was 16", "Closed.", "Source: p.20"):  # fmt: skip
        assert words in page


def test_the_map_counts_open_risks_and_links_to_them(
    reader: Client, months: dict[str, ReportingPeriod]
) -> None:
    risk(months[JUNE], "RK1", 4, 5)
    risk(months[JUNE], "RK2", 4, 5)
    risk(months[JUNE], "RK3", 1, 1, open=False)
    risk(months[JUNE], "RK4", None, None)
    page = text(reader, "/risks/?vs=none")
    assert ">2 risks</a>" in page
    assert "vs=none&amp;likelihood=4&amp;impact=5#RK1" in page
    assert page.count('<span class="app-heat__count">0</span>') == 24, "an empty place says 0"
    assert "Not scored, so on no place of the map: RK4." in page
    assert "Trouble RK4" not in text(reader, "/risks/?likelihood=4&impact=5")


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("workstream=UC", {"RK1"}),
        ("workstream=none", {"RK2", "RK3"}),
        ("overdue=true", {"RK2"}),
        ("likelihood=4", {"RK1", "RK3"}),
        ("likelihood=4&impact=5", {"RK3"}),
        ("changed=true", {"RK3"}),
    ],
)
def test_risks_are_filtered(
    reader: Client, months: dict[str, ReportingPeriod], query: str, shown: set[str]
) -> None:
    for code in months:
        risk(months[code], "RK1", 4, 2, workstreams=["UC", "CC"])
        risk(months[code], "RK2", 2, 2, review_on="2017-06-01", review_overdue=True)
    risk(months[JUNE], "RK3", 4, 5)
    page = text(reader, f"/risks/?{query}")
    assert {ref for ref in ("RK1", "RK2", "RK3") if f"Trouble {ref}" in page} == shown


@pytest.mark.parametrize("address", ["/milestones/", "/risks/?workstream=UC"])
def test_as_many_queries_for_thirty_rows_as_for_three(
    reader: Client, months: dict[str, ReportingPeriod], address: str
) -> None:
    def add(numbers: range) -> int:
        for n in numbers:
            milestone(months[JUNE], f"M-{n:02}", workstream="UC")
            risk(months[JUNE], f"RK{n:02}", 1 + n % 5, 3, workstreams=["UC"])
        reader.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert reader.get(address).status_code == 200
        return len(queries)

    assert add(range(3)) == add(range(3, 30))
