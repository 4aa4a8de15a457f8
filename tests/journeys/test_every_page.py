"""Every page in its states, at a laptop's width and a phone's: axe and the page's own promises."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.journeys.contract import assert_kept

pytestmark = pytest.mark.journey

JUNE = "period=2017-06"
MAY = "period=2017-05"  # closed
PAGES = [
    ("board", "/overview/"),
    ("board", f"/overview/?{JUNE}"),
    ("board", f"/overview/?{JUNE}&vs=none"),
    ("board", "/overview/?period=1999-99"),
    ("board", f"/workstreams/?{JUNE}"),
    ("board", f"/workstreams/UC/?{JUNE}"),
    ("board", f"/workstreams/EFF/?{JUNE}"),
    ("board", f"/workstreams/EN5/?{JUNE}"),
    ("board", f"/gap/?{JUNE}"),
    ("board", f"/gap/?{JUNE}&year=2018/19"),
    ("board", f"/finance/schemes/?{JUNE}"),
    ("board", f"/finance/schemes/?{JUNE}&sort=-plan_pence&per_page=25"),
    ("board", f"/finance/schemes/?{JUNE}&line=UC&rag=RED"),
    ("board", f"/finance/schemes/ngh/UC-01/?{JUNE}"),
    ("board", f"/finance/schemes/kgh/UC-01/?{JUNE}"),
    ("board", f"/finance/schemes/ncc/ASC-01/?{JUNE}"),
    ("board", f"/workstreams/?{MAY}"),
    ("board", f"/workstreams/UC/?{MAY}"),
    ("board", f"/gap/?{MAY}"),
    ("board", f"/finance/schemes/?{MAY}"),
    ("board", f"/finance/schemes/ngh/UC-01/?{MAY}"),
    ("board", f"/milestones/?{MAY}"),
    ("board", f"/risks/?{MAY}"),
    ("board", f"/indicators/?{MAY}"),
    ("board", f"/workstreams/?{JUNE}&kind=enabler&rag=RED"),
    ("board", f"/finance/schemes/?{JUNE}&line=ASC&rag=RED"),
    ("board", f"/milestones/?{JUNE}&standing=overdue&rag=GREEN"),
    ("board", f"/risks/?{JUNE}&likelihood=1&impact=1"),
    ("board", f"/indicators/?{JUNE}&rag=RED"),
    ("auditor", "/changes/?person=nobody-of-that-name"),
    ("board", f"/milestones/?{JUNE}"),
    ("board", f"/risks/?{JUNE}"),
    ("board", f"/indicators/?{JUNE}"),
    ("board", "/changes/"),
    ("board", "/help/"),
    ("board", "/help/ratings/"),
    ("board", "/plan/"),
    ("board", "/accessibility/"),
    ("board", "/no-such-page/"),
    ("board", "/returns/"),
    ("finance.kgh", "/returns/"),
    ("finance.kgh", "/returns/send/"),
    ("finance.kgh", "/returns/template/"),
    ("finance.kgh", "/returns/history/kgh/"),
    ("finance.ngh", "/returns/history/ngh/compare/"),
    ("finance.ngh", "/sessions/"),
    ("administrator", "/people/"),
    ("administrator", "/people/invite/"),
    ("pmo", "/returns/"),
    ("auditor", "/changes/?person=Priya"),
]


@pytest.mark.parametrize("width", [1366, 390])
@pytest.mark.parametrize(("person", "address"), PAGES)
def test_page_keeps_its_promises(
    open_page: Callable[..., Page], person: str, address: str, width: int
) -> None:
    page = open_page(person, width=width)
    page.goto(address)
    assert_kept(page)


@pytest.mark.parametrize("width", [1366, 390])
def test_the_door_keeps_its_promises(open_page: Callable[..., Page], width: int) -> None:
    page = open_page(width=width)
    page.goto("/sign-in/")
    assert_kept(page)
    page.get_by_label("Email address").fill("nobody@example.org")
    page.get_by_label("Password", exact=True).fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").wait_for()
    assert page.title().startswith("Error: ")
    assert_kept(page)


def test_nothing_is_fetched_from_elsewhere(open_page: Callable[..., Page]) -> None:
    page = open_page("board")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"/overview/?{JUNE}")
    page.wait_for_load_state("networkidle")
    assert asked
    assert all(url.startswith(("http://127.0.0.1:", "data:")) for url in asked), asked
    assert not any("plotly" in url for url in asked)


def test_the_programme_reads_without_scripts(open_page: Callable[..., Page]) -> None:
    page = open_page("board", script=False)
    page.goto(f"/overview/?{JUNE}")
    assert "has no secure answer" in page.inner_text("main")
    page.goto(f"/gap/?{JUNE}")
    assert page.locator("svg[role=img]").count() == 1
