"""The marked-up copy: the sender's own workbook with faults in it, or the list of faults alone."""

import io
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from stp.core import marked
from stp.core.marked import marked_copy
from stp.core.marking import HEADING, SHEET
from stp.core.reading import read

RUN = ("=cmd|'/c calc'!A1", "+1", "@SUM(A1)", "-2", "#N/A", "=HYPERLINK(1)")
Write = Callable[..., Path]


def fault(cell: str = "B2", **changes: Any) -> dict[str, Any]:
    return {
        "severity": "error", "code": "odd", "message": f"{cell} is odd.", "sheet": "Schemes",
        "cell": cell, "row": None, "column": "Plan Apr", "found": "tbc", "wanted": "a number",
        "ref": "UC-01", **changes,
    }  # fmt: skip


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A sender's workbook: formats, a merged area, own comment, formulas, a hidden sheet."""

    def one(name: str = "stored") -> Path:
        path = tmp_path / name
        book = xlsxwriter.Workbook(str(path), {"in_memory": True})
        bold = book.add_format({"bold": True, "bg_color": "#FFEB9C", "num_format": "0.00"})
        cover, rows = book.add_worksheet("Return"), book.add_worksheet("Schemes")
        hidden = book.add_worksheet("Notes of ours")
        hidden.write(0, 0, "kept")
        hidden.hide()
        cover.write_row(0, 0, ["Unit", "£000"])
        cover.write_row(1, 0, ["Plan for the year"])
        cover.write_formula(1, 1, "=SUM(Schemes!B2:B3)", None, 42.5)
        cover.write_formula(2, 1, '=A1&"x"', None, "Unitx")
        cover.write_formula(3, 1, "=1=1", None, True)
        rows.write_row(0, 0, ["Scheme ref", "Plan Apr", "Comment"])
        rows.write_row(1, 0, ["UC-01", 1.5], bold)
        rows.write_row(2, 0, ["UC-02", 41])
        rows.write_string("C2", "=1+1")
        rows.write_comment("B3", "ask Anna", {"author": "Anna"})
        rows.merge_range("D5:E6", "note")
        rows.data_validation("A2:A9", {"validate": "list", "source": ["UC-01", "UC-02"]})
        rows.set_column("C:C", 33)
        book.close()
        return path

    return one


def copy_of(path: Path, *faults: dict[str, Any], **changes: Any) -> Any:
    content, own = marked_copy(
        path, **{"file_name": "june.xlsx", "rows": 2, "faults": list(faults), **changes}
    )
    assert own, "the list alone was given"
    return openpyxl.load_workbook(io.BytesIO(content)), content


def test_the_cells_have_comments_and_the_list_has_links(write: Write) -> None:
    book, _ = copy_of(
        write(), fault("B2"), fault("B2", severity="warning", message="Odd too."), fault("A3"),
        fault("", row=7, message="Row 7."), fault("", sheet="", column="", message="The file."),
        fault("B2", sheet="return", column=""),
    )  # fmt: skip
    assert book.sheetnames == [SHEET, "Return", "Schemes", "Notes of ours"]
    assert book.active.title == SHEET
    assert [s.sheet_view.tabSelected for s in book.worksheets] == [True, False, False, False]
    rows = book["Schemes"]
    assert rows["B2"].comment.text.endswith("Error 1: B2 is odd.\nWarning 2: Odd too.")
    assert rows["A7"].comment.text.endswith("Error 4: Row 7.")
    assert rows["A7"].value is None, "a comment fills no cell"
    assert book["Return"]["B2"].comment.text.endswith("Error 6: B2 is odd.")
    listed = book[SHEET]
    assert [c.value for c in listed["D"][3:]] == ["Cell", "B2", "B2", "A3", "row 7", None, "B2"]
    links = [c.hyperlink.location if c.hyperlink else None for c in listed["D"][4:]]
    assert links == [
        "'Schemes'!B2", "'Schemes'!B2", "'Schemes'!A3", "'Schemes'!A7", None, "'Return'!B2",
    ]  # fmt: skip
    assert rows["B1"].hyperlink.location == f"'{SHEET}'!A5", "no way back to the list"
    assert rows["B2"].hyperlink is None, "a click in a figure would leave it"


def test_the_senders_own_things_are_kept(write: Write) -> None:
    original = openpyxl.load_workbook(io.BytesIO(write().read_bytes()))
    book, content = copy_of(write(), fault("B3"))
    for sheet in original.worksheets:
        kept = book[sheet.title]
        assert kept.sheet_state == sheet.sheet_state
        for row in sheet.iter_rows():
            for cell in row:
                other = kept[cell.coordinate]
                assert (other.value, other.data_type) == (cell.value, cell.data_type)
                assert other.number_format == cell.number_format
                assert (other.font.b, other.fill.bgColor.rgb) == (
                    cell.font.b, cell.fill.bgColor.rgb,
                )  # fmt: skip
    rows = book["Schemes"]
    assert rows["B3"].comment.text.startswith("ask Anna\n")
    assert rows.column_dimensions["C"].width == original["Schemes"].column_dimensions["C"].width
    assert [str(area) for area in rows.merged_cells.ranges] == ["D5:E6"]
    assert len(rows.data_validations.dataValidation) == 1
    values = openpyxl.load_workbook(io.BytesIO(content), data_only=True)["Return"]
    assert [values[f"B{n}"].value for n in (2, 3, 4)] == [42.5, "Unitx", True]


