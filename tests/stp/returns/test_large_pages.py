"""Pages of the largest return: they stay small, say how much they leave out, and can be used."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from stp.returns.groups import DRAWN, ON_PAGE, Spot
from tests.stp.returns.fake import file_bytes
from tests.stp.returns.pages import Ready, page, text

MANY = 20_000
MOST_BYTES = 1_000_000


@pytest.fixture
def wishes(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How often a place was read for what it wants."""
    read, wanted = [0], vars(Spot)["wanted"].fget

    def counted(spot: Spot) -> Any:
        read[0] += 1
        return wanted(spot)

    monkeypatch.setattr(Spot, "wanted", property(counted))
    return lambda: read[0]


@pytest.mark.parametrize("faults", [{"warnings": ["odd"] * MANY}, {"errors": ["tbc"] * MANY}])
def test_a_problems_page_of_one_cause_in_20000_places(
    browser: Client, ready: Ready, wishes: Callable[[], int], faults: dict[str, Any]
) -> None:
    return_ = ready(file_bytes(**faults))
    response = browser.get(page("problems", return_))
    html = response.content.decode()
    assert html.count('class="app-issue__spot"') == DRAWN
    assert len(response.content) < MOST_BYTES
    assert wishes() <= MANY + 2 * DRAWN, "each place is read once, and once more where it is drawn"
    assert "And 19,950 more places: every one is in the copy with the problems marked" in text(
        response
    )
    assert html.count(f'href="{page("marked", return_)}"') == 2


def test_a_problems_page_of_many_causes_in_many_places(browser: Client, ready: Ready) -> None:
    causes = [f"cause_{n}" for n in range(50)]
    return_ = ready(file_bytes(errors=causes * 100, warnings=causes * 100))
    response = browser.get(page("problems", return_))
    html = response.content.decode()
    assert html.count('class="app-issue__spot"') == 2 * ON_PAGE
    assert html.count("And 94 more places") == 2 * len(causes), "no group goes unsaid"
    assert len(response.content) < MOST_BYTES
