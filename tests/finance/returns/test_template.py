"""The template passes reader and check; a file made of rows reads back as those rows."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from finance.returns.cover import Choices, choices_of
from finance.returns.examine import examine
from finance.returns.facts import Facts
from finance.returns.template import SPARE_ROWS, prefilled, write_csv, write_xlsx
from finance.scheme_rows import SchemeRow
from stp.core import periods
from stp.core.money import Unit
from stp.core.reading import read
from stp.core.sheets import Workbook

K = 100_000
Row = Callable[..., SchemeRow]
MakeFacts = Callable[..., Facts]


@pytest.fixture
def through_reader(tmp_path: Path) -> Callable[..., Workbook]:
    """The file as the reader process sees it."""

    def opened(content: bytes, name: str = "june.xlsx") -> Workbook:
        path = tmp_path / "stored"
        path.write_bytes(content)
        return read(path, file_name=name)

    return opened


@pytest.fixture
def in_may(row: Row, facts: MakeFacts) -> Facts:
    """Facts of June with May's return in force: June is not reported yet."""
    before = [row(ref, actual={"2017-06": "not due"}) for ref in ("UC-01", "UC-02")]
    return facts([*before, row("UC-09", maturity="Closed")], [row("UC-01"), row("UC-02")])


def test_the_template_lacks_only_what_is_left_to_fill_in(
    in_may: Facts, through_reader: Callable[..., Workbook]
) -> None:
    checked = examine(through_reader(prefilled(in_may)), in_may, Choices())
    assert [(i.code, i.column) for i in checked.issues] == [("actual_blank", "Actual Jun")] * 2
    assert [row["ref"] for row in checked.rows] == ["UC-01", "UC-02"]
    assert checked.totals["unit"] == "thousands"


def test_the_first_template_asks_for_the_forecasts(
    row: Row, facts: MakeFacts, through_reader: Callable[..., Workbook]
) -> None:
    planned = row() | {"actual": {}, "forecast": {}}
    known = facts(planned=[planned], only_planned={"UC-01": planned})
    checked = examine(through_reader(prefilled(known)), known, Choices())
    codes = [i.code for i in checked.issues]
    assert set(codes) == {"actual_blank", "blank_required"}
    assert codes.count("blank_required") == 9 + 3
    assert checked.rows[0]["plan"] == row()["plan"]


def test_a_template_of_the_plan(
    row: Row, facts: MakeFacts, through_reader: Callable[..., Workbook]
) -> None:
    april = facts(kind="plan", period=periods.parse("2017-04"), before_period="")
    empty = examine(through_reader(prefilled(april)), april, Choices())
    assert [i.code for i in empty.issues] == ["no_rows"]
    stated = row() | {"actual": {}, "forecast": {}}
    content = write_xlsx([stated], period="2017-04", kind="plan", cover={"organisation": "RNS"})
    assert examine(through_reader(content), april, Choices()).issues == []


def test_cells_are_locked_guided_and_cached(in_may: Facts) -> None:
    content = prefilled(in_may)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["Return", "Schemes", "How to fill in"]
    sheet = book["Schemes"]
    headings = [cell.value for cell in sheet[1]]
    assert sheet.protection.sheet
    locked = {h for h, cell in zip(headings, sheet[2], strict=True) if cell.protection.locked}
    assert locked == {h for h in headings if h == "Scheme ref" or str(h).startswith("Plan ")}
    # Rows below take the column's style: open for a new scheme.
    assert not any(d.protection.locked for d in sheet.column_dimensions.values())
    lists = {str(v.sqref): v.formula1 for v in sheet.data_validations.dataValidation
             if v.type == "list"}  # fmt: skip
    assert lists[f"H2:H{3 + SPARE_ROWS}"] == (
        '"Opportunity,Plan in progress,Fully developed,In delivery,Delivered,Closed"'
    )
    notes = [v.prompt for v in sheet.data_validations.dataValidation]
    assert sum(str(note).startswith("In £000.") for note in notes) == 36 + 6 + 4
    values = openpyxl.load_workbook(io.BytesIO(content), data_only=True)["Return"]
    cover = {r[0].value: r[1].value for r in values.iter_rows(max_row=10)}
    assert cover == {
        "Organisation code": "RNS", "Period": "2017-06", "Unit": "£000",
        "Actual figures": "In-month", "Template version": "1", "Prepared by": None,
        "Number of schemes": 2, "Plan for the year": 240, "Actual to date": 40,
        "Forecast outturn": 220,
    }  # fmt: skip
    formulas = {r[0].value: r[1].value for r in book["Return"].iter_rows(max_row=10)}
    assert formulas["Number of schemes"] == f"=COUNTA(Schemes!A2:A{3 + SPARE_ROWS})"
    assert str(formulas["Forecast outturn"]).startswith("=SUM(Schemes!")


def test_the_help_sheet_is_written_from_the_columns(in_may: Facts) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(prefilled(in_may)))["How to fill in"]
    lines = {row[0]: row[1:] for row in sheet.iter_rows(min_row=2, values_only=True)}
    needed, wanted, help = lines["Scheme ref"]
    assert needed == "yes"
    assert wanted == "a reference of up to 20 characters"
    assert str(help).startswith("Your own reference")


def odd(row: Row) -> list[SchemeRow]:
    """Rows with every kind of absence, pence below £1, and text like a formula."""
    return [
        row(title="=1+1", comment='two\nlines, "quoted"', gross=1, investment="n/a",
            actual={"2017-05": "n/a", "2017-06": None}, wte_plan="2.50"),
        row("UC-02", forecast={"2017-08": -12_345, "2018/19": 0}),
    ]  # fmt: skip


@pytest.mark.parametrize("unit", list(Unit))
@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_a_file_reads_back_as_its_rows(
    row: Row, facts: MakeFacts, through_reader: Callable[..., Workbook], unit: Unit, form: str
) -> None:
    rows = odd(row)
    if form == "xlsx":
        content = write_xlsx(rows, period="2017-06", cover={"organisation": "ngh"}, unit=unit)
    else:
        content = write_csv(rows, period="2017-06", unit=unit)
    book = through_reader(content, f"june.{form}")
    chosen = choices_of({"unit": unit.value, "control": {"schemes": 2}})
    checked = examine(book, facts(planned=[row(), row("UC-02")]), chosen)
    assert [i for i in checked.issues if i.severity == "error"] == []
    assert [{**r, "row": 0} for r in checked.rows] == rows


def test_a_file_may_be_made_to_be_wrong(
    row: Row, facts: MakeFacts, through_reader: Callable[..., Workbook]
) -> None:
    """The demo's bad returns are made by the same writer: words in a money cell stay words."""
    stated = row(actual={"2017-06": "tbc"})
    cover: dict[str, Any] = {"organisation": "RNQ", "schemes": 7}
    content = write_xlsx([stated], period="2017-06", cover=cover)
    checked = examine(through_reader(content), facts(planned=[row()]), Choices())
    assert {i.code for i in checked.issues} == {"cover_mismatch", "not_a_number"}
    bare = write_xlsx([row()], period="2017-06")
    assert openpyxl.load_workbook(io.BytesIO(bare)).sheetnames == ["Schemes"]
