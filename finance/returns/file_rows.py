"""From parsed cells to entries: one JSON row a scheme, codes as stored, money in pence. Pure."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from finance.returns.entries import Entry
from finance.returns.facts import Facts
from finance.scheme_rows import (
    AMOUNTS,
    KINDS,
    NOT_APPLICABLE,
    NOT_DUE,
    NUMBERS,
    WORDS,
    Money,
    SchemeRow,
    figure_cells,
    is_closed,
)
from stp.core import periods, references
from stp.core.columns import Missing
from stp.core.sheets import Column, Row, Severity, Table

_NONE: frozenset[str] = frozenset()


def entries(table: Table, columns: Sequence[Column], facts: Facts) -> list[Entry]:
    """Every row of the file in its order, the faulty ones too, so that all faults show at once."""
    headings = {column.field: column.heading for column in columns}
    faulty: dict[int, set[str]] = {}
    for issue in table.issues:
        if issue.severity is Severity.ERROR and issue.row is not None:
            faulty.setdefault(issue.row, set()).add(issue.cell)
    rows = sorted([*table.rows, *table.bad_rows], key=lambda row: row.number)
    absent = frozenset(field for field in headings if field not in table.present)
    return [_entry(row, headings, facts, faulty.get(row.number, set()), absent) for row in rows]


def _entry(
    row: Row,
    headings: Mapping[str, str],
    facts: Facts,
    faulty: set[str],
    absent: frozenset[str],
) -> Entry:
    return Entry(
        row=scheme_row(row, facts),
        number=row.number,
        cells=row.cells,
        found=row.found,
        headings=headings,
        faulty=frozenset(field for field, cell in row.cells.items() if cell in faulty)
        if faulty
        else _NONE,
        absent=absent,
    )


def scheme_row(row: Row, facts: Facts) -> SchemeRow:
    """The JSON row of `finance.scheme_rows`, with refs and codes in their stored spelling."""
    values = row.values
    ref = str(values.get("ref") or "")
    made: SchemeRow = {"row": row.number, "ref": facts.refs.get(ref.casefold(), ref)}
    made |= {name: str(values.get(name) or "") for name in WORDS}
    made |= {name: _money(values.get(name)) for name in AMOUNTS}
    made |= {name: _decimal(values.get(name)) for name in NUMBERS}
    made["counterparty"] = facts.lists.organisations.get(
        made["counterparty"].casefold(), made["counterparty"]
    )
    made["same_as"] = _same_as(made["same_as"], facts)
    made |= {kind: _figures(kind, values, facts) for kind in KINDS}
    return made if facts.is_plan or not is_closed(made) else _nothing_remains(made, facts)


def _nothing_remains(row: SchemeRow, facts: Facts) -> SchemeRow:
    """Of a closed scheme a blank cell of what is to come is nil: no plan stands in for it."""
    to_come = {*facts.period.months_remaining, *periods.later_years(facts.period.year)}
    forecast = {
        when: 0 if value is None and when in to_come else value
        for when, value in row["forecast"].items()
    }
    return {**row, "forecast": forecast}


def _money(value: Any) -> Money:
    return NOT_APPLICABLE if value is Missing.NOT_APPLICABLE else value


def _decimal(value: Any) -> str | None:
    return None if value is None else f"{value:.2f}"


def _same_as(text: str, facts: Facts) -> str:
    organisation, slash, ref = (part.strip() for part in text.partition("/"))
    known = facts.lists.organisations.get(organisation.casefold())
    return f"{known}/{references.plain(ref)}" if slash and known and ref else text


def _figures(kind: str, values: Mapping[str, Any], facts: Facts) -> dict[str, Money]:
    """A figure for every column the kind of return has; a month after the period is not due."""
    if facts.is_plan and kind == "actual":
        # A plan return holds none; one that is there is an error of its own.
        stated = {w: _money(values.get(f"actual:{w}")) for w in figure_cells(facts.period)[kind]}
        return {when: value for when, value in stated.items() if value is not None}
    if facts.is_plan and kind == "forecast":
        return {}
    figures: dict[str, Money] = {}
    later = facts.period.months_remaining if kind == "actual" else ()
    for when in figure_cells(facts.period)[kind]:
        value = _money(values.get(_field(kind, when)))
        figures[when] = NOT_DUE if when in later and not isinstance(value, int) else value
    return figures


@cache
def _field(kind: str, when: str) -> str:
    """The name of a figure's column, `plan:2017-04`: made once, not once a cell."""
    return f"{kind}:{when}"


def in_month(row: SchemeRow, facts: Facts) -> SchemeRow:
    """Cumulative actuals as in-month ones: what each month adds to the total before it."""
    before = 0
    actual: dict[str, Money] = dict(row["actual"])
    for when in facts.period.months_to_date:
        value = actual.get(when)
        if isinstance(value, int):
            actual[when], before = value - before, value
    return {**row, "actual": actual}
