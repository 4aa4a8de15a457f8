"""Indicators: each row one step either side, the rows' order, parts, and the Outcomes roll-up."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.rag import (
    Better,
    IndicatorInput,
    Observation,
    PartInput,
    published_on,
    rate_indicator,
    rate_outcomes,
    rate_part,
    stale_after,
    trajectory,
)
from stp.core.rag import Rag, Rating, severity

AS_OF = dt.date(2018, 3, 31)
BASELINE_ON, TARGET_ON = dt.date(2016, 3, 31), dt.date(2020, 3, 31)
HALFWAY = dt.date(2018, 3, 31)  # 730 of 1,461 days: trajectory 59.99… of 50 → 70


def seen(
    value: str,
    lower: str | None = None,
    upper: str | None = None,
    *,
    end: dt.date = dt.date(2018, 3, 31),
    published: dt.date | None = None,
) -> Observation:
    return Observation(
        value=Decimal(value),
        period_end=end,
        dated_on=end,
        published_on=published,
        lower_95=None if lower is None else Decimal(lower),
        upper_95=None if upper is None else Decimal(upper),
    )


PART = PartInput(
    target=Decimal(70),
    target_on=TARGET_ON,
    baseline=Decimal(50),
    baseline_on=BASELINE_ON,
    comparable=True,
    observations=[seen("60")],
)
FLOOR = replace(PART, target=Decimal(40), target_on=None, baseline_on=None)


def part(*observations: Observation, **changes: object) -> PartInput:
    changed = {"observations": observations, **changes}
    return replace(PART, **changed)  # type: ignore[arg-type]  # a table of named changes


def floor(*observations: Observation, **changes: object) -> PartInput:
    changed = {"observations": observations, **changes}
    return replace(FLOOR, **changed)  # type: ignore[arg-type]  # a table of named changes


def rate(one: PartInput, better: Better | None = Better.HIGHER, as_of: dt.date = AS_OF) -> Rating:
    return rate_indicator(IndicatorInput(better, [one]), as_of)


def test_one_part_alone_rates_as_its_indicator() -> None:
    for one in (part(seen("71")), part(seen("55")), floor(seen("39")), part()):
        indicator = IndicatorInput(Better.HIGHER, [one])
        assert rate_part(one, indicator, AS_OF) == rate_indicator(indicator, AS_OF)


SPC = {"spc_concern": True, "spc_points": 13}
OLD = dt.date(2016, 3, 31)


@pytest.mark.parametrize(
    ("one", "rag", "code"),
    [
        # Row 1, before row 2.
        (replace(PART, target=None), Rag.NOT_RATED, "no_target"),
        (replace(PART, target=None, comparable=False), Rag.NOT_RATED, "no_target"),
        # Row 2: nobody marked the series; before row 3.
        (replace(PART, comparable=False), Rag.NOT_RATED, "method_differs"),
        (replace(PART, comparable=None), Rag.NOT_RATED, "method_differs"),
        (replace(PART, comparable=False, baseline=None), Rag.NOT_RATED, "method_differs"),
        (replace(PART, comparable=False, observations=()), Rag.NOT_RATED, "method_differs"),
        # Row 3: dated baseline, dated target, in that order; before row 4.
        (replace(PART, baseline=None), Rag.NOT_RATED, "no_trajectory"),
        (replace(PART, baseline_on=None), Rag.NOT_RATED, "no_trajectory"),
        (replace(PART, target_on=None), Rag.NOT_RATED, "no_trajectory"),
        (replace(PART, target_on=BASELINE_ON), Rag.NOT_RATED, "no_trajectory"),
        (
            PartInput(target=Decimal(70), comparable=None),
            Rag.NOT_RATED,
            "no_trajectory",
        ),
        # Row 4: later than the baseline, and published.
        (part(), Rag.NOT_RATED, "no_data"),
        (replace(part(), comparable=None), Rag.NOT_RATED, "no_data"),
        (part(seen("60", end=BASELINE_ON)), Rag.NOT_RATED, "no_data"),
        (part(seen("60", published=AS_OF + dt.timedelta(days=1))), Rag.NOT_RATED, "no_data"),
        (part(seen("60", published=AS_OF)), Rag.GREEN, "on_trajectory"),
        (
            part(seen("60", end=AS_OF + dt.timedelta(days=1), published=AS_OF)),
            Rag.NOT_RATED,
            "no_data",
        ),
        # Row 5: period end + lag (0) + 12 months + 1 month; before row 7.
        (part(seen("70", end=dt.date(2017, 2, 28))), Rag.NOT_RATED, "stale"),
        (part(seen("70", end=dt.date(2017, 3, 31))), Rag.GREEN, "target_met"),
        # Row 6: a floor; rows 3 and 4 do not apply.
        (floor(seen("40")), Rag.GREEN, "floor_met"),
        (floor(seen("39.999")), Rag.RED, "floor_missed"),
        (floor(seen("40"), strict=True), Rag.RED, "floor_missed"),
        (floor(seen("41"), **SPC), Rag.AMBER, "floor_met_falling"),
        (floor(seen("41"), spc_concern=False, spc_points=13), Rag.GREEN, "floor_met"),
        (floor(seen("41"), spc_concern=True, spc_points=12), Rag.GREEN, "floor_met"),
        (floor(seen("39"), **SPC), Rag.RED, "floor_missed"),
        (floor(), Rag.NOT_RATED, "no_data"),
        (floor(seen("60", end=dt.date(2017, 2, 28))), Rag.NOT_RATED, "stale"),
        # Not a floor: a target equal to the baseline.
        (replace(PART, target=Decimal(50)), Rag.GREEN, "target_met"),
        # Row 7, before row 8.
        (part(seen("70")), Rag.GREEN, "target_met"),
        (part(seen("70"), strict=True), Rag.GREEN, "on_trajectory"),
        (part(seen("70.001"), strict=True), Rag.GREEN, "target_met"),
        # Row 8 and 9: the trajectory at 31 March 2018 is 50 + 20 × 730/1461 = 59.993…
        (part(seen("60")), Rag.GREEN, "on_trajectory"),
        (part(seen("59.994")), Rag.GREEN, "on_trajectory"),
        (part(seen("59.993")), Rag.AMBER, "behind_trajectory"),
        (part(seen("50")), Rag.AMBER, "behind_trajectory"),
        # Row 10: interval wholly on the wrong side, or SPC with 13 points.
        (part(seen("49.999", "49", "49.9999")), Rag.RED, "worse_than_baseline"),
        (part(seen("49.999", "49", "50")), Rag.AMBER, "no_clear_change"),
        (part(seen("49.999"), **SPC), Rag.RED, "worse_than_baseline"),
        (part(seen("49.999", "49", "50"), **SPC), Rag.RED, "worse_than_baseline"),
        (part(seen("49.999"), spc_concern=True, spc_points=12), Rag.AMBER, "worse_unconfirmed"),
        (part(seen("49.999"), spc_concern=False, spc_points=13), Rag.AMBER, "worse_unconfirmed"),
        # Row 11.
        (part(seen("49.999", "49", "51")), Rag.AMBER, "no_clear_change"),
        (part(seen("49.999")), Rag.AMBER, "worse_unconfirmed"),
        (part(seen("49.999", "49")), Rag.AMBER, "worse_unconfirmed"),
        # Row 9 before row 10.
        (part(seen("50"), **SPC), Rag.AMBER, "behind_trajectory"),
    ],
)
def test_indicator_rows(one: PartInput, rag: Rag, code: str) -> None:
    rated = rate(one)
    assert (rated.rag, rated.code) == (rag, code), rated.reason


LOWER = replace(PART, target=Decimal(30), strict=True)  # "<30", down from 50


@pytest.mark.parametrize(
    ("value", "limits", "rag", "code"),
    [
        ("29.999", (None, None), Rag.GREEN, "target_met"),
        ("30", (None, None), Rag.GREEN, "on_trajectory"),
        ("40.006", (None, None), Rag.GREEN, "on_trajectory"),
        ("40.007", (None, None), Rag.AMBER, "behind_trajectory"),
        ("50", (None, None), Rag.AMBER, "behind_trajectory"),
        ("50.001", ("50.0001", "51"), Rag.RED, "worse_than_baseline"),
        ("50.001", ("50", "51"), Rag.AMBER, "no_clear_change"),
        ("50.001", (None, None), Rag.AMBER, "worse_unconfirmed"),
    ],
)
def test_lower_is_better_comes_from_the_measure(
    value: str, limits: tuple[str | None, str | None], rag: Rag, code: str
) -> None:
    rated = rate(replace(LOWER, observations=[seen(value, *limits)]), Better.LOWER)
    assert (rated.rag, rated.code) == (rag, code), rated.reason


def test_a_strict_target_stays_strict_at_its_own_date() -> None:
    """On the target's date the trajectory is the target: exactly 30 does not meet "<30"."""
    late = seen("30", end=TARGET_ON)
    rated = rate(replace(LOWER, observations=[late]), Better.LOWER, as_of=TARGET_ON)
    assert (rated.rag, rated.code) == (Rag.AMBER, "behind_trajectory")
    inclusive = replace(LOWER, strict=False, observations=[late])
    assert rate(inclusive, Better.LOWER, as_of=TARGET_ON).code == "target_met"


