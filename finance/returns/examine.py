"""The whole check of a finance or plan return: a workbook and facts in, every issue out. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from finance.returns import cover as covers
from finance.returns.checks import cumulative_gaps, errors
from finance.returns.columns import columns
from finance.returns.entries import SHEET, Entry
from finance.returns.facts import Facts
from finance.returns.file_rows import entries, in_month
from finance.returns.file_warnings import decreasing_cumulative, file_warnings
from finance.returns.said_twice import said_twice
from finance.returns.warnings import row_warnings
from finance.scheme_rows import SchemeRow, actual_to_date, own_cells, total, year_plan
from stp.core import periods
from stp.core.money import Unit, words
from stp.core.nearest import nearest
from stp.core.parsing import parse
from stp.core.returns import Checked
from stp.core.sheets import Context, Issue, Refused, Severity, Sheet, Workbook


def examine(book: Workbook, facts: Facts, choices: covers.Choices) -> Checked:
    """All issues of a file at once, its rows, and its totals. Refused without a `Schemes` sheet."""
    cover = covers.read_cover(book)
    unit, unit_from, unit_issues = covers.settle_unit(cover, choices)
    wanted = columns(facts.kind, facts.period, facts.lists)
    # Without a unit the cells are still read, so that their other faults show at once.
    table = parse(_schemes(book), wanted, Context(unit or Unit.THOUSANDS))
    found = entries(table, wanted, facts)
    issues = [*book.findings, *covers.unreadable(cover), *unit_issues]
    issues += said_twice(book, cover, facts)
    issues += [*covers.mismatches(cover, choices, facts), *table.issues]
    found, cumulative = _converted(found, facts, choices)
    issues += cumulative
    issues += _judged(found, facts, sized=unit is not None)
    rows = [entry.row for entry in found]
    if not found and not any(i.severity is Severity.ERROR for i in table.issues):
        issues.append(
            Issue(Severity.ERROR, "no_rows", "The file has headings but no scheme.", sheet=SHEET)
        )
    sums = totals(rows, facts)
    readable = not any(i.severity is Severity.ERROR for i in (*table.issues, *cumulative))
    if unit is not None and readable:
        issues += covers.control_totals(
            cover, choices, sums | {"forecast": _own_cells(rows, facts)},
            {"forecast": _without_estimates(rows, facts)},
            unit=unit, is_csv=book.is_csv,
        )  # fmt: skip
    how = {"unit": unit.value if unit else None, "unit_from": unit_from}
    shown = _shown(sums, rows, facts) | how | {"cumulative": choices.cumulative}
    return Checked(rows, _in_order(issues), shown | {"blank_rows": table.blank_rows})


def _schemes(book: Workbook) -> Sheet:
    sheet = (book.sheets[0] if book.sheets else None) if book.is_csv else book.sheet(SHEET)
    if sheet is None:
        names = ", ".join(f"“{s.name}”" for s in book.sheets) or "none"
        near = ", or ".join(f"“{name}”" for name in nearest(SHEET, [s.name for s in book.sheets]))
        asked = f" Rename {near} if that is it." if near else ""
        raise Refused(
            "no_schemes_sheet",
            f"The file has no sheet “{SHEET}” (its sheets: {names}).{asked} Use the template.",
        )
    if sheet.hidden:
        raise Refused(
            "hidden_sheet_only",
            f"The sheet “{SHEET}” is hidden. Show it, look at it and save the file again.",
        )
    return sheet


def _converted(
    found: list[Entry], facts: Facts, choices: covers.Choices
) -> tuple[list[Entry], list[Issue]]:
    """Entries with in-month actuals, and what was wrong with the cumulative ones."""
    if not choices.cumulative or facts.is_plan:
        return found, []
    issues = [*cumulative_gaps(found, facts), *decreasing_cumulative(found, facts)]
    return [replace(entry, row=in_month(entry.row, facts)) for entry in found], issues


def _judged(found: Sequence[Entry], facts: Facts, *, sized: bool) -> list[Issue]:
    """Errors and warnings between cells; without a unit, figures are not compared with others."""
    if sized:
        return [*errors(found, facts), *row_warnings(found, facts), *file_warnings(found, facts)]
    unsized = replace(facts, before={}, before_period="", approved=None, earlier_plan={})
    return [issue for issue in errors(found, unsized) if issue.code != "plan_frozen"]


def totals(rows: Sequence[SchemeRow], facts: Facts) -> dict[str, int]:
    """Number of schemes, and plan, actual to date and forecast outturn of the year in pence."""
    period = facts.period
    return {
        "schemes": len(rows),
        "plan": sum(year_plan(row, period, period.year) for row in rows),
        "actual": sum(actual_to_date(row, period) for row in rows),
        "forecast": 0 if facts.is_plan else sum(facts.outturn(row) for row in rows),
    }


def _own_cells(rows: Sequence[SchemeRow], facts: Facts) -> int:
    """The forecast as the file's own cells add up, whatever other returns and the plan say."""
    return 0 if facts.is_plan else sum(own_cells(row, facts.period) for row in rows)


def _without_estimates(rows: Sequence[SchemeRow], facts: Facts) -> int:
    """The forecast as a ledger adds it up: a blank actual counts as nothing."""
    if facts.is_plan:
        return 0
    remaining = facts.period.months_remaining
    return sum(
        actual_to_date(row, facts.period) + total(row["forecast"], remaining) for row in rows
    )


def _shown(sums: Mapping[str, int], rows: Sequence[SchemeRow], facts: Facts) -> dict[str, Any]:
    """Totals for the page: pence, and words in which a slip of a thousand is seen."""
    later = {
        year: {
            "plan": total_of(rows, "plan", year),
            "forecast": None if facts.is_plan else total_of(rows, "forecast", year),
        }
        for year in periods.later_years(facts.period.year)
    }
    shown: dict[str, Any] = {**sums, "year": facts.period.year, "later": later}
    if facts.is_plan:
        # A plan return says nothing of these two, which is not nil.
        shown |= {"actual": None, "forecast": None}
    named = {name: shown[name] for name in ("plan", "actual", "forecast")}
    return shown | {"words": {n: words(v) for n, v in named.items() if v is not None}}


def total_of(rows: Sequence[SchemeRow], kind: str, when: str) -> int:
    return sum(total(row[kind], (when,)) for row in rows)


def _in_order(issues: Sequence[Issue]) -> list[Issue]:
    """Errors first, then by place in the file."""
    return sorted(
        issues, key=lambda i: (i.severity is not Severity.ERROR, i.row or 0, i.code, i.cell)
    )
