"""D3: every page as every role, with hostile text in every field: it is text, and nothing else.

No report of the content policy, no console error, no page error, no dialog, no request to
another host, and no element that anybody but us made. The pages come from the site's own list of
addresses, so a new one is visited without being named here.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.urls import get_resolver
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, expect

from tests.access_world import routes
from tests.children import ROOT
from tests.journeys.planting import MARK, TEXTS
from tests.journeys.running import RETURNS, Site, embedded_site, sign_in
from tests.rounds import rounds

pytestmark = pytest.mark.journey

# A person of each role, those who see most first: a short run visits as the first three.
PEOPLE = (
    "administrator", "finance.ngh", "pmo", "director.ngh", "auditor", "board", "group",
    "clinical", "lead.uc", "sro.uc", "norole",
)  # fmt: skip
FILE_NAME = "<img src=x onerror=alert(7)> {{ 7*7 }} ngh-2017-06.xlsx"
# What stands on the page that only we may have put there, or only as text.
_FOREIGN = """() => {
  const found = [];
  // A script that is JSON is a chart's own figures, or the administration's; it does not run.
  const ours = (url) => new URL(url, location.href).origin === location.origin;
  const loading = "script:not([type$=json]), link, img, iframe, base, object, embed";
  for (const node of document.querySelectorAll(loading)) {
    const url = node.src || node.href || node.data || "";
    if (!url || !(ours(url) || url.startsWith("data:image/"))) found.push(node.outerHTML);
  }
  for (const node of document.querySelectorAll("style, meta[http-equiv], iframe, base, marquee"))
    found.push(node.outerHTML);
  for (const node of document.querySelectorAll("*"))
    for (const name of node.getAttributeNames())
      if (name.startsWith("on") || /^\\s*javascript:/i.test(node.getAttribute(name)))
        found.push(node.outerHTML);
  return found.map((html) => html.slice(0, 200));
}"""
_REPORTS = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`POLICY ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with embedded_site(tmp_path_factory.mktemp("site")) as made:
        yield made


@pytest.fixture(scope="module")
def planted(site: Site, browser: Browser) -> dict[str, Any]:
    """A return with faults, sent under a hostile file name; then the text everywhere."""
    context = browser.new_context(base_url=site.address)
    page = context.new_page()
    sign_in(page, "finance.ngh")
    page.goto("/returns/send/")
    page.get_by_label("Organisation").select_option(label="NGH")
    page.get_by_label("Finance return").check()
    page.get_by_label("Period").select_option(value="2017-06")
    page.locator("input[type=file]").set_input_files(
        {
            "name": FILE_NAME, "mimeType": "application/octet-stream",
            "buffer": (RETURNS / "bad" / "three-slips.xlsx").read_bytes(),
        }
    )  # fmt: skip
    page.get_by_role("button", name="Upload and check").click()
    expect(page.get_by_role("button", name="Continue")).to_be_visible(timeout=90_000)
    context.close()
    done = subprocess.run(
        [sys.executable, "-m", "tests.journeys.planting"],
        cwd=ROOT, env=site.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["fields"] > 80, "fewer fields than the site has"
    return found


def addresses(planted: dict[str, Any], person: str) -> list[str]:
    """Every address of the site that answers a GET, with what it may be about."""
    returns = sorted(planted["returns"].values())
    about: dict[str, list[list[str]]] = {
        "dashboards:workstream-detail": [["UC"], ["EFF"]],
        "finance:scheme-detail": [["ngh", "UC-01"], ["kgh", "UC-01"]],
        "accounts:person-detail": [[str(planted["person"])]],
        "returns:return-history": [["ngh"]],
        "returns:return-compare": [["ngh"]],
    }
    found = []
    for name, route in routes(get_resolver()).items():
        if route.startswith(("health/", "sign-out")) or "^" in route or "(?P" in route:
            continue
        if route.startswith("admin/") and ("<" in route or person != "administrator"):
            continue  # the others get one and the same refusal: tests/test_access.py
        given = about.get(name, [[]])
        if "<" in route and name.startswith("returns:") and name not in about:
            given = [[str(pk)] for pk in returns]
        if "<" in route and given == [[]]:
            given = [["x", "y"]]  # a link that works for nobody
        for arguments in given:
            address = "/" + route
            for argument in arguments:
                start, opened, rest = address.partition("<")
                address = start + (argument + rest.partition(">")[2] if opened else "")
            found.append(address)
    dated = ("/overview", "/workstreams", "/gap", "/finance", "/milestones", "/risks", "/indica")
    return [a + "?period=2017-06" * a.startswith(dated) for a in found if "<" not in a]


@dataclass
class Watch:
    """A person's browser, and everything it ought not to have said or done."""

    context: BrowserContext
    page: Page
    here: str
    at: str = ""
    faults: list[str] = field(default_factory=list)

    def start(self) -> None:
        self.context.add_init_script(_REPORTS)
        self.page.set_default_timeout(30_000)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self._fault(f"page error: {error}"))
        self.page.on("dialog", self._dialog)
        self.context.on("request", lambda request: self._request(request.url))

    def _fault(self, what: str) -> None:
        self.faults.append(f"{self.at}: {what}")

    def _console(self, message: ConsoleMessage) -> None:
        # The page asked for may be a 403 or a 404 for this person; what it loads may not. A
        # fragment of a page has no head to name its icon in, so the browser guesses.
        refused = "Failed to load resource" in message.text
        if message.type == "error" and not (refused and self._is_page(message.location["url"])):
            self._fault(f"console: {message.text} {message.location['url']}")

    def _is_page(self, url: str) -> bool:
        return url.split("?")[0] in (self.here + self.at.split("?")[0], f"{self.here}/favicon.ico")

    def _dialog(self, dialog: Any) -> None:
        self._fault(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, url: str) -> None:
        if not url.startswith((self.here + "/", "data:image/", "blob:")):
            self._fault(f"asked another host: {url}")

    def visit(self, address: str) -> str:
        """Go there; the page's words, or '' for a file."""
        self.at = address
        try:
            answer = self.page.goto(address)
        except Error as error:
            if "Download is starting" in str(error):
                return ""
            raise
        assert answer is not None
        if answer.status >= 500:
            self._fault(f"status {answer.status}")
        if "html" not in answer.headers.get("content-type", ""):
            return ""
        foreign = self.page.evaluate(_FOREIGN)
        self.faults += [f"{address}: not ours: {html}" for html in foreign]
        return str(self.page.evaluate("document.body.innerText"))


