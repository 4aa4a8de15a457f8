"""The optional sheet `Return` (the cover) and what was chosen at upload; both must agree. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from finance.returns.facts import Facts
from stp.core.columns import Month, read_number
from stp.core.money import Unit
from stp.core.sheets import (
    Cell,
    CellKind,
    Context,
    Issue,
    Severity,
    Workbook,
    cell_name,
    visible,
)

SHEET = "Return"
TEMPLATE_VERSION = "1"
# Label on the cover -> field. The template writes the first label of each field.
LABELS = {
    "organisation code": "organisation", "organisation": "organisation",
    "period": "period", "reporting period": "period",
    "unit": "unit",
    "actual figures": "basis",
    "template version": "version",
    "prepared by": "prepared_by",
    "number of schemes": "schemes", "schemes": "schemes",
    "plan for the year": "plan",
    "actual to date": "actual",
    "forecast outturn": "forecast",
}  # fmt: skip
CONTROLS = ("schemes", "plan", "actual", "forecast")
CONTROL_WORDS = {
    "schemes": "Number of schemes",
    "plan": "Plan for the year",
    "actual": "Actual to date",
    "forecast": "Forecast outturn",
}
UNIT_WORDS = {
    "£": Unit.POUNDS, "pounds": Unit.POUNDS, "gbp": Unit.POUNDS,
    "£000": Unit.THOUSANDS, "£000s": Unit.THOUSANDS, "£'000": Unit.THOUSANDS,
    "£k": Unit.THOUSANDS, "thousands": Unit.THOUSANDS, "000": Unit.THOUSANDS,
    "£m": Unit.MILLIONS, "millions": Unit.MILLIONS, "£ million": Unit.MILLIONS,
}  # fmt: skip
IN_MONTH, CUMULATIVE = "In-month", "Cumulative"


@dataclass(frozen=True, slots=True)
class Choices:
    """What was chosen at upload (`Return.choices`). Control totals are in the file's unit."""

    unit: Unit | None = None
    default_unit: Unit | None = None
    cumulative: bool = False
    control: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cover:
    """The cells of the cover by field, with their addresses.

    `again` holds what is stated a second time: field, cell, its row and its address.
    """

    cells: Mapping[str, Cell] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    sheet: str = SHEET
    again: Sequence[tuple[str, Cell, int, str]] = ()

    def text(self, name: str) -> str:
        return self.cells[name].text.strip() if name in self.cells else ""

    def issue(self, code: str, message: str, name: str, wanted: str = "") -> Issue:
        """An error at a cell of the cover; about a choice at upload it names no place at all."""
        return Issue(
            Severity.ERROR, code, message,
            sheet=self.sheet if name in self.places else "", cell=self.places.get(name, ""),
            row=int(re.sub(r"\D", "", self.places.get(name, "")) or 0) or None,
            found=visible(self.text(name)), wanted=wanted,
        )  # fmt: skip


def choices_of(chosen: Mapping[str, Any]) -> Choices:
    """Read `Return.choices`; unknown words are no choice."""
    control = chosen.get("control") or {}
    return Choices(
        unit=unit_of(chosen.get("unit")),
        default_unit=unit_of(chosen.get("default_unit")),
        cumulative=bool(chosen.get("cumulative")),
        control={name: str(control[name]) for name in CONTROLS if control.get(name) is not None},
    )


def unit_of(word: Any) -> Unit | None:
    return UNIT_WORDS.get(" ".join(str(word or "").replace("’", "'").split()).casefold())


