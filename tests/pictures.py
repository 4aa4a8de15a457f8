"""Take the pictures of docs/screens from the running demonstration.

python -m tests.pictures       (after python3 start.py setup; needs Chromium)
"""

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.children import ROOT
from tests.journeys.running import ARGUMENTS, CHROMIUM, embedded_site, sign_in

FOLDER = ROOT / "docs" / "screens"
# Name of the picture, who looks, and where.
PICTURES = (
    ("overview", "board", "/overview/?period=2017-06"),
    ("urgent-care", "board", "/workstreams/UC/?period=2017-06"),
    ("gap", "board", "/gap/?period=2017-06"),
)


def main() -> None:
    """Write every picture anew, 1366 by 768, as a laptop shows the top of the page."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        embedded_site(Path(folder)) as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for name, person, address in PICTURES:
            page = browser.new_page(base_url=site.address, viewport={"width": 1366, "height": 768})
            sign_in(page, person)
            page.goto(address)
            page.screenshot(path=FOLDER / f"{name}.png")
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
