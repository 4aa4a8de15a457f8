"""The 5 × 5 map of risks: how many stand where, and which."""

from collections.abc import Iterable
from dataclasses import dataclass

from stp.core.models import SnapshotLine

SCALE = (1, 2, 3, 4, 5)


@dataclass(frozen=True, slots=True)
class Cell:
    """One place of the map with the risks that stand there; `depth` 1-5 tints it by score."""

    likelihood: int
    impact: int
    refs: tuple[str, ...]

    @property
    def score(self) -> int:
        return self.likelihood * self.impact

    @property
    def depth(self) -> int:
        return (self.score - 1) // 5 + 1


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Rows from likelihood 5 down to 1, impact 1 to 5 across; `unscored` stand on no place."""

    rows: tuple[tuple[int, tuple[Cell, ...]], ...]
    unscored: tuple[str, ...]

    @property
    def impacts(self) -> tuple[int, ...]:
        return SCALE

    @property
    def by_score(self) -> list[Cell]:
        """Places that hold a risk, highest score first: the map as a list for small screens."""
        held = [cell for _, cells in self.rows for cell in cells if cell.refs]
        return sorted(held, key=lambda c: (-c.score, -c.likelihood))


def heat_map(lines: Iterable[SnapshotLine]) -> HeatMap:
    """Count open risks by likelihood and impact. A closed risk stands nowhere."""
    placed: dict[tuple[int, int], list[str]] = {}
    unscored: list[str] = []
    for line in lines:
        if not line.detail.get("open", True):
            continue
        if line.score is None:
            unscored.append(line.subject_id)
            continue
        place = (line.detail["likelihood"], line.detail["impact"])
        placed.setdefault(place, []).append(line.subject_id)
    rows = tuple(
        (likelihood, tuple(_cell(likelihood, impact, placed) for impact in SCALE))
        for likelihood in reversed(SCALE)
    )
    return HeatMap(rows, tuple(sorted(unscored)))


def _cell(likelihood: int, impact: int, placed: dict[tuple[int, int], list[str]]) -> Cell:
    return Cell(likelihood, impact, tuple(sorted(placed.get((likelihood, impact), ()))))