def read_cover(book: Workbook) -> Cover:
    """Find the labels of the cover: each is followed, in its row, by its value.

    Of a label that stands twice the first counts; `finance.returns.said_twice` compares them.
    """
    sheet = None if book.is_csv else book.sheet(SHEET)
    if sheet is None:
        return Cover()
    cells: dict[str, Cell] = {}
    places: dict[str, str] = {}
    again: list[tuple[str, Cell, int, str]] = []
    for number, row in sheet.rows:
        stated = [(i, c) for i, c in enumerate(row) if not _is_blank(c)]
        if len(stated) < 2:
            continue
        label = " ".join(stated[0][1].text.split()).casefold().rstrip(": ")
        if label not in LABELS:
            continue
        (place, cell), name = stated[1], LABELS[label]
        if name in cells:
            again.append((name, cell, number, cell_name(place, number)))
        else:
            cells[name], places[name] = cell, cell_name(place, number)
    return Cover(cells, places, sheet.name, again)


def _is_blank(cell: Cell) -> bool:
    return cell.kind is CellKind.BLANK or (cell.kind is CellKind.TEXT and not cell.text.strip())


def settle_unit(cover: Cover, choices: Choices) -> tuple[Unit | None, str, list[Issue]]:
    """The file's unit, where it came from (cover, choice, default), and what is wrong with it."""
    stated = cover.text("unit")
    written = unit_of(stated)
    if stated and written is None:
        issue = cover.issue(
            "unit_unknown", f"The cover's unit “{visible(stated, 40)}” is none we know.", "unit",
            "£, £000 or £m",
        )  # fmt: skip
        return choices.unit, "choice", [issue]
    if written and choices.unit and written is not choices.unit:
        issue = cover.issue(
            "unit_mismatch",
            f"The cover says {written.symbol}, but {choices.unit.symbol} was chosen at upload.",
            "unit", "the same unit in both places",
        )  # fmt: skip
        return None, "", [issue]
    if written:
        return written, "cover", []
    if choices.unit:
        return choices.unit, "choice", []
    if choices.default_unit:
        return choices.default_unit, "default", []
    missing = Issue(
        Severity.ERROR, "unit_missing",
        "Neither the cover nor your choice says whether the figures are in £, £000 or £m, so none "
        "of them was read.",
        sheet=cover.sheet if cover.cells else "", wanted="a unit: £, £000 or £m",
    )  # fmt: skip
    return None, "", [missing]


def unreadable(cover: Cover) -> Iterator[Issue]:
    """Cells of the cover that hold an error, or a formula whose value was never saved."""
    for name, cell in cover.cells.items():
        if cell.kind in (CellKind.ERROR, CellKind.FORMULA_WITHOUT_VALUE):
            yield cover.issue(
                "error_cell" if cell.kind is CellKind.ERROR else "formula_without_value",
                f"The cover's cell {cover.places[name]} has no value that can be read.",
                name, "a value: open the file in Excel, let it calculate and save it",
            )  # fmt: skip


def mismatches(cover: Cover, choices: Choices, facts: Facts) -> Iterator[Issue]:
    """The cover names another organisation, period or basis than was chosen; both are named."""
    code = cover.text("organisation")
    if code and code.casefold() not in facts.codes:
        yield cover.issue(
            "cover_mismatch",
            f"The cover is for “{visible(code, 40)}”, but the return was sent for "
            f"{facts.organisation_name or facts.organisation}.",
            "organisation", "the organisation the return is sent for",
        )  # fmt: skip
    if "period" in cover.cells and cover.text("period"):
        yield from _period_mismatch(cover, facts)
    basis = cover.text("basis").casefold().replace(" ", "-")
    if basis and basis != (CUMULATIVE if choices.cumulative else IN_MONTH).casefold():
        chosen = CUMULATIVE if choices.cumulative else IN_MONTH
        yield cover.issue(
            "cover_mismatch",
            f"The cover says the actuals are “{visible(cover.text('basis'), 40)}”, but "
            f"{chosen.lower()} figures were chosen at upload.",
            "basis", f"{IN_MONTH} or {CUMULATIVE}, the same in both places",
        )  # fmt: skip


