"""The preview as the page shows it: differences first, biggest first, totals before and after."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from stp.core import words
from stp.core.money import Unit
from stp.core.returns import Change, Preview

PAGE = 50
TOTALS = {
    "schemes": "Number of schemes",
    "plan": "Plan for the year",
    "actual": "Actual to date",
    "forecast": "Forecast outturn",
}
EFFECTS = {
    "plan": "Plan",
    "forecast": "Forecast",
    "risk_adjusted": "Forecast adjusted for risk",
    "gap_left": "Gap that this forecast leaves open",
}
_ORIGINS = {
    "cover": ", as its cover says",
    "choice": ", as you chose",
    "default": ", assumed: neither file nor choice says",
}


class Between(StrEnum):
    """Which two things stand side by side: it decides what a missing scheme is called."""

    FILE = "a file and the return in force"
    VERSIONS = "two versions"
    WITHDRAWAL = "a return and what is left without it"


# (word, sentence) of a new and of a missing scheme.
_WORDS: Mapping[Between, Mapping[str, tuple[str, str]]] = {
    Between.FILE: {
        "new": ("New", "The whole scheme is new"),
        "missing": (
            "Not in the file",
            "In force now, but not in the file: say below what becomes of it",
        ),
    },
    Between.VERSIONS: {
        "new": ("New", "Only the later of the two has this scheme"),
        "missing": ("No longer there", "Only the earlier of the two has this scheme"),
    },
    Between.WITHDRAWAL: {
        "new": ("Comes back", "This return does not name the scheme; without it, it is back"),
        "missing": ("Goes", "Only this return names the scheme; without it, it is gone"),
    },
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One scheme's line: what happens to it, its forecast, the reasons given, and each cell."""

    change: Change
    reasons: tuple[str, ...] = ()
    between: Between = Between.FILE

    @property
    def word(self) -> str:
        what = self.change.what
        return "Changed" if what == "changed" else _WORDS[self.between][what][0]

    @property
    def size(self) -> int:
        """How far the forecast moves, in pence; a new or missing scheme moves it whole."""
        before, after = self.change.forecast_before or 0, self.change.forecast_after or 0
        return abs(after - before)

    @property
    def moved(self) -> str:
        """'down £35k'; '' where one of the two is not known."""
        before, after = self.change.forecast_before, self.change.forecast_after
        return "" if before is None or after is None else _signed("forecast", after - before)

    @property
    def whole(self) -> str:
        """What stands in place of single cells for a new or a missing scheme."""
        return _WORDS[self.between][self.change.what][1]

    @property
    def summary(self) -> str:
        """The line the cells fold under: '14 cells of UC-01'."""
        count = len(self.cells)
        return f"{count} cell{'' if count == 1 else 's'} of {self.change.ref}"

    @property
    def cells(self) -> list[tuple[str, Any, Any]]:
        """(heading, before, after) of what differs; a heading that was not there says so."""
        before, after = self.change.before, self.change.after
        headings = list(dict.fromkeys([*before, *after]))
        return [
            (name, before.get(name, "not there"), after.get(name, "not there"))
            for name in headings
            if before.get(name) != after.get(name)
        ]


@dataclass(frozen=True, slots=True)
class Total:
    """One total before and after, as text, and the difference in words."""

    label: str
    before: str
    after: str
    moved: str


def differences(
    preview: Preview,
    issues: Iterable[Mapping[str, Any]] = (),
    reasons: Mapping[str, str] | None = None,
    between: Between = Between.FILE,
) -> list[Difference]:
    """Everything that is not unchanged, the biggest move of the forecast first.

    `issues` and `reasons` (code -> typed reason) of the return put beside each scheme the
    reasons given for its own warnings.
    """
    given = _reasons_by_ref(issues, reasons or {})
    found = [
        Difference(c, tuple(given.get(c.ref, ())), between)
        for c in preview.changes
        if c.what != "unchanged"
    ]
    return sorted(found, key=lambda d: (-d.size, d.change.ref))


def _reasons_by_ref(
    issues: Iterable[Mapping[str, Any]], reasons: Mapping[str, str]
) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for issue in issues:
        reason, ref = reasons.get(issue["code"], ""), issue.get("ref", "")
        said = found.setdefault(ref, [])
        if issue["severity"] == "warning" and ref and reason and reason not in said:
            said.append(reason)
    return found


def counts(preview: Preview) -> dict[str, int]:
    """How many schemes of each sort."""
    return {what: len(preview.of(what)) for what in ("unchanged", "changed", "new", "missing")}


def totals(preview: Preview) -> Iterator[Total]:
    """Each total the two sides have, money in pounds as people say it."""
    before, after = preview.totals_before, preview.totals_after
    for key in dict.fromkeys([*before, *after]):
        then, now = before.get(key), after.get(key)
        moved = "" if then is None or now is None else _signed(key, now - then)
        yield Total(label(key), text(key, then), text(key, now), moved)


def label(key: str) -> str:
    return TOTALS.get(key, key.replace("_", " ").capitalize())


def text(key: str, value: Any) -> str:
    """A total in words: '£1.2m'; schemes are counted, a text stays as it is."""
    if value is None:
        return words.NO_DATA
    if isinstance(value, bool) or not isinstance(value, int) or key in ("schemes", "rows"):
        return str(value)
    return words.money_words(value)


def _signed(key: str, moved: int) -> str:
    if moved == 0:
        return "no change"
    return f"{'up' if moved > 0 else 'down'} {text(key, abs(moved))}"


def effect(lines: Iterable[Mapping[str, Any]]) -> list[tuple[str, str, str, str]]:
    """(figure, year, before, after) of the whole programme, in words."""
    return [
        (
            EFFECTS.get(line["what"], label(line["what"])),
            line["year"],
            words.money_words(line["before"]),
            words.money_words(line["after"]),
        )
        for line in lines
    ]


def in_words(found: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Totals of a check for the problems page and the receipt, and how the file was read.

    A total a kind of return says nothing of (None) is left out: it is not nil.
    """
    lines = [(label(key), text(key, found[key])) for key in TOTALS if found.get(key) is not None]
    if unit := found.get("unit"):
        origin = _ORIGINS.get(found.get("unit_from", ""), "")
        lines.append(("Unit of the file", f"{unit}{origin} ({Unit(unit).symbol})"))
    # A plan return holds no actual figures, so how they would have been read says nothing.
    if "cumulative" in found and found.get("actual") is not None:
        lines.append(("Actual figures", "cumulative" if found["cumulative"] else "in-month"))
    if found.get("blank_rows"):
        lines.append(("Blank rows skipped", str(found["blank_rows"])))
    return lines