# Pages on which each reader must find the planted text, else nothing was tried there.
SHOWN = {
    "/overview/", "/workstreams/", "/workstreams/UC/", "/gap/", "/finance/schemes/",
    "/finance/schemes/ngh/UC-01/", "/milestones/", "/risks/", "/indicators/", "/plan/",
}  # fmt: skip
SHOWN_TO = {
    "administrator": SHOWN | {"/changes/", "/people/", "/returns/history/ngh/"},
    "finance.ngh": SHOWN | {"/returns/history/ngh/"},
    "pmo": SHOWN | {"/changes/", "/people/", "/returns/history/ngh/"},
    "norole": set(),
}


@pytest.mark.parametrize("person", PEOPLE[: rounds(short=3, long=len(PEOPLE))])
def test_every_page_shows_hostile_text_as_text(
    site: Site, browser: Browser, planted: dict[str, Any], person: str
) -> None:
    context = browser.new_context(base_url=site.address, accept_downloads=True)
    try:
        watch = Watch(context, context.new_page(), site.address)
        watch.start()
        sign_in(watch.page, person)
        words = {address: watch.visit(address) for address in addresses(planted, person)}
    finally:
        context.close()
    assert not watch.faults, "\n".join(watch.faults[:40])
    assert len(words) > 40
    shown = {address.split("?")[0] for address, text in words.items() if MARK in text}
    missing = SHOWN_TO.get(person, SHOWN) - shown
    assert not missing, f"the planted text is not on: {sorted(missing)}"
    everything = "\n".join(words.values())
    assert "49" + "2017" not in everything, "a template tag in a text was carried out"
    if person != "norole":
        assert "{{ 7*7 }}" in everything
        assert TEXTS[0] in everything


def test_the_watch_sees_what_it_must(site: Site, browser: Browser) -> None:
    """The twin: each kind of harm, done on purpose, is noticed."""
    context = browser.new_context(base_url=site.address)
    watch = Watch(context, context.new_page(), site.address)
    watch.start()
    sign_in(watch.page, "board")
    watch.visit("/help/")
    assert not watch.faults
    watch.page.evaluate(
        """() => {
          const made = document.createElement("div");
          made.innerHTML = "<img src='http://evil.example/x' onerror='alert(1)'>";
          document.body.append(made);
          const script = document.createElement("script");
          script.textContent = "alert(2)";
          document.body.append(script);
          setTimeout(() => { throw new Error("on purpose"); });
        }"""
    )
    watch.page.evaluate("() => { window.alert('on purpose'); }")
    expect(watch.page.locator("body")).to_be_visible()
    foreign = watch.page.evaluate(_FOREIGN)
    context.close()
    said = "\n".join(watch.faults)
    for kind in ("POLICY img-src", "POLICY script-src", "page error", "dialog: on purpose"):
        assert kind in said, f"{kind} was not noticed: {said}"
    assert any("evil.example" in html for html in foreign)
