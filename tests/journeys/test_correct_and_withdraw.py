"""The marked-up copy becomes the corrected file; a return is left half done, sent and withdrawn."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.contract import assert_kept
from tests.journeys.running import RETURNS

pytestmark = pytest.mark.journey

REASON = "Start moved to the new year by both boards on 12 July"


def upload(page: Page, file: Path) -> None:
    page.goto("/returns/send/?organisation=ngh&kind=finance&period=2017-06")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Upload and check").click()
    page.get_by_role("button", name="Continue").click(timeout=60_000)


def corrected(marked: bytes, cells: tuple[str, ...]) -> bytes:
    """What a person does with the copy: the marked cells as they should be, totals overtyped."""
    book = openpyxl.load_workbook(io.BytesIO(marked))
    good = openpyxl.load_workbook(RETURNS / "ngh-2017-06.xlsx", data_only=True)
    for cell in cells:
        book["Schemes"][cell].value = good["Schemes"][cell].value
    for row in book["Return"].iter_rows():
        for at in row:
            if at.data_type == "f":
                at.value = good["Return"][at.coordinate].value
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def test_the_marked_copy_corrected_then_sent_then_withdrawn(
    open_page: Callable[..., Page], tmp_path: Path
) -> None:
    lead = open_page("finance.ngh")
    upload(lead, RETURNS / "bad" / "three-slips.xlsx")
    expect(lead.get_by_role("heading", level=1)).to_contain_text("3 errors")
    with lead.expect_download() as waited:
        lead.get_by_role("link", name="Download your file with problems marked").click()
    assert waited.value.suggested_filename == "three-slips-problems.xlsx"
    marked = Path(waited.value.path()).read_bytes()
    book = openpyxl.load_workbook(io.BytesIO(marked))
    assert book.sheetnames[0] == "Problems"
    for cell in ("AX2", "I7", "H11"):
        assert book["Schemes"][cell].comment is not None, cell

    sent = tmp_path / "corrected.xlsx"
    sent.write_bytes(corrected(marked, ("AX2", "I7", "H11")))
    upload(lead, sent)
    expect(lead.get_by_role("heading", level=1)).to_contain_text("no errors")

    # Half of the reasons, then away; the list knows where to go on and no word is lost.
    first = lead.get_by_role("textbox").first
    first.fill(REASON)
    lead.get_by_role("button", name="Save and come back").click()
    expect(lead.get_by_role("main")).to_contain_text("Continue where you were: step 4")
    assert_kept(lead)
    lead.get_by_role("link", name="NGH: finance return").first.click()
    expect(lead.get_by_role("textbox").first).to_have_value(REASON)
    for reason in lead.get_by_role("textbox").all():
        reason.fill(REASON)
    lead.get_by_role("button", name="Save the reasons and continue").click()
    lead.get_by_role("checkbox").check()
    lead.get_by_role("button", name="Confirm and send").click()
    expect(lead.get_by_role("main")).to_contain_text("RET-2017-06-RNS-01")
    lead.get_by_role("link", name="What changed since").click()
    expect(lead.get_by_role("heading", name=re.compile("to RET-2017-06-RNS-01$"))).to_be_visible()
    assert_kept(lead)

    # Somebody who may withdraw sees first what it would do, and that it takes a reason.
    director = open_page("director.ngh")
    director.goto("/returns/history/ngh/")
    director.get_by_role("link", name=re.compile("^RET-2017-06-RNS-01")).click()
    director.get_by_role("link", name="See what withdrawing it would do").click()
    expect(director.get_by_role("heading", level=1)).to_have_text("Withdraw RET-2017-06-RNS-01")
    expect(director.get_by_role("main")).to_contain_text("carry the figures of May 2017")
    assert_kept(director)
    director.get_by_role("button", name="Withdraw this return").click()
    expect(director.get_by_role("alert")).to_contain_text("Say why this return is withdrawn")
    director.get_by_role("textbox").fill("Sent for the wrong month, agreed with the trust")
    director.get_by_role("button", name="Withdraw this return").click()
    expect(director.get_by_role("main")).to_contain_text("is withdrawn")
    assert_kept(director)
    lead.goto("/returns/")
    expect(lead.get_by_text("Late by 6 days").first).to_be_visible()
