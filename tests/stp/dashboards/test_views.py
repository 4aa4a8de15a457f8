"""Overview, workstreams and gap: who reads them, what they say, what they do with rubbish."""

import csv
import datetime as dt
import io
from decimal import Decimal

import pytest
from django.test import Client

from stp.core import charts
from stp.core.charts import BadChart
from stp.core.models import ReportingPeriod, SnapshotLine
from stp.core.permissions import Role
from stp.core.templatetags import parts
from tests.conftest import make_period
from tests.programme import (
    JUNE,
    MAY,
    add_indicator,
    add_milestone,
    add_risk,
    lay_out_programme,
    links,
    reader,
    words,
)
from tests.small_system import Row, organisation, person, send
from workstreams.models import Workstream

pytestmark = pytest.mark.django_db
PAGES = ("/overview/", "/workstreams/", "/workstreams/UC/", "/workstreams/EFF/", "/gap/")
HOSTILE = "<script>alert(1)</script> =1+1 {{ 7|add:1 }}"


@pytest.fixture
def programme(demo_clock: dt.datetime) -> None:
    lay_out_programme()
    add_risk("RK1")
    add_milestone("M-1")
    add_indicator("I-1")


@pytest.mark.parametrize("address", PAGES)
def test_the_anonymous_are_asked_to_sign_in(address: str) -> None:
    answer = Client().get(address)
    assert answer.status_code == 302, address
    assert "sign-in" in answer["Location"]


@pytest.mark.parametrize("role", list(Role))
def test_every_role_reads_every_dashboard(programme: None, role: Role) -> None:
    client = reader(role)
    assert {a: client.get(a).status_code for a in PAGES} == dict.fromkeys(PAGES, 200)


def test_signed_in_without_a_role_is_refused(programme: None) -> None:
    client = Client()
    user = person()
    user.grants.all().delete()
    client.force_login(user)
    assert {client.get(a).status_code for a in PAGES} == {403}


@pytest.mark.parametrize("address", ["/overview/", "/workstreams/", "/workstreams/UC/", "/gap/"])
def test_without_a_period_the_page_says_what_comes_and_how(db: None, address: str) -> None:
    page = reader().get(address)
    assert page.status_code == 200
    assert "No reporting period has been opened yet" in words(page)


@pytest.mark.parametrize("address", ["/overview/", "/workstreams/", "/workstreams/UC/", "/gap/"])
def test_without_a_snapshot_the_page_says_so(db: None, address: str) -> None:
    make_period(JUNE)
    page = reader().get(address)
    assert page.status_code == 200
    assert "Nothing has been worked out for June 2017 yet" in words(page)


@pytest.mark.parametrize("address", PAGES)
def test_a_period_that_is_none_is_named_and_the_usual_one_shown(
    programme: None, address: str
) -> None:
    page = reader().get(address, {"period": "2017-13", "vs": "<b>"})
    assert page.status_code == 200
    assert "“2017-13” is not a period" in words(page)
    assert "<b>”" not in page.content.decode()


def test_a_closed_period_is_said_to_be_closed(programme: None) -> None:
    ReportingPeriod.objects.filter(pk=MAY).update(state="closed")
    page = reader(Role.BOARD).get("/overview/")
    assert "still open" not in page.content.decode(), "a board member starts at the closed period"
    assert "May 2017" in page.content.decode()


def test_a_workstream_nobody_has_is_not_found(programme: None) -> None:
    assert reader().get("/workstreams/XX/").status_code == 404


def test_the_page_of_a_workstream_says_why_and_what_is_doubtful(programme: None) -> None:
    said = words(reader().get("/workstreams/UC/"))
    for wanted in ("Why it is", "Finance is the worse of two tests", "UC-01 Scheme UC-01",
                   "RK1 A risk", "An indicator", "Needs confirmation", "M-1 A step",
                   "Illustrative", "Carried from May"):  # fmt: skip
        assert wanted in said, wanted


