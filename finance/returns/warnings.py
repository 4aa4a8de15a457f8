"""Warnings of a finance or plan return: each wants a typed reason, none blocks. Pure functions.

The list and its figures are returns.md, "Warnings".
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from finance.rag import Maturity, QiaStatus, Recurrence
from finance.returns.entries import Entry, Issues
from finance.returns.facts import Facts
from finance.scheme_rows import (
    Money,
    SchemeRow,
    actual_to_date,
    amount,
    figure_cells,
    is_closed,
    is_stated,
    total,
    year_plan,
)
from stp.core import periods, references
from stp.core.money import words


@dataclass(frozen=True, slots=True)
class Limits:
    """When a figure is worth a question; money in pence."""

    moved_percent: int = 25
    moved_pence: int = 50_000_00
    moved_always_pence: int = 500_000_00
    reviewed_percent: int = 90  # of plan to date
    factor_low: int = 500
    factor_high: int = 2_000


LIMITS = Limits()


def row_warnings(entries: Sequence[Entry], facts: Facts) -> Issues:
    """Every warning of every row."""
    for entry in entries:
        for check in ROW_WARNINGS:
            if entry.adds_up or check not in ABOUT_SUMS:
                yield from check(entry, facts)


def month_name(when: str) -> str:
    return when if "/" in when else periods.parse(when).name


def _outturn_cells(facts: Facts) -> tuple[str, ...]:
    return (facts.period.year, *periods.later_years(facts.period.year))


def _before(entry: Entry, facts: Facts) -> SchemeRow | None:
    return facts.before.get(entry.ref)


def value_before(row: SchemeRow, facts: Facts, year: str) -> int | None:
    """What the return in force forecast for a year; None where it could not say."""
    then = periods.parse(facts.before_period)
    if year != then.year and not is_stated(row["forecast"].get(year)):
        return None
    return facts.outturn_before(row, year)


def forecast_moved(entry: Entry, facts: Facts) -> Issues:
    """By 25 % and £50k, or by £500k, against the return in force; each year on its own."""
    before = _before(entry, facts)
    if before is None or facts.is_plan:
        return
    for year in _outturn_cells(facts):
        old, new = value_before(before, facts, year), facts.outturn(entry.row, year)
        if old is None:
            continue
        moved = abs(new - old)
        much = moved >= LIMITS.moved_pence and moved * 100 >= LIMITS.moved_percent * abs(old)
        if much or moved >= LIMITS.moved_always_pence:
            percent = f" ({_percent(new - old, of=abs(old))})" if old else ""
            yield entry.warning(
                "forecast_moved",
                f"The {year} forecast of {entry.ref} went from {words(old)} in "
                f"{facts.before_name} to {words(new)}{percent}.",
                _forecast_cell(year, facts),
                "the reason, if it is right",
            )


def _percent(moved: int, *, of: int) -> str:
    """'+12%' or, with a true minus sign, '−33%'."""
    return f"{moved * 100 / of:+.0f}%".replace("-", "\u2212")


def _forecast_cell(year: str, facts: Facts) -> str:
    """A cell to point at: the year's own, or the first remaining month's."""
    if year != facts.period.year:
        return f"forecast:{year}"
    remaining = facts.period.months_remaining
    return f"forecast:{remaining[0]}" if remaining else f"actual:{facts.period.months_to_date[-1]}"


def sign_flipped(entry: Entry, facts: Facts) -> Issues:
    """A saving became a cost or the reverse: against the cell's last figure, else its plan."""
    if facts.is_plan:
        return
    before = _before(entry, facts)
    for kind in ("actual", "forecast"):
        now, plan = entry.row[kind], entry.row["plan"]
        then = before[kind] if before is not None else {}
        for when in figure_cells(facts.period)[kind]:
            new, old, said = now.get(when), then.get(when), "it was"
            if not isinstance(old, int):  # the month has only now come due, or was not known
                old, said = plan.get(when), "the plan is"
            if isinstance(new, int) and isinstance(old, int) and new * old < 0:
                yield entry.warning(
                    "sign_flipped",
                    f"{kind.capitalize()} of {entry.ref} for {month_name(when)} is "
                    f"{words(amount(new))}; {said} {words(amount(old))}.",
                    f"{kind}:{when}",
                    "the same sign, unless a saving became a cost",
                )


