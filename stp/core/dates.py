"""Days and months as people write them in sheets. Pure; day first, always.

Written policy: `03/04/2017` is 3 April. A two-figure year is in this century. "Jun-17" is a month
(June 2017), never 17 June. A plain number is refused: it may be a serial, a year or a slip.
Days before 1990 or after 2100 are refused, which also keeps out Excel's 29 February 1900.
"""

import datetime as dt
import re

from stp.core.nearest import nearest
from stp.core.sheets import Cell, CellKind

FIRST, LAST = dt.date(1990, 1, 1), dt.date(2100, 12, 31)
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FULL = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]00:00(?::00)?)?", re.ASCII)
_UK_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})", re.ASCII)
_NAMED_DAY = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th)?[ -]([a-z]{3,9})\.?[ -](\d{4}|\d{2})", re.ASCII | re.IGNORECASE
)
_ISO_MONTH = re.compile(r"(\d{4})-(\d{1,2})", re.ASCII)
_UK_MONTH = re.compile(r"(\d{1,2})/(\d{4})", re.ASCII)
_NAMED_MONTH = re.compile(r"([a-z]{3,9})\.?[ -]?['’]?(\d{4}|\d{2})", re.ASCII | re.IGNORECASE)


class BadDate(ValueError):
    """A cell that is no date: a code, and what is wanted where that is more than usual."""

    def __init__(self, code: str, wanted: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.wanted = wanted


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _month_named(word: str) -> int:
    word = word.casefold()
    for number, (short, full) in enumerate(zip(_NAMES, _FULL, strict=True), start=1):
        if word in (short, full) or (word == "sept" and number == 9):
            return number
    raise BadDate("not_a_date")


def _day(year: int, month: int, day: int) -> dt.date:
    if month > 12 and day <= 12:
        raise BadDate("not_a_date", f"the day first: there is no month {month}")
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise BadDate("not_a_date", f"a day that exists: {day}/{month}/{year} does not") from None


def _text_day(text: str) -> dt.date:
    if match := _ISO_DAY.fullmatch(text):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if match := _UK_DAY.fullmatch(text):
        return _day(_year(match[3]), int(match[2]), int(match[1]))
    if match := _NAMED_DAY.fullmatch(text):
        return _day(_year(match[3]), _month_named(match[2]), int(match[1]))
    raise BadDate("not_a_date")


def _in_range(day: dt.date) -> dt.date:
    if FIRST <= day <= LAST:
        return day
    raise BadDate("date_out_of_range", f"a date from {FIRST.year} to {LAST.year}")


def read_day(cell: Cell) -> dt.date:
    """The day in a date cell or in text; BadDate otherwise."""
    if cell.kind is CellKind.DATE and cell.date is not None:
        return _in_range(cell.date)
    if cell.kind is CellKind.NUMBER:
        raise BadDate("number_not_date", "a date: format the cell as a date, or write 18/07/2017")
    if cell.kind is not CellKind.TEXT:
        raise BadDate("not_a_date")
    return _in_range(_text_day(" ".join(cell.text.split())))


def _text_month(text: str) -> dt.date:
    if match := _ISO_MONTH.fullmatch(text):
        return _day(int(match[1]), int(match[2]), 1)
    if match := _UK_MONTH.fullmatch(text):
        return _day(int(match[2]), int(match[1]), 1)
    if match := _NAMED_MONTH.fullmatch(text):
        return _day(_year(match[2]), _month_named(match[1]), 1)
    return _text_day(text)


def read_month(cell: Cell) -> str:
    """The month's code "2017-06" from text, a date cell or any day in it; BadDate otherwise."""
    if cell.kind is not CellKind.TEXT:
        day = read_day(cell)
    else:
        day = _in_range(_text_month(" ".join(cell.text.split())))
    return f"{day.year:04d}-{day.month:02d}"


def near_months(text: str) -> tuple[str, ...]:
    """What text that is no month may be meant to be: "Jnu-17" is near "Jun-17".

    A month named wrongly, or a day that its month does not have; () where nothing is near.
    """
    text = " ".join(text.split())
    if match := _UK_DAY.fullmatch(text):
        year, number = _year(match[3]), int(match[2])
        return (f"{_NAMES[number - 1].capitalize()}-{year % 100:02d}",) if 1 <= number <= 12 else ()
    match = _NAMED_MONTH.fullmatch(text)
    if match is None:
        return ()
    whole = dict(zip(_FULL, _NAMES, strict=True))
    names = nearest(match[1], _NAMES) or tuple(whole[name] for name in nearest(match[1], _FULL))
    return tuple(f"{name.capitalize()}-{_year(match[2]) % 100:02d}" for name in names)
