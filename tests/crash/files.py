"""Files of returns for crash tests: many schemes, every figure its own, the same each time."""

import random
from collections.abc import Sequence
from typing import Any

from finance.returns.template import write_csv, write_xlsx
from stp.core import periods

MONTHS = periods.year_months("2017/18")
LATER = periods.later_years("2017/18")
LINES = ("UC", "CC", "SC", "PR", "PD", "CIP", "QIPP")
BASE_PENCE = 1_000_000


def rows(count: int, *, seed: int, period: str = "2017-06") -> list[dict[str, Any]]:
    """`count` schemes with nothing wrong, whose figures in pence come of `seed`."""
    dice = random.Random(seed)  # noqa: S311 - figures of a test, no secret
    return [_row(number, dice, period) for number in range(1, count + 1)]


def _row(number: int, dice: random.Random, period: str) -> dict[str, Any]:
    line = LINES[number % len(LINES)]
    actual: dict[str, Any] = {m: _pence(dice) if m <= period else "not due" for m in MONTHS}
    if number % 7 == 0:
        actual["2017-04"] = None
    if number % 11 == 0:
        actual["2017-05"] = "n/a"
    return {
        "row": 0, "ref": f"{line}-{number:04d}", "title": f"Scheme {number}", "line": line,
        "supports": "", "recurrence": "R", "type": "Pay", "release": "",
        "maturity": "In delivery", "risk": "Low", "start_month": "2017-04", "end_month": "",
        "lead": "", "qia": "Approved", "eia": "", "consultation": "", "evidence": "",
        "data_status": "", "counterparty": "", "same_as": "", "comment": "",
        "counterparty_effect": None, "fye_secured": None, "gross": None, "investment": None,
        "wte_plan": None, "wte_actual": None,
        "plan": _every(dice),
        "actual": actual,
        "forecast": _every(dice),
    }  # fmt: skip


def _every(dice: random.Random) -> dict[str, int]:
    """Each month, and each later year a little more than the one before."""
    later = {year: _pence(dice, 13 + place) for place, year in enumerate(LATER)}
    return {month: _pence(dice) for month in MONTHS} | later


def _pence(dice: random.Random, months: int = 1) -> int:
    """About £10,000 a month, each figure its own to the penny, none odd enough to be warned of."""
    return months * BASE_PENCE + dice.randrange(100_000)


def as_csv(said: Sequence[dict[str, Any]], period: str = "2017-06") -> bytes:
    """The rows as a `.csv` in £000, to the penny."""
    return write_csv(said, period=period)


def as_xlsx(said: Sequence[dict[str, Any]], period: str = "2017-06") -> bytes:
    """The rows as a workbook in £000 with one sheet, Schemes."""
    return write_xlsx(said, period=period)