def actual_blank(entry: Entry, facts: Facts) -> Issues:
    if facts.is_plan:
        return
    for when in facts.period.months_to_date:
        if entry.row["actual"].get(when) is None and f"actual:{when}" not in entry.unread:
            yield entry.warning(
                "actual_blank",
                f"The actual of {entry.ref} for {month_name(when)} is blank: not known.",
                f"actual:{when}",
                "a figure, 0 for nil, or n/a",
            )


def prior_month_restated(entry: Entry, facts: Facts) -> Issues:
    """An actual of an earlier month is not what the return in force said."""
    before = _before(entry, facts)
    if before is None or facts.is_plan:
        return
    then = periods.parse(facts.before_period)
    for when in facts.period.months_to_date:
        earlier = when < facts.period.months_to_date[-1] or facts.period.is_final
        if not earlier or when not in then.months_to_date or f"actual:{when}" in entry.unread:
            continue
        old, new = before["actual"].get(when), entry.row["actual"].get(when)
        if old != new:
            yield entry.warning(
                "prior_month_restated",
                f"The actual of {entry.ref} for {month_name(when)} was {_said(old)} in "
                f"{facts.before_name} and is {_said(new)} now.",
                f"actual:{when}",
                "the reason, if it is right",
            )


def _said(value: Money) -> str:
    return words(value) if isinstance(value, int) else value or "blank"


def forecast_below_actual(entry: Entry, facts: Facts) -> Issues:
    """The outturn is less than what is already there: the rest of the year takes savings back."""
    if facts.is_plan:
        return
    outturn = facts.outturn(entry.row)
    actual = actual_to_date(entry.row, facts.period)
    if outturn < actual:
        yield entry.warning(
            "forecast_below_actual",
            f"{entry.ref} forecasts {words(outturn)} for the year, below its actual to date of "
            f"{words(actual)}.",
            _forecast_cell(facts.period.year, facts),
            "a forecast that includes what was delivered",
        )


def forecast_not_reviewed(entry: Entry, facts: Facts) -> Issues:
    """Every remaining month repeats the plan although actual is under 0.90 of plan to date."""
    remaining = facts.period.months_remaining
    if facts.is_plan or not remaining or is_closed(entry.row):
        return
    row = entry.row
    repeats = all(
        is_stated(row["plan"].get(m)) and row["plan"][m] == row["forecast"].get(m)
        for m in remaining
    )
    # Over the same months: a blank actual says nothing about the plan of its month.
    known = [m for m in facts.period.months_to_date if is_stated(row["actual"].get(m))]
    plan, actual = total(row["plan"], known), total(row["actual"], known)
    if repeats and plan > 0 and actual * 100 < LIMITS.reviewed_percent * plan:
        yield entry.warning(
            "forecast_not_reviewed",
            f"{entry.ref} delivered {words(actual)} of {words(plan)} planned to date, yet every "
            "remaining month is forecast as planned.",
            f"forecast:{remaining[0]}",
            "a forecast looked at since the plan",
        )


def by_a_thousand(new: int, old: int) -> bool:
    """Whether one figure is near 1,000 times the other, whatever their signs."""
    small, large = sorted((abs(new), abs(old)))
    return small > 0 and LIMITS.factor_low * small <= large <= LIMITS.factor_high * small


def cell_by_a_thousand(entry: Entry, facts: Facts) -> Issues:
    """One cell in pounds among thousands: near 1,000 times its month's plan, or a thousandth."""
    if facts.is_plan:
        return
    planned = entry.row["plan"]
    for kind in ("actual", "forecast"):
        stated = entry.row[kind]
        for when in figure_cells(facts.period)[kind]:
            new, plan = amount(stated.get(when)), amount(planned.get(when))
            if new != plan and by_a_thousand(new, plan):
                yield entry.warning(
                    "factor_1000",
                    f"{kind.capitalize()} of {entry.ref} for {month_name(when)} is {words(new)}; "
                    f"its plan is {words(plan)}. Is the unit right?",
                    f"{kind}:{when}",
                    "a figure in the file's unit",
                )


