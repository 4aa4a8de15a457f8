"""What each column type makes of a cell, and what it refuses."""

import datetime as dt
from decimal import Decimal
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stp.core.columns import (
    Choice,
    Date,
    Missing,
    Money,
    Month,
    Number,
    Reference,
    Text,
    choice,
    read_number,
)
from stp.core.money import Unit
from stp.core.sheets import BLANK, Cell, CellKind, Cleaned, ColumnType, Context

THOUSANDS = Context(Unit.THOUSANDS)
POUNDS = Context(Unit.POUNDS)


def text(words: str) -> Cell:
    return Cell(CellKind.TEXT, words)


def number(value: str) -> Cell:
    return Cell(CellKind.NUMBER, value, Decimal(value))


def day(iso: str) -> Cell:
    return Cell(CellKind.DATE, iso, date=dt.date.fromisoformat(iso))


ERROR = Cell(CellKind.ERROR, "#REF!")
NO_VALUE = Cell(CellKind.FORMULA_WITHOUT_VALUE)
TRUE = Cell(CellKind.BOOLEAN, "TRUE")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("0", "0"), ("1234", "1234"), ("1,234", "1234"), ("1,234,567.89", "1234567.89"),
        ("£1,234", "1234"), ("£ 5", "5"), ("-1,234", "-1234"), ("- 5", "-5"), ("-£5", "-5"),
        ("£-5", "-5"), ("(1,234)", "-1234"), ("(£5)", "-5"), ("£(5)", "-5"), ("1,234-", "-1234"),
        ("\u22125", "-5"), (" 5 ", "5"), ("\u00a05\u00a0", "5"), (".5", "0.5"), ("0.05", "0.05"),
    ],
)  # fmt: skip
def test_numbers_people_write(written: str, value: str) -> None:
    assert read_number(written) == Decimal(value)


@pytest.mark.parametrize(
    "written",
    [
        "", "-", "–", "—", "tbc", "NaN", "nan", "inf", "-Infinity", "1e3", "1E5", "1e999",
        "1e400000000", "1_000", "1.234,56", "1 234", "1,23", "1,2345", ",5", "12,34,567", "5%",
        "£1.2m", "34k", "--5", "-(5)", "(-5)", "(5-)", "(5", "5)", "()", "£", ".", "5.", "0x10",
        "+5", "١٢٣", "５", "9" * 41, "9" * 5_000, "1/2", "<5", "c174", "#N/A", "TRUE", "€5",
        "1.2.3",
    ],
)  # fmt: skip
def test_what_is_no_number(written: str) -> None:
    assert read_number(written) is None


@given(pence=st.integers(-99_999_999_999, 99_999_999_999))
def test_every_way_of_writing_an_amount_gives_the_same_pence(pence: int) -> None:
    size = f"{Decimal(abs(pence)) / 100:,.2f}"
    ways = [size, f"£{size}", size.replace(",", "")]
    if pence < 0:
        ways = [f"-{size}", f"({size})", f"{size}-", f"\u2212£{size}", f"(£{size})"]
    for way in ways:
        cleaned = Money().clean(text(way), POUNDS)
        assert (cleaned.value, cleaned.problem) == (pence, ""), way


@given(words=st.text(max_size=60))
def test_any_text_is_money_or_a_problem(words: str) -> None:
    cleaned = Money().clean(text(words), THOUSANDS)
    assert cleaned.problem or cleaned.value is None or isinstance(cleaned.value, int | Missing)
    if isinstance(cleaned.value, int):
        assert words.strip().casefold() == "nil" or any(c in "0123456789" for c in words)


@given(value=st.floats(allow_nan=False, allow_infinity=False, width=64))
def test_any_number_cell_is_pence_in_range_or_too_large(value: float) -> None:
    cleaned = Money().clean(Cell(CellKind.NUMBER, str(value), Decimal(repr(value))), POUNDS)
    assert cleaned.problem == "too_large" or abs(cleaned.value) < 10**11


