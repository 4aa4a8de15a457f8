"""Bridge lines: targets against sums of schemes, by year, line and organisation. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from finance.bridge import BridgeRow, finance_input, rows_of_sums
from finance.rag import FinanceInput
from stp.core.lines import Line, Subject
from stp.dashboards.compute.facts import Facts
from stp.dashboards.compute.schemes import years_of
from stp.dashboards.compute.sums import as_summed

# The reading of the efficiency target that stands until a dated row says otherwise (rag-rules).
DEFAULT_READING = "116"


def rows(facts: Facts, sums: Iterable[Line]) -> list[BridgeRow]:
    """The cube of the bridge over all schemes; the plan years and the period's own."""
    return rows_of_sums(
        as_summed(sums),
        targets(facts),
        organisations=[o.id for o in facts.organisations],
        years=years_of(facts.period),
    )


def targets(facts: Facts) -> dict[tuple[str, str, str], int]:
    """(line, organisation or '', year) -> pence, in the one reading a snapshot holds."""
    wanted = ("", facts.reading.reading or DEFAULT_READING)
    standing = sorted(
        (t for t in facts.targets if t.reading in wanted), key=lambda t: t.effective_on
    )
    return {(t.line, t.organisation, t.year): t.pence for t in standing}


def bridge_lines(found: Iterable[BridgeRow]) -> list[Line]:
    """One line a row; target_pence is the gap."""
    return [_line(row) for row in found]


def _line(row: BridgeRow) -> Line:
    position = row.position
    return Line(
        subject=Subject.BRIDGE,
        subject_id=f"{row.year}:{row.line or 'all'}:{row.organisation or 'all'}",
        year=row.year,
        organisation=row.organisation,
        line=row.line,
        target_pence=row.gap,
        plan_pence=position.plan,
        forecast_pence=position.forecast,
        delivered_pence=position.delivered,
        secure_pence=position.secure,
        at_risk_pence=position.at_risk,
        slippage_pence=position.slippage,
        unidentified_pence=row.unidentified,
        developed_pence=position.developed,
        detail={
            "shortfall": row.shortfall,
            "ahead": row.ahead,
            "unidentified_gross": row.unidentified_gross,
            "over_identified": row.over_identified,
            "fye_not_stated": position.fye_not_stated,
            "late_plan": row.late_plan,
            "plan_without_target": row.plan_without_target,
            "schemes": row.schemes,
        },
    )


def find(found: Sequence[BridgeRow], year: str, line: str, organisation: str) -> BridgeRow | None:
    """One row; '' means all."""
    wanted = (year, line, organisation)
    return next((r for r in found if (r.year, r.line, r.organisation) == wanted), None)


def finance_of(
    found: Sequence[BridgeRow], year: str, line: str, organisation: str = ""
) -> FinanceInput:
    """The Finance tests' input of a line, of one organisation where given."""
    of = [replace(r, organisation="") for r in found if r.organisation == organisation]
    return finance_input(of, year, line)
