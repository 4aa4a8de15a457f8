"""The main job: a finance lead's return becomes a rating that a board member can trust."""

import re
from collections.abc import Callable

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.contract import assert_kept
from tests.journeys.running import RETURNS

pytestmark = pytest.mark.journey

JUNE = "period=2017-06"
REASON = "Start moved to the new year by both boards on 12 July"


def send(page: Page, file: str) -> None:
    """Upload a finance return of NGH for June 2017 and wait for the check."""
    page.get_by_label("Organisation").select_option(label="NGH")
    page.get_by_label("Finance return").check()
    page.get_by_label("Period").select_option(value="2017-06")
    page.locator("input[type=file]").set_input_files(RETURNS / file)
    page.get_by_role("button", name="Upload and check").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Checking your return")
    assert_kept(page)
    page.get_by_role("button", name="Continue").click(timeout=60_000)


def finance_of_urgent_care(page: Page) -> str:
    """What the overview says of urgent care's Finance."""
    page.goto(f"/overview/?{JUNE}")
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Urgent care"))
    return row.first.inner_text()


def test_from_upload_to_the_reason_why(open_page: Callable[..., Page]) -> None:
    board = open_page("board")
    before = finance_of_urgent_care(board)
    assert "Not rated" in before, before
    returns_before = board.get_by_text(re.compile(r"\d of 6 finance returns are in")).inner_text()
    assert "4 of 6" in returns_before

    lead = open_page("finance.ngh")
    expect(lead.get_by_role("heading", level=1)).to_have_text("Your returns")
    expect(lead.get_by_text("Late by 6 days")).to_be_visible()
    lead.get_by_role("link", name="send a return").click()

    # A file with three slips: every fault by its cell, all at once, nothing taken over.
    send(lead, "bad/three-slips.xlsx")
    expect(lead.get_by_role("heading", level=1)).to_contain_text("3 errors")
    for cell in ("AX2", "I7", "H11"):
        expect(lead.get_by_role("main")).to_contain_text(f"cell {cell}")
    assert lead.title().startswith("Error: ")
    assert_kept(lead)
    assert finance_of_urgent_care(board) == before, "a refused file changes nothing"

    # The corrected file: warnings want a reason, the preview says what would change.
    lead.get_by_role("link", name="Upload a corrected file").or_(
        lead.get_by_role("button", name="Upload a corrected file")
    ).first.click()
    send(lead, "ngh-2017-06.xlsx")
    expect(lead.get_by_role("heading", level=1)).to_contain_text("no errors")
    assert_kept(lead)
    for reason in lead.get_by_role("textbox").all():
        reason.fill(REASON)
    lead.get_by_role("button", name="Continue").click()
    expect(lead.get_by_role("heading", level=1)).to_contain_text("confirm")
    assert_kept(lead)
    assert finance_of_urgent_care(board) == before, "a preview changes nothing"

    lead.get_by_role("checkbox").check()
    lead.get_by_role("button", name="Confirm and send").click()
    expect(lead.get_by_role("heading", level=1)).to_have_text("Return received")
    expect(lead.get_by_role("main")).to_contain_text("RET-2017-06-RNS-01")
    assert_kept(lead)

    # The board member sees the new position, why, and which return said so.
    for _ in range(60):
        after = finance_of_urgent_care(board)
        if after != before:
            break
        board.wait_for_timeout(500)
    assert after != before, "the overview never changed"
    expect(board.get_by_role("main")).to_contain_text("5 of 6 finance returns are in")
    board.get_by_role("link", name=re.compile("^Urgent care")).first.click()
    why = board.get_by_role("main").inner_text()
    match = re.search(r"Forecast £2\.\dm is (\d\d(?:\.\d)?)% of the £3\.0m target", why)
    assert match, why[:1500]
    assert 90 <= float(match[1]) <= 94
    assert "amber from 85% to 95%" in why
    board.get_by_role("link", name=re.compile("Streaming and redirection")).first.click()
    expect(board.get_by_role("main")).to_contain_text("RET-2017-06-RNS-01")
    expect(board.get_by_role("main")).to_contain_text("Femi Adeyemi")
    assert_kept(board)

    # The reason typed for a warning stands where its figure is shown.
    board.goto(f"/finance/schemes/ngh/SC-02/?{JUNE}")
    expect(board.get_by_role("main")).to_contain_text(REASON)

    # The gap still adds up to £230m.
    board.goto(f"/gap/?{JUNE}")
    expect(board.get_by_role("heading", level=1)).to_have_text("Closing the £230.0m gap in 2020/21")
    expect(board.get_by_role("main")).not_to_contain_text("do not add up to the gap")
    assert_kept(board)


def test_the_template_comes_with_the_organisations_schemes(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("finance.nhft")
    page.goto("/returns/template/")
    page.get_by_label("Organisation").select_option(label="NHFT")
    page.get_by_label("Finance return").check()
    page.get_by_label("Period").select_option(value="2017-06")
    with page.expect_download() as waiting:
        page.get_by_role("button", name=re.compile("Download")).first.click()
    with waiting.value.path().open("rb") as file:
        book = openpyxl.load_workbook(file)
    assert book["Schemes"].max_row >= 9
    assert "UC-01" in {cell.value for cell in book["Schemes"]["A"]}


def test_somebody_elses_return_is_not_there(open_page: Callable[..., Page]) -> None:
    page = open_page("finance.kgh")
    page.goto("/returns/history/ngh/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("not found", ignore_case=True)
