"""The return by keyboard alone, and in a browser that runs no script. After the main journey."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import FileChooser, Locator, Page, expect

from tests.journeys.contract import assert_kept
from tests.journeys.running import RETURNS

pytestmark = pytest.mark.journey

MOST_STOPS = 60  # UX A-05: no page makes anyone press Tab more often
REASON = "Agreed by the finance committee on 14 July"


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until `wanted` has the focus."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if wanted.evaluate("(node) => node === document.activeElement"):
            return
    pytest.fail(f"{wanted} is not reached by {MOST_STOPS} tabs on {page.url}")


def heading(page: Page, words: str) -> None:
    """The step's heading is there and has the focus, so that reading starts with it."""
    found = page.get_by_role("heading", level=1)
    expect(found).to_contain_text(words)
    expect(found).to_be_focused()


def choose_period(page: Page) -> None:
    period = page.get_by_label("Period")
    tab_to(page, period)
    for _ in range(12):
        page.keyboard.press("ArrowDown")
        if period.input_value() == "2017-06":
            return
    pytest.fail("June 2017 is not reached by the arrow keys")


def test_the_whole_return_by_keyboard(open_page: Callable[..., Page]) -> None:
    page = open_page("finance.nhft")
    # Listened for from the start: a dialog that opens before the browser is told is lost.
    choosers: list[FileChooser] = []
    page.on("filechooser", lambda chooser: choosers.append(chooser))
    tab_to(page, page.get_by_role("link", name="send a return"))
    page.keyboard.press("Enter")

    heading(page, "Send a return")
    tab_to(page, page.get_by_label("Plan return"))
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Finance return")).to_be_checked()
    choose_period(page)
    tab_to(page, page.locator("input[type=file]"))
    page.keyboard.press("Space")
    for _ in range(100):
        if choosers:
            break
        page.wait_for_timeout(100)
    choosers[0].set_files(RETURNS / "nhft-2017-06.xlsx")
    tab_to(page, page.get_by_role("button", name="Upload and check"))
    page.keyboard.press("Enter")

    heading(page, "Checking your return")
    go_on = page.get_by_role("button", name="Continue")
    go_on.wait_for(timeout=60_000)
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    tab_to(page, go_on)
    page.keyboard.press("Space")
    page.wait_for_load_state()

    for reason in page.get_by_role("textbox").all():
        tab_to(page, reason)
        page.keyboard.type(REASON)
    if "problems" in page.url:
        tab_to(page, page.get_by_role("button", name="Save the reasons and continue"))
        page.keyboard.press("Space")

    heading(page, "Check what would change")
    tab_to(page, page.get_by_role("checkbox"))
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Confirm and send")).to_be_focused()
    page.keyboard.press("Space")
    heading(page, "Return received")


def test_problems_take_the_focus_and_lead_to_their_place(open_page: Callable[..., Page]) -> None:
    page = open_page("finance.nhft")
    page.goto("/returns/send/")
    page.get_by_role("button", name="Upload and check").click()
    expect(page.locator(".nhsuk-error-summary")).to_be_focused()
    assert page.title().startswith("Error: ")
    page.get_by_role("link", name="Select a return").click()
    expect(page.locator("input[type=file]")).to_be_focused()
    assert_kept(page)


def test_the_return_without_scripts(open_page: Callable[..., Page], tmp_path: Path) -> None:
    page = open_page("finance.nhft", script=False)
    upload(page, RETURNS / "bad" / "unknown-risk.xlsx")
    expect(page.get_by_role("heading", level=1)).to_contain_text("error")
    expect(page.get_by_role("main")).to_contain_text("There is a problem")
    page.get_by_role("button", name="Upload a corrected file").click()
    expect(page.get_by_label("Period")).to_have_value("2017-06")

    # The template as .csv comes back as it is: only what the file cannot say is typed.
    page.goto("/returns/template/")
    page.get_by_label("Finance return").check()
    page.get_by_label("Period").select_option(value="2017-06")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download as csv").click()
    template = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(template)
    upload(page, template, unit="Thousands of pounds (£000)")
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("could not be read")
    page.get_by_role("link", name="Your returns").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your returns")


def upload(page: Page, file: Path, unit: str = "") -> None:
    """Send a file for June 2017 and press “Check progress” until the check is over."""
    page.goto("/returns/send/")
    page.get_by_label("Finance return").check()
    page.get_by_label("Period").select_option(value="2017-06")
    page.locator("input[type=file]").set_input_files(file)
    if unit:
        page.locator("summary", has_text="How to read the file").click()
        page.get_by_label(unit).check()
    page.get_by_role("button", name="Upload and check").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Checking your return")
    for _ in range(60):
        if page.get_by_role("button", name="Continue").count():
            break
        page.wait_for_timeout(500)
        page.get_by_role("link", name="Check progress").click()
    page.get_by_role("button", name="Continue").click()