def test_national_efficiency_shows_each_organisation_and_no_risks(programme: None) -> None:
    said = words(reader().get("/workstreams/EFF/"))
    assert "Each organisation against its own target" in said
    assert "Indicators" not in said
    assert "Milestones" not in said


def test_an_enabler_without_anything_says_so(programme: None) -> None:
    said = words(reader().get("/workstreams/EN1/"))
    assert "No milestone is recorded" in said
    assert "No risk is recorded" in said


def test_the_list_of_workstreams_filters_and_names_a_bad_value(programme: None) -> None:
    client = reader()
    assert "EN1" not in words(client.get("/workstreams/", {"kind": "delivery_area"}))
    assert "EN1" in words(client.get("/workstreams/", {"kind": "enabler"}))
    nothing = words(client.get("/workstreams/", {"rag": "COMPLETE"}))
    assert "No workstreams match. 7 without filters." in nothing
    bad = client.get("/workstreams/", {"kind": "<script>"})
    assert bad.status_code == 200
    assert "This filter was ignored" in words(bad)
    assert "<script>”" not in bad.content.decode()


def test_a_year_outside_the_plan_is_named(programme: None) -> None:
    page = reader().get("/gap/", {"year": "1999/00"})
    assert page.status_code == 200
    assert "“1999/00” is no year of the plan, so 2020/21 is shown." in words(page)


@pytest.mark.parametrize("year", ["2017/18", "2018/19", "2020/21"])
def test_the_schemes_behind_a_year_of_the_gap_total_to_its_figures(
    programme: None, year: str
) -> None:
    client = reader()
    page = client.get("/gap/", {"year": year, "period": JUNE})
    total = page.context["page"].total
    (address,) = links(page, "The schemes that make these figures")
    sums = client.get(address).context["totals"]
    assert sums == {
        "plan": total.plan_pence, "forecast": total.forecast_pence,
        "delivered": total.delivered_pence, "secure": total.secure_pence,
        "at_risk": total.at_risk_pence, "slippage": total.slippage_pence,
    }, address  # fmt: skip


@pytest.mark.parametrize("rows", ["by_line", "by_organisation", "by_year"])
def test_each_row_of_the_gap_leads_to_schemes_with_its_total(programme: None, rows: str) -> None:
    client = reader()
    page = client.get("/gap/", {"period": JUNE})
    checked = 0
    for row in getattr(page.context["page"], rows):
        for address in {a for a in links(page, row.name) if "gap=true" in a}:
            sums = client.get(address).context["totals"]
            assert (sums["plan"] or 0, sums["forecast"] or 0) == (
                row.line.plan_pence or 0, row.line.forecast_pence or 0,
            ), (row.name, address)  # fmt: skip
            checked += 1
    assert checked >= 3


def test_the_figures_of_the_overview_lead_to_lists_of_the_same_total(programme: None) -> None:
    client = reader()
    page = client.get("/overview/", {"period": JUNE})
    shown = page.context["page"]
    (schemes,) = set(links(page, "£")) & {a for a in links(page, "£") if "gap=true" in a}
    sums = client.get(schemes).context["totals"]
    assert sums["plan"] == shown.year.plan_pence
    assert sums["forecast"] == shown.year.forecast_pence
    assert sums["delivered"] + sums["secure"] == shown.risk_adjusted
    (missing,) = links(page, "1 return missing")
    assert client.get(missing).context["totals"]["plan"] == shown.trust["carried_plan"]
    for count in shown.areas:
        (address,) = set(links(page, f"delivery areas {count.rag.word.lower()}"))
        assert len(client.get(address).context["rows"]) == count.now, address


def test_the_charts_come_as_files_with_the_numbers_of_the_page(programme: None) -> None:
    client = reader()
    total = client.get("/gap/").context["page"].total
    for address in ("/gap/?chart=bridge&format=csv", "/overview/?chart=bridge&format=csv"):
        answer = client.get(address)
        assert "attachment" in answer["Content-Disposition"]
        table = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        cells = {cell for row in table for cell in row}
        assert str(Decimal(total.target_pence) / 100_000_000) + ".0" in cells, table
    assert client.get("/overview/?chart=nonsense").status_code == 200


