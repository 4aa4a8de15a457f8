"""What the return promises who waits, hurries or runs no script (UX §3.1, A-22 to A-34)."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.running import RETURNS

pytestmark = pytest.mark.journey

REASON = "Agreed by the finance committee on 14 July"


def upload(page: Page, file: Path) -> None:
    page.goto("/returns/send/")
    page.get_by_label("Finance return").check()
    page.get_by_label("Period").select_option(value="2017-06")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Upload and check").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Checking your return")


def test_progress_is_told_without_moving_the_focus(open_page: Callable[..., Page]) -> None:
    """A-22, A-23, A-24: the one part that is swapped keeps the focus, is live, and says busy."""
    page = open_page("finance.nhft")
    held: list[Route] = []
    # The answers of the server are held back, so that the page is seen while it waits.
    page.route("**/checking/progress/", lambda route: held.append(route))
    upload(page, RETURNS / "bad" / "unknown-risk.xlsx")
    status = page.get_by_role("status").filter(has=page.locator("#check-progress"))
    expect(status).to_be_attached()
    if page.get_by_role("button", name="Continue").count() == 0:
        expect(page.locator("#check-progress")).to_have_attribute("aria-busy", "true")
    before = status.inner_text()
    page.unroute("**/checking/progress/")
    for route in held:
        route.continue_()
    page.get_by_role("button", name="Continue").wait_for(timeout=60_000)
    assert status.inner_text() != before or not held
    expect(page.locator("#check-progress")).not_to_have_attribute("aria-busy", "true")
    assert page.evaluate("document.activeElement !== document.body")
    assert page.url.endswith("/checking/"), "the page goes nowhere by itself"


def test_no_step_is_skipped_by_its_address_and_nothing_is_asked_twice(
    open_page: Callable[..., Page],
) -> None:
    """A-28 and A-29: without the preview's tick no address commits; a second try is filled in."""
    page = open_page("finance.nhft")
    upload(page, RETURNS / "bad" / "unknown-risk.xlsx")
    page.get_by_role("button", name="Continue").click(timeout=60_000)
    expect(page.get_by_role("heading", level=1)).to_contain_text("error")
    start = page.url.rpartition("problems/")[0]
    for step in ("preview/", "receipt/"):
        page.goto(start + step)
        said = page.get_by_role("heading", level=1).inner_text()
        assert "Return received" not in said
        assert "Check what would change" not in said
    answer = page.request.post(f"{start}preview/", form={"confirmed": "on"})
    assert answer.status == 403, "no token, no answer"

    page.goto(f"{start}problems/")
    page.get_by_role("button", name="Upload a corrected file").click()
    expect(page.get_by_label("Finance return")).to_be_checked()
    expect(page.get_by_label("Period")).to_have_value("2017-06")
    page.goto("/returns/history/nhft/")
    expect(page.get_by_role("main")).not_to_contain_text("RET-2017-06-RP1-02")


def test_main_journeys_without_scripts(open_page: Callable[..., Page]) -> None:
    """A-34: from upload to receipt, and from the overview to a filtered, sorted, saved list."""
    page = open_page("finance.nhft", script=False)
    upload(page, RETURNS / "nhft-2017-06.xlsx")
    for _ in range(120):
        if page.get_by_role("button", name="Continue").count():
            break
        page.wait_for_timeout(500)
        page.get_by_role("link", name="Check progress").click()
    page.get_by_role("button", name="Continue").click()
    if "problems" in page.url:
        for box in page.get_by_role("textbox").all():
            box.fill(REASON)
        page.get_by_role("button", name="Save the reasons and continue").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Check what would change")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Confirm and send").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Return received")

    page = open_page("board", script=False)
    page.goto("/overview/?period=2017-06")
    page.get_by_role("navigation").get_by_role("link", name="Finance").click()
    page.locator("summary", has_text="Filters").click()
    page.get_by_label("Organisation").select_option(label="KGH")
    page.get_by_label("Only what changed").check()
    page.get_by_role("button", name="Apply filters").click()
    expect(page.get_by_role("link", name="Remove filter Organisation: KGH")).to_be_visible()
    page.get_by_role("link", name="Plan, £000", exact=True).click()
    expect(page.get_by_role("link", name="Remove filter Only what changed")).to_be_visible()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="CSV of these schemes").click()
    saved = Path(waiting.value.path()).read_text(encoding="utf-8-sig")
    assert "Filters: Organisation: KGH, Only what changed" in saved
