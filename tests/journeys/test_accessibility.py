"""The scripts of UX §3.1 that need more than one look at a page; the rest is contract.py.

docs/accessibility.md lists every number with the test that holds it.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.contract import rules_that_ran
from tests.journeys.keyboard import walk
from tests.journeys.looking import pixels_that_differ
from tests.journeys.running import Site, sign_in
from tests.journeys.scripts import script
from tests.rounds import rounds

pytestmark = pytest.mark.journey

JUNE = "period=2017-06"
OVERVIEW = f"/overview/?{JUNE}"
SCHEMES = f"/finance/schemes/?{JUNE}"
SCHEME = f"/finance/schemes/ngh/UC-01/?{JUNE}"
EVERY = [
    OVERVIEW, SCHEMES, SCHEME, f"/workstreams/UC/?{JUNE}", f"/gap/?{JUNE}", f"/milestones/?{JUNE}",
    f"/risks/?{JUNE}", f"/indicators/?{JUNE}", f"/workstreams/?{JUNE}", "/help/", "/plan/",
]  # fmt: skip
# Three pages in the short run, every one with --long.
PAGES = EVERY[: rounds(short=3, long=len(EVERY))]
LISTS = [SCHEMES, f"/milestones/?{JUNE}", f"/risks/?{JUNE}", f"/indicators/?{JUNE}"]

# More room between lines, words and letters (WCAG 1.4.12), and text twice its size (1.4.4).
SPACED = (
    "* { line-height: 1.5 !important; letter-spacing: .12em !important;"
    " word-spacing: .16em !important } p { margin-bottom: 2em !important }"
)
DOUBLED = "html { font-size: 200% !important }"
_CLIPPED = script("clipped")


@pytest.fixture
def blank(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


def most_stops(page: Page) -> int:
    """A-05: overview 60, a list (the plan is one of facts) 40 and two a row, else 50."""
    address = page.url.partition("?")[0]
    if address.endswith("/overview/"):
        return 60
    is_list = page.locator(".app-filters").count() or address.endswith("/plan/")
    return 40 + 2 * page.locator("main tbody tr").count() if is_list else 50


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("person", ["board", "pmo"])
def test_every_stop_is_reached_in_order_and_seen(
    open_page: Callable[..., Page], person: str, address: str
) -> None:
    """A-04, A-05 and A-07: skip link first, document order, no trap, nothing under a band."""
    page = open_page(person)
    page.goto(address)
    found = walk(page)
    assert found.stops[0]["name"] == "Skip to main content"
    order = [stop["index"] for stop in found.stops]
    assert order == sorted(order), [stop["name"] for stop in found.stops]
    assert not found.unreached, found.unreached
    assert len(found.stops) <= most_stops(page), len(found.stops)
    hidden = [stop["name"] for stop in found.stops if not stop["shown"]]
    assert not hidden, f"hidden when focused: {hidden}"


def test_the_skip_link_leads_into_the_content(open_page: Callable[..., Page]) -> None:
    page = open_page("board")
    page.goto(OVERVIEW)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


@pytest.mark.parametrize("address", PAGES[: rounds(short=1, long=len(EVERY))])
@pytest.mark.parametrize("forced", [False, True])
def test_focus_is_seen(
    browser: Browser, site: Site, blank: Page, address: str, forced: bool
) -> None:
    """A-06: each kind of control changes by 3:1 when it has the focus, in forced colours too."""
    page = browser.new_page(
        base_url=site.address,
        viewport={"width": 1366, "height": 900},
        forced_colors="active" if forced else "none",
        reduced_motion="reduce",
    )
    sign_in(page, "board")
    page.goto(address)
    kinds = page.evaluate(script("number_the_kinds"))
    assert kinds >= 5
    for number in range(1, kinds + 1):
        control = page.locator(f"[data-kind='{number}']")
        control.scroll_into_view_if_needed()
        control.evaluate("node => { node.focus(); node.blur(); }")
        box = control.bounding_box()
        assert box is not None
        clip: Any = {"x": max(box["x"] - 6, 0), "y": max(box["y"] - 6, 0),
                "width": min(box["width"] + 12, 600), "height": box["height"] + 12}  # fmt: skip
        before = page.screenshot(clip=clip)
        control.evaluate("node => node.focus({focusVisible: true})")
        after = page.screenshot(clip=clip)
        assert pixels_that_differ(blank, before, after) > 20, control.evaluate("n => n.outerHTML")
    page.close()


@pytest.mark.parametrize("address", PAGES)
def test_small_windows_large_text_and_loose_spacing(
    open_page: Callable[..., Page], address: str
) -> None:
    """A-10 at 320 pixels, and A-11: nothing is cut off and nothing moves sideways."""
    page = open_page("board", width=320)
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert not page.evaluate(_CLIPPED, SPACED)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(address)
    assert not page.evaluate(_CLIPPED, DOUBLED)


def test_axe_judges_targets_regions_and_names(open_page: Callable[..., Page]) -> None:
    """A-08, A-14 and A-21 rest on rules of axe that must have had something to judge."""
    page = open_page("board", width=390)
    page.goto(SCHEMES)
    page.locator("summary", has_text="Filters").click()
    ran = rules_that_ran(page)
    assert {"target-size", "color-contrast", "label", "link-name", "select-name"} <= ran
    page.goto(f"/milestones/?{JUNE}")
    assert "scrollable-region-focusable" in rules_that_ran(page)


@pytest.mark.parametrize("address", LISTS)
def test_the_sorted_column_says_so(open_page: Callable[..., Page], address: str) -> None:
    """A-13: aria-sort on exactly that column; heads are links; the order is in the address."""
    page = open_page("board")
    page.goto(address)
    heads = page.locator("main table").first.locator("thead a")
    for number in (0, heads.count() - 1):
        name = heads.nth(number).inner_text().strip()
        heads.nth(number).click()
        page.wait_for_load_state()
        assert "sort=" in page.url
        assert JUNE in page.url
        sorted_heads = page.locator("main th[aria-sort]")
        expect(sorted_heads).to_have_count(1)
        expect(sorted_heads).to_contain_text(name)
        expect(page.locator("main caption").first).to_contain_text("sortable")


@pytest.mark.parametrize(
    "address",
    [f"/milestones/?{JUNE}", f"/gap/?{JUNE}", f"/risks/?{JUNE}", f"/workstreams/UC/?{JUNE}",
     f"/indicators/?{JUNE}", f"/finance/schemes/?{JUNE}", f"/overview/?{JUNE}"],
)  # fmt: skip
def test_no_column_is_hidden_on_a_phone(open_page: Callable[..., Page], address: str) -> None:
    """A row is a card there, so nothing stands beyond the edge; each cell says whose it is."""
    page = open_page("board", width=390)
    page.goto(address)
    found = page.evaluate(
        """() => [...document.querySelectorAll(".app-scroll .nhsuk-scroll__content")]
          .filter((region) => region.checkVisibility())
          .map((region) => [region.scrollWidth - region.clientWidth,
            [...region.querySelectorAll("td[data-label]")].filter((cell) => cell.checkVisibility()
              && getComputedStyle(cell, "::before").content === "none").length])"""
    )
    assert found
    assert all(beyond <= 1 and nameless == 0 for beyond, nameless in found), found


@pytest.mark.parametrize("address", [f"/milestones/?{JUNE}", f"/gap/?{JUNE}"])
def test_a_wide_table_moves_with_the_arrows(open_page: Callable[..., Page], address: str) -> None:
    """A-14: the region takes the focus, has its caption's name, and moves."""
    page = open_page("board", width=700)
    page.goto(address)
    region = page.locator(".app-scroll .nhsuk-scroll__content[role=region]").first
    assert region.evaluate("n => n.scrollWidth > n.clientWidth + 20")
    assert region.get_attribute("tabindex") == "0"
    name = region.evaluate(
        "n => document.getElementById(n.getAttribute('aria-labelledby')).textContent"
    )
    assert name.strip()
    region.focus()
    page.keyboard.press("ArrowRight")
    for _ in range(100):
        if region.evaluate("n => n.scrollLeft"):
            return
        page.wait_for_timeout(50)
    pytest.fail("the arrow moved nothing")


