"""Errors of a finance or plan return: each blocks it. Pure functions over rows and facts.

The list is returns.md, "Errors"; what a single cell may hold is the column's business.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from finance.rag import Consultation, LineCode, Recurrence
from finance.returns.entries import Entry, Issues
from finance.returns.facts import Facts
from finance.scheme_rows import Money, amount, figure_cells, is_closed, is_stated
from stp.core import periods
from stp.core.money import words
from stp.core.nearest import nearest, question_of

_REF = re.compile(r"(?!\.{1,2}$)[^/?#\\]+")


def errors(entries: Sequence[Entry], facts: Facts) -> Issues:
    """Every error of every row, then those between rows."""
    for entry in entries:
        for check in ROW_CHECKS:
            yield from check(entry, facts)
    yield from duplicate_refs(entries)
    yield from plan_frozen(entries, facts)


def bad_ref(entry: Entry, facts: Facts) -> Issues:
    """A ref stands in addresses and in "organisation/ref", so it cannot hold their marks."""
    if entry.ref and not _REF.fullmatch(entry.ref):
        yield entry.error(
            "bad_ref",
            f"The scheme ref “{entry.ref}” holds a / \\ ? or #, or is dots alone.",
            "ref",
            "letters and digits, with spaces, dots and hyphens between",
        )


def duplicate_refs(entries: Sequence[Entry]) -> Issues:
    """The same ref in two rows, whatever its case; named on each row after the first."""
    rows: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.ref:
            rows[entry.ref.casefold()].append(entry)
    for same in rows.values():
        numbers = " and ".join(str(e.number) for e in same)
        for entry in same[1:]:
            yield entry.error(
                "duplicate_ref",
                f"Scheme {entry.ref} appears {len(same)} times (rows {numbers}).",
                "ref",
                "one row for each scheme",
            )


def codes(entry: Entry, facts: Facts) -> Issues:
    """Counterparty and "same saving as" must name an organisation the plan knows."""
    known = facts.lists.organisations
    counterparty = str(entry.row["counterparty"])
    if counterparty and counterparty.casefold() not in known:
        yield entry.error(
            "unknown_code",
            f"“{counterparty}” is not the code of an organisation in the plan."
            + _asked(counterparty, facts.lists.codes),
            "counterparty",
            "an organisation's code, such as RNS",
        )
    same_as = str(entry.row["same_as"])
    organisation, slash, ref = same_as.partition("/")
    if same_as and not (slash and ref.strip() and organisation.strip().casefold() in known):
        yield entry.error(
            "unknown_code",
            f"“{same_as}” does not name an organisation and a scheme."
            + _asked(organisation, facts.lists.codes, f"/{ref.strip()}" if ref else ""),
            "same_as",
            "organisation/ref, such as RNQ/UC-01",
        )


def _asked(text: str, options: Iterable[str], rest: str = "") -> str:
    asked = question_of([option + rest for option in nearest(text, options)])
    return f" {asked}" if asked else ""


def required_words(entry: Entry, facts: Facts) -> Issues:
    """What other cells of the row make necessary: an end for NR, consultation for DEC."""
    row = entry.row
    if row["recurrence"] == Recurrence.NON_RECURRENT and not row["end_month"]:
        yield from _blank(entry, "end_month", "a non-recurrent scheme needs the month it ends")
    if row["line"] == LineCode.DEC and not row["consultation"]:
        wanted = ", ".join(Consultation)
        yield from _blank(entry, "consultation", f"for decommissioning one of: {wanted}")
    if row["end_month"] and row["start_month"] and row["end_month"] < row["start_month"]:
        yield entry.error(
            "bad_month",
            f"Scheme {entry.ref} ends ({row['end_month']}) before it starts "
            f"({row['start_month']}).",
            "end_month",
            "the start month or a later one",
        )


def blank_figures(entry: Entry, facts: Facts) -> Issues:
    """Plan, remaining forecasts and later years may not be blank: blank is not nil.

    A scheme without an approved plan may leave its plan blank in a monthly return; a closed
    scheme may leave its forecasts blank, since nothing may remain.
    """
    wanted = "a figure, 0 for nil, or n/a"
    cells = figure_cells(facts.period)
    if facts.is_plan or facts.planned(entry.ref) is not None:
        for when in cells["plan"]:
            if entry.row["plan"].get(when) is None:
                yield from _blank(entry, f"plan:{when}", wanted)
    if facts.is_plan or is_closed(entry.row):
        return
    for when in (*facts.period.months_remaining, *periods.later_years(facts.period.year)):
        if entry.row["forecast"].get(when) is None:
            yield from _blank(entry, f"forecast:{when}", wanted)


def _blank(entry: Entry, at: str, wanted: str) -> Issues:
    if at in entry.unread:
        return
    heading = entry.headings.get(at, at)
    yield entry.error("blank_required", f"{heading} of {entry.ref} is blank.", at, wanted)


def actual_after_period(entry: Entry, facts: Facts) -> Issues:
    """A month that is not over has no actual; a plan return has none at all."""
    if facts.is_plan:
        for when in periods.year_months(facts.period.year):
            if _is_figure(entry.row["actual"].get(when)):
                yield entry.error(
                    "actual_in_plan",
                    f"A plan return holds no actuals, but {entry.ref} has one.",
                    f"actual:{when}",
                    "a blank cell; actuals belong in the monthly return",
                )
        return
    for when in facts.period.months_remaining:
        if _is_figure(entry.row["actual"].get(when)):
            yield entry.error(
                "actual_after_period",
                f"{entry.ref} has an actual for {periods.parse(when).name}, after "
                f"{facts.period.name}.",
                f"actual:{when}",
                "a blank cell: that month is not yet due",
            )


def _is_figure(value: Money) -> bool:
    return isinstance(value, int)


def plan_differs(entry: Entry, facts: Facts) -> Issues:
    """The approved plan is frozen; a monthly return repeats it or leaves it alone."""
    if facts.is_plan or facts.approved is None or "ref" in entry.unread:
        return  # without its ref nobody knows which plan is the row's
    planned = facts.planned(entry.ref)
    for when in figure_cells(facts.period)["plan"]:
        stated = entry.row["plan"].get(when)
        if not is_stated(stated) or f"plan:{when}" in entry.unread:
            continue
        approved = planned.get(when, 0) if planned is not None else 0
        if amount(stated) == approved:
            continue
        yield entry.error(
            "plan_differs",
            f"The plan of {entry.ref} for {_name(when)} is {words(amount(stated))} here; "
            + (
                f"{words(approved)} was approved."
                if planned is not None
                else "it is in no approved plan."
            )
            + " An approved plan changes only by a plan correction: ask an administrator for one.",
            f"plan:{when}",
            words(approved) if planned is not None else "blank or 0 until it has a plan",
        )


def _name(when: str) -> str:
    return when if "/" in when else periods.parse(when).name


def closed_with_forecast(entry: Entry, facts: Facts) -> Issues:
    """Nothing may remain of a closed scheme, this year or later."""
    if facts.is_plan or not is_closed(entry.row):
        return
    for when in (*facts.period.months_remaining, *periods.later_years(facts.period.year)):
        value = entry.row["forecast"].get(when)
        if amount(value):
            yield entry.error(
                "closed_with_forecast",
                f"{entry.ref} is closed but still forecasts {words(amount(value))} for "
                f"{_name(when)}.",
                f"forecast:{when}",
                "0, or a maturity other than Closed",
            )


def plan_frozen(entries: Sequence[Entry], facts: Facts) -> Issues:
    """A year's plan is approved once; named on the first row, since it is about the file."""
    if facts.is_plan and facts.approved is not None and entries:
        yield entries[0].error(
            "plan_frozen",
            f"The plan of {facts.period.year} is approved and frozen. It changes only by a plan "
            "correction: ask an administrator for one.",
            "ref",
            "no new plan return",
        )


