"""The reader process and its parent: whatever happens to the child, the parent says a sentence."""

import datetime as dt
import json
import re
import socket
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from stp.core import reader, reading
from stp.core.package import Part, resolve
from stp.core.reading import read
from stp.core.sheets import Cell, CellKind, Refused, Severity, Workbook
from stp.core.sheetxml import MAX_ROWS
from tests.corpus.build import CANARY, SHEET, replaced, with_doctype, xlsx


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    path = tmp_path / "stored"
    path.write_bytes(xlsx())
    return path


def pretend(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Let a few lines of Python stand in for the reader process (its faults, not its rules)."""
    monkeypatch.setattr(reading, "_command", lambda _: [sys.executable, "-c", program])


def refusal(path: Path, name: str = "r.xlsx") -> Refused:
    with pytest.raises(Refused) as refused:
        read(path, file_name=name)
    assert refused.value.message.endswith(".")
    return refused.value


@pytest.mark.parametrize(
    ("program", "code"),
    [
        ("import os; os.abort()", "unreadable_memory"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "unreadable_crash"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "unreadable_memory"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", "unreadable_time"),
        ("raise SystemExit(3)", "unreadable_crash"),
        ("", "unreadable_output"),
        ("print('hello')", "unreadable_output"),
        ("print('[1, [2]]')", "unreadable_output"),
        ("print('{\"sheet\": 1}')", "unreadable_output"),
        ('print(\'{"sheet": "a", "merged": [1]}\\n{"end": true}\')', "unreadable_output"),
        ('print(\'{"sheet": "a"}\\n[1, [["q", "x"]]]\\n{"end": true}\')', "unreadable_output"),
        ('print(\'{"sheet": "a"}\\n[1, [["d", "x"]]]\\n{"end": true}\')', "unreadable_output"),
        ('print(\'{"sheet": "a"}\\n[1, [{}]]\\n{"end": true}\')', "unreadable_output"),
        ('print(\'{"sheet": "a"}\\n[1, [NaN]]\\n{"end": true}\')', "unreadable_output"),
        ("print('[' * 100000)", "unreadable_output"),
        ("import sys; sys.stdout.buffer.write(bytes(range(256)))", "unreadable_output"),
        ('print(\'{"refused": "unreadable", "message": "PanicException"}\')', "unreadable"),
    ],
)
def test_a_broken_reader_is_a_refusal(
    stored: Path, monkeypatch: pytest.MonkeyPatch, program: str, code: str
) -> None:
    pretend(monkeypatch, program)
    assert refusal(stored).code == code


def _runs(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_the_wall_clock_ends_the_child_and_its_children(
    stored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = tmp_path / "grandchild"
    pretend(
        monkeypatch,
        "import subprocess, sys, time, pathlib\n"
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"pathlib.Path({str(note)!r}).write_text(str(p.pid))\n"
        "time.sleep(60)",
    )
    monkeypatch.setattr(reader, "WALL_SECONDS", 3)
    began = time.monotonic()
    assert refusal(stored).code == "unreadable_time"
    assert time.monotonic() - began < 10
    grandchild = int(note.read_text())
    # The signal is sent; a busy machine may take a moment to act on it.
    for _ in range(50):
        if not _runs(grandchild):
            return
        time.sleep(0.1)
    pytest.fail("the grandchild still runs")


def test_too_much_output_is_refused(stored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, 'print(\'{"sheet": "a"}\\n\' * 1000)')
    monkeypatch.setattr(reader, "OUTPUT", 1_000)
    assert refusal(stored).code == "unreadable_output"


@pytest.mark.skipif(sys.platform != "linux", reason="limits are the system's; Linux has all")
def test_all_limits_take_hold_here() -> None:
    assert reading.limits() == {
        "memory": True, "CPU time": True, "file size": True, "core dump": True,
        "wall clock": True, "output": True,
    }  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux", reason="limits are the system's; Linux has all")
@pytest.mark.parametrize(
    ("program", "signals"),
    [
        ("b = bytearray(700_000_000)", {1}),
        ("import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass",
         {-9, -24}),
    ],
)  # fmt: skip
def test_the_limits_bite(program: str, signals: set[int]) -> None:
    """The same program, with the reader's limits set first."""
    lines = f"from stp.core.reader import set_limits\nset_limits()\n{program}"
    done = subprocess.run(
        [sys.executable, "-c", lines], cwd=reading.ROOT, capture_output=True, check=False
    )
    assert done.returncode in signals, done.stderr


def last_line(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return found


class Panic(BaseException):
    """As python-calamine's: no Exception."""


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (MemoryError(), "unreadable_memory"),
        (Panic("index out of bounds"), "unreadable"),
        (RecursionError(), "unreadable"),
        (Refused("far_cell", "A sentence."), "far_cell"),
    ],
)
def test_whatever_a_file_does_is_one_last_line(
    stored: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    fault: BaseException,
    code: str,
) -> None:
    def fails(*_: object) -> None:
        raise fault

    monkeypatch.setattr(reader, "read_xlsx", fails)
    reader.main(stored, ".xlsx")
    assert last_line(capsys)["refused"] == code


