"""Groups shape, encoding, numbers, dates and injection of RELIABILITY.md §3."""

import datetime as dt
from decimal import Decimal
from typing import Any

from stp.core.columns import Missing
from tests.corpus.build import (
    HEADINGS,
    PLACES,
    ROW,
    SHEET,
    changed,
    csv,
    more_rows,
    raw_cell,
    replaced,
    row,
    text_row,
    xlsx,
)
from tests.corpus.cases import Case

PLAN, DUE = "F2", "E2"


def cell_xml(reference: str, value: int = 1) -> bytes:
    row_number = reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return f'<row r="{row_number}"><c r="{reference}"><v>{value}</v></c></row>'.encode()


def padded() -> bytes:
    """Every row of the sheet holds one styled, empty cell."""
    rows = "".join(f'<row r="{n}"><c r="A{n}" s="0"/></row>' for n in range(3, 1_048_577))
    return more_rows(rows.encode())


def short_rows(count: int) -> bytes:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(3, count + 3))
    return more_rows(rows.encode())


def headed(headings: list[Any], cells: list[Any] | None = None) -> bytes:
    """The good row, or other cells, under other headings."""
    return xlsx([cells or ROW], headings=headings)


def dressed(dress: Any, rows: list[list[Any]] | None = None) -> bytes:
    return xlsx(rows, dress=dress)


def merged(_: Any, sheet: Any) -> None:
    sheet.merge_range(1, PLACES["plan"], 2, PLACES["plan"], 5)


def hidden_sheet(book: Any, sheet: Any) -> None:
    book.add_worksheet("Empty").activate()
    book.worksheets()[1].set_first_sheet()
    sheet.hide()


def hidden_beside(book: Any, _: Any) -> None:
    other = book.add_worksheet("Workings")
    other.write(0, 0, "x")
    other.hide()


def banner() -> bytes:
    """A banner, a blank column, and headings with line breaks and other case in row 5."""
    headings = [heading.upper().replace(" ", " \n") for heading in HEADINGS]
    rows: list[list[Any]] = [[None], [None], [None], [None, *headings], [None], [None, *ROW]]
    return xlsx(rows, headings=[None, "Savings return 2017/18"])