@pytest.mark.parametrize(
    ("cell", "unit", "pence"),
    [
        (number("120"), Unit.THOUSANDS, 12_000_000),
        (number("120"), Unit.POUNDS, 12_000),
        (number("1.2"), Unit.MILLIONS, 120_000_000),
        (number("0"), Unit.THOUSANDS, 0),
        (number("0.005"), Unit.POUNDS, 0),  # half to even
        (number("0.015"), Unit.POUNDS, 2),
        (number("0.025"), Unit.POUNDS, 2),
        (number("-0.015"), Unit.POUNDS, -2),
        (number("999999999.99"), Unit.POUNDS, 99_999_999_999),
        (number("999999.99999"), Unit.THOUSANDS, 99_999_999_999),
        (text("nil"), Unit.THOUSANDS, 0),
        (text(" NIL "), Unit.THOUSANDS, 0),
    ],
)
def test_money_in_its_unit(cell: Cell, unit: Unit, pence: int) -> None:
    cleaned = Money().clean(cell, Context(unit))
    assert (cleaned.value, cleaned.problem, cleaned.warning) == (pence, "", "")


@pytest.mark.parametrize("words", ["n/a", "N/A", "NA", " n/a ", "Not applicable"])
def test_not_applicable_is_neither_blank_nor_nil(words: str) -> None:
    value = Money().clean(text(words), THOUSANDS).value
    assert value is Missing.NOT_APPLICABLE
    assert not isinstance(value, int)


@pytest.mark.parametrize("cell", [BLANK, text(""), text("  "), text("\u00a0")])
@pytest.mark.parametrize(
    "kind", [Money(), Number(), Text(), Reference(), choice(["R"]), Date(), Month()]
)
def test_blank_is_none_and_no_problem(kind: ColumnType, cell: Cell) -> None:
    cleaned = kind.clean(cell, THOUSANDS)
    assert (cleaned.value, cleaned.problem, cleaned.warning) == (None, "", "")


@pytest.mark.parametrize(
    "kind", [Money(), Number(), Text(), Reference(), choice(["R"]), Date(), Month()]
)
def test_errors_and_lost_formulas_are_never_values(kind: ColumnType) -> None:
    assert kind.clean(ERROR, THOUSANDS).problem == "error_cell"
    lost = kind.clean(NO_VALUE, THOUSANDS)
    assert lost.problem == "formula_without_value"
    assert "calculate" in lost.wanted


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        (TRUE, "not_a_number"), (day("2017-06-01"), "not_a_number"), (text("-"), "not_a_number"),
        (text("tbc"), "not_a_number"), (number("1000000"), "too_large"),
        (number("-1000000"), "too_large"), (number("999999.9999999"), "too_large"),
        (number("1E+300"), "too_large"), (text("9" * 30), "too_large"),
    ],
)  # fmt: skip
def test_money_refused(cell: Cell, problem: str) -> None:
    cleaned = Money().clean(cell, THOUSANDS)
    assert (cleaned.problem, cleaned.value) == (problem, None)
    assert "£000" in cleaned.wanted


def test_a_number_stored_as_text_is_understood_with_a_warning() -> None:
    cleaned = Money().clean(text("(1,234.5)"), THOUSANDS)
    assert (cleaned.value, cleaned.warning) == (-123_450_000, "number_as_text")


def test_a_minimum_of_money() -> None:
    least_nil = Money(minimum=0)
    assert least_nil.clean(number("0"), POUNDS).value == 0
    assert least_nil.clean(number("-0.01"), POUNDS).problem == "too_small"


@pytest.mark.parametrize(
    ("cell", "result"),
    [
        (number("2.25"), Cleaned(Decimal("2.25"))),
        (number("0"), Cleaned(Decimal("0"))),
        (text("2.5"), Cleaned(Decimal("2.5"), warning="number_as_text")),
        (number("10000000"), Cleaned(Decimal("10000000"))),
    ],
)
def test_numbers(cell: Cell, result: Cleaned) -> None:
    assert Number().clean(cell, THOUSANDS) == result