def test_the_reader_caps_its_own_output(
    stored: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reader, "OUTPUT", 4_100)
    reader.main(stored, ".xlsx")
    assert last_line(capsys)["refused"] == "too_large_unpacked"


def test_a_system_without_limits_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resource", None)
    assert set(reader.set_limits().values()) == {False}


def test_the_reader_imports_no_django_and_no_numpy() -> None:
    lines = (
        "import sys, stp.core.reader, python_calamine\n"
        "print([m for m in ('django', 'numpy', 'pandas', 'holidays') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", lines], cwd=reading.ROOT, capture_output=True, check=True
    )
    assert done.stdout.decode().strip() == "[]"


def test_the_child_gets_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", CANARY)
    monkeypatch.setenv("DATABASE_URL", CANARY)
    assert CANARY not in reading._environment().values()


@pytest.mark.parametrize("what", ["file", "http"])
def test_external_entities_are_never_fetched(tmp_path: Path, what: str) -> None:
    """A file named in a DOCTYPE is not read, an address not called."""
    secret = tmp_path / "secret.txt"
    secret.write_text(CANARY)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        address = secret.as_uri() if what == "file" else f"http://127.0.0.1:{port}/x"
        body = with_doctype(
            "xl/sharedStrings.xml", f"<!DOCTYPE a [<!ENTITY x SYSTEM '{address}'>]>", "&x;"
        )
        path = tmp_path / "stored"
        path.write_bytes(body)
        refused = refusal(path)
        with pytest.raises(TimeoutError):
            server.accept()
    assert refused.code == "doctype"
    assert CANARY not in refused.message


def cells(book: Workbook, sheet: str = "Schemes") -> dict[str, Cell]:
    from stp.core.sheets import cell_name

    found = book.sheet(sheet)
    assert found is not None
    return {
        cell_name(place, number): cell
        for number, row in found.rows
        for place, cell in enumerate(row)
        if cell.kind is not CellKind.BLANK
    }