SHAPE = (
    Case("far-cell", lambda: more_rows(cell_xml("XFD1048576")), refused="too_many_columns"),
    Case("far-cell-below", lambda: more_rows(cell_xml("A1048576")), refused="far_cell"),
    Case("far-cell-unordered", lambda: replaced(
        SHEET, b"<sheetData>", b"<sheetData>" + cell_xml("A1048576")), refused="far_cell"),
    Case("cell-twice", lambda: more_rows(
        b'<row r="3"><c r="A3"><v>1</v></c><c r="B3"><v>1</v></c><c r="A3"><v>2</v></c></row>'),
        refused="cell_twice"),
    Case("row-twice", lambda: more_rows(cell_xml("B2")), refused="cell_twice"),
    Case("row-twice-later", lambda: more_rows(cell_xml("A3") + cell_xml("A4") + cell_xml("B3")),
         refused="cell_twice"),
    Case("cell-twice-blank", lambda: more_rows(b'<row r="3"><c r="A3"/><c r="A3"/></row>')),
    Case("far-styled-blank", padded),
    Case("dimension-lie", lambda: changed(
        SHEET, lambda body: body.replace(b'<dimension ref="A1:I2"/>',
                                         b'<dimension ref="A1:XFD1048576"/>'))),
    Case("dimension-lie-small", lambda: changed(
        SHEET, lambda body: body.replace(b'<dimension ref="A1:I2"/>', b'<dimension ref="A1"/>'))),
    Case("row-number-huge", lambda: more_rows(cell_xml("A99999999999")), refused="bad_cell"),
    Case("column-overflow", lambda: more_rows(cell_xml("XFE3")), refused="bad_cell"),
    Case("column-overflow-long", lambda: more_rows(cell_xml("ZZZZZZZZ3")), refused="bad_cell"),
    Case("too-many-rows", lambda: short_rows(20_000), refused="too_many_rows"),
    Case("million-short-rows", lambda: short_rows(1_000_000), refused="too_many_rows"),
    Case("too-many-rows-csv", lambda: csv(*[["1"]] * 20_001), "r.csv", refused="too_many_rows"),
    Case("too-many-columns-csv", lambda: csv(["1"] * 201), "r.csv", refused="too_many_columns"),
    Case("header-only-csv", csv, "r.csv", refused="no_rows"),
    Case("header-only-xlsx", lambda: xlsx([]), errors=(("no_rows", ""),)),
    Case("missing-column", lambda: headed([*HEADINGS[:5], "Plan", *HEADINGS[6:]]),
         errors=(("missing_column", ""),), warnings=("unknown_column",)),
    Case("no-headings", lambda: headed(["a", "b"], ["c", "d"]), errors=(("no_headings", ""),)),
    Case("duplicate-header", lambda: headed([*HEADINGS, "scheme  REF"]),
         errors=(("duplicate_header", "J1"),)),
    Case("header-variants", banner, value={"ref": "S-001", "plan": 12_000_000}),
    Case("row-above-headings", lambda: xlsx([HEADINGS, ROW], headings=row(ref="S-000")),
         errors=(("row_above_headings", "A1"),)),
    Case("row-above-headings-csv", lambda: b"".join((csv(text_row()).splitlines(True)[i])
         for i in (1, 0, 1)), "r.csv", errors=(("row_above_headings", "A1"),)),
    Case("unknown-column", lambda: headed([*HEADINGS, "Mood"], [*ROW, "good"]),
         warnings=("unknown_column",)),
    Case("ragged-long", lambda: csv([*text_row(), "extra"]), "r.csv",
         errors=(("ragged_row", "J2"),)),
    Case("totals-row", lambda: xlsx([ROW, ["TOTAL", None, None, None, None, 120]]),
         errors=(("totals_row", "A3"),)),
    Case("totals-row-title", lambda: xlsx([ROW, [None, "Sub-total", None, None, None, 120]]),
         errors=(("totals_row", "B3"),)),
    Case("hidden-sheet-only", lambda: dressed(hidden_sheet), refused="hidden_sheets_only"),
    Case("hidden-sheet-beside", lambda: dressed(hidden_beside), warnings=("hidden_sheet",)),
    Case("hidden-row", lambda: dressed(lambda _, sheet: sheet.set_row(1, None, None, {
        "hidden": True})), warnings=("hidden_row",)),
    Case("hidden-column", lambda: dressed(lambda _, sheet: sheet.set_column(
        5, 5, None, None, {"hidden": True})), warnings=("hidden_column",)),
    Case("merged-cells", lambda: dressed(merged, [ROW, row(plan=None)]),
         errors=(("merged_cells", "F2"), ("blank_required", "F3"))),
    Case("merged-banner", lambda: dressed(lambda _, sheet: sheet.merge_range(
        "K1:M1", "")), ),
)  # fmt: skip