def test_ratings_differ_without_colour(open_page: Callable[..., Page], blank: Page) -> None:
    """A-17: in grey every two ratings differ in shape, letter and word."""
    page = open_page("board")
    page.goto(f"/finance/schemes/?{JUNE}&per_page=all")
    marks = page.evaluate(
        """() => [...new Map([...document.querySelectorAll("tbody .app-rag")].map((rag) =>
          [rag.className, [rag.querySelector(".app-rag__shape").innerHTML,
            ...rag.textContent.trim().match(/^([A-Z]+) (.+)$/).slice(1)]])).values()]"""
    )
    assert len(marks) >= 4
    for part in zip(*marks, strict=True):
        assert len(set(part)) == len(marks), part
    page.evaluate("document.documentElement.style.filter = 'grayscale(1)'")
    pictures = {}
    for kind in ("red", "amber", "green"):
        mark = page.locator(f"tbody .app-rag--{kind} .app-rag__shape").first
        mark.scroll_into_view_if_needed()
        box = mark.bounding_box()
        assert box is not None
        clip: Any = {"x": round(box["x"]), "y": round(box["y"]), "width": 28, "height": 16}
        pictures[kind] = page.screenshot(clip=clip)
    for one, two in (("red", "amber"), ("amber", "green"), ("red", "green")):
        assert pixels_that_differ(blank, pictures[one], pictures[two]) > 4, (one, two)