def test_a_direction_nobody_stated_is_not_rated() -> None:
    rated = rate(PART, better=None)
    assert (rated.rag, rated.code) == (Rag.NOT_RATED, "no_direction")
    assert rate(replace(PART, comparable=False), better=None).code == "method_differs"


def test_a_floor_downwards() -> None:
    """Lower is better and the target is above the baseline: a ceiling not to be passed."""
    ceiling = replace(PART, target=Decimal(60))
    assert rate(ceiling, Better.LOWER).code == "floor_met"
    assert rate(replace(ceiling, observations=[seen("60.001")]), Better.LOWER).code == (
        "floor_missed"
    )


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (floor(seen("40")), "trend not tested"),
        (floor(seen("41", "39", "43")), "by point estimate"),
        (part(seen("71", "70", "72")), "by point estimate"),
        (part(seen("60", "58", "62")), "by point estimate"),
        (part(seen("70", end=dt.date(2017, 2, 28))), "70 for the period to 28 February 2017"),
    ],
)
def test_what_a_sentence_owns_up_to(one: PartInput, words: str) -> None:
    assert words in rate(one).reason


@pytest.mark.parametrize(
    "one",
    [
        part(seen("71", "70.001", "72")),
        part(seen("60", "59.994", "62")),
        floor(seen("42", "40.001", "44"), spc_concern=False, spc_points=13),
    ],
)
def test_a_clear_green_needs_no_remark(one: PartInput) -> None:
    reason = rate(one).reason
    assert "by point estimate" not in reason
    assert "trend not tested" not in reason


