"""A mistyped code, heading or sheet: the nearest valid value is asked about, and no other."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from finance.returns.cover import Choices
from finance.returns.examine import examine
from finance.returns.facts import Facts
from finance.scheme_rows import SchemeRow
from stp.core.returns import Checked
from stp.core.sheets import Refused, Workbook

Row = Callable[..., SchemeRow]
MakeFacts = Callable[..., Facts]
Check = Callable[..., Checked]


@pytest.mark.parametrize(
    ("cell", "typed", "asked"),
    [
        ("Income counterparty", "RNSX", "Did you mean “RNS”?"),
        ("Income counterparty", "KHG", "Did you mean “KGH”?"),
        ("Income counterparty", "secret-trust", ""),
        ("Same saving as", "RMQ/UC-01", "Did you mean “RNQ/UC-01”?"),
        ("Programme line", "QIP", "Did you mean “CIP” or “QIPP”?"),
        ("Maturity", "In delivry", "Did you mean “In delivery”?"),
        ("Start month", "Arp-17", "Did you mean “Apr-17”?"),
        ("QIA status", "Aproved", "Did you mean “Approved”?"),
    ],
)
def test_a_mistyped_code_is_asked_about(
    row: Row, facts: MakeFacts, check: Check, cell: str, typed: str, asked: str
) -> None:
    def edit(table: list[list[str]]) -> None:
        table[1][table[0].index(cell)] = typed

    found = check([row()], facts(planned=[row()]), edit=edit)
    (issue,) = [i for i in found.issues if i.found == typed and i.severity == "error"]
    assert ("Did you mean" in issue.message) is bool(asked), issue.message
    assert asked in issue.message
    assert issue.cell.endswith("2")


def test_a_mistyped_heading_and_sheet_are_asked_about(
    row: Row, facts: MakeFacts, check: Check, book: Callable[..., Workbook]
) -> None:
    def edit(table: list[list[str]]) -> None:
        table[0][table[0].index("Forecast Jul")] = "Forcast July"

    found = check([row()], facts(planned=[row()]), edit=edit)
    (unknown,) = [i for i in found.issues if i.code == "unknown_column"]
    assert "Did you mean “Forecast Jul”?" in unknown.message
    made = book([row()], cover={"Unit": "£000"})
    renamed = [replace(s, name="Scheme") if s.name == "Schemes" else s for s in made.sheets]
    named = replace(made, sheets=renamed)
    with pytest.raises(Refused, match=r"Rename “Scheme” if that is it"):
        examine(named, facts(), Choices())