@pytest.mark.parametrize("value", ["-0.01", "10000000.01"])
def test_numbers_out_of_range(value: str) -> None:
    assert Number().clean(number(value), THOUSANDS).problem == "out_of_range"


def test_a_number_may_be_negative_where_the_column_says() -> None:
    assert Number(minimum=None).clean(number("-5"), THOUSANDS).value == -5
    assert Number().clean(TRUE, THOUSANDS).problem == "not_a_number"


class Maturity(StrEnum):
    IN_PROGRESS = "Plan in progress"
    DELIVERED = "Delivered"


@pytest.mark.parametrize("words", ["Plan in progress", "PLAN  in\nprogress", " plan-in-progress "])
def test_choice_ignores_case_spaces_and_hyphens(words: str) -> None:
    assert choice(Maturity).clean(text(words), THOUSANDS).value == "Plan in progress"


def test_choice_says_the_nearest_word() -> None:
    cleaned = choice(Maturity).clean(text("Delivred"), THOUSANDS)
    assert cleaned.problem == "unknown_word"
    assert cleaned.question == "Did you mean “Delivered”?"
    assert "Did you mean" not in cleaned.wanted, "what is wanted is the same for every cell"
    assert choice(Maturity).clean(text("zzz"), THOUSANDS).question == ""


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("Jnu-17", "Did you mean “Jun-17”?"),
        ("Septembr 2017", "Did you mean “Sep-17”?"),
        ("31/11/2026", "Did you mean “Nov-26”?"),
        ("31/13/2026", ""),
        ("Jux-17", "Did you mean “Jun-17” or “Jul-17”?"),
        ("tbc", ""),
        ("soon", ""),
    ],
)
def test_a_month_says_the_nearest(typed: str, asked: str) -> None:
    assert Month().clean(text(typed), THOUSANDS).question == asked


def test_choice_of_a_mapping_gives_its_values() -> None:
    yes: Choice = choice({"Y": True, "N": False})
    assert yes.clean(text("n"), THOUSANDS).value is False
    assert yes.wanted == "one of Y, N"
    assert choice({"Y": True}).clean(text("x" * 100_000), THOUSANDS).problem == "unknown_word"


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("18/07/2017", "2017-07-18"), ("1/4/2017", "2017-04-01"), ("03/04/2017", "2017-04-03"),
        ("2017-04-01", "2017-04-01"), ("2017-04-01 00:00:00", "2017-04-01"),
        ("17-Apr-2017", "2017-04-17"), ("13th July 2017", "2017-07-13"), ("1.4.2017", "2017-04-01"),
        ("1 Sept 2017", "2017-09-01"), ("01/04/17", "2017-04-01"), ("29/02/2020", "2020-02-29"),
    ],
)  # fmt: skip
def test_days(written: str, iso: str) -> None:
    assert Date().clean(text(written), THOUSANDS).value == dt.date.fromisoformat(iso)


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        (text("30/02/2017"), "not_a_date"), (text("29/02/2017"), "not_a_date"),
        (text("04/13/2017"), "not_a_date"), (text("31/04/2017"), "not_a_date"),
        (text("00/01/2017"), "not_a_date"), (text("tbc"), "not_a_date"), (TRUE, "not_a_date"),
        (text("17-Apr"), "not_a_date"), (text("June 2017"), "not_a_date"),
        (text("1 Abc 2017"), "not_a_date"), (text("١/٤/٢٠١٧"), "not_a_date"),
        (number("42826"), "number_not_date"), (number("2017"), "number_not_date"),
        (day("1900-02-28"), "date_out_of_range"), (day("1989-12-31"), "date_out_of_range"),
        (day("2101-01-01"), "date_out_of_range"), (text("01/01/2101"), "date_out_of_range"),
    ],
)  # fmt: skip
def test_what_is_no_day(cell: Cell, problem: str) -> None:
    cleaned = Date().clean(cell, THOUSANDS)
    assert (cleaned.problem, cleaned.value) == (problem, None)
    assert cleaned.wanted