def _period_mismatch(cover: Cover, facts: Facts) -> Iterator[Issue]:
    if facts.period.code not in periods_named(cover.cells["period"], facts):
        yield cover.issue(
            "cover_mismatch",
            f"The cover is for “{visible(cover.text('period'), 40)}”, but the return was sent for "
            f"{facts.period.label}.",
            "period", facts.period.code,
        )  # fmt: skip


def periods_named(cell: Cell, facts: Facts) -> set[str]:
    """Period codes a cover's cell may mean: a code, a name, a label, a month, a plan's year."""
    text = " ".join(cell.text.split()).casefold()
    period = facts.period
    names = {period.code, period.name.casefold(), period.label.casefold()}
    if facts.is_plan:
        names |= {period.year, f"plan {period.year}"}
    if text in names:
        return {period.code}
    month = Month().clean(cell, Context(Unit.POUNDS)).value
    return {month} if month and not period.is_final else set()


def control_totals(
    cover: Cover,
    choices: Choices,
    totals: Mapping[str, int],
    alternatives: Mapping[str, int],
    *,
    unit: Unit,
    is_csv: bool,
) -> Iterator[Issue]:
    """Totals the sender took from the ledger against those of the file (`control_total`).

    Off by more than half a unit a scheme is an error. `alternatives` are second readings that
    are right too (a forecast without the estimates of blank months).
    """
    stated = list(_stated(cover, choices))
    if not stated and is_csv:
        yield Issue(
            Severity.WARNING, "no_control_total",
            "No control totals were given with this CSV file, so nothing shows that it is whole.",
            wanted="number of schemes, plan for the year, actual to date, forecast outturn",
        )  # fmt: skip
    tolerance = Decimal(totals["schemes"] * unit.pence) / 2
    for name, text, place in stated:
        number = read_number(text)
        if number is None:
            yield cover.issue(
                "not_a_number",
                f"The control total “{CONTROL_WORDS[name]}” is “{visible(text, 40)}”, no number.",
                place, "a number",
            )  # fmt: skip
            continue
        scale, allowed = (1, Decimal(0)) if name == "schemes" else (unit.pence, tolerance)
        sums = {totals[name], alternatives.get(name, totals[name])}
        if all(abs(number * scale - worked) > allowed for worked in sums):
            yield _off(cover, name, place, number, totals[name], unit)


def _stated(cover: Cover, choices: Choices) -> Iterator[tuple[str, str, str]]:
    """(control, text, field of the cover or "") for each control total that was given."""
    broken = (CellKind.ERROR, CellKind.FORMULA_WITHOUT_VALUE)  # `unreadable` said so
    for name in CONTROLS:
        cell = cover.cells.get(name)
        if cell is not None and cell.kind in broken:
            cell = None
        if cell is not None and (cell.number is not None or cell.text.strip()):
            # Without exponent: nil by a formula is often 1.1E-13.
            yield name, cell.text if cell.number is None else f"{cell.number:f}", name
        if name in choices.control:
            yield name, choices.control[name], ""


def _off(cover: Cover, name: str, place: str, number: Decimal, worked: int, unit: Unit) -> Issue:
    if name == "schemes":
        said, summed = f"{number}", f"{worked}"
    else:
        said, summed = _in(unit, number), _in(unit, Decimal(worked) / unit.pence)
    return cover.issue(
        "control_total",
        f"{CONTROL_WORDS[name]}: the control total says {said}, the rows of the file add up to "
        f"{summed}.",
        place, f"{summed}, or the rows that are missing",
    )  # fmt: skip


def _in(unit: Unit, number: Decimal) -> str:
    words = f"{number:,.2f}".rstrip("0").rstrip(".")
    return f"£{words}" if unit is Unit.POUNDS else f"{words} ({unit.symbol})"


def labels() -> Sequence[tuple[str, str]]:
    """(field, label as the template writes it), in the cover's order."""
    first: dict[str, str] = {}
    for label, name in LABELS.items():
        first.setdefault(name, label.capitalize())
    return tuple(first.items())
