"""When a printed date falls due (rag-rules, "Milestone": precision)."""

import datetime as dt
import re

from stp.core import periods
from workstreams.rag.words import LIMITS, Precision


class BadDate(ValueError):
    """Text that is no date of the precision it claims."""


_QUARTER = re.compile(r"Q([1-4]) (\d{4}/\d{2})", re.ASCII)
_YEARS = re.compile(r"(\d{4})/(\d{2})", re.ASCII)
_YEARS_SPELT = re.compile(r"(\d{4}/\d{2})(?: to | ?[-–] ?)(\d{4}/\d{2})", re.ASCII)
_PLAN_YEAR = re.compile(r"(?:year )?(\d{1,2})", re.ASCII | re.IGNORECASE)
_CALENDAR_YEAR = re.compile(r"\d{4}", re.ASCII)


def due_date(value: str, precision: Precision) -> dt.date | None:
    """The day a printed date falls due: the last day of its precision; None for tbc, relative.

    Day `2017-06-30`, month `2017-06`, quarter `Q1 2017/18` (NHS: April to June), year `2020`
    (calendar), financial year `2017/18`, financial years `2017/19` or `2017/18 to 2018/19`
    (the end of the last), plan year `year 2` (year 1 is 2016/17). Raises BadDate.
    """
    if precision in (Precision.TBC, Precision.RELATIVE):
        return None
    text = value.strip()
    try:
        due = _last_day(text, precision)
    except ValueError:
        due = None
    if due is None:
        raise BadDate(f"“{value}” is not a date given as a {precision.replace('_', ' ')}.")
    return due


def _last_day(text: str, precision: Precision) -> dt.date | None:
    match precision:
        case Precision.DAY:
            return dt.date.fromisoformat(text)
        case Precision.MONTH:
            month = periods.parse(text)
            return None if month.is_final else month.ends_on
        case Precision.QUARTER:
            return _quarter_end(text)
        case Precision.YEAR:
            return dt.date(int(text), 12, 31) if _CALENDAR_YEAR.fullmatch(text) else None
        case Precision.FINANCIAL_YEAR:
            return periods.last_period(text).ends_on
        case Precision.FINANCIAL_YEARS:
            return _years_end(text)
        case _:
            return _plan_year_end(text)


def _quarter_end(text: str) -> dt.date | None:
    match = _QUARTER.fullmatch(text)
    if not match:
        return None
    months = periods.year_months(match[2])
    return periods.parse(months[int(match[1]) * 3 - 1]).ends_on


def _years_end(text: str) -> dt.date | None:
    """`2017/19` starts with 2017/18 and ends with 2018/19."""
    if spelt := _YEARS_SPELT.fullmatch(text):
        first, last = spelt[1], spelt[2]
    elif short := _YEARS.fullmatch(text):
        start = int(short[1])
        first = periods.year_code(start)
        last = periods.year_code(start + (int(short[2]) - start) % 100 - 1)
    else:
        return None
    if periods.year_start(first) > periods.year_start(last):
        return None
    return periods.last_period(last).ends_on


def _plan_year_end(text: str) -> dt.date | None:
    match = _PLAN_YEAR.fullmatch(text)
    if not match or int(match[1]) < 1:
        return None
    start = periods.year_start(LIMITS.first_plan_year) + int(match[1]) - 1
    return periods.last_period(periods.year_code(start)).ends_on
