"""The rows of the bridge: the worked example, and what each row states and does not."""

from dataclasses import replace

import pytest

from finance.bridge import (
    Placed,
    SchemeInput,
    YearPosition,
    bridge_rows,
    finance_input,
)
from finance.rag import (
    BridgeLine,
    DeliveryRisk,
    Evidence,
    LineCode,
    Maturity,
    rate_finance,
)
from tests.finance.positions_of import ALL_TARGETS, BASE, NOW, M, base, holds, place, rows_of

# --- The worked example of the rules


def example() -> list[SchemeInput]:
    def one(ref: str, planned: int, forecast: int, **changes: object) -> SchemeInput:
        changes = {"plan_by_year": {"2020/21": planned * M}, **changes}
        return base(ref=ref, forecast_by_year={"2020/21": forecast * M}, **changes)

    return [
        one("A", 4, 4, maturity=Maturity.DELIVERED, evidence=Evidence.LEDGER, fye_secured=None),
        one("B", 5, 4, fye_secured=1 * M),
        one("C", 2, 2, maturity=Maturity.OPPORTUNITY, risk=DeliveryRisk.HIGH, fye_secured=None),
    ]


def test_urgent_care_in_2020_21() -> None:
    rows = bridge_rows(place(example()), {("UC", "", "2020/21"): 12 * M})
    row = next(r for r in rows if (r.year, r.line, r.organisation) == ("2020/21", "UC", ""))
    position = row.position
    assert position.delivered == 5 * M
    assert position.secure == 275 * M // 100
    assert position.at_risk == 225 * M // 100
    assert position.slippage == 1 * M
    assert (row.gap, row.unidentified) == (12 * M, 1 * M)
    assert position.developed == 9 * M
    assert position.fye_not_stated == 1
    holds(position)


# --- The cube


def placed(
    organisation: str, line: LineCode, planned: int, of: str = NOW, slippage: int = 0
) -> Placed:
    position = YearPosition(
        plan=planned, forecast=planned - slippage, at_risk=planned - slippage, slippage=slippage
    )
    return Placed(organisation, line, of, position)


def test_the_gap_is_230_and_never_states_what_no_source_states() -> None:
    rows = rows_of([], ALL_TARGETS)
    assert rows["2020/21", "", ""].gap == 230 * M
    assert rows["2020/21", "", ""].unidentified == 230 * M
    assert rows["2017/18", "", ""].gap is None
    assert rows["2017/18", "", ""].unidentified is None
    assert len(rows) == 4 * (1 + 7)


@pytest.mark.parametrize("missing", ["UC", "CC", "SC", "PR", "PD", "EFF"])
def test_the_total_is_not_stated_while_a_line_is_unknown(missing: str) -> None:
    targets = {k: v for k, v in ALL_TARGETS.items() if k[0] != missing}
    assert rows_of([], targets)["2020/21", "", ""].gap is None


def test_none_adds_where_it_is_stated() -> None:
    targets = {k: v for k, v in ALL_TARGETS.items() if k[0] != "NONE"}
    assert rows_of([], targets)["2020/21", "", ""].gap == 204 * M


def test_which_rows_there_are() -> None:
    placements = [placed("ngh", LineCode.CIP, 5), placed("ngh", LineCode.QIPP, 5)]
    placements += [placed("kgh", LineCode.UC, 5), placed("kgh", LineCode.ASC, 9)]
    targets = {("UC", "nhft", NOW): 1}
    rows = bridge_rows(placements, targets, organisations=["ncc"], years=(NOW,))
    assert [(r.line, r.organisation) for r in rows] == [
        ("", ""),
        *((line.value, "") for line in BridgeLine),
        *(("", o) for o in ("kgh", "ncc", "ngh", "nhft")),
        ("UC", "kgh"),
        ("EFF", "ngh"),
    ]


