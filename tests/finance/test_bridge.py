"""The money words and the identities, to the penny, for every year and every filter."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.bridge import (
    DEFAULT_WEIGHTS,
    BridgeRow,
    Placed,
    SchemeInput,
    YearPosition,
    bridge_rows,
    finance_input,
    rating_input,
    scheme_year,
    sum_positions,
    weight_of,
)
from finance.rag import (
    ROLLS_UP_TO,
    BridgeLine,
    DeliveryRisk,
    Evidence,
    LineCode,
    Maturity,
    QiaStatus,
    Recurrence,
    ReturnStanding,
    rate_finance,
    rate_scheme,
)
from stp.core import periods
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


# --- Weights


@pytest.mark.parametrize(
    ("maturity", "low", "medium", "high"),
    [
        (Maturity.DELIVERED, 10_000, 10_000, 10_000),
        (Maturity.IN_DELIVERY, 9_500, 8_500, 7_000),
        (Maturity.FULLY_DEVELOPED, 9_000, 7_500, 5_000),
        (Maturity.PLAN_IN_PROGRESS, 7_000, 5_000, 3_000),
        (Maturity.OPPORTUNITY, 4_000, 2_500, 1_000),
    ],
)
def test_default_weights(maturity: Maturity, low: int, medium: int, high: int) -> None:
    assert [DEFAULT_WEIGHTS[maturity, risk] for risk in DeliveryRisk] == [low, medium, high]


@pytest.mark.parametrize(
    ("evidence", "weight"),
    [(Evidence.LEDGER, 10_000), (Evidence.NONE, 8_500), (None, 8_500)],
)
def test_delivered_without_evidence_weighs_as_in_delivery(
    evidence: Evidence | None, weight: int
) -> None:
    scheme = base(maturity=Maturity.DELIVERED, evidence=evidence)
    assert weight_of(scheme, DEFAULT_WEIGHTS) == weight


def test_a_weight_nobody_set_is_said() -> None:
    with pytest.raises(LookupError, match="No savings weight is set for “In delivery, Medium”"):
        scheme_year(BASE, NOW, JUNE, {})


# --- The current year


def test_current_year() -> None:
    position = year(BASE)
    assert position.plan == 1_200
    assert position.delivered == 270
    assert position.forecast == 270 + 9 * 110
    assert position.secure == 842  # 0.85 × 990 = 841.5, half to even
    assert position.at_risk == 148
    assert position.slippage == -60
    holds(position)


def test_secure_rounds_half_to_even() -> None:
    scheme = base(risk=DeliveryRisk.HIGH, maturity=Maturity.FULLY_DEVELOPED)  # 0.50
    one = replace(scheme, forecast_by_month={**dict.fromkeys(MONTHS[3:], 0), MONTHS[3]: 1})
    three = replace(scheme, forecast_by_month={**dict.fromkeys(MONTHS[3:], 0), MONTHS[3]: 3})
    assert (year(one).secure, year(one).at_risk) == (0, 1)
    assert (year(three).secure, year(three).at_risk) == (2, 1)


@pytest.mark.parametrize(
    ("cell", "earlier", "estimate"),
    [(70, 60, 70), (0, 60, 0), (None, 60, 60), (None, 0, 0), (None, None, 100)],
)
def test_a_blank_due_month_is_estimated_and_never_delivered(
    cell: int | None, earlier: int | None, estimate: int
) -> None:
    """This return's Forecast cell, else the earlier return's, else the plan."""
    scheme = base(
        actual_by_month={"2017-04": 80, "2017-05": None, "2017-06": 100},
        forecast_by_month={**BASE.forecast_by_month, "2017-05": cell},
        earlier_forecast_by_month={} if earlier is None else {"2017-05": earlier},
    )
    position = year(scheme)
    assert position.delivered == 180
    assert position.forecast == 180 + estimate + 990
    assert position.estimated_months == ("2017-05",)
    holds(position)


def test_a_nil_actual_is_no_blank() -> None:
    position = year(base(actual_by_month={"2017-04": 0, "2017-05": 0, "2017-06": 0}))
    assert position.estimated_months == ()
    assert position.delivered == 0


def test_a_later_month_left_blank_is_marked_and_never_nil() -> None:
    forecasts = {**BASE.forecast_by_month, "2017-07": None}
    position = year(base(forecast_by_month=forecasts))
    assert position.estimated_months == ("2017-07",)
    assert position.forecast == 270 + 100 + 8 * 110


def test_a_negative_remainder_counts_in_full() -> None:
    position = year(base(forecast_by_month=dict.fromkeys(MONTHS[3:], -10)))
    assert (position.secure, position.at_risk) == (-90, 0)
    holds(position)


@pytest.mark.parametrize(
    ("gross", "investment", "secure"),
    [
        # 0.85 × 990 × 3/2 − 990 × 1/2 = 767.25
        (300, 100, 767),
        (None, 100, 842),
        (300, None, 842),
        (100, 100, 842),  # net is not above zero
        (100, 101, 842),
    ],
)
def test_gross_and_investment(gross: int | None, investment: int | None, secure: int) -> None:
    position = year(base(gross=gross, investment=investment))
    assert position.secure == secure
    holds(position)


def test_gross_and_investment_are_this_year_s_only() -> None:
    scheme = base(gross=300, investment=100, fye_secured=0)
    assert year(scheme, "2018/19").secure == 1_275  # 0.85 × 1,500


def test_no_return_uses_the_plan_and_delivers_nothing() -> None:
    scheme = base(reported=False)
    for of, planned in ((NOW, 1_200), ("2018/19", 2_000), ("2019/20", 0)):
        position = year(scheme, of)
        assert (position.plan, position.forecast, position.delivered) == (planned, planned, 0)
        assert position.slippage == position.fye_not_stated == 0
        holds(position)


# --- Past and future years, and month 13


def test_past_year_is_its_final_actual_and_nothing_remains() -> None:
    scheme = base(actual_by_month={**dict.fromkeys(MONTHS, 90), "2017-05": None})
    position = year(scheme, NOW, "2018-06")
    assert (position.delivered, position.forecast, position.slippage) == (990, 990, 210)
    assert position.secure == position.at_risk == 0
    assert position.estimated_months == ("2017-05",)


def test_a_final_return_is_of_the_year_before() -> None:
    """`2018-13` is 2017/18 with all twelve months due, and 2018/19 in the future."""
    scheme = base(actual_by_month=dict.fromkeys(MONTHS, 90))
    assert year(scheme, NOW, "2018-13").delivered == 1_080
    assert year(scheme, NOW, "2018-13").estimated_months == ()
    assert year(scheme, "2018/19", "2018-13").delivered == 1_500  # min(FYE, F)


@pytest.mark.parametrize(
    ("changes", "delivered", "not_stated"),
    [
        ({"fye_secured": 1_000}, 1_000, 0),
        ({"fye_secured": 1_500}, 1_500, 0),
        ({"fye_secured": 1_501}, 1_500, 0),
        ({"fye_secured": 0}, 0, 0),
        ({"fye_secured": None}, 0, 1),
        ({"fye_secured": None, "maturity": Maturity.DELIVERED}, 0, 1),
        (
            {"fye_secured": None, "maturity": Maturity.DELIVERED, "evidence": Evidence.NONE},
            0,
            1,
        ),
        (
            {"fye_secured": None, "maturity": Maturity.DELIVERED, "evidence": Evidence.LEDGER},
            1_500,
            0,
        ),
        ({"fye_secured": None, "evidence": Evidence.LEDGER}, 0, 1),
        ({"recurrence": Recurrence.NON_RECURRENT, "fye_secured": 1_000}, 0, 0),
    ],
)
def test_delivered_in_a_future_year(
    changes: Mapping[str, object], delivered: int, not_stated: int
) -> None:
    position = year(base(**changes), "2018/19")
    assert (position.delivered, position.fye_not_stated) == (delivered, not_stated)
    assert position.forecast == 1_500
    holds(position)


def test_a_later_year_left_blank_takes_the_plan_and_says_so() -> None:
    scheme = base(plan_by_year={"2019/20": 700})
    position = year(scheme, "2019/20")
    assert (position.plan, position.forecast) == (700, 700)
    assert position.estimated_months == ("2019/20",)


def test_a_later_year_may_come_by_month() -> None:
    """A plan phased by month wins over the yearly figure; so does a whole year of forecasts."""
    months = year_months("2018/19")
    scheme = base(
        plan_by_month=dict.fromkeys(months, 10),
        forecast_by_month=dict.fromkeys(months, 9),
        forecast_by_year={},
    )
    position = year(scheme, "2018/19")
    assert (position.plan, position.forecast) == (120, 108)


@pytest.mark.parametrize("of", [NOW, "2018/19"])
def test_closed_nothing_may_remain(of: str) -> None:
    for closed in (
        base(maturity=Maturity.CLOSED, fye_secured=40),
        base(closed_in=NOW, fye_secured=40),
    ):
        position = year(closed, of)
        assert position.secure == position.at_risk == 0
        assert position.forecast == position.delivered == (270 if of == NOW else 40)
        holds(position)


def test_developed_leaves_opportunities_out_and_caps_what_is_closed() -> None:
    assert year(base(maturity=Maturity.PLAN_IN_PROGRESS)).developed == 1_200
    assert year(base(maturity=Maturity.OPPORTUNITY)).developed == 0
    assert year(base(maturity=Maturity.CLOSED)).developed == 270


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


def place(schemes: list[SchemeInput], period: str = JUNE) -> list[Placed]:
    return [
        Placed(s.organisation, s.line, y, scheme_year(s, y, period, DEFAULT_WEIGHTS))
        for s in schemes
        for y in PLAN_YEARS
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

TARGETS_2020_21 = {
    "UC": 12, "CC": 27, "SC": 11, "PR": 5, "PD": 33, "EFF": 116, "NONE": 26,
}  # fmt: skip
ALL_TARGETS = {(line, "", "2020/21"): value * M for line, value in TARGETS_2020_21.items()}


def rows_of(
    placed: list[Placed], targets: Mapping[tuple[str, str, str], int]
) -> dict[tuple[str, str, str], BridgeRow]:
    return {(r.year, r.line, r.organisation): r for r in bridge_rows(placed, targets)}


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


# --- To the scheme's rating


def test_rating_input_carries_what_the_rules_need() -> None:
    position = year(BASE)
    rated = rating_input(BASE, position, JUNE, standing=ReturnStanding.LATE, red_milestone="Hub")
    assert (rated.plan, rated.forecast, rated.delivered) == (1_200, 1_260, 270)
    assert rate_scheme(rated).code == "no_return"
    assert rate_scheme(rating_input(BASE, position, JUNE)).code == "on_plan"
    assert rate_scheme(rating_input(base(reported=False), position, JUNE)).code == "no_return"


@pytest.mark.parametrize(
    ("period", "final", "code"),
    [
        ("2018-03", False, "on_plan"),
        ("2018-03", True, "delivered"),
        ("2018-13", False, "delivered"),
    ],
)
def test_month_12_is_provisional_until_final(period: str, final: bool, code: str) -> None:
    scheme = base(actual_by_month=dict.fromkeys(MONTHS, 100), actuals_final=final)
    position = year(scheme, NOW, period)
    assert rate_scheme(rating_input(scheme, position, period)).code == code


# --- Identities, as properties

pence = st.integers(-10_000_000_00, 10_000_000_00)
all_months = [m for y in PLAN_YEARS for m in year_months(y)]
months = st.sampled_from(all_months[:24])
some_schemes = st.builds(
    SchemeInput,
    organisation=st.sampled_from(["ngh", "kgh", "nhft"]),
    ref=st.just("X"),
    title=st.just("X"),
    line=st.sampled_from(LineCode),
    maturity=st.sampled_from(Maturity),
    risk=st.sampled_from(DeliveryRisk),
    recurrence=st.sampled_from(Recurrence),
    qia=st.just(QiaStatus.APPROVED),
    start_month=st.just("2017-04"),
    evidence=st.none() | st.sampled_from(Evidence),
    reported=st.booleans(),
    plan_by_month=st.dictionaries(months, pence, max_size=8),
    plan_by_year=st.dictionaries(st.sampled_from(PLAN_YEARS), pence),
    actual_by_month=st.dictionaries(months, st.none() | pence, max_size=8),
    forecast_by_month=st.dictionaries(months, st.none() | pence, max_size=8),
    earlier_forecast_by_month=st.dictionaries(months, pence, max_size=4),
    forecast_by_year=st.dictionaries(st.sampled_from(PLAN_YEARS), st.none() | pence),
    fye_secured=st.none() | pence,
    gross=st.none() | pence,
    investment=st.none() | pence,
    closed_in=st.sampled_from(["", "", "2017/18"]),
)
some_periods = st.sampled_from(["2017-04", "2017-06", "2017-13", "2018-03", "2018-13", "2018-06"])


@given(some_schemes, some_periods, st.sampled_from(["2016/17", *PLAN_YEARS]))
def test_identity_of_a_scheme_in_any_year(scheme: SchemeInput, period: str, of: str) -> None:
    holds(scheme_year(scheme, of, period, DEFAULT_WEIGHTS))


@given(some_schemes, some_periods)
def test_an_estimate_is_never_delivered(scheme: SchemeInput, period: str) -> None:
    """Taking the forecasts away leaves what is delivered in the current year as it was."""
    bare = replace(scheme, forecast_by_month={}, earlier_forecast_by_month={})
    current = periods.parse(period).year
    one = scheme_year(scheme, current, period, DEFAULT_WEIGHTS)
    assert one.delivered == scheme_year(bare, current, period, DEFAULT_WEIGHTS).delivered


some_targets = st.dictionaries(
    st.tuples(
        st.sampled_from([line.value for line in BridgeLine]),
        st.sampled_from(["", "ngh", "kgh", "nhft", "ncc"]),
        st.sampled_from(PLAN_YEARS),
    ),
    st.integers(0, 10_000_000_00),
    max_size=40,
)


@given(st.lists(some_schemes, max_size=6), some_periods, some_targets, st.booleans())
def test_identities_of_every_row_and_adding_up(
    schemes: list[SchemeInput],
    period: str,
    targets: dict[tuple[str, str, str], int],
    programme_targets: bool,
) -> None:
    if programme_targets:
        targets = {**targets, **ALL_TARGETS}
    placements = place(schemes, period)
    rows = rows_of(placements, targets)
    names = sorted({o for _, _, o in rows if o})
    for (of, line, organisation), row in rows.items():
        holds(row.position)
        assert row.shortfall + row.ahead == row.position.slippage
        assert row.ahead <= 0 <= row.shortfall
        if row.gap is None:
            assert (row.unidentified, row.unidentified_gross, row.over_identified) == (None,) * 3
        else:
            assert row.unidentified is not None
            assert row.gap == row.position.plan + row.unidentified
            assert row.unidentified == (row.unidentified_gross or 0) + (row.over_identified or 0)
        if not organisation:
            parts = [rows[of, line, o] for o in names if (of, line, o) in rows]
            assert sum_positions(p.position for p in parts) == row.position
            assert sum(p.shortfall for p in parts) == row.shortfall
        if not line:
            inner = [rows.get((of, each.value, organisation)) for each in BridgeLine]
            parts = [p for p in inner if p is not None]
            assert sum_positions(p.position for p in parts) == row.position
            if organisation == "" and row.gap is not None:
                assert row.gap == sum(p.gap or 0 for p in parts)
                assert row.over_identified == sum(
                    (p.over_identified if p.gap is not None else min(-p.position.plan, 0)) or 0
                    for p in parts
                )
    counted = [p for p in placements if ROLLS_UP_TO[p.line] is not None]
    for of in PLAN_YEARS:
        total = sum_positions(p.position for p in counted if p.year == of)
        assert rows[of, "", ""].position == total
