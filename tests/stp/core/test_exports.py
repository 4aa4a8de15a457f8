"""Exports: neutral for spreadsheets, numbers left numbers, and read back exactly as written."""

import csv
import datetime as dt
import io
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stp.core import downloads
from stp.core.columns import Date, Money, Reference, Text
from stp.core.exports import Export, neutral, plain, to_csv, to_xlsx
from stp.core.money import Unit, to_pounds
from stp.core.parsing import parse
from stp.core.reading import read
from stp.core.sheets import Column, Context
from tests.rounds import rounds

STARTS = ["=", "+", "-", "@", "\t", "\r", "\n", "\x00", "\uff1d", "\uff0b", "\uff0d", "\uff20"]
EXPORT = Export(
    title="Savings schemes, June 2017",
    notes=["Filters: none", "As at 30 June 2017, version 4"],
    headings=["Scheme ref", "Scheme", "Plan £", "Due", "Late"],
    rows=[
        ["S-1", "=1+1", Decimal("-1234.50"), dt.date(2017, 7, 18), True],
        ["007", "- agency spend", None, None, False],
    ],
)


def lines(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("start", STARTS)
def test_text_a_spreadsheet_would_run_gets_one_quote(start: str) -> None:
    assert neutral(f"{start}cmd") == f"'{start}cmd"
    assert plain(neutral(f"{start}cmd")) == f"{start}cmd"


@pytest.mark.parametrize("words", ["", "plain", "a=b", "'quoted'", "5", "£-5", "'tis"])
def test_other_text_is_left_alone(words: str) -> None:
    assert neutral(words) == words == plain(words)


@given(words=st.text(alphabet=st.sampled_from("'=+-@\t\r\n\x00＝a"), max_size=8) | st.text())
def test_plain_undoes_neutral_exactly(words: str) -> None:
    assert plain(neutral(words)) == words
    assert not re.match("[=+\\-@\t\r\n\x00\uff1d\uff0b\uff0d\uff20]", neutral(words))


def test_csv_as_written() -> None:
    content = to_csv(EXPORT)
    assert content.startswith(b"\xef\xbb\xbf")
    assert lines(content) == [
        ["Savings schemes, June 2017"],
        ["Filters: none"],
        ["As at 30 June 2017, version 4"],
        [],
        ["Scheme ref", "Scheme", "Plan £", "Due", "Late"],
        ["S-1", "'=1+1", "-1234.50", "2017-07-18", "Yes"],
        ["007", "'- agency spend", "", "", "No"],
    ]


@pytest.mark.parametrize("value", [-5, -0.5, Decimal("-1E+3"), Decimal("-0.10")])
def test_negative_numbers_are_not_quoted(value: Any) -> None:
    written = lines(to_csv(Export("t", ["n"], [[value]])))[-1][0]
    assert written.startswith("-")
    assert Decimal(written) == Decimal(str(value))
    assert "E" not in written


def test_xlsx_as_written() -> None:
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(EXPORT)))
    sheet = book.worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][0] == "Savings schemes, June 2017"
    assert rows[4] == ["Scheme ref", "Scheme", "Plan £", "Due", "Late"]
    due = rows[5][3]
    assert isinstance(due, dt.datetime)
    assert due.date() == dt.date(2017, 7, 18)
    assert rows[5][2] == -1234.5
    assert rows[6] == ["007", "- agency spend", None, None, "No"]


@pytest.mark.parametrize("words", ["=1+1", '=HYPERLINK("http://x")', "http://x.example", "+1", "1"])
def test_xlsx_holds_no_formula_link_or_guessed_number(words: str) -> None:
    content = to_xlsx(Export(words, [words], [[words]], notes=[words]))
    book = openpyxl.load_workbook(io.BytesIO(content))
    for row in book.worksheets[0].iter_rows():
        for cell in row:
            assert cell.hyperlink is None
            if cell.value is not None:
                # openpyxl takes any string with "=" for a formula; the file itself says better.
                assert cell.value == words
    from tests.corpus.build import SHEET, parts

    assert b"<f>" not in parts(content)[SHEET]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Plan 2017/18", "Plan 2017-18"), ("'q'", "q"), ("", "Table"), ("x" * 40, "x" * 31),
        ("History", "Table"), ("[a]:*?\\", "-a-----"),
    ],
)  # fmt: skip
def test_sheet_names_excel_accepts(title: str, name: str) -> None:
    export = Export(title, ["a"], [["b"]])
    assert export.sheet_name == name
    assert openpyxl.load_workbook(io.BytesIO(to_xlsx(export))).sheetnames == [name]


