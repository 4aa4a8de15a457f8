"""What every page promises, asked of the page itself: axe, and checks axe does not make."""

from functools import cache
from typing import Any

from playwright.sync_api import Page

from tests.children import ROOT
from tests.journeys.scripts import script

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# Each line of the answer is one broken promise of UX.md §3.1, by its number.
_PROMISES = script("promises")


# Why a result that axe could not decide is no fault, by the key axe gives it. Each such text is
# measured again by `_CONTRAST`, against the nearest ground that is painted behind it.
INCOMPLETE = {
    "pseudoContent": "the scroll region of a table paints its edge shadow with a pseudo element",
    "imgNode": "text of a chart's SVG: axe takes the drawing behind it for a picture",
    "nonBmp": "▲ ▼ ● → beside the word that says the same, hidden from screen readers",
    "shortTextContent": "the letter of a rating or one digit, too short for axe to take for text",
    "bgOverlap": "the drawn shape of a rating lies over its own letter's box",
    "fgAlpha": "the browser paints the link's colour through its own layer",
    "elmPartiallyObscured": "text that wraps: its box touches the next line's tag",
    "elmPartiallyObscuring": "text that wraps: its box touches the next line's tag",
}
_CONTRAST = script("contrast")


@cache
def _axe() -> str:
    return (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def broken_promises(page: Page) -> list[str]:
    """Everything wrong with the page as it stands, one sentence each; [] when all is kept."""
    page.evaluate(_axe())
    found = page.evaluate(
        "(tags) => axe.run(document, {runOnly: {type: 'tag', values: tags}})", TAGS
    )
    axe = [
        f"axe {rule['id']}: {rule['help']}: {node['target']} {node['html'][:120]}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
    return [*axe, *_undecided(page, found["incomplete"]), *page.evaluate(_PROMISES)]


def _undecided(page: Page, incomplete: list[dict[str, Any]]) -> list[str]:
    """What axe could not decide and nobody has explained, or what we measured to be wrong."""
    wrong, again = [], []
    for rule in incomplete:
        for node in rule["nodes"]:
            checks = [*node["any"], *node["all"], *node["none"]]
            said = [check.get("data") for check in checks]
            keys = {data.get("messageKey") for data in said if isinstance(data, dict)}
            if rule["id"] != "color-contrast" or not keys & set(INCOMPLETE):
                wrong.append(f"axe could not decide {rule['id']} {keys}: {node['target']}")
            elif keys & set(INCOMPLETE) and "nonBmp" not in keys:
                again.append(node["target"][0])
    return [*wrong, *page.evaluate(_CONTRAST, again)]


def rules_that_ran(page: Page) -> set[str]:
    """Ids of axe's rules that had something to judge on the page."""
    page.evaluate(_axe())
    found = page.evaluate(
        "(tags) => axe.run(document, {runOnly: {type: 'tag', values: tags}})", TAGS
    )
    return {rule["id"] for kind in ("passes", "violations", "incomplete") for rule in found[kind]}


def assert_kept(page: Page) -> None:
    """Fail with every broken promise of the page at once."""
    broken = broken_promises(page)
    assert not broken, f"{page.url}:\n" + "\n".join(broken)
