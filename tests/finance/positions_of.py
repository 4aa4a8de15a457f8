"""A scheme to change one thing of, its position in a year, and the rows of the bridge."""

from collections.abc import Mapping
from dataclasses import replace

from finance.bridge import (
    DEFAULT_WEIGHTS,
    BridgeRow,
    Placed,
    SchemeInput,
    YearPosition,
    bridge_rows,
    scheme_year,
)
from finance.rag import (
    DeliveryRisk,
    LineCode,
    Maturity,
    QiaStatus,
    Recurrence,
)
from stp.core.periods import PLAN_YEARS, year_months

M = 100_000_000  # pence in £1m
NOW, JUNE = "2017/18", "2017-06"
MONTHS = year_months(NOW)

BASE = SchemeInput(
    organisation="ngh",
    ref="UC-01",
    title="Hub",
    line=LineCode.UC,
    maturity=Maturity.IN_DELIVERY,
    risk=DeliveryRisk.MEDIUM,
    recurrence=Recurrence.RECURRENT,
    qia=QiaStatus.APPROVED,
    start_month="2017-04",
    plan_by_month=dict.fromkeys(MONTHS, 100),
    plan_by_year={"2018/19": 2_000, "2020/21": 5 * M},
    actual_by_month={"2017-04": 80, "2017-05": 90, "2017-06": 100},
    forecast_by_month=dict.fromkeys(MONTHS[3:], 110),
    forecast_by_year={"2018/19": 1_500, "2019/20": None, "2020/21": 4 * M},
    fye_secured=1 * M,
)


def base(**changes: object) -> SchemeInput:
    return replace(BASE, **changes)  # type: ignore[arg-type]  # a table of named changes


def year(scheme: SchemeInput, of: str = NOW, period: str = JUNE) -> YearPosition:
    return scheme_year(scheme, of, period, DEFAULT_WEIGHTS)


def holds(p: YearPosition) -> None:
    assert p.plan == p.delivered + p.secure + p.at_risk + p.slippage, p
    assert p.forecast == p.delivered + p.secure + p.at_risk, p
    assert p.slippage == p.plan - p.forecast, p


def place(schemes: list[SchemeInput], period: str = JUNE) -> list[Placed]:
    return [
        Placed(s.organisation, s.line, y, scheme_year(s, y, period, DEFAULT_WEIGHTS))
        for s in schemes
        for y in PLAN_YEARS
    ]


TARGETS_2020_21 = {
    "UC": 12, "CC": 27, "SC": 11, "PR": 5, "PD": 33, "EFF": 116, "NONE": 26,
}  # fmt: skip
ALL_TARGETS = {(line, "", "2020/21"): value * M for line, value in TARGETS_2020_21.items()}


def rows_of(
    placed: list[Placed], targets: Mapping[tuple[str, str, str], int]
) -> dict[tuple[str, str, str], BridgeRow]:
    return {(r.year, r.line, r.organisation): r for r in bridge_rows(placed, targets)}
