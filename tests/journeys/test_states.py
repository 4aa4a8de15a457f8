"""Pages of a programme that has only begun, and of one whose figures wait to be worked out."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.contract import assert_kept
from tests.journeys.running import PASSWORD, Site, bare_site, embedded_site, sign_in

pytestmark = pytest.mark.journey
JUNE = "period=2017-06"
WIDTHS = (1366, 390)
DASHBOARDS = ("/overview/", "/workstreams/", "/gap/", "/finance/schemes/", "/milestones/",
              "/risks/", "/indicators/")  # fmt: skip
# A trust and three people of a programme of which nothing else has been entered.
BEGIN = f"""
from stp.accounts.models import Grant, User
from stp.core.models import Organisation
own = Organisation.objects.create(id="ngh", name="A trust", short="Trust", kind="trust",
                                  sends_finance_return=True)
for role, scope in (("board", None), ("pmo", None), ("finance_lead", own)):
    user = User.objects.create_user(role, f"{{role}}@example.org", "{PASSWORD}")
    Grant.objects.create(user=user, role=role, organisation=scope)
"""
# Something changed since June was worked out; without a job process nobody works it out.
CHANGE = """
from stp.core import changes
changes.bump_all_open(what="a test changed something")
"""


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with bare_site(tmp_path_factory.mktemp("begun"), BEGIN) as made:
        yield made


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with embedded_site(tmp_path_factory.mktemp("behind"), jobs=False) as made:
        made.manage("shell", "-v0", "-c", CHANGE)
        yield made


@contextmanager
def opened(browser: Browser, site: Site, person: str) -> Iterator[Page]:
    """A page of a site as one of its people."""
    context = browser.new_context(base_url=site.address)
    try:
        page = context.new_page()
        page.set_default_timeout(15_000)
        sign_in(page, person)
        yield page
    finally:
        context.close()


def kept_at_both_widths(page: Page, address: str) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 768})
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, f"{address}: {answer.status}"
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        assert_kept(page)


@pytest.mark.parametrize(
    ("person", "addresses"),
    [
        ("board", (*DASHBOARDS, "/changes/", "/plan/", "/help/")),
        ("pmo", ("/overview/", "/returns/")),
        ("finance_lead", ("/returns/", "/returns/send/", "/returns/history/ngh/")),
    ],
)
def test_a_programme_that_has_only_begun_says_what_comes_next(
    browser: Browser, begun: Site, person: str, addresses: tuple[str, ...]
) -> None:
    with opened(browser, begun, person) as page:
        for address in addresses:
            kept_at_both_widths(page, address)
            assert len(page.inner_text("main").split()) > 8, f"{address} says nothing"


def test_work_that_waits_is_said_on_every_dashboard(browser: Browser, behind: Site) -> None:
    with opened(browser, behind, "board") as page:
        for address in DASHBOARDS:
            kept_at_both_widths(page, f"{address}?{JUNE}")
            expect(page.get_by_text("1 change not yet included")).to_be_visible()
