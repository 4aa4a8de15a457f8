"""Take the pictures of docs/screens from the running demonstration, and write their page.

    python -m tests.pictures       (after python3 start.py setup; needs Chromium)

The demonstration's clock stands still at its date and nothing moves, so the same code gives the
same pictures but for the minute in the header of a page.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.children import ROOT
from tests.journeys.running import ARGUMENTS, CHROMIUM, Site, embedded_site, sign_in

FOLDER = ROOT / "docs" / "screens"
WIDTHS = {"laptop": (1366, 768), "phone": (390, 844)}
JUNE = "period=2017-06"


@dataclass(frozen=True)
class Picture:
    """One of the twelve main pages: its file, who looks, where, and what to look for."""

    name: str
    person: str
    address: str
    title: str
    says: str


PICTURES = (
    Picture("overview", "board", f"/overview/?{JUNE}", "Programme overview",
            "Are we on track, what got worse, how big is the hole, can I trust this?"),
    Picture("workstreams", "board", f"/workstreams/?{JUNE}", "Workstreams",
            "Every workstream with its four dimensions and the reason for its rating."),
    Picture("urgent-care", "board", f"/workstreams/UC/?{JUNE}", "One workstream",
            "Why it is amber, its part of the gap, milestones, schemes, risks and indicators."),
    Picture("gap", "board", f"/gap/?{JUNE}", "Closing the gap",
            "The bridge that adds up to the penny, by line, by organisation and by year."),
    Picture("schemes", "board", f"/finance/schemes/?{JUNE}&workstream=UC&changed=on",
            "Savings schemes", "A filtered list: filters as chips, totals of every filtered row."),
    Picture("scheme", "board", f"/finance/schemes/ngh/UC-01/?{JUNE}", "One savings scheme",
            "Its rating and why, month by month, and which return said so."),
    Picture("milestones", "board", f"/milestones/?{JUNE}&standing=overdue", "Milestones",
            "What is overdue, by how much, and when it is now expected."),
    Picture("risks", "board", f"/risks/?{JUNE}", "Risks",
            "The register, highest score first, and the map of where they stand."),
    Picture("indicators", "board", f"/indicators/?{JUNE}", "Indicators",
            "The plan’s own values as printed, and what is doubtful about each."),
    Picture("returns", "finance.ngh", "/returns/", "Your returns",
            "What a finance lead has to send, and how late it is."),
    Picture("send", "finance.ngh", "/returns/send/", "Sending a return",
            "One form: organisation, period and file."),
    Picture("changes", "auditor", "/changes/", "Who changed what",
            "Every change with who, what, from and to."),
)  # fmt: skip


def page_of_pictures() -> str:
    """docs/screens/README.md: the twelve pages, one after the other, at both widths."""
    lines = [
        "# The twelve main pages",
        "",
        "The illustrative year as it stood on 24 July 2017, at the width of a laptop (1366 pixels)",
        "and of a phone (390 pixels). Made by `.venv/bin/python -m tests.pictures`.",
        "",
        *(f"{n}. [{p.title}](#{_anchor(p.title)})" for n, p in enumerate(PICTURES, 1)),
    ]
    for picture in PICTURES:
        lines += ["", f"## {picture.title}", "", picture.says, ""]
        lines += [
            f"![{picture.title} on a {device}]({picture.name}-{device}.png)" for device in WIDTHS
        ]
    return "\n".join(lines) + "\n"


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")


def take(browser: Browser, site: Site, picture: Picture) -> None:
    """The top of one page at both widths."""
    page = browser.new_page(base_url=site.address, reduced_motion="reduce")
    sign_in(page, picture.person)
    for device, (width, height) in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        page.goto(picture.address)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=FOLDER / f"{picture.name}-{device}.png", animations="disabled")
    page.close()


def main() -> None:
    """Write every picture and their page anew; pictures of pages no longer listed go."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        embedded_site(Path(folder)) as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for picture in PICTURES:
            take(browser, site, picture)
        browser.close()
    listed = {f"{picture.name}-{device}.png" for picture in PICTURES for device in WIDTHS}
    for old in FOLDER.glob("*.png"):
        if old.name not in listed:
            old.unlink()
    (FOLDER / "README.md").write_text(page_of_pictures(), encoding="utf-8")


if __name__ == "__main__":
    main()
