"""Issues as the problems page shows them: grouped by cause, each thing said once."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SHOWN = 20  # entries of a group that stand open on the page; the rest is folded away
LISTED = 10  # up to so many issues, the summary lists each; beyond, each cause
# How a message of the parser begins when it names its place itself (stp.core.sheets.where).
_PLACE = re.compile(r"^(?:Sheet .{1,60}?, (?:cell [A-Z]+\d+|row \d+)|Line \d+): ")


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
    """What stands together in a list: one error, or every warning of a scheme."""

    first: Spot
    rest: tuple[Spot, ...] = ()

    @property
    def summary(self) -> str:
        """'3 more figures of SC-02: BH7, BI7, BJ7'."""
        count = len(self.rest)
        cells = ", ".join(spot.issue["cell"] for spot in self.rest if spot.issue["cell"])
        figures = "1 more figure" if count == 1 else f"{count} more figures"
        return f"{figures} of {self.first.issue['ref']}{': ' if cells else ''}{cells}"


@dataclass(frozen=True, slots=True)
class Group:
    """One cause: its code, its anchor on the page, and every place it was found."""

    code: str
    anchor: str
    entries: tuple[Entry, ...]

    @property
    def spots(self) -> list[Spot]:
        return [spot for entry in self.entries for spot in (entry.first, *entry.rest)]

    @property
    def title(self) -> str:
        """'Control total (3 places)'."""
        count = len(self.spots)
        return f"{cause(self.code)} ({count} places)" if count > 1 else cause(self.code)

    @property
    def wanted(self) -> str:
        """What all places of the group want, said once above them; '' where they differ."""
        wanted = {spot.wanted for spot in self.spots}
        return wanted.pop() if len(wanted) == 1 and len(self.spots) > 1 else ""

    @property
    def first(self) -> tuple[Entry, ...]:
        return self.entries[:SHOWN]

    @property
    def rest(self) -> tuple[Entry, ...]:
        return self.entries[SHOWN:]

    @property
    def rest_summary(self) -> str:
        count = sum(1 + len(entry.rest) for entry in self.rest)
        return f"The same in {count} more place{'' if count == 1 else 's'}"


def by_cause(issues: Iterable[Mapping[str, Any]], severity: str) -> list[Group]:
    """Groups of one severity in the order their first issue stands in the file."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for issue in issues:
        if issue["severity"] == severity:
            found.setdefault(issue["code"], []).append(issue)
    return [
        _group(code, f"{severity}-{number}", same, by_scheme=severity == "warning")
        for number, (code, same) in enumerate(found.items(), start=1)
    ]


def _group(
    code: str, anchor: str, issues: Sequence[Mapping[str, Any]], *, by_scheme: bool
) -> Group:
    """Errors one by one, for each is corrected in its cell; warnings of a scheme together."""
    together: dict[Any, list[Spot]] = {}
    for number, issue in enumerate(issues, start=1):
        key = issue.get("ref") if by_scheme else None
        together.setdefault(key or number, []).append(Spot(f"{anchor}-{number}", issue))
    return Group(code, anchor, tuple(Entry(s[0], tuple(s[1:])) for s in together.values()))


def cause(code: str) -> str:
    """A code as words: 'prior_month_restated' is 'Prior month restated'."""
    return code.replace("_", " ").capitalize()


def summary(found: Sequence[Group]) -> list[dict[str, str]]:
    """The error summary: every error linked to its place; of many, each cause with its first."""
    every = [spot for group in found for spot in group.spots]
    if len(every) <= LISTED:
        return [{"text": _line(spot), "href": f"#{spot.anchor}"} for spot in every]
    return [{"text": _headline(group), "href": f"#{group.anchor}"} for group in found]


def _line(spot: Spot) -> str:
    return f"{spot.where}: {spot.text}" if spot.where else spot.text


def _headline(group: Group) -> str:
    count = len(group.spots)
    first = _line(group.spots[0])
    return f"{cause(group.code)}, {count} places. The first: {first}" if count > 1 else first
