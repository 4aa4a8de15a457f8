"""One wording for dates and money; nothing is never nought."""

import datetime as dt

import pytest

from stp.core import words
from stp.core.periods import LONDON


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (dt.date(2017, 7, 24), "24 July 2017"),
        ("2017-01-02", "2 January 2017"),
        ("2017-07-24T23:30:00+00:00", "25 July 2017"),  # half past midnight in London
        (dt.datetime(2017, 3, 31, 10, tzinfo=LONDON), "31 March 2017"),
        (None, "No data"),
        ("", "No data"),
    ],
)
def test_day(value: object, text: str) -> None:
    assert words.day(value) == text  # type: ignore[arg-type]  # all kinds a template may hold


def test_moment_is_london_time() -> None:
    assert words.moment(dt.datetime(2017, 7, 24, 9, 5, tzinfo=dt.UTC)) == "24 July 2017, 10:05"
    assert words.moment("2017-07-24T10:05:00+01:00") == "24 July 2017, 10:05"
    assert words.moment(None) == "No data"


def test_periods_and_months() -> None:
    assert words.period_name("2017-06") == "June 2017"
    assert words.period_name("nonsense") == "nonsense"
    assert words.month_name("2017-06") == "June"
    assert words.month_short("2018-01") == "Jan 18"
    assert {words.period_name(None), words.month_name(""), words.month_short(None)} == {"No data"}


def test_money() -> None:
    assert words.money_m(1_200_000_000) == "£12.0m"
    assert words.money_m(-1_200_000_000) == "−£12.0m"
    assert words.money_k(124_000_000) == "1,240"
    assert words.money_words(34_000_000) == "£340k"
    for nothing in (words.money_m, words.money_k, words.money_words, words.variance):
        assert nothing(None) == "No data"
    assert words.variance_k(None) == "No data"


@pytest.mark.parametrize(
    ("pence", "text", "thousands"),
    [
        (-1_520_000_000, "£15.2m adverse", "15,200 adverse"),
        (34_000_000, "£340k favourable", "340 favourable"),
        (-4_000_000, "£40k adverse", "40 adverse"),
        (-100, "£1 adverse", "under 1 adverse"),
        (0, "On plan", "On plan"),
    ],
)
def test_a_difference_is_adverse_or_favourable(pence: int, text: str, thousands: str) -> None:
    assert words.variance(pence) == text
    assert words.variance_k(pence) == thousands
