"""Rows, facts and workbooks for the checks of a return: plain values, no database."""

import csv
import io
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from finance.returns.cover import Choices
from finance.returns.examine import examine
from finance.returns.facts import Facts, Lists
from finance.returns.template import write_csv
from finance.scheme_rows import SchemeRow, amount
from stp.core import periods
from stp.core.money import Unit
from stp.core.returns import Checked
from stp.core.sheets import BLANK, Cell, CellKind, Sheet, Workbook

K = 100_000  # pence in £000
MONTHS = periods.year_months("2017/18")
LATER = periods.later_years("2017/18")
JUNE = periods.parse("2017-06")
LISTS = Lists(
    types=("Pay", "Non-pay", "Income", "Demand", "Decommissioning"),
    workstreams=("UC", "CC", "EN1"),
    organisations={"ngh": "ngh", "rns": "ngh", "kgh": "kgh", "rnq": "kgh"},
)


def make_row(ref: str = "UC-01", **changes: Any) -> SchemeRow:
    """A scheme with nothing wrong: £10k a month as planned, delivered to June, £120k later."""
    row: SchemeRow = {
        "row": 0, "ref": ref, "title": f"Scheme {ref}", "line": "UC", "supports": "",
        "recurrence": "R", "type": "Pay", "release": "", "maturity": "In delivery",
        "risk": "Low", "start_month": "2017-04", "end_month": "", "lead": "", "qia": "Approved",
        "eia": "", "consultation": "", "evidence": "", "data_status": "", "counterparty": "",
        "same_as": "", "comment": "", "counterparty_effect": None, "fye_secured": None,
        "gross": None, "investment": None, "wte_plan": None, "wte_actual": None,
        "plan": dict.fromkeys(MONTHS, 10 * K) | dict.fromkeys(LATER, 120 * K),
        "actual": {m: 10 * K if m <= "2017-06" else "not due" for m in MONTHS},
        "forecast": dict.fromkeys(MONTHS, 10 * K) | dict.fromkeys(LATER, 120 * K),
    }  # fmt: skip
    for name, value in changes.items():
        row[name] = {**row[name], **value} if isinstance(value, dict) else value
    return row


def approved(row: SchemeRow) -> dict[str, int]:
    """A row's plan once approved: "n/a" is nil."""
    return {when: amount(value) for when, value in row["plan"].items()}


def make_facts(
    before: Sequence[SchemeRow] = (), planned: Sequence[SchemeRow] | None = None, **changes: Any
) -> Facts:
    """What stands for NGH in June 2017; `planned` rows are the approved plan, None for none."""
    given: dict[str, Any] = {
        "kind": "finance", "period": JUNE, "organisation": "ngh",
        "organisation_name": "Northampton General", "organisation_code": "RNS",
        "codes": frozenset({"ngh", "rns"}),
        "lists": LISTS,
        "before": {row["ref"]: row for row in before},
        "before_period": "2017-05" if before else "",
        "before_return": 1 if before else None,
        "approved": None if planned is None else {r["ref"]: approved(r) for r in planned},
    }  # fmt: skip
    return Facts(**given | changes)


def make_book(
    rows: Sequence[SchemeRow],
    *,
    kind: str = "finance",
    period: periods.Period = JUNE,
    unit: Unit = Unit.THOUSANDS,
    edit: Callable[[list[list[str]]], None] | None = None,
    cover: dict[str, str] | None = None,
) -> Workbook:
    """A workbook of text cells as the reader gives it; `edit` changes the table before."""
    text = write_csv(rows, period=period, kind=kind, unit=unit).decode("utf-8-sig")
    table = list(csv.reader(io.StringIO(text)))
    if edit:
        edit(table)
    sheets = [Sheet("Schemes", _numbered(table), from_csv=True)]
    if cover is not None:
        sheets.insert(0, Sheet("Return", _numbered([[k, v] for k, v in cover.items()])))
    return Workbook(sheets, is_csv=cover is None)


def _numbered(table: Sequence[Sequence[str]]) -> list[tuple[int, list[Cell]]]:
    return [
        (number, [Cell(CellKind.TEXT, value) if value else BLANK for value in values])
        for number, values in enumerate(table, start=1)
    ]


CONTROL_CHOICES = Choices(unit=Unit.THOUSANDS)


@pytest.fixture(scope="session")
def row() -> Callable[..., SchemeRow]:
    return make_row


@pytest.fixture(scope="session")
def facts() -> Callable[..., Facts]:
    return make_facts


@pytest.fixture(scope="session")
def book() -> Callable[..., Workbook]:
    return make_book


@pytest.fixture(scope="session")
def check() -> Callable[..., Checked]:
    """Check rows written to a file, with the right control totals unless told otherwise."""

    def checked(
        rows: Sequence[SchemeRow], facts: Facts, choices: Choices | None = None, **book: Any
    ) -> Checked:
        if choices is None:
            choices = Choices(unit=Unit.THOUSANDS, control={"schemes": str(len(rows))})
        made = make_book(rows, kind=facts.kind, period=facts.period, **book)
        return examine(made, facts, choices)

    return checked


@pytest.fixture(scope="session")
def codes() -> Callable[[Checked], list[str]]:
    def of(checked: Checked) -> list[str]:
        return [issue.code for issue in checked.issues]

    return of