def looks_incremental(entry: Entry, facts: Facts) -> Issues:
    """A recurrent scheme keeps its value: a later year below the one before may be an increase.

    Years after the scheme's end are left alone.
    """
    row = entry.row
    if row["recurrence"] != Recurrence.RECURRENT or is_closed(row):
        return
    for kind in ("plan",) if facts.is_plan else ("plan", "forecast"):
        before = (
            year_plan(row, facts.period, facts.period.year)
            if kind == "plan"
            else facts.outturn(row)
        )
        for year in periods.later_years(facts.period.year):
            value = row[kind].get(year)
            ended = row["end_month"] and row["end_month"] < periods.year_months(year)[-1]
            if not is_stated(value) or ended:
                break
            if amount(value) < before:
                yield entry.warning(
                    "looks_incremental",
                    f"{entry.ref} is recurrent, but its {kind} for {year} ({words(amount(value))})"
                    f" is below the year before ({words(before)}).",
                    f"{kind}:{year}",
                    "the value in that year, not the increase on the year before",
                )
            before = amount(value)


def nr_later_year(entry: Entry, facts: Facts) -> Issues:
    if entry.row["recurrence"] != Recurrence.NON_RECURRENT:
        return
    for kind in ("plan",) if facts.is_plan else ("plan", "forecast"):
        for year in periods.later_years(facts.period.year):
            value = amount(entry.row[kind].get(year))
            if value:
                yield entry.warning(
                    "nr_later_year",
                    f"{entry.ref} is non-recurrent, but its {kind} for {year} is {words(value)}.",
                    f"{kind}:{year}",
                    "0 or n/a in later years",
                )


def started_not_in_delivery(entry: Entry, facts: Facts) -> Issues:
    """The start month is over and the maturity still says that delivery has not begun."""
    start = str(entry.row["start_month"])
    begun = (Maturity.IN_DELIVERY, Maturity.DELIVERED, Maturity.CLOSED, "")
    if facts.is_plan or not start or entry.row["maturity"] in begun:
        return
    if start <= facts.period.months_to_date[-1]:
        yield entry.warning(
            "started_not_in_delivery",
            f"{entry.ref} was to start in {month_name(start)}, but its maturity is "
            f"“{entry.row['maturity']}”.",
            "maturity",
            f"{Maturity.IN_DELIVERY}, or a later start month",
        )


def in_delivery_without_qia(entry: Entry, facts: Facts) -> Issues:
    delivering = (Maturity.IN_DELIVERY, Maturity.DELIVERED)
    settled = (QiaStatus.APPROVED, QiaStatus.NOT_REQUIRED, "")
    if entry.row["maturity"] in delivering and entry.row["qia"] not in settled:
        yield entry.warning(
            "in_delivery_without_qia",
            f"{entry.ref} is “{entry.row['maturity']}”, but its QIA is “{entry.row['qia']}”.",
            "qia",
            f"{QiaStatus.APPROVED} or {QiaStatus.NOT_REQUIRED}",
        )


def same_saving_claimed(entry: Entry, facts: Facts) -> Issues:
    """Both organisations say that they count it; both count until it is decided."""
    other = facts.claims.get(references.key(entry.ref)) or str(entry.row["same_as"])
    if other:
        yield entry.warning(
            "same_saving_claimed",
            f"{entry.ref} is said to be the same saving as {other}. Both are counted until it is "
            "decided.",
            "same_as",
            "agreement on who counts it",
        )


def unused_forecast(entry: Entry, facts: Facts) -> Issues:
    """A plan return's forecasts are not read, and that is said."""
    if not facts.is_plan:
        return
    stated = [
        at
        for at, text in entry.found.items()
        if at.startswith("forecast:") and text not in ("", "0")
    ]
    if stated:
        yield entry.warning(
            "forecast_in_plan",
            f"The forecasts of {entry.ref} were not read: a plan return holds the plan alone.",
            stated[0],
            "blank forecasts; they belong in the monthly return",
        )


ROW_WARNINGS: tuple[Callable[[Entry, Facts], Issues], ...] = (
    forecast_moved,
    sign_flipped,
    actual_blank,
    prior_month_restated,
    forecast_below_actual,
    forecast_not_reviewed,
    cell_by_a_thousand,
    looks_incremental,
    nr_later_year,
    started_not_in_delivery,
    in_delivery_without_qia,
    same_saving_claimed,
    unused_forecast,
)
# Without every figure of the row these would warn about the fault, not about the scheme.
ABOUT_SUMS = (forecast_moved, forecast_below_actual, forecast_not_reviewed, looks_incremental)