def test_adult_social_care_is_in_no_row() -> None:
    rows = bridge_rows([placed("ncc", LineCode.ASC, 9)], {})
    assert all(r.position == YearPosition() and r.schemes == 0 for r in rows)
    assert all(r.organisation == "" for r in rows)


def test_a_programme_wide_target_wins_over_the_organisations() -> None:
    targets = {("UC", "", NOW): 100, ("UC", "ngh", NOW): 70, ("UC", "kgh", NOW): 20}
    rows = rows_of([placed("ngh", LineCode.UC, 60)], targets)
    assert rows[NOW, "UC", ""].gap == 100
    assert rows[NOW, "UC", "ngh"].gap == 70
    assert rows[NOW, "", "ngh"].unidentified == 10


def test_without_one_a_line_s_target_is_the_sum_of_the_organisations() -> None:
    targets = {("UC", "ngh", NOW): 70, ("UC", "kgh", NOW): 20}
    rows = rows_of([placed("ngh", LineCode.UC, 60), placed("kgh", LineCode.UC, 25)], targets)
    row = rows[NOW, "UC", ""]
    assert (row.gap, row.unidentified) == (90, 5)
    assert (row.unidentified_gross, row.over_identified) == (10, -5)


def test_over_identified_is_shown_beside_and_adds_up_over_lines() -> None:
    placements = [placed("ngh", LineCode.UC, 14 * M, "2020/21")]
    row = rows_of(placements, ALL_TARGETS)["2020/21", "", ""]
    assert row.unidentified == 216 * M
    assert (row.unidentified_gross, row.over_identified) == (218 * M, -2 * M)


def test_plan_without_a_target_is_told_apart() -> None:
    targets = {("UC", "ngh", NOW): 70}
    placements = [placed("ngh", LineCode.UC, 60), placed("ngh", LineCode.CC, 8)]
    placements += [placed("kgh", LineCode.UC, 5)]
    rows = rows_of(placements, targets)
    assert rows[NOW, "", "ngh"].gap == 70
    assert rows[NOW, "", "ngh"].unidentified == 2
    assert rows[NOW, "", "ngh"].plan_without_target == 8
    assert rows[NOW, "UC", ""].plan_without_target == 5
    assert rows[NOW, "CC", "ngh"].gap is None


def test_shortfall_stands_beside_what_is_ahead_of_plan() -> None:
    placements = [
        placed("ngh", LineCode.UC, 10, slippage=4),
        placed("ngh", LineCode.UC, 10, slippage=-3),
    ]
    row = rows_of(placements, {})[NOW, "UC", "ngh"]
    assert (row.position.slippage, row.shortfall, row.ahead) == (1, 4, -3)
    assert row.schemes == 2


def test_late_plan_is_the_plan_of_late_returns() -> None:
    placements = [placed("ngh", LineCode.UC, 10), replace(placed("kgh", LineCode.UC, 3), late=True)]
    rows = rows_of(placements, {})
    assert rows[NOW, "UC", ""].late_plan == rows[NOW, "", ""].late_plan == 3
    assert rows[NOW, "UC", "ngh"].late_plan == 0


def test_what_the_finance_tests_need_comes_from_the_rows() -> None:
    targets = {**ALL_TARGETS, ("UC", "ngh", NOW): 1_400}
    rows = bridge_rows(place([BASE]), targets)
    line = finance_input(rows, NOW, "UC")
    assert (line.target, line.forecast, line.plan) == (1_400, 1_260, 1_200)
    assert (line.end_target, line.developed, line.identified) == (12 * M, 5 * M, 5 * M)
    assert rate_finance(line).current.code == "year_short_amber"  # 90 %
    programme = finance_input(rows, NOW)
    assert (programme.target, programme.end_target) == (None, 230 * M)
    before = finance_input(rows, "2016/17", "UC")
    assert (before.target, before.plan) == (None, 0)
    assert finance_input([], NOW).end_target is None
