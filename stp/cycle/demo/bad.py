"""Bad returns of NGH for June 2017: one fault each, named by it, made from the good one."""

import io
import zipfile
from collections.abc import Callable, Iterator
from copy import deepcopy

from finance.returns.template import write_csv, write_xlsx
from finance.scheme_rows import SchemeRow
from stp.cycle.demo.returns import rows

PERIOD = "2017-06"
Rows = list[SchemeRow]


def _good() -> Rows:
    return deepcopy(rows("ngh", "finance", PERIOD))


def _duplicate_ref(found: Rows) -> None:
    found.append(deepcopy(found[0]))


def _text_in_actual(found: Rows) -> None:
    found[0]["actual"]["2017-06"] = "tbc"


def _not_a_number(found: Rows) -> None:
    found[1]["forecast"]["2017-09"] = "NaN"


def _unknown_line(found: Rows) -> None:
    found[2]["line"] = "UK"


def _unknown_maturity(found: Rows) -> None:
    found[2]["maturity"] = "Nearly there"


def _unknown_risk(found: Rows) -> None:
    found[3]["risk"] = "Severe"


def _bad_start_month(found: Rows) -> None:
    found[3]["start_month"] = "soon"


def _actual_after_period(found: Rows) -> None:
    found[0]["actual"]["2017-08"] = 4_000_000


def _plan_differs(found: Rows) -> None:
    found[9]["plan"]["2017-12"] += 5_000_000


def _blank_forecast(found: Rows) -> None:
    found[0]["forecast"]["2017-11"] = None


def _blank_later_year(found: Rows) -> None:
    found[4]["forecast"]["2019/20"] = None


def _blank_title(found: Rows) -> None:
    found[5]["title"] = ""


def _closed_with_forecast(found: Rows) -> None:
    found[1]["maturity"] = "Closed"


def _too_large(found: Rows) -> None:
    found[0]["forecast"]["2017-10"] = 150_000_000_000


def _totals_row(found: Rows) -> None:
    total = deepcopy(found[0])
    total["ref"], total["title"] = "TOTAL", "All schemes"
    found.append(total)


def _long_ref(found: Rows) -> None:
    found[0]["ref"] = "UC-01-FRONT-DOOR-STREAMING"


def _two_faults(found: Rows) -> None:
    found[0]["forecast"]["2017-09"] = "tbc"
    found[9]["maturity"] = "In deliverance"
    found[5]["risk"] = "Hgh"


BY_ROWS: dict[str, Callable[[Rows], None]] = {
    "duplicate-ref": _duplicate_ref,
    "text-in-actual": _text_in_actual,
    "not-a-number": _not_a_number,
    "unknown-line": _unknown_line,
    "unknown-maturity": _unknown_maturity,
    "unknown-risk": _unknown_risk,
    "bad-start-month": _bad_start_month,
    "actual-after-period": _actual_after_period,
    "plan-differs": _plan_differs,
    "blank-forecast": _blank_forecast,
    "blank-later-year": _blank_later_year,
    "blank-title": _blank_title,
    "closed-with-forecast": _closed_with_forecast,
    "too-large": _too_large,
    "totals-row": _totals_row,
    "long-ref": _long_ref,
}
# The exercise of the demonstration: three slips in one file, as on a deadline day.
EXERCISE = "three-slips"
COVERS: dict[str, dict[str, object]] = {
    "wrong-organisation": {"organisation": "RNQ"},
    "wrong-period": {"period": "2017-05"},
    "wrong-unit": {"unit": "£"},
    "control-total-off": {"forecast": 12},
    "control-count-off": {"schemes": 3},
}


def files(code: str) -> Iterator[tuple[str, bytes]]:
    """File name and bytes of every bad return; `code` is NGH's."""
    for name, spoil in {**BY_ROWS, EXERCISE: _two_faults}.items():
        found = _good()
        spoil(found)
        yield f"{name}.xlsx", _book(found, {"organisation": code})
    for name, cover in COVERS.items():
        yield f"{name}.xlsx", _book(_good(), {"organisation": code, **cover})
    yield "missing-column.csv", _without_column("Maturity")
    yield "duplicate-header.csv", _csv().replace(b"Delivery risk", b"Maturity", 1)
    yield "no-schemes-sheet.xlsx", _renamed_sheet(code)
    yield "empty.xlsx", b""
    yield "not-a-workbook.xlsx", b"This is a letter, not a workbook.\r\n"


def _book(found: Rows, cover: dict[str, object]) -> bytes:
    return write_xlsx(found, period=PERIOD, cover=cover)


def _csv() -> bytes:
    return write_csv(_good(), period=PERIOD)


def _without_column(heading: str) -> bytes:
    return _csv().replace(f",{heading},".encode(), b",My own heading,", 1)


def _renamed_sheet(code: str) -> bytes:
    """The good workbook with its sheet called something else."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(_book(_good(), {"organisation": code}))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for item in old.infolist():
            part = old.read(item)
            if item.filename.startswith(("xl/workbook", "docProps/app")):
                part = part.replace(b"Schemes", b"Savings")
            new.writestr(item, part)
    return out.getvalue()
