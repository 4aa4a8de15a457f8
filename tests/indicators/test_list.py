"""The list of indicators: the plan's values as printed, with every doubt in words."""

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
from workstreams.models import Workstream

pytestmark = pytest.mark.django_db


def cell(as_printed: str, sex: str = "") -> dict[str, Any]:
    return {"sex": sex, "as_printed": as_printed, "value": None, "tbc": False}


def indicator(code: str, order: int = 1, **said: Any) -> SnapshotLine:
    values = said.pop("values", {})
    detail = {
        "family": "health_wellbeing", "order": order, "measure": "Adults who smoke",
        "unit": "percent", "better": "lower", "workstreams": [], "flags": [], "flag_note": "",
        "source": "p.9",
        "values": {"do_nothing": [], "target": [], "national": [], "baseline": [], **values},
        **said,
    }  # fmt: skip
    return SnapshotLine.objects.create(
        period_id="2017-06", subject=Subject.INDICATOR.value, subject_id=code, from_version=1,
        label=f"Measure {code}", rag="NOT_RATED", code="no_trajectory",
        reason="No trajectory can be drawn: the plan dates neither start nor target.",
        detail=detail,
    )  # fmt: skip


@pytest.fixture
def june_published(demo_clock: dt.datetime) -> ReportingPeriod:
    period = make_period("2017-06")
    Snapshot.objects.create(period=period, version=1, known_at=demo_clock, data_version=0,
                            published_at=demo_clock, trust={})  # fmt: skip
    ReportingPeriod.objects.update(snapshot_version=1)
    Workstream.objects.create(pk="PR", kind="delivery_area", order=4, name="P", short="Prevention")
    return period


@pytest.fixture
def reader(client: Client) -> Client:
    person = User.objects.create_user(username="pmo", email="pmo@example.test")
    Grant.objects.create(user=person, role=Role.PMO.value)
    client.force_login(person)
    return client


def text(client: Client, query: str = "") -> str:
    response = client.get(f"/indicators/{query}")
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_only_those_who_may_read_the_programme(client: Client) -> None:
    assert client.get("/indicators/").status_code == 302
    client.force_login(User.objects.create_user(username="nobody", email="n@example.test"))
    assert client.get("/indicators/").status_code == 403


def test_empty_pages_say_why(reader: Client) -> None:
    assert "No reporting period has been opened yet" in text(reader)


def test_an_indicator_shows_what_is_printed_and_why_it_is_not_rated(
    reader: Client, june_published: ReportingPeriod
) -> None:
    indicator(
        "HWB14", flags=["inferred", "tbc"], flag_note="The name speaks of inequality.",
        values={"do_nothing": [cell("63.5 (M) 64.8 (F)", sex) for sex in ("male", "female")],
                "target": [cell("&gt;70 <b>")], "national": []},
    )  # fmt: skip
    page = text(reader)
    assert page.count("63.5 (M) 64.8 (F)") == 1, "one printed cell holds both sexes"
    for words in (
        "Measure HWB14", "Adults who smoke; percent; lower is better", "None printed",
        "Inferred, not stated", "To be confirmed in the source", "The name speaks of inequality.",
        "No trajectory can be drawn", "Not rated", "p.9", "&amp;gt;70 &lt;b&gt;",
    ):  # fmt: skip
        assert words in page


def test_an_indicator_without_measure_unit_or_direction_says_so(
    reader: Client, june_published: ReportingPeriod
) -> None:
    indicator("HWB05", measure="", unit="", better="")
    assert "No measure named; no unit printed; direction not stated" in text(reader)


def test_the_order_is_the_plans(reader: Client, june_published: ReportingPeriod) -> None:
    indicator("CQX10", 10, family="other_target")
    indicator("CQX2", 2, family="other_target")
    indicator("CQ1a", 1, family="care_quality")
    indicator("HWB02", 2)
    indicator("HWB01", 1)
    page = text(reader)
    places = [page.index(f"Measure {code}") for code in ("HWB01", "HWB02", "CQ1a", "CQX2", "CQX10")]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("family=care_quality", {"CQ1a"}),
        ("workstream=PR", {"HWB01"}),
        ("rag=NOT_RATED", {"CQ1a", "HWB01", "HWB02"}),
        ("rag=RED", set()),
        ("flagged=true", {"HWB02", "CQ1a"}),
        ("changed=true", set()),
        ("family=nothing", {"CQ1a", "HWB01", "HWB02"}),
    ],
)
def test_indicators_are_filtered(
    reader: Client, june_published: ReportingPeriod, query: str, shown: set[str]
) -> None:
    indicator("HWB01", workstreams=["PR"])
    indicator("HWB02", flags=["tbc"])
    indicator("CQ1a", family="care_quality", flag_note="A note alone.")
    page = text(reader, f"?{query}")
    assert {c for c in ("HWB01", "HWB02", "CQ1a") if f"Measure {c}" in page} == shown
    if not shown:
        assert "No indicators match. 3 without filters." in page
    if query == "family=nothing":
        assert "This filter was ignored" in page


def test_the_download_is_what_is_filtered(reader: Client, june_published: ReportingPeriod) -> None:
    indicator("HWB01", flags=["decimals_lost"], values={"target": [cell("<50%")]})
    indicator("CQ1a", family="care_quality")
    content = reader.get("/indicators/?format=csv&family=health_wellbeing").content
    (row,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig").partition("\r\n\r\n")[2]))
    assert (row["Code"], row["Target"], row["Rating"]) == ("HWB01", "<50%", "Not rated")
    assert row["To note"] == "Digits lost in the source"
    assert "June 2017" in content.decode("utf-8-sig")
    assert reader.get("/indicators/?format=xlsx").content[:2] == b"PK"


def test_as_many_queries_for_thirty_rows_as_for_three(
    reader: Client, june_published: ReportingPeriod
) -> None:
    def add(numbers: range) -> int:
        for n in numbers:
            indicator(f"HWB{n:02}", n, flags=["tbc"])
        reader.get("/indicators/")
        with CaptureQueriesContext(connection) as queries:
            assert reader.get("/indicators/").status_code == 200
        return len(queries)

    assert add(range(3)) == add(range(3, 30))
