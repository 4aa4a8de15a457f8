"""A-25 to A-27: the door, the warning before a session ends, and pages that wait without moving."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.contract import assert_kept
from tests.journeys.running import RETURNS, Site, embedded_site
from tests.rounds import rounds

pytestmark = pytest.mark.journey

TITLE = "You will be signed out"
TYPED = "Agreed with the commissioner on 12 July"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Half an hour is half a minute here, and nobody takes the jobs."""
    with embedded_site(
        tmp_path_factory.mktemp("site"), jobs=False,
        STP_SESSION_IDLE_SECONDS="30", STP_SESSION_WARNING_SECONDS="20",
    ) as made:  # fmt: skip
        yield made


def test_the_door_takes_a_paste_and_says_whose_fields_they_are(
    open_page: Callable[..., Page],
) -> None:
    page = open_page()
    page.goto("/sign-in/")
    address, password = (
        page.get_by_label("Email address"),
        page.get_by_label("Password", exact=True),
    )
    expect(address).to_have_attribute("autocomplete", "username")
    expect(address).to_have_attribute("type", "email")
    expect(password).to_have_attribute("autocomplete", "current-password")
    for field in (address, password):
        field.focus()
        page.evaluate(
            """() => {
              const clipboard = new DataTransfer();
              clipboard.setData("text/plain", "pasted@example.org");
              const paste = new ClipboardEvent("paste",
                {clipboardData: clipboard, bubbles: true, cancelable: true});
              if (!document.activeElement.dispatchEvent(paste)) throw new Error("paste refused");
            }"""
        )
        page.keyboard.insert_text("pasted@example.org")
        expect(field).to_have_value("pasted@example.org")
    puzzles = page.locator("img, canvas, iframe, [class*=captcha], [id*=captcha]")
    expect(puzzles).to_have_count(0)


def test_signing_in_twice_is_signing_in_once(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.goto("/sign-in/")
    page.get_by_label("Email address").fill("board@example.org")
    page.get_by_label("Password", exact=True).fill("demonstration-2017")
    # Nothing leaves the page here; whether it would have is what is noted.
    page.evaluate(
        """() => {
          window.refused = [];
          addEventListener("submit", (event) => {
            window.refused.push(event.defaultPrevented);
            event.preventDefault();
          });
        }"""
    )
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Signing in…")).to_have_attribute(
        "aria-disabled", "true"
    )
    page.evaluate("document.querySelector('main form').requestSubmit()")
    assert page.evaluate("window.refused") == [False, True]


def test_the_warning_comes_in_time_and_a_key_keeps_the_session(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("board")
    page.goto("/help/")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_hidden()
    expect(dialog).to_be_visible(timeout=30_000)
    expect(dialog.get_by_role("heading")).to_contain_text(TITLE)
    stay = dialog.get_by_role("button", name="Stay signed in")
    expect(stay).to_be_focused()
    assert_kept(page)
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(dialog).to_be_visible(timeout=30_000)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.reload()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Sign in")


def test_what_one_tab_asks_keeps_the_other(open_page: Callable[..., Page]) -> None:
    page = open_page("board")
    page.goto("/help/")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible(timeout=30_000)
    other = page.context.new_page()
    other.goto("/accessibility/")
    expect(dialog).to_be_hidden()
    expect(other.get_by_role("dialog")).to_be_hidden()


def test_after_the_end_what_was_typed_is_still_there_and_can_be_sent(
    open_page: Callable[..., Page],
) -> None:
    """The form is sent with what was typed before, after a sign-in in another tab."""
    page = open_page("administrator")
    page.goto("/people/invite/")
    page.get_by_label("Last name").fill(TYPED)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="You were signed out")).to_be_visible(timeout=60_000)
    assert_kept(page)
    assert page.url.endswith("/people/invite/"), "nobody was sent away"
    page.context.clear_cookies(name="sessionid")  # the page's end comes a little before the site's
    with page.context.expect_page() as opened:
        dialog.get_by_role("link", name="Sign in").click()
    door = opened.value
    door.get_by_label("Email address").fill("administrator@example.org")
    door.get_by_label("Password", exact=True).fill("demonstration-2017")
    with page.expect_response("**/sessions/"):  # the forms get a token of the new session
        door.get_by_role("button", name="Sign in").click()
        door.wait_for_url("**/people/invite/")
    expect(dialog).to_be_hidden()
    expect(page.get_by_label("Last name")).to_have_value(TYPED)
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text("Enter first name").first).to_be_visible()
    expect(page.get_by_label("Last name")).to_have_value(TYPED)


def test_without_script_a_late_form_is_not_lost_in_silence(open_page: Callable[..., Page]) -> None:
    page = open_page("administrator", script=False)
    page.goto("/people/invite/")
    page.get_by_label("Last name").fill(TYPED)
    expect(page.locator("dialog")).to_be_hidden()
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text("so it was not saved")).to_be_visible()
    page.get_by_label("Email address").fill("administrator@example.org")
    page.get_by_label("Password", exact=True).fill("demonstration-2017")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/people/invite/")


def test_a_page_that_waits_stays_where_it_is(open_page: Callable[..., Page]) -> None:
    """A job that nobody takes: the page neither reloads nor goes on by itself."""
    page = open_page("finance.ngh")
    page.goto("/returns/send/")
    page.get_by_label("Organisation").select_option(label="NGH")
    page.get_by_label("Finance return").check()
    page.get_by_label("Period").select_option(value="2017-06")
    page.locator("input[type=file]").set_input_files(next(RETURNS.glob("*.xlsx")))
    page.get_by_role("button", name="Upload and check").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Checking your return"))
    address, moved = page.url, []
    page.on("framenavigated", lambda frame: moved.append(frame.url))
    page.evaluate("window.stillHere = true")
    asked = 0
    for _ in range(rounds(short=4, long=35)):  # two seconds a look: 70 s
        with page.expect_response("**/progress/"):
            pass
        asked += 1
    assert asked
    assert page.url == address
    assert moved == []
    assert page.evaluate("window.stillHere"), "the page was drawn anew"
    assert page.locator("meta[http-equiv=refresh]").count() == 0
