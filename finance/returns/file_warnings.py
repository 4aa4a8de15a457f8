"""Warnings about a file as a whole, or about a row only as the whole file is read. Pure."""

from collections.abc import Iterable, Sequence

from finance.returns.entries import SHEET, Entry, Issues
from finance.returns.facts import Facts
from finance.returns.warnings import by_a_thousand, month_name, value_before
from finance.scheme_rows import amount, is_closed, year_plan
from stp.core import periods
from stp.core.money import words
from stp.core.nearest import nearest, question_of
from stp.core.sheets import Issue, Severity, visible


def file_warnings(entries: Sequence[Entry], facts: Facts) -> Issues:
    """Every warning about the file as a whole."""
    yield from missing_schemes(entries, facts)
    yield from refs_not_known(entries, facts)
    if all(entry.adds_up for entry in entries):
        yield from total_by_a_thousand(entries, facts)
    yield from plan_not_approved(entries, facts)


def total_by_a_thousand(entries: Sequence[Entry], facts: Facts) -> Issues:
    """The file's total changed by a factor near 1,000: its unit may be wrong."""
    year = facts.period.year
    if facts.is_plan:
        new = sum(year_plan(e.row, facts.period, year) for e in entries)
        old = sum(year_plan(row, facts.period, year) for row in facts.before.values())
        what = "plan"
    else:
        new = sum(facts.outturn(e.row) for e in entries)
        old = sum(value_before(row, facts, year) or 0 for row in facts.before.values())
        old = old or _approved_total(facts)
        what = "forecast"
    if by_a_thousand(new, old):
        yield Issue(
            Severity.WARNING, "factor_1000",
            f"The file's {what} for {year} is {words(new)}; it was {words(old)}. "
            "Is the unit right?",
            sheet=SHEET, found=words(new), wanted=f"about {words(old)}, or the reason",
        )  # fmt: skip


def _approved_total(facts: Facts) -> int:
    months = periods.year_months(facts.period.year)
    plans = (facts.approved or {}).values()
    return sum(plan.get(m, 0) for plan in plans for m in months)


def missing_schemes(entries: Iterable[Entry], facts: Facts) -> Issues:
    """A scheme of the return in force that the file leaves out: left or closed at preview."""
    sent = {entry.ref for entry in entries}
    for ref, row in facts.expected.items():
        if ref not in sent and not is_closed(row):
            where = f"return of {facts.before_name}" if ref in facts.before else "year's plan"
            yield Issue(
                Severity.WARNING, "missing_scheme",
                f"Scheme {ref}, “{visible(row['title'])}”, is in the {where} but not in "
                "this file. Leave it as last reported, or close it.",
                sheet=SHEET, column="Scheme ref", wanted=f"a row for {ref}", ref=ref,
            )  # fmt: skip


def refs_not_known(entries: Sequence[Entry], facts: Facts) -> Issues:
    """A new ref that is nearly one the file leaves out is more likely a slip than a new scheme.

    Only schemes of the sender's own organisation are ever named.
    """
    known = {*facts.expected, *(facts.approved or {})}
    left_out = sorted(known - {entry.ref for entry in entries})
    for entry in entries:
        near = nearest(entry.ref, left_out) if entry.ref and entry.ref not in known else ()
        if near:
            yield entry.warning(
                "ref_not_known",
                f"Scheme {entry.ref} is new. {question_of(near)}",
                "ref",
                f"{' or '.join(near)}, or the reason it is new",
            )


def decreasing_cumulative(entries: Iterable[Entry], facts: Facts) -> Issues:
    """Cumulative actuals that fall: the month took savings back, or they are in-month figures."""
    for entry in entries:
        before: int | None = None
        for when in facts.period.months_to_date:
            value = entry.row["actual"].get(when)
            if isinstance(value, int):
                if before is not None and value < before:
                    yield entry.warning(
                        "decreasing_cumulative",
                        f"The cumulative actual of {entry.ref} falls from {words(before)} to "
                        f"{words(value)} in {month_name(when)}.",
                        f"actual:{when}",
                        "a total that does not fall, unless savings were lost",
                    )
                before = value


def plan_not_approved(entries: Sequence[Entry], facts: Facts) -> Issues:
    """Plan figures of a monthly return count only once the year's plan is approved."""
    if facts.is_plan or facts.approved is not None or not entries:
        return
    if any(amount(value) for entry in entries for value in entry.row["plan"].values()):
        yield Issue(
            Severity.WARNING, "plan_not_approved",
            f"The plan of {facts.period.year} is not approved yet, so the plan columns of this "
            "file do not count.",
            sheet=SHEET, wanted=f"an approved plan return for {facts.period.year}",
        )  # fmt: skip