def test_an_observation_counts_from_period_end_plus_lag_by_default() -> None:
    indicator = IndicatorInput(Better.HIGHER, [PART], lag_days=90)
    assert published_on(seen("60"), indicator) == dt.date(2018, 6, 29)
    assert rate_indicator(indicator, dt.date(2018, 6, 28)).code == "no_data"
    assert rate_indicator(indicator, dt.date(2018, 6, 29)).code == "on_trajectory"


@pytest.mark.parametrize(
    ("end", "lag", "interval", "last"),
    [
        (dt.date(2018, 3, 31), 0, 12, dt.date(2019, 4, 30)),
        (dt.date(2017, 12, 31), 0, 1, dt.date(2018, 2, 28)),
        (dt.date(2017, 12, 31), 45, 3, dt.date(2018, 6, 14)),
    ],
)
def test_stale_after_lag_one_interval_and_a_month(
    end: dt.date, lag: int, interval: int, last: dt.date
) -> None:
    indicator = IndicatorInput(
        Better.HIGHER, [part(seen("60", end=end))], lag_days=lag, interval_months=interval
    )
    assert stale_after(seen("60", end=end), indicator) == last
    assert rate_indicator(indicator, last).code != "stale"
    assert rate_indicator(indicator, last + dt.timedelta(days=1)).code == "stale"


def test_the_newest_period_counts_not_the_newest_row() -> None:
    older = seen("71", end=dt.date(2017, 9, 30))
    assert rate(part(seen("55"), older)).code == "behind_trajectory"


def test_the_worst_part_stands_for_the_measure_and_is_named() -> None:
    men = replace(PART, name="men", observations=[seen("55")])
    women = replace(PART, name="women")
    rated = rate_indicator(IndicatorInput(Better.HIGHER, [women, men]), AS_OF)
    assert rated.rag is Rag.AMBER
    assert rated.reason.startswith("Men, the worst of 2 parts: Latest 55")
    unknown = replace(women, observations=())
    rated = rate_indicator(IndicatorInput(Better.HIGHER, [women, unknown]), AS_OF)
    assert rated.rag is Rag.NOT_RATED
    rated = rate_indicator(IndicatorInput(Better.HIGHER, [women]), AS_OF)
    assert rated.reason.startswith("Women: Latest 60")


def test_no_parts_is_no_target() -> None:
    assert rate_indicator(IndicatorInput(Better.HIGHER, []), AS_OF).code == "no_target"


@pytest.mark.parametrize(
    ("day", "value"),
    [
        (BASELINE_ON - dt.timedelta(days=1), Fraction(50)),
        (BASELINE_ON, Fraction(50)),
        (HALFWAY, 50 + 20 * Fraction(730, 1461)),
        (TARGET_ON, Fraction(70)),
        (TARGET_ON + dt.timedelta(days=1), Fraction(70)),
    ],
)
def test_the_trajectory_is_a_straight_line_and_flat_outside(day: dt.date, value: Fraction) -> None:
    drawn = trajectory(Decimal(50), BASELINE_ON, Decimal(70), TARGET_ON, day)
    assert drawn == value


