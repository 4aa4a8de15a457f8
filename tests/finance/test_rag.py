"""Schemes and lines: each row, one step either side of each boundary, and the rows' order."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.rag import (
    Carried,
    Maturity,
    QiaStatus,
    ReturnStanding,
    SchemeRatingInput,
    counted_as,
    rate_scheme,
)
from stp.core.periods import year_months
from stp.core.rag import Rag, Rating

K = 100_000  # pence in £1,000
MONTHS = year_months("2017/18")


def by_month(*amounts: int | None) -> dict[str, int | None]:
    return dict(zip(MONTHS, amounts, strict=False))


def bulge(june: int) -> Mapping[str, int]:
    """£12.0m planned in two months: `june`, and the rest in March."""
    return {"2017-06": june, "2018-03": 12_000 * K - june}


# £12.0m planned evenly, a quarter of it done by June, the rest forecast as planned.
GOOD = SchemeRatingInput(
    period="2017-06",
    plan=12_000 * K,
    forecast=12_000 * K,
    delivered=3_000 * K,
    maturity=Maturity.IN_DELIVERY,
    qia=QiaStatus.APPROVED,
    start_month="2017-04",
    plan_by_month=dict.fromkeys(MONTHS, 1_000 * K),
    actual_by_month=by_month(1_000 * K, 1_000 * K, 1_000 * K),
)
LATE, NOT_DUE = ReturnStanding.LATE, ReturnStanding.NOT_DUE
RED_IN_MAY = Carried(Rating(Rag.RED, "forecast_short_red", "Far short."), "2017-05")
PLANNED, OPPORTUNITY = Maturity.PLAN_IN_PROGRESS, Maturity.OPPORTUNITY


def good(**changes: object) -> SchemeRatingInput:
    return replace(GOOD, **changes)  # type: ignore[arg-type]  # a table of named changes


def due(forecast: int, *, plan: int = 12_000 * K, **changes: object) -> SchemeRatingInput:
    """The forecast changed, with enough delivered that nothing relies on catching up."""
    return good(plan=plan, forecast=forecast, delivered=forecast - 9_000 * K, **changes)


def nothing(start: str, maturity: Maturity) -> SchemeRatingInput:
    return good(plan=0, forecast=0, delivered=0, start_month=start, maturity=maturity)


def final(forecast: int, planned: int = 12_000 * K, **changes: object) -> SchemeRatingInput:
    changes = {"period": "2018-03", "actuals_final": True, **changes}
    actuals = dict.fromkeys(MONTHS, 1_000 * K)
    return good(
        plan=planned, forecast=forecast, delivered=forecast, actual_by_month=actuals, **changes
    )


def cost(planned: int, forecast: int) -> SchemeRatingInput:
    return good(plan=planned * K, forecast=forecast * K, delivered=0)


CASES = [
    # Row 1: closed before the year, before everything else.
    (good(closed_in="2016/17"), Rag.NOT_RATED, "closed"),
    (good(closed_in="2016/17", qia=QiaStatus.REJECTED), Rag.NOT_RATED, "closed"),
    (good(closed_in="2017/18", maturity=Maturity.CLOSED), Rag.GREEN, "on_plan"),
    # Row 2: rejected at any time; missing from the start month on; before row 3.
    (good(qia=QiaStatus.REJECTED, start_month="2018-01"), Rag.RED, "qia_rejected"),
    (good(qia=QiaStatus.IN_PROGRESS, start_month="2017-06"), Rag.RED, "qia_missing"),
    (good(qia=QiaStatus.NOT_STARTED, start_month="2017-06"), Rag.RED, "qia_missing"),
    (good(qia=QiaStatus.IN_PROGRESS, start_month="2017-07"), Rag.GREEN, "on_plan"),
    (good(qia=QiaStatus.NOT_REQUIRED, start_month="2017-06"), Rag.GREEN, "on_plan"),
    (good(qia=QiaStatus.IN_PROGRESS, standing=LATE), Rag.RED, "qia_missing"),
    # Row 3, before row 4.
    (good(standing=LATE, carried=RED_IN_MAY), Rag.NOT_RATED, "no_return"),
    (good(standing=LATE), Rag.NOT_RATED, "no_return"),
    (good(standing=NOT_DUE, carried=RED_IN_MAY), Rag.RED, "return_not_due"),
    (good(standing=NOT_DUE), Rag.NOT_RATED, "return_not_due"),
    (good(ever_reported=False), Rag.NOT_RATED, "no_return"),
    (good(ever_reported=False, standing=NOT_DUE), Rag.NOT_RATED, "no_return"),
    (good(standing=LATE, plan_approved=False), Rag.NOT_RATED, "no_return"),
    # Row 4, before row 5.
    (good(plan_approved=False), Rag.NOT_RATED, "plan_not_approved"),
    (good(plan_approved=False, plan=0, forecast=0), Rag.NOT_RATED, "plan_not_approved"),
    # Row 5: three months from June is September.
    (nothing("2017-09", PLANNED), Rag.AMBER, "late_development"),
    (nothing("2017-10", PLANNED), Rag.NOT_RATED, "not_started"),
    (nothing("2017-09", OPPORTUNITY), Rag.AMBER, "late_development"),
    (nothing("2017-09", Maturity.FULLY_DEVELOPED), Rag.NOT_RATED, "not_started"),
    # Row 6, small: up to £25k green, up to £50k amber.
    (cost(0, -25), Rag.GREEN, "no_worse_than_plan"),
    (good(plan=0, forecast=-25 * K - 1), Rag.AMBER, "cost_over_plan"),
    (cost(0, -50), Rag.AMBER, "cost_over_plan"),
    (good(plan=0, forecast=-50 * K - 1), Rag.RED, "cost_over_plan"),
    (cost(0, 500), Rag.GREEN, "no_worse_than_plan"),
    # Row 6, large: 5 % and 15 % of £1.0m.
    (cost(-1000, -1050), Rag.GREEN, "no_worse_than_plan"),
    (good(plan=-1000 * K, forecast=-1050 * K - 1), Rag.AMBER, "cost_over_plan"),
    (cost(-1000, -1150), Rag.AMBER, "cost_over_plan"),
    (good(plan=-1000 * K, forecast=-1150 * K - 1), Rag.RED, "cost_over_plan"),
    (cost(-1000, 0), Rag.GREEN, "no_worse_than_plan"),
    # Row 6 before row 8.
    (replace(cost(0, -25), maturity=OPPORTUNITY), Rag.GREEN, "no_worse_than_plan"),
    # Row 7: 0.95 and 0.85 of £12.0m; £25k short; before row 8.
    (final(12_000 * K), Rag.COMPLETE, "delivered"),
    (final(12_000 * K - 25 * K + 1), Rag.COMPLETE, "delivered"),
    (final(12_000 * K - 25 * K), Rag.GREEN, "outturn_short"),
    (final(11_400 * K), Rag.GREEN, "outturn_short"),
    (final(11_400 * K - 1), Rag.AMBER, "outturn_short"),
    (final(10_200 * K), Rag.AMBER, "outturn_short"),
    (final(10_200 * K - 1), Rag.RED, "outturn_short"),
    (final(12_000 * K, maturity=PLANNED), Rag.COMPLETE, "delivered"),
    (final(12_000 * K, actuals_final=False), Rag.GREEN, "on_plan"),
    (final(12_000 * K, period="2018-02"), Rag.GREEN, "on_plan"),
    # Row 8: the start month is over when a later month is shown; before row 9.
    (due(9_000 * K, start_month="2017-05", maturity=PLANNED), Rag.AMBER, "maturity_behind_figures"),
    (good(start_month="2017-06", maturity=Maturity.FULLY_DEVELOPED), Rag.GREEN, "on_plan"),
    (
        good(start_month="2017-05", maturity=Maturity.FULLY_DEVELOPED),
        Rag.AMBER,
        "maturity_behind_figures",
    ),
    (
        good(start_month="2017-05", maturity=OPPORTUNITY, actual_by_month=by_month(None, 0, 0)),
        Rag.RED,
        "not_in_delivery",
    ),
    (good(start_month="2017-05", maturity=Maturity.DELIVERED), Rag.GREEN, "on_plan"),
    # Row 9: 0.85 and 0.95, and at least £25k.
    (due(10_200 * K - 1), Rag.RED, "forecast_short_red"),
    (due(10_200 * K), Rag.AMBER, "forecast_short_amber"),
    (due(11_400 * K - 1), Rag.AMBER, "forecast_short_amber"),
    (due(11_400 * K), Rag.GREEN, "on_plan"),
    (good(plan=100 * K, forecast=75 * K + 1, delivered=75 * K + 1), Rag.GREEN, "on_plan"),
    (good(plan=100 * K, forecast=75 * K, delivered=75 * K), Rag.RED, "forecast_short_red"),
    (due(10_000 * K, closed_in="2017/18"), Rag.RED, "forecast_short_red"),
    # Row 9 before row 10.
    (due(10_000 * K, actual_by_month={}), Rag.RED, "forecast_short_red"),
    # Row 10: the latest, or more than one.
    (good(actual_by_month=by_month(K, K, None)), Rag.NOT_RATED, "actuals_missing"),
    (good(actual_by_month=by_month(None, None, K)), Rag.NOT_RATED, "actuals_missing"),
    (good(actual_by_month=by_month(None, 1_000 * K, 1_000 * K)), Rag.GREEN, "on_plan"),
    # Row 10 before row 11.
    (good(actual_by_month=by_month(K, K, None), delivered=0), Rag.NOT_RATED, "actuals_missing"),
]

# Row 11 in October (5 left) and September (6 left), August (7 left): plan £1.0m a month.
OCTOBER = dict.fromkeys(MONTHS[:7], 1_000 * K)


def catch_up(need: int, period: str = "2017-10", **changes: object) -> SchemeRatingInput:
    actuals = dict.fromkeys(MONTHS[: MONTHS.index(period) + 1], 1_000 * K)
    changes = {"actual_by_month": actuals, **changes}
    return good(period=period, delivered=12_000 * K - need, **changes)


UNPLANNED_REST = {**dict.fromkeys(MONTHS[:7], 1_000 * K), **dict.fromkeys(MONTHS[7:], 0)}
ONE_BLANK = {**OCTOBER, "2017-05": None}
CASES += [
    (catch_up(6_250 * K), Rag.GREEN, "on_plan"),  # 1.25 of £5.0m
    (catch_up(6_250 * K + 1), Rag.AMBER, "relies_on_catch_up"),
    (catch_up(10_000 * K), Rag.AMBER, "relies_on_catch_up"),  # 2.00
    (catch_up(10_000 * K + 1), Rag.RED, "relies_on_catch_up"),
    (catch_up(12_000 * K + 1, "2017-09"), Rag.RED, "relies_on_catch_up"),
    (catch_up(14_000 * K + 1, "2017-08"), Rag.AMBER, "relies_on_catch_up"),
    # A blank due month joins the plan of the remaining months.
    (catch_up(7_500 * K, actual_by_month=ONE_BLANK), Rag.GREEN, "on_plan"),
    (catch_up(7_500 * K + 1, actual_by_month=ONE_BLANK), Rag.AMBER, "relies_on_catch_up"),
    # Nothing planned there: £25k counts as over 2.
    (catch_up(25 * K, plan_by_month=UNPLANNED_REST), Rag.RED, "relies_on_catch_up"),
    (catch_up(25 * K - 1, plan_by_month=UNPLANNED_REST), Rag.GREEN, "on_plan"),
    # Row 11 before row 12.
    (
        catch_up(7_000 * K, actual_by_month=dict.fromkeys(MONTHS[:7], 0)),
        Rag.AMBER,
        "relies_on_catch_up",
    ),
    # Row 12: 0.75 of plan to date, over the same months.
    (good(actual_by_month=by_month(750 * K, 750 * K, 750 * K)), Rag.GREEN, "on_plan"),
    (good(actual_by_month=by_month(750 * K, 750 * K, 750 * K - 1)), Rag.AMBER, "behind_to_date"),
    (good(actual_by_month=by_month(None, 750 * K, 750 * K - 1)), Rag.AMBER, "behind_to_date"),
    # Row 12 matters from 5 % of P on: £0.6m of £12.0m.
    (
        good(plan_by_month=bulge(600 * K), actual_by_month=by_month(0, 0, 0)),
        Rag.AMBER,
        "behind_to_date",
    ),
    (
        good(plan_by_month=bulge(600 * K - 1), actual_by_month=by_month(0, 0, 0)),
        Rag.GREEN,
        "on_plan",
    ),
    # Row 12 before row 13.
    (
        good(start_month="2018-01", maturity=OPPORTUNITY, actual_by_month=by_month(0, 0, 0)),
        Rag.AMBER,
        "behind_to_date",
    ),
    # Row 13: an opportunity whenever it starts; a plan in progress within three months.
    (good(start_month="2018-01", maturity=OPPORTUNITY), Rag.AMBER, "late_development"),
    (good(start_month="2017-09", maturity=PLANNED), Rag.AMBER, "late_development"),
    (good(start_month="2017-10", maturity=PLANNED), Rag.GREEN, "on_plan"),
    (good(start_month="2017-09", maturity=Maturity.FULLY_DEVELOPED), Rag.GREEN, "on_plan"),
    # Row 13 before row 14; row 14 before row 15.
    (
        good(start_month="2018-01", maturity=OPPORTUNITY, red_milestone="Hub"),
        Rag.AMBER,
        "late_development",
    ),
    (good(red_milestone="Hub opens"), Rag.AMBER, "milestone_at_risk"),
    (GOOD, Rag.GREEN, "on_plan"),
]


@pytest.mark.parametrize(("scheme", "rag", "code"), CASES)
def test_scheme_rows(scheme: SchemeRatingInput, rag: Rag, code: str) -> None:
    rated = rate_scheme(scheme)
    assert (rated.rag, rated.code) == (rag, code), rated.reason


@pytest.mark.parametrize(
    ("scheme", "sentence"),
    [
        (GOOD, "Forecast £12.0m is 100% of the £12.0m plan for 2017/18."),
        (
            due(11_400 * K - 1),
            "Forecast £11.4m is 94.9% of the £12.0m plan for 2017/18; "
            "amber from 85% to 95%, red below 85%.",
        ),
        (
            good(standing=LATE, carried=RED_IN_MAY),
            "Not rated, the return for June 2017 being late; red in May 2017.",
        ),
        (
            good(standing=NOT_DUE, carried=RED_IN_MAY),
            "As of May 2017, the return for June 2017 not being due yet: Far short.",
        ),
        (
            good(actual_by_month=by_month(None, None, K)),
            "No actual is given for April 2017, May 2017.",
        ),
        (
            catch_up(6_250 * K + 1),
            "£6.25m is still to come from months planned at £5.00m; amber over 125% of plan.",
        ),
        (
            good(plan=0, forecast=500 * K, in_plan=False),
            "Forecast £500k against a plan of £0 (new, not in plan); no worse than plan.",
        ),
    ],
)
def test_scheme_sentences(scheme: SchemeRatingInput, sentence: str) -> None:
    assert rate_scheme(scheme).reason == sentence


@pytest.mark.parametrize(
    ("forecast", "said"),
    [(15_000 * K, False), (15_000 * K + 1, True)],
)
def test_far_above_plan_is_said_over_a_quarter(forecast: int, said: bool) -> None:
    assert ("far above plan, confirm" in rate_scheme(due(forecast)).reason) is said


@pytest.mark.parametrize(("above", "said"), [(50 * K, False), (50 * K + 1, True)])
def test_far_above_plan_needs_more_than_50k(above: int, said: bool) -> None:
    scheme = good(plan=100 * K, forecast=100 * K + above, delivered=100 * K + above)
    assert ("far above plan, confirm" in rate_scheme(scheme).reason) is said


def test_a_final_return_counts_twelve_months() -> None:
    scheme = final(12_000 * K, period="2018-13")
    assert rate_scheme(scheme).code == "delivered"


@pytest.mark.parametrize(
    ("carried", "counts_as"),
    [
        (Rag.RED, Rag.RED),
        (Rag.AMBER, Rag.AMBER),
        (Rag.GREEN, Rag.AMBER),
        (Rag.COMPLETE, Rag.AMBER),
        (Rag.NOT_RATED, Rag.AMBER),
        (None, Rag.AMBER),
    ],
)
def test_a_late_scheme_counts_as_the_worse_of_carried_and_amber(
    carried: Rag | None, counts_as: Rag
) -> None:
    kept = None if carried is None else Carried(Rating(carried, "x", "x"), "2017-05")
    late = rate_scheme(good(standing=LATE, carried=kept))
    assert counted_as(late, kept) is counts_as


def test_everything_else_counts_as_rated() -> None:
    assert counted_as(rate_scheme(GOOD), RED_IN_MAY) is Rag.GREEN
    not_due = rate_scheme(good(standing=NOT_DUE, carried=RED_IN_MAY))
    assert counted_as(not_due, RED_IN_MAY) is Rag.RED


money = st.integers(-20_000 * K, 20_000 * K)
schemes = st.builds(
    SchemeRatingInput,
    period=st.sampled_from([*MONTHS, "2018-13"]),
    plan=money,
    forecast=money,
    delivered=money,
    maturity=st.sampled_from(Maturity),
    qia=st.sampled_from(QiaStatus),
    start_month=st.sampled_from(MONTHS),
    plan_by_month=st.dictionaries(st.sampled_from(MONTHS), money),
    actual_by_month=st.dictionaries(st.sampled_from(MONTHS), st.none() | money),
    standing=st.sampled_from(ReturnStanding),
    ever_reported=st.booleans(),
    plan_approved=st.booleans(),
    actuals_final=st.booleans(),
    red_milestone=st.sampled_from(["", "Hub"]),
)


@given(schemes)
def test_every_scheme_has_one_rating_and_a_sentence(scheme: SchemeRatingInput) -> None:
    rated = rate_scheme(scheme)
    assert rated.reason.endswith(".")
    assert rated.code


@given(schemes)
def test_never_green_on_the_unknown(scheme: SchemeRatingInput) -> None:
    """Green or complete means reported, approved, and, with a plan to hold to, the latest month
    known and at most one blank."""
    if rate_scheme(scheme).rag not in (Rag.GREEN, Rag.COMPLETE):
        return
    assert scheme.ever_reported
    assert scheme.standing is ReturnStanding.CURRENT
    assert scheme.plan_approved
    if scheme.plan > 0:
        assert scheme.month not in scheme.blank_months
        assert len(scheme.blank_months) <= 1