def test_cells_keep_the_users_own_addresses(tmp_path: Path) -> None:
    """Leading blank rows and columns, and an error cell outside everything else."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Schemes"
    values: dict[str, Any] = {
        "C4": "text", "D4": 5, "E6": 1234.1, "F6": True, "C9": dt.date(2017, 6, 1),
        "G6": "=1+1", "B12": "=1/0", "D9": "31/12/2017", "E9": dt.datetime(2017, 6, 1, 12, 30),  # noqa: DTZ001 - Excel has no zones
    }  # fmt: skip
    for address, value in values.items():
        sheet[address] = value
    path = tmp_path / "stored"
    book.save(path)
    got = cells(read(path, file_name="r.xlsx"))
    assert {k: (v.kind, v.text) for k, v in got.items()} == {
        "C4": (CellKind.TEXT, "text"),
        "D4": (CellKind.NUMBER, "5"),
        "E6": (CellKind.NUMBER, "1234.1"),
        "F6": (CellKind.BOOLEAN, "TRUE"),
        "G6": (CellKind.FORMULA_WITHOUT_VALUE, ""),
        "C9": (CellKind.DATE, "01/06/2017"),
        "D9": (CellKind.TEXT, "31/12/2017"),
        "E9": (CellKind.DATE, "01/06/2017"),
        "B12": (CellKind.FORMULA_WITHOUT_VALUE, ""),
    }
    assert got["E6"].number == Decimal("1234.1")


def test_cells_without_addresses_count_on(tmp_path: Path) -> None:
    """`r` is optional in the format: rows and cells then follow one another."""
    from tests.corpus.build import changed

    path = tmp_path / "stored"
    path.write_bytes(changed(SHEET, lambda body: re.sub(rb'<(c|row) r="[A-Z0-9]+"', rb"<\1", body)))
    got = cells(read(path, file_name="r.xlsx"))
    assert (got["A2"].text, got["F2"].text) == ("S-001", "120")


def test_prefixed_xml_is_read_the_same(tmp_path: Path) -> None:
    """The same error cell, with a namespace prefix on every element."""
    from tests.corpus.build import changed, raw_cell

    base = raw_cell("plan", "<v>#REF!</v>", "e")
    path = tmp_path / "stored"
    path.write_bytes(
        changed(
            SHEET,
            lambda body: (
                re.sub(rb"<(/?)([a-z])", rb"<\1x:\2", body)
                .replace(b"<x:?xml", b"<?xml")
                .replace(b"xmlns=", b"xmlns:x=")
            ),
            base,
        )
    )
    assert cells(read(path, file_name="r.xlsx"))["F2"].kind is CellKind.ERROR


@pytest.mark.parametrize(("rows", "taken"), [(MAX_ROWS, True), (MAX_ROWS + 1, False)])
def test_row_limit_is_exact(tmp_path: Path, rows: int, taken: bool) -> None:
    path = tmp_path / "stored"
    path.write_text("ref\n" + "1\n" * rows)
    if taken:
        assert len(read(path, file_name="r.csv").sheets[0].rows) == rows + 1
    else:
        assert refusal(path, "r.csv").code == "too_many_rows"


def test_csv_rows_are_numbered_by_line(tmp_path: Path) -> None:
    path = tmp_path / "stored"
    path.write_bytes(b'a,b\r\n\r\n"x\r\ny\r\nz",1\r\n,,\r\nlast,2\r\n')
    book = read(path, file_name="r.csv")
    assert [number for number, _ in book.sheets[0].rows] == [1, 3, 7]
    assert book.sheets[0].rows[1][1][0].text == "x\r\ny\r\nz"
    assert book.is_csv
    assert book.table("Schemes") is book.sheets[0]
    assert book.sheet("Schemes") is None


def test_a_comma_in_quotes_does_not_hide_a_semicolon_file(tmp_path: Path) -> None:
    path = tmp_path / "stored"
    path.write_text('Scheme ref;Title;"a,b,c,d"\n1;2;3\n')
    book = read(path, file_name="r.csv")
    assert [issue.code for issue in book.findings] == ["separator_guessed"]
    assert len(book.sheets[0].rows[0][1]) == 3


def test_findings_are_warnings_with_sentences(tmp_path: Path) -> None:
    path = tmp_path / "stored"
    path.write_bytes("Title,£\na,1\n".encode("cp1252"))
    (issue,) = read(path, file_name="r.csv").findings
    assert issue.severity is Severity.WARNING
    assert "Windows-1252" in issue.message


def test_relations_are_resolved_like_paths() -> None:
    assert resolve("worksheets/Sheet1.xml") == "xl/worksheets/sheet1.xml"
    assert resolve("/xl/worksheets/sheet1.xml") == "xl/worksheets/sheet1.xml"
    assert resolve("../xl/a.xml") == "xl/a.xml"
    assert Part("a", 0, 1, 1, 0, False).name == "a"


@pytest.mark.parametrize(
    ("name", "sheet", "rows", "first"),
    [
        ("bbc-ni-backlog.xlsx", "top10", 6, "Year"),
        ("trafford-fingertips-hle-90362.csv", "CSV", 2_455, "area_code"),
        ("nhse-ae-monthly-2025-10.csv", "CSV", 199, "Period"),
        ("hf-trust-stp-lookup-2017_18.csv", "CSV", 138, "NHS England Region"),
    ],
)
def test_real_files(shared: Path, name: str, sheet: str, rows: int, first: str) -> None:
    book = read(shared / "reference" / "real-files" / name, file_name=name)
    found = book.sheet(sheet)
    assert found is not None
    assert len(found.rows) == rows
    assert found.rows[0][1][0].text == first
    assert list(book.findings) == []


def test_a_real_old_workbook_is_refused_with_advice(shared: Path) -> None:
    path = shared / "reference" / "real-files" / "nhse-dtoc-April_17.xls"
    for name in (path.name, "april.xlsx"):
        refused = refusal(path, name)
        assert refused.code == "old_xls"
        assert "Save As" in refused.message


def test_a_sheet_that_lies_about_its_end_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "stored"
    path.write_bytes(replaced(SHEET, b"</worksheet>", b""))
    assert refusal(path).code == "broken_xml"