ENCODING = (
    Case("csv-cp1252", lambda: csv(text_row(title="Café – £5")).decode().encode("cp1252"),
         "r.csv", warnings=("encoding_guessed",), value={"title": "Café – £5"}),
    Case("csv-utf16", lambda: csv(text_row()).decode().encode("utf-16"), "r.csv"),
    Case("csv-utf16-nobom", lambda: csv(text_row()).decode().encode("utf-16-le"), "r.csv",
         refused="csv_utf16"),
    Case("csv-bad-utf8", lambda: csv(text_row(title="MARK")).replace(b"MARK", b"\xc3\x28\xff"),
         "r.csv", refused="bad_encoding"),
    Case("csv-bad-utf8-bom", lambda: b"\xef\xbb\xbf" + csv(text_row(title="MARK")).replace(
        b"MARK", b"\xe9"), "r.csv", refused="bad_encoding"),
    Case("csv-nul", lambda: csv(text_row(title="a\x00b")), "r.csv", refused="csv_nul"),
    Case("csv-open-quote", lambda: csv(text_row()) + b'S-002,"open', "r.csv",
         refused="csv_open_quote"),
    Case("csv-stray-quote", lambda: csv(text_row()) + b'S-002,"a"b,R\n', "r.csv",
         refused="csv_broken_line"),
    Case("csv-huge-field", lambda: csv(text_row(comment="x" * 200_000)), "r.csv",
         errors=(("too_long", "I2"),)),
    Case("csv-semicolon", lambda: csv(text_row(), sign=";"), "r.csv",
         warnings=("separator_guessed",), value={"plan": 12_000_000}),
    Case("csv-tab", lambda: csv(text_row(), sign="\t"), "r.csv", warnings=("separator_guessed",)),
)  # fmt: skip


def bad_text(name: str, text: str, code: str = "not_a_number") -> tuple[Case, Case]:
    """The same words where money is due, in a workbook and in a CSV."""
    return (
        Case(name, lambda: xlsx([row(plan=text)]), errors=((code, PLAN),)),
        Case(f"{name}-csv", lambda: csv(text_row(plan=text)), "r.csv", errors=((code, PLAN),)),
    )


NUMBERS = (
    *bad_text("num-nan", "NaN"),
    *bad_text("num-inf", "-inf"),
    *bad_text("num-1e999", "1e999"),
    *bad_text("num-exponent-bomb", "1e400000000"),
    *bad_text("num-digits-5000", "9" * 5_000),
    *bad_text("num-underscore", "1_000"),
    *bad_text("num-euro-format", "1.234,56"),
    *bad_text("num-tbc", "tbc"),
    *bad_text("num-unit", "£1.2m"),
    *bad_text("num-arabic-digits", "١٢٣"),
    Case("num-nan-raw", lambda: raw_cell("plan", "<v>NaN</v>"), errors=(("not_a_number", PLAN),)),
    Case("num-inf-raw", lambda: raw_cell("plan", "<v>inf</v>"), errors=(("not_a_number", PLAN),)),
    Case("num-1e999-raw", lambda: raw_cell("plan", "<v>1e999</v>"),
         errors=(("not_a_number", PLAN),)),
    Case("num-1e300-raw", lambda: raw_cell("plan", "<v>1e300</v>"),
         errors=(("too_large", PLAN),)),
    Case("num-exponent-raw", lambda: raw_cell("plan", "<v>1e4000000</v>"),
         errors=(("not_a_number", PLAN),)),
    Case("num-underscore-raw", lambda: raw_cell("plan", "<v>1_0</v>"),
         errors=(("not_a_number", PLAN),)),
    Case("num-as-text", lambda: xlsx([row(plan="1,234.50")]), warnings=("number_as_text",),
         value={"plan": 123_450_000}),
    Case("num-brackets", lambda: xlsx([row(plan="(1,234)")]), warnings=("number_as_text",),
         value={"plan": -123_400_000}),
    Case("num-minus-sign", lambda: xlsx([row(plan="\u2212£5")]), warnings=("number_as_text",),
         value={"plan": -500_000}),
    Case("num-bool", lambda: xlsx([row(plan=True)]), errors=(("not_a_number", PLAN),)),
    Case("num-date", lambda: raw_date("plan"), errors=(("not_a_number", PLAN),)),
    Case("num-blank-required", lambda: xlsx([row(plan=None)]),
         errors=(("blank_required", PLAN),)),
    Case("num-zero-not-blank", lambda: xlsx([row(plan=0, forecast=None)]),
         value={"plan": 0, "forecast": None}),
    Case("num-nil-and-n/a", lambda: xlsx([row(plan="nil", forecast="n/a")]),
         value={"plan": 0, "forecast": Missing.NOT_APPLICABLE}),
    Case("num-error-ref", lambda: raw_cell("plan", "<f>#REF!</f><v>#REF!</v>", "e"),
         errors=(("error_cell", PLAN),)),
    Case("num-error-last", lambda: raw_cell("comment", "<v>#N/A</v>", "e"),
         errors=(("error_cell", "I2"),)),
    Case("num-formula-no-cache", lambda: raw_cell("plan", "<f>1+1</f>"),
         errors=(("formula_without_value", PLAN),)),
    Case("num-formula-empty-cache", lambda: raw_cell("plan", "<f>1+1</f><v></v>"),
         errors=(("formula_without_value", PLAN),)),
    # A slip of a thousand is seen against the return in force, which is not this part's business.
    Case("num-pounds-not-thousands", lambda: xlsx([row(plan=120_000)]),
         value={"plan": 12_000_000_000}),
    Case("num-negative", lambda: xlsx([row(plan=-5)]), value={"plan": -500_000}),
    Case("num-negative-wte", lambda: xlsx([row(wte=-5)]), errors=(("out_of_range", "H2"),)),
    Case("num-xlsx-over-column", lambda: xlsx([row(plan=1_000_000)]),
         errors=(("too_large", PLAN),)),
    Case("num-wte", lambda: xlsx([row(wte=2.25)]), value={"wte": Decimal("2.25")}),
)  # fmt: skip