values = st.decimals(0, 100, places=1)
dates = st.dates(dt.date(2015, 1, 1), dt.date(2020, 12, 31))
observations = st.builds(
    lambda value, end, half: Observation(
        value,
        end,
        end,
        lower_95=None if half is None else value - half,
        upper_95=None if half is None else value + half,
    ),
    values,
    dates,
    st.none() | st.decimals(0, 10, places=1),
)
parts = st.builds(
    PartInput,
    target=st.none() | values,
    target_on=st.none() | dates,
    strict=st.booleans(),
    baseline=st.none() | values,
    baseline_on=st.none() | dates,
    comparable=st.sampled_from([True, True, None, False]),
    observations=st.lists(observations, max_size=4),
    spc_concern=st.none() | st.booleans(),
    spc_points=st.integers(0, 30),
)


@given(parts, st.sampled_from([None, *Better]), dates)
def test_colour_needs_a_target_a_comparable_series_and_a_value(
    one: PartInput, better: Better | None, as_of: dt.date
) -> None:
    rated = rate(one, better, as_of)
    assert rated.reason.endswith(".")
    if rated.rag is not Rag.NOT_RATED:
        assert one.target is not None
        assert one.comparable
        assert better is not None
        assert any(o.period_end <= as_of for o in one.observations)


@given(parts, st.sampled_from(Better), dates)
def test_values_of_later_periods_do_not_rate(
    one: PartInput, better: Better, as_of: dt.date
) -> None:
    known = [o for o in one.observations if o.period_end <= as_of]
    if len(known) == len(one.observations) or not known:
        return
    assert rate(one, better, as_of) == rate(replace(one, observations=known), better, as_of)


@given(st.lists(parts, min_size=1, max_size=4), dates)
def test_no_part_is_worse_than_the_indicator(some: list[PartInput], as_of: dt.date) -> None:
    whole = rate_indicator(IndicatorInput(Better.LOWER, some), as_of)
    assert severity(whole.rag) == min(severity(rate(p, Better.LOWER, as_of).rag) for p in some)


# --- Outcomes

RED, AMBER, GREEN, UNRATED, ASIDE = (
    Rating(rag, "x", "x.")
    for rag in (Rag.RED, Rag.AMBER, Rag.GREEN, Rag.NOT_RATED, Rag.NOT_APPLICABLE)
)


@pytest.mark.parametrize(
    ("ratings", "rag", "code"),
    [
        ([], Rag.NOT_RATED, "no_outcomes"),
        ([ASIDE], Rag.NOT_RATED, "no_outcomes"),
        ([UNRATED], Rag.NOT_RATED, "no_outcomes"),
        # Over half, not half; before red.
        ([UNRATED, GREEN], Rag.GREEN, "outcomes_hold"),
        ([UNRATED, UNRATED, GREEN], Rag.NOT_RATED, "no_outcomes"),
        ([UNRATED, UNRATED, UNRATED, RED, RED], Rag.NOT_RATED, "no_outcomes"),
        ([UNRATED, GREEN, ASIDE, ASIDE], Rag.GREEN, "outcomes_hold"),
        # A third and at least two.
        ([RED, RED, *[GREEN] * 4], Rag.RED, "third_red"),
        ([RED, RED, *[GREEN] * 5], Rag.AMBER, "any_red"),
        ([RED, RED], Rag.RED, "third_red"),
        ([RED, GREEN], Rag.AMBER, "any_red"),
        ([RED], Rag.AMBER, "any_red"),
        # What is not rated does not dilute the third.
        ([RED, RED, *[GREEN] * 4, UNRATED], Rag.RED, "third_red"),
        ([AMBER, AMBER], Rag.GREEN, "outcomes_hold"),
        ([GREEN], Rag.GREEN, "outcomes_hold"),
    ],
)
def test_outcomes_rows(ratings: Sequence[Rating], rag: Rag, code: str) -> None:
    rated = rate_outcomes(ratings)
    assert (rated.rag, rated.code) == (rag, code), rated.reason


@given(st.lists(st.sampled_from([RED, AMBER, GREEN, UNRATED]), min_size=1, max_size=12))
def test_one_more_unknown_leaves_the_colour_or_takes_it_away(ratings: list[Rating]) -> None:
    before, now = rate_outcomes(ratings), rate_outcomes([*ratings, UNRATED])
    assert now.rag in (before.rag, Rag.NOT_RATED)
