"""The money words of one scheme in one year, to the penny."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from finance.bridge import (
    DEFAULT_WEIGHTS,
    rating_input,
    scheme_year,
    weight_of,
)
from finance.rag import (
    DeliveryRisk,
    Evidence,
    Maturity,
    Recurrence,
    ReturnStanding,
    rate_scheme,
)
from stp.core.periods import year_months
from tests.finance.positions_of import (
    BASE,
    JUNE,
    MONTHS,
    NOW,
    base,
    holds,
    year,
)

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
