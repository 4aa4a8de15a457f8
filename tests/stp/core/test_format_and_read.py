"""D7: what we write we read back; one step outside a bound is refused, in every unit and form.

How people write numbers and days, and what is refused, stands in test_columns.py.
"""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stp.core.columns import Date, Money, Month, Number, Reference, Text
from stp.core.dates import FIRST, LAST
from stp.core.money import (
    LIMIT_PENCE,
    MoneyTooLarge,
    Unit,
    in_unit,
    pounds_text,
    thousands_text,
    to_pence,
    to_pounds,
    words,
)
from stp.core.sheets import Cell, CellKind, ColumnType, Context

UNITS = list(Unit)
MOST = LIMIT_PENCE - 1
PENCE = st.integers(-MOST, MOST)
POUNDS = Context(Unit.POUNDS)


def text(written: str) -> Cell:
    return Cell(CellKind.TEXT, written)


def number(value: Decimal) -> Cell:
    return Cell(CellKind.NUMBER, str(value), value)


@pytest.mark.parametrize("unit", UNITS)
@given(pence=PENCE)
@example(pence=MOST)
@example(pence=-MOST)
@example(pence=1)
@example(pence=0)
def test_pence_written_in_a_unit_are_read_back_exactly(unit: Unit, pence: int) -> None:
    value = in_unit(pence, unit)
    assert to_pence(value, unit) == pence
    plain = f"{value.normalize():f}"
    for cell in (number(value), text(plain), text(f"{value:,f}"), text(plain.replace("-", "−"))):
        cleaned = Money().clean(cell, Context(unit))
        assert (cleaned.value, cleaned.problem) == (pence, ""), cell


@given(pence=PENCE)
def test_pounds_as_exports_write_them_are_read_back(pence: int) -> None:
    assert to_pence(to_pounds(pence)) == pence
    assert Money().clean(text(pounds_text(pence)), POUNDS).value == pence


@given(thousands=st.integers(-999_999, 999_999))
def test_whole_thousands_as_pages_write_them_are_read_back(thousands: int) -> None:
    written = thousands_text(thousands * 100_000)
    assert Money().clean(text(written), Context(Unit.THOUSANDS)).value == thousands * 100_000


@given(pence=st.integers(-99_999, 99_999))
def test_small_money_in_words_is_read_back(pence: int) -> None:
    """Below £1,000 nothing is rounded away."""
    assert Money().clean(text(words(pence)), POUNDS).value == pence


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("sign", [1, -1])
def test_one_penny_beyond_the_range_is_refused(unit: Unit, sign: int) -> None:
    inside, outside = (in_unit(sign * pence, unit) for pence in (MOST, LIMIT_PENCE))
    assert to_pence(inside, unit) == sign * MOST
    with pytest.raises(MoneyTooLarge):
        to_pence(outside, unit)
    for cell in (number(outside), text(f"{outside:f}")):
        cleaned = Money().clean(cell, Context(unit))
        assert (cleaned.problem, cleaned.value) == ("too_large", None), cell
    # Half a penny below the limit is rounded to it, and so is refused as well.
    half = (Decimal(sign * LIMIT_PENCE) - sign * Decimal("0.5")) / unit.pence
    assert Money().clean(number(half), Context(unit)).problem == "too_large"


DAY_FORMS: list[Callable[[dt.date], str]] = [
    lambda day: day.isoformat(),
    lambda day: f"{day:%d/%m/%Y}",
    lambda day: f"{day.day}.{day.month}.{day.year}",
    lambda day: f"{day:%d-%b-%Y}",
    lambda day: f"{day.day} {day:%B} {day.year}",
]
MONTH_FORMS: list[Callable[[dt.date], str]] = [
    lambda day: f"{day:%Y-%m}",
    lambda day: f"{day.month}/{day.year}",
    lambda day: f"{day:%b %Y}",
    lambda day: f"{day:%B-%Y}",
]
ONE = dt.timedelta(days=1)


@pytest.mark.parametrize("form", DAY_FORMS)
@given(day=st.dates(FIRST, LAST))
@example(day=FIRST)
@example(day=LAST)
def test_a_day_in_any_form_is_the_same_day(form: Callable[[dt.date], str], day: dt.date) -> None:
    assert Date().clean(text(form(day)), POUNDS).value == day, form(day)


@pytest.mark.parametrize("form", DAY_FORMS)
@pytest.mark.parametrize("day", [FIRST - ONE, LAST + ONE, dt.date(1900, 1, 1), dt.date(9999, 1, 1)])
def test_a_day_outside_the_range_is_refused(form: Callable[[dt.date], str], day: dt.date) -> None:
    for cell in (text(form(day)), Cell(CellKind.DATE, day.isoformat(), date=day)):
        for kind in (Date(), Month()):
            cleaned = kind.clean(cell, POUNDS)
            assert (cleaned.problem, cleaned.value) == ("date_out_of_range", None), cell


@pytest.mark.parametrize("form", MONTH_FORMS)
@given(day=st.dates(FIRST, LAST))
@example(day=FIRST)
@example(day=LAST)
def test_a_month_in_any_form_is_the_same_month(
    form: Callable[[dt.date], str], day: dt.date
) -> None:
    code = f"{day.year}-{day.month:02}"
    assert Month().clean(text(form(day)), POUNDS).value == code, form(day)
    assert Month().clean(text(code), POUNDS).value == code


@pytest.mark.parametrize("form", MONTH_FORMS)
@pytest.mark.parametrize("day", [FIRST - ONE, LAST + ONE])
def test_a_month_outside_the_range_is_refused(form: Callable[[dt.date], str], day: dt.date) -> None:
    cleaned = Month().clean(text(form(day)), POUNDS)
    assert (cleaned.problem, cleaned.value) == ("date_out_of_range", None), form(day)


BEYOND: list[tuple[ColumnType, str, str, str]] = [
    # type, the last that is taken, the first that is not, its problem
    (Text(200), "x" * 200, "x" * 201, "too_long"),
    (Text(2_000), "x" * 2_000, "x" * 2_001, "too_long"),
    (Reference(20), "x" * 20, "x" * 21, "too_long"),
    (Number(), "0", "-0.01", "out_of_range"),
    (Number(), "10000000", "10000000.01", "out_of_range"),
    (Number(None), "-10000000", "-10000000.01", "out_of_range"),
    (Money(0), "0", "-0.01", "too_small"),
    (Money(), "1" + "0" * 8, "1" * 40, "too_large"),
    (Money(), "0" * 39 + "1", "0" * 40 + "1", "not_a_number"),  # longer than any figure is
]


@pytest.mark.parametrize(("kind", "last", "first", "problem"), BEYOND)
def test_one_step_beyond_a_bound_is_refused(
    kind: ColumnType, last: str, first: str, problem: str
) -> None:
    assert kind.clean(text(last), POUNDS).problem == ""
    beyond = kind.clean(text(first), POUNDS)
    assert (beyond.problem, beyond.value) == (problem, None)
    assert beyond.wanted
