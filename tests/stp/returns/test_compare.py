"""Any two versions side by side: the page, the file, and what cannot be compared."""

import csv
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from stp.accounts.models import User
from stp.core.models import Organisation, Return
from stp.returns import changes_page
from tests.conftest import make_period
from tests.stp.returns.fake import commit, file_bytes
from tests.stp.returns.pages import Ready, as_, page, text


def compare(client: Client, before: Return, after: Return, **more: str) -> Any:
    query = {"before": str(before.pk), "after": str(after.pk), **more}
    return client.get(reverse("returns:return-compare", args=["ngh"]), query)


@pytest.fixture
def two(ready: Ready, lead: User) -> tuple[Return, Return]:
    rows = {"A": 100_00000, "B": 5, "=C": 9}
    first = commit(ready(file_bytes(rows)), lead)
    later = ready(file_bytes({"A": 300_00000, "=C": 9, "D": 1}))
    return first, commit(later, lead, missing={"B": "close"})


def test_the_page_shows_what_changed_either_way(
    browser: Client, two: tuple[Return, Return]
) -> None:
    first, second = two
    body = text(compare(browser, first, second))
    assert "From RET-2017-06-RNS-01 to RET-2017-06-RNS-02" in body
    assert "1 scheme changed, 1 new, 1 no longer there, 1 unchanged." in body
    assert "up £200k" in body
    assert "Only the earlier of the two has this scheme" in body
    back = text(compare(browser, second, first))
    assert "down £200k" in back


def test_the_file_holds_every_difference(browser: Client, two: tuple[Return, Return]) -> None:
    answer = compare(browser, *two, export="csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    table = rows[rows.index([]) + 1 :]
    assert [row[0] for row in table] == ["Scheme", "A", "B", "D"], "biggest first, changes only"
    assert table[1][2:5] == ["Changed", "100000.00", "300000.00"]
    book = compare(browser, *two, export="xlsx")
    assert book["Content-Disposition"].startswith("attachment")
    assert compare(browser, *two, export="exe")["Content-Type"].startswith("text/html")


def test_the_list_is_paged(
    browser: Client, ready: Ready, lead: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes_page, "PAGE", 2)
    first = commit(ready(file_bytes({f"S{n}": n for n in range(1, 6)})), lead)
    second = commit(ready(file_bytes({f"S{n}": n * 100_00 for n in range(1, 6)})), lead)
    assert "1 to 2 of 5" in text(compare(browser, first, second))
    last = text(compare(browser, first, second, page="3"))
    assert "5 to 5 of 5" in last
    assert "S1" in last, "the smallest comes last"


def test_what_cannot_be_compared(
    browser: Client, two: tuple[Return, Return], committed: Ready, stranger: User, ready: Ready
) -> None:
    first, second = two
    plan = committed(file_bytes({"A": 1}), kind="plan", period=make_period("2017-04"))
    waiting = ready(file_bytes({"A": 77}))
    for before, after, said in (
        (first, first, "Select two different versions"),
        (plan, second, "select two of a kind"),
        (first, waiting, "Select a version from the list"),
    ):
        body = text(compare(browser, before, after))
        assert said in body
        assert "Totals before and after" not in body
    address = reverse("returns:return-compare", args=["ngh"])
    assert "Select the version to start from" in text(browser.get(address, {"before": ""}))
    assert as_(stranger).get(address).status_code == 404
    elsewhere = reverse("returns:return-compare", args=["kgh"])
    query = {"before": first.pk, "after": second.pk}
    assert "Totals before and after" not in text(as_(stranger).get(elsewhere, query))


def test_one_version_is_not_two(browser: Client, ngh: Organisation, committed: Ready) -> None:
    committed()
    address = reverse("returns:return-compare", args=[ngh.pk])
    assert "There are not two versions to compare yet" in text(browser.get(address))


def test_ways_to_it(browser: Client, two: tuple[Return, Return], ready: Ready, lead: User) -> None:
    first, second = two
    later = ready(file_bytes({"A": 2}), period=make_period("2017-07"))
    july = commit(later, lead, missing={"=C": "close", "D": "close"})
    assert f"What changed since {first.reference}" in text(browser.get(page("receipt", second)))
    assert f"What changed since {second.reference}" in text(browser.get(page("receipt", july)))
    assert "What changed since" not in text(browser.get(page("receipt", first)))
    history = browser.get(reverse("returns:return-history", args=["ngh"]))
    assert "Compare two versions" in text(history)