def test_a_text_too_long_for_excel_is_cut_and_says_so() -> None:
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(Export("t", ["a"], [["x" * 40_000]]))))
    value = book.worksheets[0]["A4"].value if book.worksheets[0]["A4"].value else None
    assert isinstance(value, str)
    assert len(value) == 32_767
    assert value.endswith("(cut)")


TEXTS = st.text(
    alphabet=st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("=+-@'\n\t,;\"_x"),
    max_size=40,
)
ROWS = st.lists(
    st.tuples(TEXTS, st.integers(-(10**11) + 1, 10**11 - 1), st.dates(dt.date(1990, 1, 1),
              dt.date(2100, 12, 31))),
    min_size=1, max_size=6,
)  # fmt: skip
COLUMNS = (
    Column("ref", "Scheme ref", Reference(), required=True),
    Column("words", "Comment", Text(2_000)),
    Column("money", "Plan £", Money(), required=True),
    Column("day", "Due", Date(), required=True),
)


@settings(
    max_examples=rounds(short=15, long=150), deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(rows=ROWS, kind=st.sampled_from(["csv", "xlsx"]))
def test_export_and_import_give_the_same_back(
    tmp_path: Path, rows: list[tuple[str, int, dt.date]], kind: str
) -> None:
    export = Export(
        "Schemes", [column.heading for column in COLUMNS],
        [[f"S-{n}", words, to_pounds(pence), day] for n, (words, pence, day) in enumerate(rows)],
        notes=["=not a formula", "As at"],
    )  # fmt: skip
    path = tmp_path / "stored"
    path.write_bytes(to_csv(export) if kind == "csv" else to_xlsx(export))
    sheet = read(path, file_name=f"r.{kind}").table("Schemes")
    assert sheet is not None
    table = parse(sheet, COLUMNS, Context(Unit.POUNDS))
    assert [issue.message for issue in table.issues] == []
    back = [(r.values["words"] or "", r.values["money"], r.values["day"]) for r in table.rows]
    assert back == [(words.strip(), pence, day) for words, pence, day in rows]


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("schemes.csv", 'attachment; filename="schemes.csv"'),
        ("a/b\\c.csv", 'attachment; filename="c.csv"'),
        ("£5 “plan”.xlsx", 'attachment; filename="5 plan.xlsx"; '),
        ('a"b\r\nX: y.csv', 'attachment; filename="a_bX_ y.csv"'),
        ("a\u202eb.csv", 'attachment; filename="ab.csv"'),
        ("..", 'attachment; filename="download"'),
        ("été.csv", "attachment; filename=\"ete.csv\"; filename*=UTF-8''%C3%A9t%C3%A9.csv"),
    ],
)  # fmt: skip
def test_names_of_downloads(name: str, header: str) -> None:
    got = downloads.disposition(name)
    assert got.startswith(header)
    assert "\r" not in got
    assert "\n" not in got


def test_a_long_name_keeps_its_ending() -> None:
    assert downloads.disposition("x" * 500 + ".csv") == (
        f'attachment; filename="{"x" * 120}.csv"'
    )  # fmt: skip


@pytest.mark.parametrize(("kind", "start"), [("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK")])
def test_a_table_is_an_attachment(kind: str, start: bytes) -> None:
    response = downloads.table(kind, EXPORT, name="schemes")
    assert response.content.startswith(start)
    assert response["Content-Disposition"] == f'attachment; filename="schemes.{kind}"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "html" not in response["Content-Type"]


def test_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="html"):
        downloads.table("html", EXPORT, name="schemes")
