"""A row of the file between cell and check: the JSON row, and where each value stood."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from finance.returns.facts import Facts
from finance.scheme_rows import SchemeRow
from stp.core.sheets import Issue, Severity, visible

SHEET = "Schemes"


@dataclass(frozen=True, slots=True)
class Entry:
    """A checked row with the cell addresses and the text found, by field.

    A field is a name of the row, or `plan:2017-04`, `actual:2017-06`, `forecast:2018/19`.
    `faulty` are fields whose cell had an error already, `absent` those without a column: no
    further check asks for them.
    """

    row: SchemeRow
    number: int = 0
    cells: Mapping[str, str] = field(default_factory=dict)
    found: Mapping[str, str] = field(default_factory=dict)
    headings: Mapping[str, str] = field(default_factory=dict)
    faulty: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()

    @property
    def ref(self) -> str:
        return str(self.row["ref"])

    @property
    def unread(self) -> frozenset[str]:
        return self.faulty | self.absent

    @property
    def adds_up(self) -> bool:
        """Whether every figure of the row could be read, so that its sums mean something."""
        return not any(":" in field for field in self.faulty)

    def error(self, code: str, message: str, at: str, wanted: str = "") -> Issue:
        return self._issue(Severity.ERROR, code, message, at, wanted)

    def warning(self, code: str, message: str, at: str = "ref", wanted: str = "") -> Issue:
        return self._issue(Severity.WARNING, code, message, at, wanted)

    def _issue(self, severity: Severity, code: str, message: str, at: str, wanted: str) -> Issue:
        return Issue(
            severity=severity,
            code=code,
            # It may quote a cell: a mark that turns text round or hides would mislead its reader.
            message=visible(message, len(message)),
            sheet=SHEET,
            cell=self.cells.get(at, ""),
            row=self.number,
            column=self.headings.get(at, at),
            found=self.found.get(at, ""),
            wanted=wanted,
            ref=self.ref,
        )


Issues = Iterator[Issue]
__all__ = ["SHEET", "Entry", "Facts", "Issues"]
