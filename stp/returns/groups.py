"""Issues as the problems page shows them: grouped by cause, each thing said once."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

SHOWN = 20  # entries of a group that stand open on the page; the rest is folded away
DRAWN = 50  # places of a group the page names, and cells of one entry; the rest is counted
ON_PAGE = 300  # places all groups of a severity have between them, however many groups there are
LEAST = 3  # places each group names even then
SAME = 3  # from so many cells on, the same error is said once, with its cells
LISTED = 10  # up to so many issues, the summary lists each; beyond, each cause
# How a message of the parser begins when it names its place itself (stp.core.sheets.where).
_PLACE = re.compile(r"^(?:Sheet .{1,60}?, (?:cell [A-Z]+\d+|row \d+)|Line \d+): ")

_QUESTION = re.compile(r"Did you mean .+?”\?")


@dataclass(frozen=True, slots=True)
class Spot:
    """One issue as it is read: its id on the page, where, what, and what that leaves unsaid."""

    anchor: str
    issue: Mapping[str, Any]

    @property
    def where(self) -> str:
        """'Sheet "Schemes", cell H14', as far as it is known; '' for a fault of the whole file."""
        issue = self.issue
        if line := re.match(r"Line \d+", issue["message"]):
            return line[0]
        if issue["cell"]:
            place = f"cell {issue['cell']}"
        else:
            place = f"row {issue['row']}" if issue["row"] else ""
        sheet = f"Sheet “{issue['sheet']}”" if issue["sheet"] else ""
        return ", ".join(filter(None, (sheet, place)))

    @property
    def text(self) -> str:
        """The message without the place in front of it."""
        return _PLACE.sub("", self.issue["message"])

    @property
    def found(self) -> str:
        """What the cell of an error holds, unless the message quotes it; a warning names both."""
        found = str(self.issue["found"])
        said = f"“{found}”" in self.text or self.issue["severity"] == "warning"
        return "" if said else found

    @property
    def wanted(self) -> str:
        wanted = str(self.issue["wanted"])
        return "" if wanted in self.text else wanted


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands together in a list: one error, the same error in many cells, or every warning
    of a scheme."""

    first: Spot
    rest: tuple[Spot, ...] = ()

    @property
    def spots(self) -> tuple[Spot, ...]:
        return (self.first, *self.rest)

    @property
    def lines(self) -> int:
        """Lines it takes on the page: one of its own for each place, unless all are one problem."""
        return 1 if self.same else len(self.spots)

    @property
    def named(self) -> int:
        """Places the page names for it."""
        return min(len(self.spots), DRAWN) if self.same else len(self.spots)

    def cut(self, lines: int) -> "Entry":
        """The entry in at most so many lines, one or more."""
        return self if self.lines <= lines else Entry(self.first, self.rest[: lines - 1])

    @property
    def summary(self) -> str:
        """'3 more figures of SC-02: BH7, BI7, BJ7'."""
        count = len(self.rest)
        cells = ", ".join(spot.issue["cell"] for spot in self.rest if spot.issue["cell"])
        figures = "1 more figure" if count == 1 else f"{count} more figures"
        return f"{figures} of {self.first.issue['ref']}{': ' if cells else ''}{cells}"

    @property
    def same(self) -> str:
        """'Same problem in 12 rows: column F, Start month, is “31/11/2026”'; '' of one place."""
        issues = [spot.issue for spot in self.spots]
        if len(issues) < SAME or issues[0]["severity"] == "warning":
            return ""
        found = f"is “{issues[0]['found']}”" if issues[0]["found"] else "is blank"
        columns = list(dict.fromkeys(issue["column"] for issue in issues))
        if len(columns) > 1:
            return f"Same problem in {len(issues)} cells of row {issues[0]['row']}: each {found}"
        letters = issues[0]["cell"].rstrip("0123456789")
        return f"Same problem in {len(issues):,} rows: column {letters}, {columns[0]}, {found}"

    @property
    def question(self) -> str:
        """'Did you mean “Nov-26”?', asked once for all cells."""
        asked = _QUESTION.search(self.first.text)
        return asked[0] if asked else ""

    @property
    def show_cells(self) -> str:
        count = len(self.spots)
        if count > self.named:
            return f"Show the first {self.named} of {count:,} cells"
        return f"Show the {count} cells"

    @property
    def cells(self) -> str:
        """'F8, F9, F12': the cells of the entry that are named."""
        return ", ".join(spot.issue["cell"] for spot in self.spots[: self.named])


