"""D7: what a return says is what its template says again, and sent again it changes nothing."""

import csv
import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finance.returns import FINANCE
from finance.returns.cover import Choices
from finance.returns.examine import examine
from finance.returns.facts import Facts
from finance.returns.template import write_csv, write_xlsx
from finance.scheme_rows import SchemeRow
from stp.core import clock
from stp.core.csvtext import decode, records
from stp.core.models import Organisation, ReportingPeriod, Return
from stp.core.money import Unit
from stp.core.periods import LONDON
from stp.core.reading import read
from stp.core.returns import Checked
from stp.core.sheets import BLANK, Cell, CellKind, Sheet, Workbook
from tests.conftest import make_period
from tests.rounds import rounds

Row = Callable[..., SchemeRow]
MakeFacts = Callable[..., Facts]
# Every sign of RELIABILITY.md §5.6, and some that only look like one.
SIGNS = ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'", "''", "_x003D_"]
FORMULAS = [
    *(f"{sign}{rest}" for sign in SIGNS for rest in ("1+1", "- agency spend", 'cmd|"/c calc"!A1')),
    *(f"'{sign}1+1" for sign in SIGNS), "'tis", "-5", "'-5", "=", "n/a, nil", "5%", "0012",
]  # fmt: skip
DANGEROUS = "=+-@\t\r\n\x00＝＋－＠"


