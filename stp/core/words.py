"""Dates, months and money as people read them: one wording for pages, CSV and messages.

Pure. Every function takes None for "not stated" and answers NO_DATA, never a blank or a nought.
"""

import datetime as dt

from stp.core import money
from stp.core.periods import LONDON, MONTH_NAMES, BadPeriod, parse

NO_DATA = "No data"
NOT_APPLICABLE = "Not applicable"


def _date(value: dt.date | dt.datetime | str) -> dt.date:
    """A date in London from a date, an aware moment or ISO text of either."""
    if isinstance(value, str):
        value = dt.datetime.fromisoformat(value) if "T" in value else dt.date.fromisoformat(value)
    if isinstance(value, dt.datetime):
        return value.astimezone(LONDON).date()
    return value


def day(value: dt.date | dt.datetime | str | None) -> str:
    """'24 July 2017'; ISO text (as JSON holds it) is taken too."""
    if not value:
        return NO_DATA
    found = _date(value)
    return f"{found.day} {MONTH_NAMES[(found.month - 4) % 12]} {found.year}"


def moment(value: dt.datetime | str | None) -> str:
    """'24 July 2017, 10:05' in London time."""
    if not value:
        return NO_DATA
    found = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    local = found.astimezone(LONDON)
    return f"{day(local)}, {local:%H:%M}"


def period_name(code: str | None) -> str:
    """'June 2017' from '2017-06'; text that is no code is given back as it stands."""
    if not code:
        return NO_DATA
    try:
        return parse(str(code)).name
    except BadPeriod:
        return str(code)


def month_name(code: str | None) -> str:
    """'June' from '2017-06': for use where the year is already said."""
    return period_name(code).partition(" ")[0] if code else NO_DATA


def month_short(code: str | None) -> str:
    """'Jun 17' from '2017-06': for axes and narrow column heads."""
    if not code:
        return NO_DATA
    name, _, year = period_name(code).partition(" ")
    return f"{name[:3]} {year[-2:]}"


def money_m(pence: int | None) -> str:
    """'£12.0m'."""
    return NO_DATA if pence is None else money.millions_text(pence)


def money_k(pence: int | None) -> str:
    """'1,240', under a heading that says £000."""
    return NO_DATA if pence is None else money.thousands_text(pence)


def money_words(pence: int | None) -> str:
    """'£1.24m', '£340k', '£12.50': the size that reads best."""
    return NO_DATA if pence is None else money.words(pence)


def variance(pence: int | None) -> str:
    """Savings against plan in words: '£15.2m adverse', '£340k favourable', 'On plan'."""
    if pence is None:
        return NO_DATA
    if pence == 0:
        return "On plan"
    size = abs(pence)
    text = money.millions_text(size) if size >= 100_000_000 else money.words(size)
    return f"{text} {'adverse' if pence < 0 else 'favourable'}"


def variance_k(pence: int | None) -> str:
    """'1,240 adverse' under a heading that says £000; a difference below £500 is 'under 1'."""
    if pence is None:
        return NO_DATA
    if pence == 0:
        return "On plan"
    size = money.thousands_text(abs(pence))
    return f"{'under 1' if size == '0' else size} {'adverse' if pence < 0 else 'favourable'}"
