"""Changes in words: list and download say the same."""

import datetime as dt
from typing import Any

import pytest

from stp.core.change_table import HEADINGS, LISTED, ChangeTable, cells, in_words
from stp.core.models import AuditEvent
from stp.core.periods import LONDON


def event(**values: Any) -> AuditEvent:
    given: dict[str, Any] = {
        "at": dt.datetime(2017, 7, 24, 10, tzinfo=LONDON), "by_name": "Ann", "verb": "changed",
        "object_label": "RK1", "before": {}, "after": {}, "reason": "", "how": "screen",
    }  # fmt: skip
    return AuditEvent(**given | values)


def test_values_in_words() -> None:
    assert in_words({"Rating": "Amber", "Forecast": 3}) == "Rating: Amber; Forecast: 3"
    assert in_words({}) == ""


def test_a_row_of_the_download_has_every_heading() -> None:
    row = cells(event(before={"Score": 9}, after={"Score": 12}, period_id="2017-06", reason="Why"))
    assert len(row) == len(HEADINGS)
    assert row[:7] == ["24 July 2017, 10:00", "Ann", "changed", "RK1", "Score: 9", "Score: 12",
                       "Why"]  # fmt: skip
    assert row[-1] == "June 2017"
    assert cells(event())[-1] == "", "no period, no words"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({}, {}, "No values"),
        ({"Score": 9}, {"Score": 12}, "Score: 9 → 12"),
        ({"Score": 9}, {}, "Score: 9 → removed"),
        ({}, {"Score": 12}, "Score: 12"),
        ({}, {"Title": "<script>"}, "Title: &lt;script&gt;"),
    ],
)
def test_a_change_from_and_to(before: dict[str, Any], after: dict[str, Any], said: str) -> None:
    assert said in ChangeTable([]).render_change(event(before=before, after=after))


def test_the_row_is_named_by_what_was_done() -> None:
    table = ChangeTable([])
    assert table.render_what(event()) == "changed RK1"
    assert table.render_period_id("2017-06") == "June 2017"


def test_a_digest_is_shortened_on_the_page_and_whole_in_the_download() -> None:
    digest = "0123456789abcdef" * 4
    one = event(before={}, after={"SHA-256": digest, "Rows": 12})
    drawn = ChangeTable([]).render_change(one)
    assert "SHA-256: 0123456789ab…" in drawn
    assert digest not in drawn
    assert "Rows: 12" in drawn
    assert digest in cells(one)[5]


@pytest.mark.parametrize(("count", "more"), [(LISTED, ""), (LISTED + 1, " and 1 more")])
def test_of_many_values_the_first_are_named_and_the_others_counted(count: int, more: str) -> None:
    became = {f"UC-{n:02d}": "leave" for n in range(1, count + 1)}
    one = event(after={"Missing schemes": became})
    drawn = ChangeTable([]).render_change(one)
    assert "UC-20" in drawn
    assert "UC-21" not in drawn
    assert (" more" in drawn) == bool(more)
    assert more in drawn
    assert f"UC-{count}" in cells(one)[5], "the download names them all"


def test_20000_values_of_one_change_are_a_short_cell() -> None:
    one = event(after={"Missing schemes": {f"UC-{n:05d}": "leave" for n in range(20_000)}})
    drawn = ChangeTable([]).render_change(one)
    assert "and 19,980 more" in drawn
    assert len(drawn) < 1_000
