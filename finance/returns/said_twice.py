"""What a workbook says twice and differently: nobody can tell which of the two counts. Pure."""

from collections.abc import Iterator

from finance.returns import cover as covers
from finance.returns.cover import Cover
from finance.returns.entries import SHEET
from finance.returns.facts import Facts
from stp.core.columns import read_number
from stp.core.sheets import Cell, Issue, Severity, Workbook, visible

_NOT_READ = frozenset({"prepared_by", "version"})  # nothing depends on them


def said_twice(book: Workbook, cover: Cover, facts: Facts) -> Iterator[Issue]:
    """Errors: sheets of one name, and labels of the cover with two values.

    One value in two spellings, "£000" and "thousands", is said once.
    """
    yield from _sheets(book)
    words = dict(covers.labels())
    for name, cell, row, place in cover.again:
        before = cover.cells[name]
        if name in _NOT_READ or _meant(name, before, facts) == _meant(name, cell, facts):
            continue
        first, second = visible(before.text.strip(), 40), visible(cell.text.strip(), 40)
        yield Issue(
            Severity.ERROR, "said_twice",
            f"{words[name]} is said twice on the cover: “{first}” in {cover.places[name]} and "
            f"“{second}” in {place}. Leave one.",
            sheet=cover.sheet, cell=place, row=row, found=second, wanted="each label once",
        )  # fmt: skip


def _sheets(book: Workbook) -> Iterator[Issue]:
    """To Excel "Schemes" and "schemes " are two sheets; to whoever looks for one, either is it."""
    for name in () if book.is_csv else (covers.SHEET, SHEET):
        found = [visible(sheet.name) for sheet in book.sheets_named(name)]
        if len(found) > 1:
            listed = " and ".join(f"“{each}”" for each in found)
            yield Issue(
                Severity.ERROR, "sheet_twice",
                f"{len(found)} sheets are called {name}, apart from capitals and spaces: {listed}. "
                "Leave the one that counts and rename or delete the rest.",
                sheet=name, found=listed, wanted=f"one sheet {name}",
            )  # fmt: skip


def _meant(name: str, cell: Cell, facts: Facts) -> object:
    """What a cell of the cover means: equal where two spellings mean the same."""
    text = " ".join(cell.text.split()).casefold()
    if name == "unit":
        return covers.unit_of(text) or text
    if name == "organisation":
        own = {*facts.codes, facts.organisation_name.casefold()}
        return facts.organisation if text in own else text
    if name == "period":
        meant = covers.periods_named(cell, facts)
        return min(meant) if meant else text
    if name in covers.CONTROLS:
        number = read_number(text) if cell.number is None else cell.number
        return text if number is None else number
    return text.replace(" ", "-")