def test_a_hostile_title_is_shown_as_text(demo_clock: dt.datetime) -> None:
    lay_out_programme(Row("UC-66", words={"title": HOSTILE}))
    add_risk("RK6", label=HOSTILE)
    client = reader()
    for address in ("/overview/", "/workstreams/UC/"):
        body = client.get(address).content.decode()
        assert "<script>alert(1)" not in body, address
        assert "&lt;script&gt;alert(1)" in body, address
        assert "{{ 7|add:1 }}" in body, address


def test_the_overview_names_what_is_missing_and_asks_nothing_it_does_not_know(
    programme: None,
) -> None:
    said = words(reader().get("/overview/", {"period": JUNE}))
    assert "Missing: NHFT" in said
    assert "Decisions wanted from the board are not recorded yet" in said
    assert "Act" in said


def test_parts_that_do_not_add_up_are_shouted(programme: None) -> None:
    line = SnapshotLine.objects.get(period=JUNE, subject="bridge", subject_id="2020/21:all:all")
    line.at_risk_pence = (line.at_risk_pence or 0) + 1
    line.save()
    assert "Important: the parts do not add up to the gap" in words(reader().get("/gap/"))


def test_an_organisation_without_a_line_of_its_own_keeps_its_id(programme: None) -> None:
    SnapshotLine.objects.filter(period=JUNE, subject="organisation").delete()
    said = words(reader().get("/gap/"))
    assert "ngh" in said
    assert "Not expected" in said


def test_a_new_organisation_appears_when_it_sends(programme: None) -> None:
    organisation("ncc")
    send("ncc", JUNE, [Row("SC-01", "SC")])
    page = reader().get("/overview/")
    assert "not yet included" in page.content.decode()


def test_an_enabler_shows_no_table_of_finance_tests(programme: None) -> None:
    """It carries no target: one sentence says so, not a table of two rows that do not apply."""
    client = reader(Role.BOARD)
    enabler = words(client.get(f"/workstreams/EN1/?period={JUNE}"))
    assert "Enablers carry no savings target." in enabler
    assert "Finance is the worse of two tests" not in enabler
    assert "Finance is the worse of two tests" in words(
        client.get(f"/workstreams/UC/?period={JUNE}")
    )


def test_empty_parts_of_a_workstream_name_the_next_step(programme: None) -> None:
    client = reader(Role.BOARD)
    shown = words(client.get(f"/workstreams/EN1/?period={JUNE}"))
    for sentence in (
        "Ask the programme office to add the first.",
        "One is listed here once an organisation's return names it.",
        "All risks of the programme",
        "All indicators of the plan",
    ):
        assert sentence in shown, shown


def test_a_new_programme_reads_as_a_list_of_what_to_do(db: None) -> None:
    client = reader(Role.PMO)
    said = words(client.get("/overview/"))
    assert "Setting up the programme" in said
    assert said.count("To do") == 4
    assert links(client.get("/overview/"), "Send a plan return") == ["/returns/send/"]
    assert links(reader(Role.BOARD).get("/overview/"), "Send a plan return") == []
    Workstream.objects.create(pk="UC", kind="delivery_area", order=1, name="Urgent care")
    said = words(client.get("/overview/"))
    assert "load_plan Done" in said
    assert said.count("To do") == 3


@pytest.mark.parametrize(
    ("address", "last"), [("/overview/", "Can I trust this?"), ("/gap/", "Rules, weights")]
)
def test_a_chart_that_cannot_be_drawn_costs_its_part_alone(
    programme: None, address: str, last: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise BadChart("no headline")

    monkeypatch.setattr(parts, "CONTAINED", (Exception,))
    monkeypatch.setattr(charts, "bridge", broken)
    page = reader().get(address)
    assert page.status_code == 200
    assert "This part could not be loaded" in words(page)
    assert page.content.decode().count("could not be loaded") == 1
    assert "ETag" not in page.headers, "the same question may have a whole answer next time"
    assert last in words(page), "the page goes on to its end"
