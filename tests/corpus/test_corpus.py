"""Each named file ends as the table says: accepted, refused, or with its faults at their cells."""

import os
from pathlib import Path

import coverage
import pytest

from stp.core.money import Unit
from stp.core.parsing import parse
from stp.core.reading import read
from stp.core.sheets import Context, Refused, Severity, Table, Workbook
from tests.corpus.build import CANARY, COLUMNS
from tests.corpus.cases import Case
from tests.corpus.files import CASES

# The promise holds for the reader as it runs; measuring which lines run slows it threefold.
SECONDS = 15 if coverage.Coverage.current() is None else 60
# The named cases of RELIABILITY.md §3, without the groups "whose" and "again".
NAMED_TEXT = (
    "ok-xlsx ok-csv ok-csv-bom ok-csv-quoted ok-1904 ok-formula-cached ok-cols-reordered "
    "ok-octet-stream ok-sheet-protected ok-dash-narrative empty-xlsx random-bytes "
    "csv-named-xlsx xlsx-named-csv html-named-xls legacy-xls xlsb password-protected "
    "docx-named-xlsx strict-ooxml polyglot-html-zip xlsm xlsm-named-xlsx "
    "vba-part-plain-type external-link dde-formula webservice-formula bomb-sheet "
    "bomb-shared-strings bomb-unused-part bomb-many-parts bomb-lying-size overlap-parts "
    "duplicate-part zip-slip zip-symlink zip-encrypted-part zip-odd-method zip-truncated "
    "zip-bad-crc missing-workbook-xml xml-billion-laughs xml-quadratic xml-xxe-file "
    "xml-xxe-http xml-utf16-dtd xml-laughs-in-props xml-deep shared-index-out-of-range "
    "far-cell far-styled-blank dimension-lie row-number-huge column-overflow "
    "too-many-rows million-short-rows header-only-csv missing-column duplicate-header "
    "header-variants ragged-long totals-row hidden-sheet-only hidden-row merged-cells "
    "csv-cp1252 csv-utf16-nobom csv-bad-utf8 csv-nul csv-open-quote csv-huge-field "
    "csv-semicolon num-nan num-inf num-1e999 num-exponent-bomb num-digits-5000 "
    "num-underscore num-euro-format num-as-text num-brackets num-bool num-blank-required "
    "num-zero-not-blank num-error-ref num-formula-no-cache num-pounds-not-thousands "
    "num-negative num-xlsx-over-column date-feb-30 date-us-impossible date-ambiguous "
    "date-serial-60 date-serial-overflow date-general-number inject-equals inject-plus "
    "inject-minus inject-at inject-tab inject-cr inject-fullwidth text-script "
    "text-template text-crlf name-traversal name-html name-rtlo name-long name-double-bad "
    "name-nul type-html "
)
NAMED = frozenset(NAMED_TEXT.split())
# Tested on their own below or in tests/stp/core/test_reader.py, since they need a listener.
ELSEWHERE = {"xml-xxe-http"}


def test_every_named_case_is_in_the_table() -> None:
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names), "two cases have the same name"
    assert NAMED - set(names) == ELSEWHERE


def _seconds() -> float:
    """Processor time of this process and its children: a busy machine does not change it."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _outcome(book: Workbook) -> Table:
    sheet = book.table("Schemes")
    assert sheet is not None, "the sheet Schemes was not found"
    return parse(sheet, COLUMNS, Context(Unit.THOUSANDS))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "stored"
    path.write_bytes(case.make())
    began = _seconds()
    try:
        if case.refused:
            with pytest.raises(Refused) as refusal:
                read(path, file_name=case.file_name)
            _check_refusal(refusal.value, case)
        else:
            _check_read(case, read(path, file_name=case.file_name))
    finally:
        took = _seconds() - began
    assert took < SECONDS, f"{case.name} took {took:.1f} s of processor time"


def _check_refusal(refused: Refused, case: Case) -> None:
    assert refused.code == case.refused, refused.message
    assert CANARY not in refused.message
    assert "root:" not in refused.message
    assert refused.message[-1] in ".", f"not a sentence: {refused.message}"
    assert len(refused.message) < 400, "a refusal is a sentence or two"


def _check_read(case: Case, book: Workbook) -> None:
    table = _outcome(book)
    errors = {(i.code, i.cell) for i in table.issues if i.severity is Severity.ERROR}
    assert errors == set(case.errors), [i.message for i in table.issues]
    for issue in table.issues:
        assert len(issue.found) <= 200, f"{issue.code} quotes too much"
    if case.errors:
        return
    issues = [*book.findings, *table.issues]
    assert {i.code for i in issues} == set(case.warnings), [i.message for i in issues]
    assert len(table.rows) == case.rows
    for name, value in case.value.items():
        got = table.rows[0].values[name]
        assert got == value, f"{name} is {got!r}, wanted {value!r}"
        assert type(got) is type(value), f"{name} is {got!r}, wanted {value!r}"
