"""Reporting periods and NHS financial years: the only maker of either code.

A period is one month of an NHS year (April to March), coded `2017-06`; `2017-13` is the
year-end adjustment of 2016/17, as of 31 March 2017 (returns.md). A financial year is coded
`2017/18`. Months inside figures use the same `YYYY-MM` code.
"""

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
MONTH_NAMES = (
    "April", "May", "June", "July", "August", "September",
    "October", "November", "December", "January", "February", "March",
)  # fmt: skip
# Years in which the plan's gap is bridged; 2016/17 is the baseline and has no bridge.
PLAN_YEARS = ("2017/18", "2018/19", "2019/20", "2020/21")
FINAL = 13
_CODE = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_YEAR = re.compile(r"(\d{4})/(\d{2})", re.ASCII)


class BadPeriod(ValueError):
    """Text that is no reporting period or financial year."""


@dataclass(frozen=True, slots=True)
class Period:
    """A reporting period: calendar year and month, or month 13 for a year's final return."""

    calendar_year: int
    calendar_month: int

    @property
    def code(self) -> str:
        return f"{self.calendar_year:04d}-{self.calendar_month:02d}"

    @property
    def is_final(self) -> bool:
        return self.calendar_month == FINAL

    @property
    def sort_key(self) -> int:
        """Orders periods in time; a final return comes between March and April."""
        month = 3.5 if self.is_final else self.calendar_month
        return int((self.calendar_year * 12 + month) * 2)

    @property
    def start_year(self) -> int:
        """Calendar year in which the period's financial year starts."""
        before_april = self.is_final or self.calendar_month < 4
        return self.calendar_year - 1 if before_april else self.calendar_year

    @property
    def year(self) -> str:
        return _year_of(self.calendar_year, self.calendar_month)

    @property
    def month_number(self) -> int:
        """1 (April) to 12 (March); 13 for a final return."""
        return FINAL if self.is_final else (self.calendar_month - 4) % 12 + 1

    @property
    def starts_on(self) -> dt.date:
        return dt.date(self.calendar_year, 3 if self.is_final else self.calendar_month, 1)

    @property
    def ends_on(self) -> dt.date:
        """The period's "as of" date: its last day."""
        first = self.starts_on
        return (first.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)

    @property
    def name(self) -> str:
        """'June 2017' or '2016/17 final'."""
        if self.is_final:
            return f"{self.year} final"
        return f"{MONTH_NAMES[self.month_number - 1]} {self.calendar_year}"

    @property
    def label(self) -> str:
        """'Month 3, June 2017'."""
        return self.name if self.is_final else f"Month {self.month_number}, {self.name}"

    @property
    def months_to_date(self) -> tuple[str, ...]:
        """Codes of the months of its year up to and including it."""
        return _months_of(self.calendar_year, self.calendar_month)[0]

    @property
    def months_remaining(self) -> tuple[str, ...]:
        """Codes of the months of its year after it."""
        return _months_of(self.calendar_year, self.calendar_month)[1]

    @property
    def previous(self) -> "Period":
        """The month before; a final return's predecessor is March."""
        if self.is_final:
            return Period(self.calendar_year, 3)
        if self.calendar_month == 1:
            return Period(self.calendar_year - 1, 12)
        return Period(self.calendar_year, self.calendar_month - 1)

    @property
    def next(self) -> "Period":
        if self.is_final:
            return Period(self.calendar_year, 4)
        if self.calendar_month == 12:
            return Period(self.calendar_year + 1, 1)
        return Period(self.calendar_year, self.calendar_month + 1)

    def __str__(self) -> str:
        return self.code


# Checks ask a period for its year and months once a cell: kept, like the codes below.
@cache
def _year_of(calendar_year: int, calendar_month: int) -> str:
    return year_code(Period(calendar_year, calendar_month).start_year)


@cache
def _months_of(calendar_year: int, calendar_month: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The months of a period's year up to it, and those after it."""
    period = Period(calendar_year, calendar_month)
    months, number = year_months(period.year), min(period.month_number, 12)
    return months[:number], months[number:]


@cache
def parse(code: str) -> Period:
    """Read a period code (`2017-06`, `2017-13`); BadPeriod with a sentence otherwise."""
    match = _CODE.fullmatch(code.strip())
    if match and 1 <= int(match[2]) <= FINAL and 1990 <= int(match[1]) <= 2100:
        return Period(int(match[1]), int(match[2]))
    raise BadPeriod(f"“{code}” is not a reporting period. Write it as 2017-06.")


def of_date(day: dt.date) -> Period:
    """The month a day falls in."""
    return Period(day.year, day.month)


@cache
def year_code(start_year: int) -> str:
    return f"{start_year:04d}/{(start_year + 1) % 100:02d}"


def year_start(year: str) -> int:
    """Calendar year in which a financial year starts; BadPeriod if it is none."""
    match = _YEAR.fullmatch(year)
    if match and year_code(int(match[1])) == year:
        return int(match[1])
    raise BadPeriod(f"“{year}” is not a financial year. Write it as 2017/18.")


def first_period(year: str) -> Period:
    """April of a financial year: the period of its plan return."""
    return Period(year_start(year), 4)


def last_period(year: str) -> Period:
    return Period(year_start(year) + 1, 3)


@cache
def year_months(year: str) -> tuple[str, ...]:
    """The twelve month codes of a financial year, April first."""
    start = year_start(year)
    return tuple(
        f"{start if month >= 4 else start + 1:04d}-{month:02d}"
        for month in (4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3)
    )


@cache
def later_years(year: str) -> tuple[str, ...]:
    """The plan years after `year`."""
    return tuple(y for y in PLAN_YEARS if y > year)


@cache
def bank_holidays(calendar_year: int) -> frozenset[dt.date]:
    """English bank holidays of a calendar year."""
    import holidays  # 4 MB that a page never needs: only a new period's due date does

    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=calendar_year))


def is_working_day(day: dt.date) -> bool:
    return day.weekday() < 5 and day not in bank_holidays(day.year)


def working_day(after: dt.date, n: int) -> dt.date:
    """The n-th working day after a date (n at least 1)."""
    day = after
    while n:
        day += dt.timedelta(days=1)
        n -= is_working_day(day)
    return day


def due_at(period: Period) -> dt.datetime:
    """Default moment a finance return is due: working day 12 after month end, 17:00 London."""
    return dt.datetime.combine(working_day(period.ends_on, 12), dt.time(17), LONDON)


def day_text(day: dt.date) -> str:
    """'30 June 2017'."""
    return f"{day.day} {of_date(day).name}"