def test_merged_hidden_and_impossible_places_do_not_fail(write: Write) -> None:
    book, _ = copy_of(
        write(), fault("E6"), fault("A1", sheet="Notes of ours"), fault("ZZZZ9"),
        fault("A0"), fault("B2", sheet="elsewhere"), fault("A1:B2"),
    )  # fmt: skip
    assert book["Schemes"]["D5"].comment.text.endswith("Error 1: E6 is odd.")
    assert book["Notes of ours"]["A1"].comment is not None
    assert book["Notes of ours"].sheet_state == "hidden"
    assert len(book[SHEET]["A"]) == 4 + 6


def test_no_text_becomes_a_formula(write: Write) -> None:
    faults = [fault("B2", message=t, found=t, wanted=t, column=t) for t in RUN]
    book, content = copy_of(write(), *faults)
    written = [c for row in book[SHEET].iter_rows(min_row=5) for c in row if c.value is not None]
    assert {c.data_type for c in written} == {"s"}
    assert book["Schemes"]["C2"].data_type == "s", "the sender's own text was made a formula"
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert b"<f" not in parts.read("xl/worksheets/sheet1.xml").replace(b"<font", b"")
        assert not [n for n in parts.namelist() if "vba" in n.lower() or "externalLink" in n]


def test_characters_that_no_workbook_holds(write: Write) -> None:
    book, _ = copy_of(write(), fault("B2", message="a\x00b\x0b\ud800c"))
    assert book[SHEET]["G5"].value == "a\ufffdb\ufffd\ufffdc"


def test_the_copy_reads_as_the_original_and_marks_again(write: Write, tmp_path: Path) -> None:
    path = write()
    _, content = copy_of(path, fault("B2"), fault("B3"))
    again = tmp_path / "again"
    again.write_bytes(content)
    then, now = read(path, file_name="a.xlsx"), read(again, file_name="a.xlsx")
    assert [s.name for s in now.sheets] == [SHEET, *[s.name for s in then.sheets]]
    assert [s.rows for s in now.sheets[1:]] == [s.rows for s in then.sheets]
    assert now.findings == then.findings
    book, _ = copy_of(again, fault("A2"))
    assert book.sheetnames.count(SHEET) == 1
    rows = book["Schemes"]
    assert rows["B2"].comment is None, "a fault of the last check is still marked"
    assert rows["B3"].comment.text == "ask Anna"
    assert len(book[SHEET]["A"]) == 5


def test_a_sheet_of_that_name_which_is_the_senders_stays(tmp_path: Path) -> None:
    path = tmp_path / "stored"
    book = openpyxl.Workbook()
    book.active.title = SHEET  # type: ignore[union-attr]  # a new workbook has an active sheet
    book.active["A1"] = "my own"  # type: ignore[index]  # as above
    book.save(path)
    copy, _ = copy_of(path, fault("A1", sheet=SHEET))
    assert [s["A1"].value for s in copy.worksheets] == [HEADING, "my own"]


def listed(content: bytes) -> list[Any]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == [SHEET]
    return [c.value for c in book[SHEET]["G"]]


@pytest.mark.parametrize(
    "changes",
    [{"file_name": "june.csv"}, {"rows": marked.MOST_ROWS + 1}, {"file_name": "noending"}],
)
def test_other_files_get_the_list_alone(write: Write, changes: dict[str, Any]) -> None:
    given: dict[str, Any] = {"file_name": "june.xlsx", "rows": 2, "faults": [fault("B2")]}
    content, own = marked_copy(write(), **given | changes)
    assert not own
    assert "B2 is odd." in listed(content)


def test_a_broken_or_missing_file_gets_the_list_alone(tmp_path: Path, write: Write) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(b"PK\x03\x04 nonsense")
    cut = tmp_path / "cut"
    cut.write_bytes(write().read_bytes()[:-300])
    for path in (broken, cut, tmp_path / "gone"):
        content, own = marked_copy(path, file_name="a.xlsx", rows=1, faults=[fault(found="=1")])
        assert (own, "B2 is odd." in listed(content)) == (False, True), path


@pytest.mark.parametrize(
    "program",
    [
        "import os; os.abort()",
        "print('half')",
        "import time; time.sleep(60)",
        "raise SystemExit(1)",
    ],
)
def test_whatever_becomes_of_the_process_the_list_is_given(
    write: Write, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setattr(marked, "_command", lambda path: [sys.executable, "-c", program])
    monkeypatch.setattr(marked, "WALL_SECONDS", 0.5 if "sleep" in program else 30)
    content, own = marked_copy(write(), file_name="a.xlsx", rows=1, faults=[fault()])
    assert (own, "B2 is odd." in listed(content)) == (False, True)


def test_who_finds_every_place_taken_gets_the_list_alone(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marked, "WAIT_SECONDS", 0.01)
    monkeypatch.setattr(marked, "_slots", threading.BoundedSemaphore(1))
    marked._slots.acquire()
    assert marked_copy(write(), file_name="a.xlsx", rows=1, faults=[fault()])[1] is False
    marked._slots.release()
    assert marked_copy(write(), file_name="a.xlsx", rows=1, faults=[fault()])[1] is True


def test_the_process_has_the_readers_limits_and_no_django() -> None:
    program = (
        "import sys, stp.core.marking as m; from stp.core.reader import set_limits;"
        "assert m.set_limits is set_limits; print([n for n in sys.modules if n.startswith("
        "('django', 'openpyxl'))])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.strip() == b"[]", "the process, or who imports it, loads what it must not"
