"""Pages of the largest return: they stay small, say how much they leave out, and can be used."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from stp.accounts.models import User
from stp.core.models import Return
from stp.returns import actions
from stp.returns.actions.drafting import EVERY
from stp.returns.changes_page import PAGE
from stp.returns.forms import MOST_ASKED
from stp.returns.groups import DRAWN, ON_PAGE, Spot
from tests.stp.returns.fake import commit, file_bytes
from tests.stp.returns.pages import Ready, as_, page, text

MANY = 20_000
MOST_BYTES = 1_000_000
ALL = "missing_%20every"  # the one question for all of them


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


@pytest.fixture
def leaves_out(ready: Ready, lead: User) -> Callable[[int], Return]:
    """A return whose file leaves out so many schemes of the one in force."""

    def one(count: int) -> Return:
        schemes = {f"UC-{n:05d}": n for n in range(count)}
        commit(ready(file_bytes({"A": 1, **schemes})), lead)
        return ready(file_bytes({"A": 9}))

    return one


def confirmed(return_: Return, **answers: str) -> dict[str, str]:
    return {"digest": actions.preview(return_).digest, "confirmed": "on", **answers}


@pytest.mark.parametrize("choice", ["leave", "close"])
def test_20000_missing_schemes_are_decided_with_one_answer(
    browser: Client, leaves_out: Callable[[int], Return], choice: str
) -> None:
    return_ = leaves_out(MANY)
    response = browser.get(page("preview", return_))
    html, words = response.content.decode(), text(response)
    assert len(response.content) < MOST_BYTES
    assert html.count('type="radio"') == 2
    assert html.count('<th role="rowheader"') <= PAGE + 10, "the list of changes is paged"
    assert "Page 1 of 401" in words
    assert "The file leaves out 20,000 schemes that are in force" in words
    assert "To decide about single schemes, list them in the file" in words
    undecided = browser.post(page("preview", return_), confirmed(return_))
    assert "Select what becomes of the 20,000 schemes the file leaves out" in text(undecided)
    sent: Any = browser.post(page("preview", return_), confirmed(return_, **{ALL: choice}))
    assert sent.headers["Location"] == page("receipt", return_)
    return_.refresh_from_db()
    assert return_.state == "committed"
    assert return_.missing == {f"UC-{n:05d}": choice for n in range(MANY)}


@pytest.mark.parametrize(
    ("count", "radios", "field"),
    [(MOST_ASKED, 2 * MOST_ASKED, "missing_UC-00000"), (MOST_ASKED + 1, 2, ALL)],
)
def test_up_to_200_missing_schemes_each_have_their_question(
    browser: Client, leaves_out: Callable[[int], Return], count: int, radios: int, field: str
) -> None:
    html = browser.get(page("preview", leaves_out(count))).content.decode()
    assert html.count('type="radio"') == radios
    assert f'name="{field}"' in html
    assert ("What becomes of all" in html) == (radios == 2)


def test_an_answer_of_another_sort_decides_nothing(
    browser: Client, leaves_out: Callable[[int], Return]
) -> None:
    few = leaves_out(2)
    for sent in ({ALL: "close"}, {ALL: "close", "missing_UC-00000": "close"}):
        browser.post(page("preview", few), confirmed(few, **sent))
        few.refresh_from_db()
        assert few.state == "ready", "one answer for all only where it was asked for"


@pytest.mark.parametrize("answer", ["", "keep", "CLOSE"])
def test_many_missing_schemes_take_no_other_answer(
    browser: Client, leaves_out: Callable[[int], Return], answer: str
) -> None:
    many = leaves_out(MOST_ASKED + 1)
    sent = {f"missing_UC-{n:05d}": "close" for n in range(MOST_ASKED + 1)}
    response = browser.post(page("preview", many), confirmed(many, **{ALL: answer}, **sent))
    assert response.status_code == 200
    many.refresh_from_db()
    assert (many.state, many.missing) == ("ready", {})


def test_the_answer_for_all_is_kept_as_a_draft_and_counts_for_nothing_yet(
    browser: Client, leaves_out: Callable[[int], Return], director: User
) -> None:
    many = leaves_out(MOST_ASKED + 1)
    browser.post(page("preview", many), {ALL: "close", "later": "1"})
    many.refresh_from_db()
    assert (many.draft["missing"], many.missing) == ({EVERY: "close"}, {})
    body = as_(director).get(page("preview", many)).content.decode()
    [chosen] = [part for part in body.split("<input") if "checked" in part.partition(">")[0]]
    assert f'name="{ALL}"' in chosen
    assert 'value="close"' in chosen


def test_more_schemes_than_were_shown_are_not_decided_unseen(
    browser: Client, leaves_out: Callable[[int], Return], ready: Ready, lead: User
) -> None:
    many = leaves_out(MOST_ASKED + 1)
    shown = confirmed(many, **{ALL: "close"})
    other = ready(file_bytes({f"PD-{n:05d}": n for n in range(MOST_ASKED + 2)}))
    commit(
        other,
        lead,
        missing=dict.fromkeys(["A"], "close")
        | {f"UC-{n:05d}": "close" for n in range(MOST_ASKED + 1)},
    )
    browser.post(page("preview", many), shown)
    many.refresh_from_db()
    assert (many.state, many.missing) == ("ready", {})
