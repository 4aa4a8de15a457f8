"""N4: figures changed and nobody worked them out: every way to read them says so."""

import datetime as dt

import pytest
from django.test import Client

from stp.core import clock, health
from stp.core.models import ReportingPeriod
from tests.programme import JUNE, lay_out_programme, reader, words
from tests.small_system import K, Row, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo_clock")]
SAID = "2 changes not yet included"


@pytest.fixture
def browser() -> Client:
    """Two returns came in since June was worked out, and no job ran."""
    lay_out_programme()
    send("ngh", JUNE, [Row(actual=1 * K)])
    send("nhft", JUNE, [Row(actual=2 * K)])
    assert ReportingPeriod.objects.get(pk=JUNE).is_behind
    return reader()


PAGES = ("overview", "workstreams", "workstreams/UC", "gap", "finance/schemes", "milestones",
         "risks", "indicators")  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_each_page_says_as_at_when_and_how_many_changes_are_missing(
    browser: Client, page: str
) -> None:
    said = words(browser.get(f"/{page}/?period={JUNE}"))
    body = browser.get(f"/{page}/?period={JUNE}").content.decode()
    assert "As at" in body, page
    assert SAID in " ".join(body.split()), f"{page}: {said[:300]}"


@pytest.mark.parametrize("page", ["finance/schemes", "milestones", "risks", "indicators"])
@pytest.mark.parametrize("kind", ["csv"])
def test_each_download_says_so_in_its_head(browser: Client, page: str, kind: str) -> None:
    answer = browser.get(f"/{page}/?period={JUNE}&format={kind}")
    head = answer.getvalue().decode("utf-8-sig").splitlines()[:4]
    assert any("As at 30 June 2017" in line and SAID in line for line in head), head


def test_up_to_date_nothing_is_said_of_it() -> None:
    lay_out_programme()
    browser = reader()
    assert "not yet included" not in browser.get(f"/overview/?period={JUNE}").content.decode()
    file = browser.get(f"/finance/schemes/?period={JUNE}&format=csv")
    assert "not yet included" not in file.getvalue().decode()


@pytest.mark.parametrize(
    ("minutes", "state"), [(4, "green"), (5, "amber"), (29, "amber"), (30, "red")]
)
def test_deep_health_turns_amber_then_red(browser: Client, minutes: int, state: str) -> None:
    since = ReportingPeriod.objects.get(pk=JUNE).changes.order_by("data_version").last()
    assert since is not None
    with clock.at(since.at + dt.timedelta(minutes=minutes)):
        found = {p["period"]: p for p in health.deep()["checks"]["periods"]}
    assert found[JUNE]["state"] == state, found[JUNE]
    assert found[JUNE]["changes_not_included"] == 2