def test_forced_colours_keep_marks_and_lines(browser: Browser, site: Site) -> None:
    """A-18: shapes, tags, chips and chart lines are drawn in the reader's own colours."""
    page = browser.new_page(base_url=site.address, forced_colors="active")
    sign_in(page, "board")
    page.goto(OVERVIEW)
    lost = page.evaluate(script("lost_marks"))
    assert not lost, lost
    page.close()


def test_errors_of_a_form_are_tied_to_their_fields(open_page: Callable[..., Page]) -> None:
    """A-20: the summary has the focus, its links move it, fields have messages, values stay."""
    page = open_page("finance.ngh")
    page.goto("/returns/send/")
    page.get_by_label("Finance return").check()
    page.get_by_label("Period").select_option(value="2017-06")
    page.get_by_role("button", name="Upload and check").click()
    summary = page.locator(".nhsuk-error-summary")
    expect(summary).to_be_focused()
    assert page.title().startswith("Error: ")
    for link in summary.get_by_role("link").all():
        link.click()
        field = page.locator(":focus")
        assert field.get_attribute("aria-invalid") == "true"
        ids = (field.get_attribute("aria-describedby") or "").split()
        assert any(link.inner_text() in page.locator(f"[id='{i}']").inner_text() for i in ids), ids
    expect(page.get_by_label("Finance return")).to_be_checked()
    expect(page.get_by_label("Period")).to_have_value("2017-06")


@pytest.mark.parametrize(
    ("address", "chart"), [(OVERVIEW, "bridge"), (OVERVIEW, "months"), (SCHEME, "months")]
)
def test_chart_table_drawing_and_file_say_the_same(
    open_page: Callable[..., Page], address: str, chart: str
) -> None:
    """A-31: every number of the table is in the file, and each label drawn is in the table."""
    page = open_page("board")
    page.goto(address)
    figure = page.locator(f"#{chart}-chart")
    rows = figure.locator("tbody tr").evaluate_all(
        "rows => rows.map((row) => [...row.cells].map((cell) => cell.textContent.trim()))"
    )
    href = figure.get_by_role("link", name=re.compile("CSV")).get_attribute("href")
    text = page.request.get(f"{page.url.partition('?')[0]}{href}").body().decode("utf-8-sig")
    file = list(csv.reader(io.StringIO(text)))
    table = file[file.index([]) + 2 :]
    assert [row[0] for row in table] == [row[0] for row in rows]
    for shown, written in zip(rows, table, strict=True):
        for cell, value in zip(shown[1:], written[1:], strict=True):
            number = re.sub(r"[£m,]", "", cell).replace("\N{MINUS SIGN}", "-")
            if re.search(r"\d", value):
                assert float(number) == float(value), (shown, written)
            else:
                assert cell == value, "where there is no number both say why"
    cells = {cell for row in rows for cell in row[1:]}
    drawn = figure.locator("svg .app-chart__text--value").evaluate_all(
        "all => all.map((one) => one.textContent)"
    )
    stated = {re.sub(r"[£m]", "", cell) for cell in cells}
    assert {re.sub(r"[£m]", "", value) for value in drawn} <= stated