def test_range_of_days_is_inclusive() -> None:
    for iso in ("1990-01-01", "2100-12-31"):
        assert Date().clean(day(iso), THOUSANDS).value == dt.date.fromisoformat(iso)


@pytest.mark.parametrize(
    "cell",
    [
        text("2017-06"), text("Jun-17"), text("June 2017"), text("JUN 2017"), text("06/2017"),
        text("6/2017"), text("01/06/2017"), text("Jun '17"), day("2017-06-17"), text("2017-06-01"),
    ],
)  # fmt: skip
def test_months(cell: Cell) -> None:
    assert Month().clean(cell, THOUSANDS).value == "2017-06"


@pytest.mark.parametrize("written", ["M3", "June", "2017", "2017-13", "2017-00", "13/2017", "Q1"])
def test_what_is_no_month(written: str) -> None:
    cleaned = Month().clean(text(written), THOUSANDS)
    assert cleaned.problem == "not_a_date"
    assert cleaned.wanted


@given(value=st.dates(dt.date(1990, 1, 1), dt.date(2100, 12, 31)))
def test_every_day_is_read_day_first_in_each_form(value: dt.date) -> None:
    forms = (f"{value:%d/%m/%Y}", value.isoformat(), f"{value.day} {value:%B} {value.year}")
    for form in forms:
        assert Date().clean(text(form), THOUSANDS).value == value, form
        assert Month().clean(text(form), THOUSANDS).value == f"{value:%Y-%m}", form


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (text(" two\r\nlines "), "two\nlines"), (text("=1+1"), "=1+1"), (number("17"), "17"),
        (text("x" * 200), "x" * 200),
    ],
)  # fmt: skip
def test_text(cell: Cell, value: str) -> None:
    assert Text(200).clean(cell, THOUSANDS).value == value


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        (text("x" * 201), "too_long"), (text("a\x00b"), "control_character"),
        (text("a\x1bb"), "control_character"), (TRUE, "boolean_not_text"),
        (day("2017-02-06"), "date_not_text"),
    ],
)  # fmt: skip
def test_text_refused(cell: Cell, problem: str) -> None:
    assert Text(200).clean(cell, THOUSANDS).problem == problem


def test_reference_collapses_spaces_and_keeps_leading_zeros() -> None:
    assert Reference().clean(text(" S  014\n"), THOUSANDS).value == "S 014"
    assert Reference().clean(text("007"), THOUSANDS).value == "007"
    for hyphen in "\u2010\u2011\u2013\u2212":
        assert Reference().clean(text(f"UC{hyphen}01"), THOUSANDS).value == "UC-01", hyphen
    assert Reference().clean(text("Cafe\u0301-1"), THOUSANDS).value == "Caf\u00e9-1"
    for unseen in ("UC-01\u200b", "\u202eUC-01", "\ufeff"):
        assert Reference().clean(text(unseen), THOUSANDS).problem == "control_character", unseen
    for unseen in ("UC-01\u3164", "UC-\u280001", "UC-01\ufe0f", "\u115f\u1160"):
        assert Reference().clean(text(unseen), THOUSANDS).problem == "control_character", unseen
    assert Reference().clean(text("UC - 01" + " " * 30), THOUSANDS).value == "UC-01"
    too_long = Reference().clean(text("x" * 21), THOUSANDS)
    assert (too_long.problem, too_long.wanted) == (
        "too_long", "a reference of up to 20 characters"
    )  # fmt: skip


def test_a_letter_that_only_looks_latin_is_named() -> None:
    cleaned = Reference().clean(text("U\u0421-01"), THOUSANDS)
    assert (cleaned.value, cleaned.problem) == (None, "lookalike_letter")
    assert cleaned.question == "Its “\u0421” is a Cyrillic letter that looks like the Latin C."
    assert cleaned.wanted == "the reference in Latin letters: UC-01"
