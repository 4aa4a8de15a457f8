"""The cheap checks: what a file is called, how large it is, what it begins with."""

from pathlib import Path

import pytest

from stp.core import preflight
from stp.core.sheets import Refused

ZIP = b"PK\x03\x04rest"


def check(tmp_path: Path, content: bytes, name: str) -> str:
    path = tmp_path / "stored"
    path.write_bytes(content)
    return preflight.check(path, file_name=name)


@pytest.mark.parametrize(
    ("name", "content", "ending"),
    [
        ("Return June.xlsx", ZIP, ".xlsx"),
        ("RETURN.XLSX", ZIP, ".xlsx"),
        ("C:\\returns\\ngh.v2.final.xlsx", ZIP, ".xlsx"),
        ("return.xlsx ", ZIP, ".xlsx"),
        ("return.csv", b"a,b\n1,2\n", ".csv"),
    ],
)
def test_taken(tmp_path: Path, name: str, content: bytes, ending: str) -> None:
    assert check(tmp_path, content, name) == ending


@pytest.mark.parametrize(
    ("name", "code", "advice"),
    [
        ("r.xls", "old_xls", "Save As"),
        ("r.xlsm", "macros", "Save As"),
        ("r.xlsb", "binary_workbook", "Save As"),
        ("r.xltx", "excel_template", "Save As"),
        ("r.ods", "open_document", "Save As"),
        ("r.docx", "word_document", ".csv"),
        ("r.pdf", "pdf", ".xlsx"),
        ("r.zip", "zip_archive", "inside it"),
        ("r.txt", "bad_ending", ".csv"),
        ("xlsx", "bad_ending", ".csv"),
        ("r.js.xlsx", "bad_name", "Rename"),
        ("r\x00.xlsx", "bad_name", "Rename"),
    ],
)
def test_each_ending_says_what_to_do(tmp_path: Path, name: str, code: str, advice: str) -> None:
    with pytest.raises(Refused) as refused:
        check(tmp_path, ZIP, name)
    assert refused.value.code == code
    assert advice in refused.value.message


def test_size_one_byte_either_side_of_ten_megabytes(tmp_path: Path) -> None:
    whole = ZIP.ljust(preflight.MAX_BYTES, b"\0")
    assert check(tmp_path, whole, "r.xlsx") == ".xlsx"
    with pytest.raises(Refused) as refused:
        check(tmp_path, whole + b"\0", "r.xlsx")
    assert refused.value.code == "too_large"
    assert "10 MB" in refused.value.message


def test_a_locked_workbook_is_told_from_an_old_one(tmp_path: Path) -> None:
    ole = preflight.OLE_MAGIC + bytes(2_000)
    codes = []
    for content in (ole, ole + preflight.ENCRYPTED):
        with pytest.raises(Refused) as refused:
            check(tmp_path, content, "r.xlsx")
        codes.append(refused.value.code)
    assert codes == ["old_xls", "password_protected"]


def test_a_name_is_quoted_with_its_tricks_visible(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        check(tmp_path, b"", "a\u202excod\n.xlsx")
    assert "\u202e" not in refused.value.message
    assert "[U+202E]" in refused.value.message
    assert "\n" not in refused.value.message
