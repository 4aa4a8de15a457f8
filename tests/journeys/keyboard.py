"""Walking a page with the Tab key: which stops it has, in which order, and what hides them."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

from tests.journeys.scripts import script

MOST_PRESSES = 200

_LISTEN = script("listen_for_stops")
_STOP = script("stop")


@dataclass(frozen=True)
class Walk:
    """The stops of one round through a page, and those that no Tab reached."""

    stops: list[dict[str, Any]]
    unreached: list[str]


def walk(page: Page) -> Walk:
    """Press Tab from the top until the round is over."""
    page.evaluate(_LISTEN)
    stops: list[dict[str, Any]] = []
    for _ in range(MOST_PRESSES):
        page.keyboard.press("Tab")
        stop = page.evaluate(_STOP)
        if stop is None or (stops and stop["index"] == stops[0]["index"]):
            break
        stops.append(stop)
    reached = [stop["index"] for stop in stops]
    unreached = page.evaluate(
        """(reached) => appStops.filter((_, n) => !reached.includes(n))
             .map((node) => node.outerHTML.slice(0, 90))""",
        reached,
    )
    return Walk(stops, unreached)
