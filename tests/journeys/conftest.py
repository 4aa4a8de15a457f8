"""Chromium on a running site, for journeys found by role and label."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.journeys.running import ARGUMENTS, CHROMIUM, Site, embedded_site, sign_in


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site for the journeys of one file: what one file changes, no other sees."""
    with embedded_site(tmp_path_factory.mktemp("site")) as made:
        yield made


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        message = f"NOT RUN: no Chromium at {CHROMIUM}"
        if os.environ.get("CI"):
            pytest.fail(message, pytrace=False)
        pytest.skip(message)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Open a page as a demonstration person; no console error may have been written at the end."""
    said: list[str] = []
    contexts = []

    def opened(
        person: str = "", *, width: int = 1366, height: int = 768, script: bool = True
    ) -> Page:
        context = browser.new_context(
            base_url=site.address,
            viewport={"width": width, "height": height},
            java_script_enabled=script,
            accept_downloads=True,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda m: said.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        if person:
            sign_in(page, person)
        return page

    yield opened
    for context in contexts:
        context.close()
    # A 404 or 403 asked for on purpose is reported by the browser as a failed resource.
    faults = [text for text in said if "Failed to load resource" not in text]
    assert not faults, f"the browser's console said: {faults}"
