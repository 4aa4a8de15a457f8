"""Explore: Plotly over a chart's own numbers, loaded on the click and closed by a key (UX-C8)."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.contract import assert_kept

pytestmark = pytest.mark.journey

PAGES = ["/gap/?period=2017-06", "/finance/schemes/ngh/UC-01/?period=2017-05"]
LIBRARY = "**/plotly-finance*"
EXPLORE, CLOSE = re.compile("^Explore"), re.compile("^Close")


def opened(page: Page) -> None:
    page.get_by_role("button", name=EXPLORE).click()
    expect(page.get_by_role("status").filter(has_text="Escape closes it")).to_be_visible()


@pytest.mark.parametrize("width", [1366, 390])
@pytest.mark.parametrize("address", PAGES)
def test_it_draws_on_the_click_and_not_before(
    open_page: Callable[..., Page], address: str, width: int
) -> None:
    page = open_page("board", width=width)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if "plotly" in url]
    opened(page)
    assert len([url for url in asked if "plotly" in url]) == 1
    assert all(url.startswith("http://127.0.0.1:") for url in asked), asked
    plot = page.locator(".app-explore__plot")
    expect(plot.locator(".main-svg").first).to_be_visible()
    # the drawing and its table are still there
    assert page.locator("figure svg[role=img]").count() == 1
    assert page.locator("figure table").count() == 1
    assert_kept(page)


def test_the_keyboard_passes_it_by_and_escape_gives_the_focus_back(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("board")
    page.goto(PAGES[0])
    opened(page)
    plot = page.locator(".app-explore__plot")
    assert plot.get_attribute("aria-hidden") == "true"
    assert plot.locator("css=a, button, input, [tabindex]").count() == 0
    explore, close = (page.get_by_role("button", name=name) for name in (EXPLORE, CLOSE))
    explore.focus()
    page.keyboard.press("Tab")
    expect(close).to_be_focused()
    page.keyboard.press("Escape")
    expect(explore).to_be_focused()
    expect(explore).to_have_attribute("aria-expanded", "false")
    expect(close).to_be_hidden()
    opened(page)
    close.click()
    expect(explore).to_be_focused()


def test_where_the_library_does_not_come_the_page_says_so_and_tries_again(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("board")
    page.goto(PAGES[0])

    def refuse(route: Route) -> None:
        route.abort()

    page.route(LIBRARY, refuse)
    page.get_by_role("button", name=EXPLORE).click()
    expect(page.get_by_role("status").filter(has_text="could not be loaded")).to_be_visible()
    page.unroute(LIBRARY, refuse)
    opened(page)


def test_without_script_there_is_no_button_that_does_nothing(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("board", script=False)
    page.goto(PAGES[0])
    assert page.locator("figure svg[role=img]").count() == 1
    expect(page.locator(".app-explore__open")).to_be_hidden()