def profile_differs(entry: Entry, facts: Facts) -> Issues:
    """At roll-over the months must sum to what last year's approved plan gave this year."""
    approved = facts.earlier_plan.get(entry.ref)
    if approved is None:
        return
    months = periods.year_months(facts.period.year)
    if any(entry.row["plan"].get(m) is None for m in months):
        return  # blank_required says so already
    stated = sum(amount(entry.row["plan"][m]) for m in months)
    if stated != approved:
        yield entry.error(
            "profile_differs",
            f"The months of {entry.ref} add up to {words(stated)}; the plan approved before "
            f"gave {facts.period.year} {words(approved)}.",
            f"plan:{months[0]}",
            f"twelve months that add up to {words(approved)}",
        )


def cumulative_gaps(entries: Iterable[Entry], facts: Facts) -> Issues:
    """Cumulative actuals cannot skip a month: what the next one adds would be unknown."""
    for entry in entries:
        blank = ""
        for when in facts.period.months_to_date:
            value = entry.row["actual"].get(when)
            if value is None:
                blank = blank or when
            elif blank and isinstance(value, int):
                yield entry.error(
                    "cumulative_gap",
                    f"{entry.ref} has a cumulative actual for {_name(when)} but none for "
                    f"{_name(blank)}.",
                    f"actual:{blank}",
                    "the total to the end of that month",
                )
                break


ROW_CHECKS: tuple[Callable[[Entry, Facts], Issues], ...] = (
    bad_ref,
    codes,
    required_words,
    blank_figures,
    actual_after_period,
    plan_differs,
    closed_with_forecast,
    profile_differs,
)
