"""Issues as the problems page shows them: grouped by cause, each cause with its cells."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SHOWN = 20  # issues of a group that stand open on the page; the rest is folded away


@dataclass(frozen=True, slots=True)
class Group:
    """One cause: its code, and every place it was found."""

    code: str
    issues: tuple[Mapping[str, Any], ...]

    @property
    def title(self) -> str:
        """'Control total (3 places)'."""
        count = len(self.issues)
        return f"{cause(self.code)} ({count} places)" if count > 1 else cause(self.code)

    @property
    def first(self) -> tuple[Mapping[str, Any], ...]:
        return self.issues[:SHOWN]

    @property
    def rest(self) -> tuple[Mapping[str, Any], ...]:
        return self.issues[SHOWN:]

    @property
    def rest_summary(self) -> str:
        return f"The same in {len(self.rest)} more places"


def by_cause(issues: Iterable[Mapping[str, Any]], severity: str) -> list[Group]:
    """Groups of one severity in the order their first issue stands in the file."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for issue in issues:
        if issue["severity"] == severity:
            found.setdefault(issue["code"], []).append(issue)
    return [Group(code, tuple(same)) for code, same in found.items()]


def cause(code: str) -> str:
    """A code as words: 'prior_month_restated' is 'Prior month restated'."""
    return code.replace("_", " ").capitalize()


def summary(found: Sequence[Group]) -> list[dict[str, str]]:
    """The error summary: each cause once, with its first place, linked to its section."""
    lines = []
    for number, group in enumerate(found, start=1):
        first = group.issues[0]
        where = place(first)
        more = f" (and {len(group.issues) - 1} more)" if len(group.issues) > 1 else ""
        text = f"{where}: {first['message']}{more}" if where else f"{first['message']}{more}"
        lines.append({"text": text, "href": f"#error-{number}"})
    return lines


def place(issue: Mapping[str, Any]) -> str:
    """'Sheet "Schemes", cell H14', as far as it is known; '' for a fault of the whole file.

    Also '' where the message names its place itself: nobody reads it twice.
    """
    if issue["cell"] and f"cell {issue['cell']}" in issue["message"]:
        return ""
    if issue["cell"]:
        where = f"cell {issue['cell']}"
    else:
        where = f"row {issue['row']}" if issue["row"] else ""
    sheet = f"Sheet “{issue['sheet']}”" if issue["sheet"] else ""
    return ", ".join(filter(None, (sheet, where)))
