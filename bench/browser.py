"""Page budgets in Chromium (UX §3.2): processor slowed four times, 10 Mbit/s, 40 ms, no cache."""

import gzip
import statistics
import urllib.parse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, ViewportSize, sync_playwright

from bench.lines import Result, at_most

GROUP = "Page budgets"
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
    "--no-first-run",
]  # fmt: skip
VIEW: ViewportSize = {"width": 1366, "height": 768}
SLOWER = 4
LINE = {
    "offline": False,
    "latency": 40,
    "downloadThroughput": 1_250_000,
    "uploadThroughput": 1_250_000,
}
# Set before anything of the page runs; read when it has been quiet.
WATCH = """
window.seen = {lcp: 0, cls: 0, blocking: 0};
const watch = (type, note) => new PerformanceObserver((list) => list.getEntries().forEach(note))
  .observe({type: type, buffered: true});
watch('largest-contentful-paint', (e) => { seen.lcp = e.startTime; });
watch('layout-shift', (e) => { if (!e.hadRecentInput) seen.cls += e.value; });
watch('longtask', (e) => { seen.blocking += Math.max(0, e.duration - 50); });
"""
KB = 1024


@dataclass(frozen=True)
class Budget:
    """What a page may cost. Kilobytes as gzip sends them, milliseconds, counts."""

    address: str
    html: int
    lcp: int
    blocking: int
    nodes: int
    cls: float = 0.02
    first_byte: int = 300
    requests: int = 8


BUDGETS = {
    "overview": Budget("/overview/", 40, 1_500, 150, 1_500),
    "list of 50 schemes": Budget("/finance/schemes/?per_page=50", 30, 1_500, 300, 2_000),
    "list of 50 milestones": Budget("/milestones/?per_page=50", 30, 1_500, 300, 2_000),
    "workstream": Budget("/workstreams/UC/", 30, 1_500, 150, 2_000, first_byte=250),
    "gap": Budget("/gap/", 30, 1_500, 150, 2_000, first_byte=250),
}
CSS, JS, PLOTLY = 36, 36, 430


@dataclass
class Visit:
    """One cold visit."""

    sizes: dict[str, int] = field(default_factory=dict)  # bytes by type of resource
    requests: int = 0
    fonts: int = 0
    elsewhere: int = 0
    first_byte: float = 0.0
    lcp: float = 0.0
    blocking: float = 0.0
    cls: float = 0.0
    nodes: int = 0


