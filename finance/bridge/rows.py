"""The cube of the bridge: years × lines × organisations (rag-rules, "Identities", "Targets").

Where a target is stated: target = P + unidentified. Which target a row has:

- organisation × line: that organisation's target for the line;
- line, all organisations: the programme-wide target, else the sum of the organisations'
  targets; the two are never added together;
- all lines, all organisations: the sum of the lines' gaps, stated only when the five areas and
  EFF all have one (an unknown line is not a nil one); NONE adds where it is stated;
- organisation, all lines: the sum of its stated line targets.

Plan of a line or organisation without a target inside such a sum is counted as identified
(so that the identity holds) and told apart as `plan_without_target`. Adult social care is in
no row.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from finance.bridge.words import BridgeRow, Placed, Summed, YearPosition
from finance.rag import LIMITS as FINANCE_LIMITS
from finance.rag import ROLLS_UP_TO, BridgeLine, FinanceInput
from stp.core.periods import PLAN_YEARS

# (bridge line, organisation or '' for the programme, year) -> pence.
Targets = Mapping[tuple[str, str, str], int]

# Lines that must all have a target before the programme's total is stated.
_NEEDED = tuple(line.value for line in BridgeLine if line is not BridgeLine.NONE)


@dataclass(frozen=True, slots=True)
class _Gap:
    """A stated target and both sides of what it leaves unidentified."""

    pence: int
    unidentified: int
    over: int
    without_target: int = 0


class _Cell:
    """What the schemes of one year, line and organisation add up to."""

    def __init__(self) -> None:
        self.position = YearPosition()
        self.shortfall = 0
        self.ahead = 0
        self.late_plan = 0
        self.schemes = 0

    def place(self, placed: Placed) -> None:
        self.position += placed.position
        self.shortfall += max(placed.position.slippage, 0)
        self.ahead += min(placed.position.slippage, 0)
        self.late_plan += placed.position.plan if placed.late else 0
        self.schemes += 1

    def add(self, summed: Summed) -> None:
        self.position += summed.position
        self.shortfall += summed.shortfall
        self.ahead += summed.ahead
        self.late_plan += summed.late_plan
        self.schemes += summed.schemes


Cells = Mapping[tuple[str, str, str], _Cell]  # year, line, organisation; '' = all


def summed(placed: Iterable[Placed]) -> list[Summed]:
    """Schemes added up by organisation, line and year; what is in no row is left out."""
    cells: defaultdict[tuple[str, str, str], _Cell] = defaultdict(_Cell)
    for one in placed:
        line = ROLLS_UP_TO[one.line]
        if line is not None:
            cells[one.organisation, line.value, one.year].place(one)
    return [
        Summed(*key, c.position, c.shortfall, c.ahead, c.late_plan, c.schemes)
        for key, c in cells.items()
    ]


def bridge_rows(
    placed: Iterable[Placed],
    targets: Targets,
    *,
    organisations: Iterable[str] = (),
    years: Sequence[str] = PLAN_YEARS,
) -> list[BridgeRow]:
    """Every row of the bridge, for each year: all; each line; each organisation; and each
    organisation × line that has a scheme in any year, in that order.

    `organisations` adds organisations that have neither scheme nor target.
    """
    return rows_of_sums(summed(placed), targets, organisations=organisations, years=years)


def rows_of_sums(
    sums: Iterable[Summed],
    targets: Targets,
    *,
    organisations: Iterable[str] = (),
    years: Sequence[str] = PLAN_YEARS,
) -> list[BridgeRow]:
    """The same rows, from schemes that are added up already."""
    cells: defaultdict[tuple[str, str, str], _Cell] = defaultdict(_Cell)
    pairs: set[tuple[str, str]] = set()
    for one in sums:
        pairs.add((one.organisation, one.line))
        for key in _keys(one.year, one.line, one.organisation):
            cells[key].add(one)
    names = {*organisations, *(o for o, _ in pairs), *(o for _, o, _ in targets if o)}
    order = [line.value for line in BridgeLine]
    inner = sorted(pairs, key=lambda pair: (pair[0], order.index(pair[1])))
    rows = []
    for year in years:
        gaps = _Gaps(cells, targets, year, sorted(names))
        rows.append(_row(cells, year, "", "", gaps.of_all()))
        rows += [_row(cells, year, line, "", gaps.of_line(line)) for line in order]
        rows += [_row(cells, year, "", o, gaps.of_organisation(o)) for o in sorted(names)]
        rows += [_row(cells, year, line, o, gaps.of_pair(line, o)) for o, line in inner]
    return rows


def _keys(year: str, line: str, organisation: str) -> list[tuple[str, str, str]]:
    return [(year, a, b) for a in (line, "") for b in (organisation, "")]


class _Gaps:
    """The targets of one year against the plan in it."""

    def __init__(
        self, cells: Cells, targets: Targets, year: str, organisations: Sequence[str]
    ) -> None:
        self._cells = cells
        self._targets = targets
        self._year = year
        self._organisations = organisations

    def _plan(self, line: str, organisation: str) -> int:
        cell = self._cells.get((self._year, line, organisation))
        return cell.position.plan if cell else 0

    def of_pair(self, line: str, organisation: str) -> _Gap | None:
        target = self._targets.get((line, organisation, self._year))
        return None if target is None else _gap(target, self._plan(line, organisation))

    def of_line(self, line: str) -> _Gap | None:
        programme_wide = self.of_pair(line, "")
        if programme_wide is not None:
            return programme_wide
        return self._sum((self.of_pair(line, o), self._plan(line, o)) for o in self._organisations)

    def of_organisation(self, organisation: str) -> _Gap | None:
        lines = [line.value for line in BridgeLine]
        return self._sum(
            (self.of_pair(line, organisation), self._plan(line, organisation)) for line in lines
        )

    def of_all(self) -> _Gap | None:
        gaps = {line.value: self.of_line(line.value) for line in BridgeLine}
        if any(gaps[line] is None for line in _NEEDED):
            return None
        return self._sum((gap, self._plan(line, "")) for line, gap in gaps.items())

    @staticmethod
    def _sum(parts: Iterable[tuple[_Gap | None, int]]) -> _Gap | None:
        """Both sides of each part; the plan of a part without a target is over-identified."""
        pairs = list(parts)
        stated = [gap for gap, _ in pairs if gap is not None]
        if not stated:
            return None
        loose = [plan for gap, plan in pairs if gap is None]
        return _Gap(
            pence=sum(g.pence for g in stated),
            unidentified=sum(g.unidentified for g in stated) + sum(max(-p, 0) for p in loose),
            over=sum(g.over for g in stated) + sum(min(-p, 0) for p in loose),
            without_target=sum(g.without_target for g in stated) + sum(loose),
        )


def _gap(target: int, plan: int) -> _Gap:
    left = target - plan
    return _Gap(target, max(left, 0), min(left, 0))


_EMPTY = _Cell()


def _row(cells: Cells, year: str, line: str, organisation: str, gap: _Gap | None) -> BridgeRow:
    cell = cells.get((year, line, organisation), _EMPTY)
    return BridgeRow(
        year=year,
        line=line,
        organisation=organisation,
        position=cell.position,
        gap=gap.pence if gap else None,
        unidentified=gap.unidentified + gap.over if gap else None,
        shortfall=cell.shortfall,
        ahead=cell.ahead,
        unidentified_gross=gap.unidentified if gap else None,
        over_identified=gap.over if gap else None,
        late_plan=cell.late_plan,
        schemes=cell.schemes,
        plan_without_target=gap.without_target if gap else 0,
    )


def finance_input(rows: Iterable[BridgeRow], year: str, line: str = "") -> FinanceInput:
    """What the Finance tests of a line ('' = the programme) need, from the bridge's rows.

    `year` is the current financial year. A year that has no row has no target and no money.
    """
    found = {r.year: r for r in rows if r.line == line and not r.organisation}
    now = found.get(year) or BridgeRow(year, line, "", YearPosition(), None, None)
    last = FINANCE_LIMITS.end_year
    end = found.get(last) or BridgeRow(last, line, "", YearPosition(), None, None)
    return FinanceInput(
        year=year,
        target=now.gap,
        forecast=now.position.forecast,
        plan=now.position.plan,
        late_plan=now.late_plan,
        end_target=end.gap,
        developed=end.position.developed,
        identified=end.position.plan,
    )
