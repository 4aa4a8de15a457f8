"""The Finance dimension of a workstream's line, and of the programme (rag-rules, "Workstream").

Two tests, the worse counts. The programme is the same two tests on all NHS lines, with the
target of NONE included.
"""

from dataclasses import dataclass

from finance.rag.words import DEVELOPED_PERCENT, LIMITS, FinanceCode, rating
from stp.core.money import millions_text, words
from stp.core.rag import Rag, Rating, share_text, worst

_MILLION = 100_000_000


@dataclass(frozen=True, slots=True)
class FinanceInput:
    """A line's sums, in pence. None: no target stated, never zero."""

    year: str  # current financial year
    target: int | None  # current year
    forecast: int  # current year
    plan: int  # current year
    late_plan: int  # the part of `plan` that rests on late returns
    end_target: int | None  # 2020/21
    developed: int  # 2020/21 plan at "plan in progress" or above
    identified: int  # 2020/21 plan, opportunities included


@dataclass(frozen=True, slots=True)
class FinanceRating:
    """The worse of both tests (the current year's first among equals), and each of them."""

    overall: Rating
    current: Rating
    end: Rating


def rate_finance(line: FinanceInput | None) -> FinanceRating:
    """Rate a line; None is an enabler, which has no money of its own."""
    if line is None:
        none = rating(Rag.NOT_APPLICABLE, FinanceCode.ENABLER, "Enablers carry no savings target")
        return FinanceRating(none, none, none)
    current = _late(line, _rate_year(line))
    end = _late(line, _rate_end(line))
    return FinanceRating(worst((current, end)) or current, current, end)


def _late(line: FinanceInput, rated: Rating) -> Rating:
    """Over 10 % of the plan on late returns: not rated, unless red (or not rated) already."""
    percent = LIMITS.late_plan_percent
    too_much = abs(line.late_plan) * 100 > percent * max(line.plan, 0)
    if not too_much or rated.rag in (Rag.RED, Rag.NOT_RATED):
        return rated
    text = (
        f"{line.year}: {_money(line.late_plan)} of the {_money(line.plan)} plan rests on late "
        f"returns; not rated over {percent}%"
    )
    return rating(Rag.NOT_RATED, FinanceCode.LATE_RETURNS, text)


def _rate_year(line: FinanceInput) -> Rating:
    """Forecast ÷ target. A target of nil or below has no share: met, or red."""
    if line.target is None:
        text = f"No target is stated for {line.year}"
        return rating(Rag.NOT_RATED, FinanceCode.NO_TARGET, text)
    green, amber = LIMITS.target_green_percent, LIMITS.target_amber_percent
    said = f"Forecast {_money(line.forecast)} is {_against(line.forecast, line.target)}"
    said += f" target for {line.year}"
    if _reaches(line.forecast, line.target, green):
        text = f"{said}; green from {green}%"
        return rating(Rag.GREEN, FinanceCode.YEAR_ON_TARGET, text)
    if _reaches(line.forecast, line.target, amber):
        text = f"{said}; amber from {amber}% to {green}%"
        return rating(Rag.AMBER, FinanceCode.YEAR_SHORT_AMBER, text)
    text = f"{said}; red below {amber}%"
    return rating(Rag.RED, FinanceCode.YEAR_SHORT_RED, text)


def _rate_end(line: FinanceInput) -> Rating:
    """Developed ÷ target of 2020/21, with the current year's limits."""
    end = LIMITS.end_year
    if line.end_target is None:
        return rating(Rag.NOT_RATED, FinanceCode.NO_TARGET, f"No target is stated for {end}")
    limits = DEVELOPED_PERCENT.get(line.year)
    if limits is None:
        text = f"No share of {end} is asked for in {line.year}"
        return rating(Rag.NOT_RATED, FinanceCode.OUTSIDE_PLAN_YEARS, text)
    red, amber = limits
    beside = line.identified - line.developed
    said = f"{_money(line.developed)} developed for {end} is "
    said += f"{_against(line.developed, line.end_target)} target"
    said += f", with opportunities of {_money(beside)} beside it" if beside else ""
    if _reaches(line.developed, line.end_target, amber):
        text = f"{said}; green from {amber}% in {line.year}"
        return rating(Rag.GREEN, FinanceCode.DEVELOPED_ENOUGH, text)
    if _reaches(line.developed, line.end_target, red):
        text = f"{said}; amber from {red}% to {amber}% in {line.year}"
        return rating(Rag.AMBER, FinanceCode.DEVELOPED_AMBER, text)
    text = f"{said}; red below {red}% in {line.year}"
    return rating(Rag.RED, FinanceCode.DEVELOPED_RED, text)


def _reaches(part: int, target: int, percent: int) -> bool:
    return part >= target if target <= 0 else part * 100 >= percent * target


def _against(part: int, target: int) -> str:
    if target <= 0:
        return f"held against the {_money(target)}"
    return f"{share_text(part, target)} of the {_money(target)}"


def _money(pence: int) -> str:
    return millions_text(pence) if abs(pence) >= _MILLION else words(pence)