def raw_date(field: str, serial: float = 42_934) -> bytes:
    """A number under a date format, as Excel stores a date."""

    def dress(book: Any, sheet: Any) -> None:
        style = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_number(1, PLACES[field], serial, style)

    return xlsx([row(**{field: None})], dress=dress)


DATES = (
    Case("date-feb-30", lambda: xlsx([row(due="30/02/2017")]), errors=(("not_a_date", DUE),)),
    Case("date-us-impossible", lambda: xlsx([row(due="04/13/2017")]),
         errors=(("not_a_date", DUE),)),
    Case("date-ambiguous", lambda: xlsx([row(due="03/04/2017")]),
         value={"due": dt.date(2017, 4, 3)}),
    Case("date-serial-60", lambda: raw_date("due", 60), errors=(("date_out_of_range", DUE),)),
    Case("date-serial-overflow", lambda: raw_date("due", 99_999_999_999),
         errors=(("number_not_date", DUE),)),
    Case("date-serial-negative", lambda: raw_date("due", -5), errors=(("not_a_date", DUE),)),
    Case("date-general-number", lambda: xlsx([row(due=42_934)]),
         errors=(("number_not_date", DUE),)),
    Case("date-good", lambda: raw_date("due"), value={"due": dt.date(2017, 7, 18)}),
    Case("date-month", lambda: raw_date("start"), value={"start": "2017-07"}),
)  # fmt: skip


def text(name: str, words: str, back: str | None = None) -> tuple[Case, Case]:
    """A text that some program would run; taken as it is, in a workbook and in a CSV."""
    value: dict[str, object] = {"comment": words if back is None else back}
    return (
        Case(name, lambda: xlsx([row(comment=words)]), value=value),
        Case(f"{name}-csv", lambda: csv(text_row(comment=words)), "r.csv", value=value),
    )


INJECTION = (
    *text("inject-equals", "=1+1"),
    *text("inject-plus", "+1+1"),
    *text("inject-minus", "-1+1"),
    *text("inject-at", "@SUM(1)"),
    *text("inject-tab", "\t=1+1", "=1+1"),
    *text("inject-cr", "\r=1+1", "=1+1"),
    *text("inject-fullwidth", "\uff1d1+1"),
    *text("text-script", "<script>alert(1)</script>"),
    *text("text-template", "{{ settings.SECRET_KEY }}{% debug %}"),
    *text("text-crlf", "a\r\nSet-Cookie: x=1", "a\nSet-Cookie: x=1"),
)

CASES = (*SHAPE, *ENCODING, *NUMBERS, *DATES, *INJECTION)