def kept(text: str) -> str:
    """What a cell of text is kept as: one kind of line break, none and no space at the ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def csv_book(content: bytes) -> Workbook:
    """A `.csv` as the reader process reads it, in this process."""
    rows = [
        (number, [Cell(CellKind.TEXT, value) if value else BLANK for value in fields])
        for number, fields in records(decode(content).text, ",")
    ]
    return Workbook([Sheet("Schemes", rows, from_csv=True)], is_csv=True)


def unplaced(rows: Any) -> list[SchemeRow]:
    return [{**row, "row": 0} for row in rows]


def errors(checked: Checked) -> list[str]:
    return [issue.message for issue in checked.issues if issue.severity == "error"]


def worded(row: Row) -> list[SchemeRow]:
    """A scheme for each text, in every column that holds free text."""
    return [
        row(f"UC-{number:02}", title=text, lead=text, comment=text)
        for number, text in enumerate(map(kept, FORMULAS), start=1) if text
    ]  # fmt: skip


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_texts_like_formulas_come_back_through_two_files(
    row: Row, facts: MakeFacts, tmp_path: Path, form: str
) -> None:
    """Twice, since a quote too many would only be lost, or gained, the second time."""
    path, said = tmp_path / "stored", worded(row)
    rows, known = said, facts(planned=said)
    for _ in range(2):
        made = write_csv if form == "csv" else write_xlsx
        path.write_bytes(made(rows, period="2017-06"))
        checked = examine(
            read(path, file_name=f"r.{form}"), known, Choices(unit=Unit.THOUSANDS)
        )  # fmt: skip
        assert errors(checked) == []
        rows = unplaced(checked.rows)
        assert rows == said


def test_no_text_of_a_csv_template_is_run_by_a_spreadsheet(row: Row) -> None:
    content = write_csv(worded(row), period="2017-06").decode("utf-8-sig")
    for line in csv.reader(io.StringIO(content, newline="")):
        for cell in line:
            number = cell.lstrip("-").replace(".", "", 1).isdecimal()
            assert number or not cell or cell[0] not in DANGEROUS, cell


TEXTS = st.text(
    st.sampled_from("=+-@＝＋－＠'\n\t\r,;\"a é£5")
    | st.characters(exclude_categories=["Cs", "Cc"]),
    max_size=20,
).map(kept)  # fmt: skip
PENCE = st.integers(-99_999_999_999, 99_999_999_999)


@settings(max_examples=rounds(short=40, long=250), deadline=None)
@given(
    texts=st.lists(TEXTS.filter(bool), min_size=1, max_size=4),
    pence=PENCE, wte=st.none() | st.decimals(-1_000, 1_000, places=2), unit=st.sampled_from(Unit),
)  # fmt: skip
def test_any_rows_come_back_from_a_csv_to_the_penny(
    row: Row, facts: MakeFacts, texts: list[str], pence: int, wte: Any, unit: Unit
) -> None:
    said = [
        row(f"UC-{number:02}", title=text, comment=text, gross=pence,
            wte_plan=None if wte is None else f"{wte:.2f}", actual={"2017-06": pence})
        for number, text in enumerate(texts, start=1)
    ]  # fmt: skip
    book = csv_book(write_csv(said, period="2017-06", unit=unit))
    checked = examine(book, facts(planned=said), Choices(unit=unit))
    assert errors(checked) == []
    assert unplaced(checked.rows) == said


@pytest.mark.django_db
@pytest.mark.usefixtures("scheme_types", "demo_clock")
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_template_sent_back_as_it_came_changes_nothing(
    ngh: Organisation, row: Row, administrator: Any, sent: Callable[..., Return],
    commit: Callable[..., Return], tmp_path: Path, form: str,
) -> None:  # fmt: skip
    """Committed → template of the next version → read and checked → the plan: all unchanged."""
    april, june = make_period("2017-04"), make_period("2017-06")
    said = [
        row(title="=1+1", lead="'=x", comment='-two\nlines, "quoted"', gross=1, investment="n/a",
            wte_plan="-2.50", actual={"2017-05": "n/a"}, end_month="2020-12"),
        row("'-02", forecast={"2017-08": -12_345, "2018/19": 0}, actual={"2017-06": 33}),
        row("＝03", title="＠import", recurrence="NR", end_month="2018-03"),
    ]  # fmt: skip
    approve(ngh, april, said, sent, commit, administrator)
    commit(sent(ngh, june, said))
    make = FINANCE.template if form == "xlsx" else FINANCE.template_csv
    path = tmp_path / "stored"
    path.write_bytes(make(ngh, june))
    again = sent(ngh, june, [], choices={"unit": "thousands", "control": {"schemes": len(said)}})
    checked = FINANCE.check(read(path, file_name=f"june.{form}"), again)
    assert errors(checked) == []
    again.rows = list(checked.rows)
    again.save()
    shown = FINANCE.plan(again, {})
    assert [change.what for change in shown.changes] == ["unchanged"] * len(said), shown.changes
    assert shown.totals_before == shown.totals_after
    # The twin: one penny in one cell is a change, so "unchanged" is no empty word.
    (moved,) = (line for line in again.rows if line["ref"] == "'-02")
    moved["forecast"]["2017-08"] += 1
    now = FINANCE.plan(again, {}).changes
    assert [change.ref for change in now if change.what != "unchanged"] == ["'-02"]


def approve(
    organisation: Organisation, period: ReportingPeriod, rows: list[SchemeRow],
    sent: Callable[..., Return], commit: Callable[..., Return], by: Any,
) -> None:  # fmt: skip
    """The year's plan of these schemes, approved."""
    plan = sent(organisation, period, [{**r, "actual": {}, "forecast": {}} for r in rows],
                kind="plan")  # fmt: skip
    with clock.at(dt.datetime(2017, 5, 2, tzinfo=LONDON)):
        commit(plan, state="signed_off", signed_off_at=clock.now(), signed_off_by=by)


@settings(
    max_examples=rounds(short=2, long=15), deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(texts=st.lists(TEXTS.filter(bool), min_size=5, max_size=12))
def test_any_texts_come_back_from_an_xlsx(
    row: Row, facts: MakeFacts, tmp_path: Path, texts: list[str]
) -> None:
    said = [row(f"UC-{n:02}", title=text, comment=text) for n, text in enumerate(texts, start=1)]
    path = tmp_path / "stored"
    path.write_bytes(write_xlsx(said, period="2017-06"))
    book = read(path, file_name="r.xlsx")
    checked = examine(book, facts(planned=said), Choices(unit=Unit.THOUSANDS))
    assert errors(checked) == []
    assert unplaced(checked.rows) == said