@dataclass(frozen=True)  # without slots: what is worked out from every place is kept
class Group:
    """One cause: its code, its anchor on the page, and every place it was found.

    The page names up to `lines` of the places and counts the others (UX-2.8a: all of them are
    told): a page of 20,000 lines is neither sent in time nor read.
    """

    code: str
    anchor: str
    entries: tuple[Entry, ...]
    lines: int = DRAWN

    @cached_property
    def spots(self) -> tuple[Spot, ...]:
        return tuple(spot for entry in self.entries for spot in entry.spots)

    @property
    def title(self) -> str:
        """'Control total (3 places)'."""
        count = len(self.spots)
        return f"{cause(self.code)} ({count:,} places)" if count > 1 else cause(self.code)

    @cached_property
    def wanted(self) -> str:
        """What all places of the group want, said once above them; '' where they differ."""
        wanted = {spot.wanted for spot in self.spots}
        return wanted.pop() if len(wanted) == 1 and len(self.spots) > 1 else ""

    @cached_property
    def drawn(self) -> tuple[Entry, ...]:
        """The entries the page names, the last of them cut where it is too long."""
        drawn, left = [], self.lines
        for entry in self.entries:
            if left < 1:
                break
            drawn.append(entry.cut(left))
            left -= drawn[-1].lines
        return tuple(drawn)

    @property
    def first(self) -> tuple[Entry, ...]:
        return self.drawn[:SHOWN]

    @property
    def rest(self) -> tuple[Entry, ...]:
        return self.drawn[SHOWN:]

    @property
    def rest_summary(self) -> str:
        return f"The same in {_more(sum(len(entry.spots) for entry in self.rest))}"

    @property
    def unnamed(self) -> str:
        """'And 19,845 more places'; '' where the page names every place."""
        count = len(self.spots) - sum(entry.named for entry in self.drawn)
        return f"And {_more(count)}" if count else ""


def _more(count: int) -> str:
    return f"{count:,} more place{'' if count == 1 else 's'}"


def by_cause(issues: Iterable[Mapping[str, Any]], severity: str) -> list[Group]:
    """Groups of one severity in the order their first issue stands in the file."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for issue in issues:
        if issue["severity"] == severity:
            found.setdefault(issue["code"], []).append(issue)
    lines = max(LEAST, min(DRAWN, ON_PAGE // max(1, len(found))))
    return [
        Group(code, anchor, _entries(anchor, same, by_scheme=severity == "warning"), lines)
        for anchor, (code, same) in (
            (f"{severity}-{number}", group) for number, group in enumerate(found.items(), start=1)
        )
    ]


def _entries(
    anchor: str, issues: Sequence[Mapping[str, Any]], *, by_scheme: bool
) -> tuple[Entry, ...]:
    """Warnings of a scheme together; errors one by one, but the same in many cells once."""
    spots = [Spot(f"{anchor}-{number}", issue) for number, issue in enumerate(issues, start=1)]
    if by_scheme:
        return _together(spots, [spot.issue.get("ref") for spot in spots])
    return _together(spots, _same(spots))


def _together(spots: Sequence[Spot], keys: Sequence[Any]) -> tuple[Entry, ...]:
    """An entry for each key, in the order of its first spot; a spot without a key is its own."""
    found: dict[Any, list[Spot]] = {}
    for spot, key in zip(spots, keys, strict=True):
        found.setdefault(key or spot.anchor, []).append(spot)
    return tuple(Entry(same[0], tuple(same[1:])) for same in found.values())


def _same(spots: Sequence[Spot]) -> list[tuple[Any, ...] | None]:
    """What makes errors the same: the value in a column, or else the value along a row."""
    columns = [_key(spot, "column") for spot in spots]
    rows = [_key(spot, "row") for spot in spots]
    down, along = Counter(columns), Counter(rows)
    return [
        column
        if down[column] >= max(SAME, along[row])
        else row
        if along[row] >= SAME and along[row] > down[column]
        else None
        for column, row in zip(columns, rows, strict=True)
    ]


def _key(spot: Spot, name: str) -> tuple[Any, ...]:
    """Sheet, column or row, what was found and what is wanted; a spot without a cell is alone."""
    issue = spot.issue
    if not issue["cell"] or not issue[name]:
        return (spot.anchor,)
    return (name, issue["sheet"], issue[name], issue["found"], issue["wanted"])


def cause(code: str) -> str:
    """A code as words: 'prior_month_restated' is 'Prior month restated'."""
    return code.replace("_", " ").capitalize()


def summary(found: Sequence[Group]) -> list[dict[str, str]]:
    """The error summary: every error linked to its place; of many, each cause with its first."""
    every = [entry for group in found for entry in group.entries]
    if len(every) <= LISTED:
        return [{"text": _entry(entry), "href": f"#{entry.first.anchor}"} for entry in every]
    return [{"text": _headline(group), "href": f"#{group.anchor}"} for group in found]


def _entry(entry: Entry) -> str:
    return entry.same or _line(entry.first)


def _line(spot: Spot) -> str:
    return f"{spot.where}: {spot.text}" if spot.where else spot.text


def _headline(group: Group) -> str:
    count = len(group.spots)
    first = _line(group.spots[0])
    return f"{cause(group.code)}, {count:,} places. The first: {first}" if count > 1 else first