def measure(url: str, person: str, password: str, *, repeats: int) -> Iterator[Result]:
    """Every page's budget; the median of `repeats` cold visits of each."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        state = _signed_in(browser, url, person, password)
        for name, budget in BUDGETS.items():
            visits = [_visit(browser, state, url + budget.address) for _ in range(repeats)]
            yield from _against(name, budget, visits)
        yield from _explore(browser, state, url + "/gap/")
        browser.close()
    why = "the site has no such page yet"
    yield Result(GROUP, "milestone grid of 120 rows", "", "UX §3.2, “Grid”", None, why)


def _signed_in(browser: Browser, url: str, person: str, password: str) -> Any:
    """The cookies of somebody who is signed in."""
    page = browser.new_page()
    page.goto(f"{url}/sign-in/")
    page.get_by_label("Email address").fill(person)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state()
    if "/sign-in/" in page.url:
        raise RuntimeError(f"{person} could not sign in")
    return page.context.storage_state()


def _slowed(browser: Browser, state: Any) -> tuple[Page, CDPSession]:
    context = browser.new_context(viewport=VIEW, storage_state=state)
    page = context.new_page()
    page.add_init_script(WATCH)
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    session.send("Network.emulateNetworkConditions", LINE)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return page, session


def _visit(browser: Browser, state: Any, address: str) -> Visit:
    page, session = _slowed(browser, state)
    visit = Visit()
    _count(session, visit, address)
    answer = page.goto(address, wait_until="networkidle")
    if answer is None or answer.status != 200:
        raise RuntimeError(f"{address} did not answer with a page")
    # Some proxies compress pages, the site itself does not: what gzip would make of it.
    visit.sizes["Document"] = len(gzip.compress(answer.body(), 6))
    timing = page.evaluate("performance.getEntriesByType('navigation')[0].toJSON()")
    # The line's own 40 ms are there and back once for the request.
    visit.first_byte = timing["responseStart"] - timing["requestStart"] - LINE["latency"]
    visit.nodes = page.evaluate("document.querySelectorAll('*').length")
    seen = page.evaluate("window.seen")
    visit.lcp, visit.cls, visit.blocking = seen["lcp"], seen["cls"], seen["blocking"]
    page.context.close()
    return visit


def _count(session: CDPSession, visit: Visit, address: str) -> None:
    """Bytes on the wire by type, and who was asked."""
    kinds: dict[str, str] = {}
    host = urllib.parse.urlsplit(address).netloc

    def answered(event: dict[str, Any]) -> None:
        kinds[event["requestId"]] = event["type"]
        where = urllib.parse.urlsplit(event["response"]["url"])
        if where.scheme == "data":
            return
        visit.requests += 1
        visit.fonts += event["type"] == "Font"
        visit.elsewhere += where.netloc != host

    def ended(event: dict[str, Any]) -> None:
        kind = kinds.get(event["requestId"], "Other")
        visit.sizes[kind] = visit.sizes.get(kind, 0) + int(event["encodedDataLength"])

    session.on("Network.responseReceived", answered)
    session.on("Network.loadingFinished", ended)


def _against(name: str, budget: Budget, visits: Sequence[Visit]) -> list[Result]:
    def median(what: str) -> float:
        return statistics.median(float(getattr(v, what)) for v in visits)

    def kilobytes(kind: str) -> float:
        return statistics.median(v.sizes.get(kind, 0) for v in visits) / KB

    spread = [round(v.lcp) for v in visits]
    asked = max(v.fonts + v.elsewhere for v in visits)
    return [
        at_most(GROUP, f"{name}: CSS, gzip", kilobytes("Stylesheet"), CSS, unit=" KB"),
        at_most(GROUP, f"{name}: JavaScript, gzip", kilobytes("Script"), JS, unit=" KB"),
        at_most(GROUP, f"{name}: HTML, gzip", kilobytes("Document"), budget.html, unit=" KB"),
        at_most(GROUP, f"{name}: requests", median("requests"), budget.requests),
        at_most(GROUP, f"{name}: fonts and other hosts", asked, 0),
        at_most(GROUP, f"{name}: first byte", median("first_byte"), budget.first_byte, unit=" ms"),
        at_most(GROUP, f"{name}: largest paint", median("lcp"), budget.lcp, unit=" ms",
                note=f"visits: {', '.join(map(str, spread))} ms"),
        at_most(GROUP, f"{name}: blocking time", median("blocking"), budget.blocking, unit=" ms"),
        at_most(GROUP, f"{name}: layout shift", median("cls"), budget.cls),
        at_most(GROUP, f"{name}: DOM nodes", median("nodes"), budget.nodes),
    ]  # fmt: skip


def _explore(browser: Browser, state: Any, address: str) -> list[Result]:
    """The click on Explore: the library comes then, and draws."""
    page, session = _slowed(browser, state)
    visit = Visit()
    _count(session, visit, address)
    page.goto(address, wait_until="networkidle")
    before = page.evaluate("window.seen.blocking")
    scripts = visit.sizes.get("Script", 0)
    button = page.get_by_role("button", name="Explore").first
    if not button.count():
        return [Result(GROUP, "Explore open", "", "UX §3.2", None, "no button on the gap page")]
    button.click()
    page.locator(".app-explore__plot svg").first.wait_for(timeout=60_000)
    page.wait_for_load_state("networkidle")
    blocking = page.evaluate("window.seen.blocking") - before
    library = (visit.sizes.get("Script", 0) - scripts) / KB
    page.context.close()
    return [
        at_most(GROUP, "Explore open: JavaScript more, gzip", library, PLOTLY, unit=" KB"),
        at_most(GROUP, "Explore open: requests", visit.requests, 10),
        at_most(GROUP, "Explore open: blocking time", blocking, 1_500, unit=" ms",
                note="one click"),
    ]  # fmt: skip
