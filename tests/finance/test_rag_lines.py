"""Finance of a line: both tests, each boundary, and what late returns do to them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.rag import (
    FinanceInput,
    rate_finance,
)
from stp.core.rag import Rag, severity

K = 100_000  # pence in £1,000

LINE = FinanceInput(
    year="2017/18",
    target=10_000 * K,
    forecast=9_500 * K,
    plan=10_000 * K,
    late_plan=1_000 * K,
    end_target=12_000 * K,
    developed=6_000 * K,
    identified=12_000 * K,
)


@pytest.mark.parametrize(
    ("forecast", "rag", "code"),
    [
        (9_500 * K, Rag.GREEN, "year_on_target"),
        (9_500 * K - 1, Rag.AMBER, "year_short_amber"),
        (8_500 * K, Rag.AMBER, "year_short_amber"),
        (8_500 * K - 1, Rag.RED, "year_short_red"),
    ],
)
def test_this_year_s_forecast_against_its_target(forecast: int, rag: Rag, code: str) -> None:
    rated = rate_finance(replace(LINE, forecast=forecast))
    assert (rated.current.rag, rated.current.code) == (rag, code)
    assert rated.end.rag is Rag.GREEN
    assert rated.overall == rated.current


@pytest.mark.parametrize(
    ("year", "red_below", "amber_below"),
    [
        ("2017/18", 25, 50),
        ("2018/19", 50, 75),
        ("2019/20", 85, 95),
        ("2020/21", 95, 100),
    ],
)
def test_what_is_developed_for_2020_21_by_year(year: str, red_below: int, amber_below: int) -> None:
    line = replace(LINE, year=year)
    for percent, step, rag, code in [
        (red_below, -1, Rag.RED, "developed_red"),
        (red_below, 0, Rag.AMBER, "developed_amber"),
        (amber_below, -1, Rag.AMBER, "developed_amber"),
        (amber_below, 0, Rag.GREEN, "developed_enough"),
    ]:
        developed = 12_000 * K * percent // 100 + step
        rated = rate_finance(replace(line, developed=developed)).end
        assert (rated.rag, rated.code) == (rag, code), (percent, step, rated.reason)


def test_the_worse_counts_and_its_sentence_says_which_year() -> None:
    rated = rate_finance(replace(LINE, forecast=9_200 * K))
    assert rated.overall.reason == (
        "Forecast £9.2m is 92% of the £10.0m target for 2017/18; amber from 85% to 95%."
    )
    rated = rate_finance(replace(LINE, forecast=9_200 * K, developed=2_800 * K))
    assert rated.overall.reason == (
        "£2.8m developed for 2020/21 is 23.3% of the £12.0m target, with opportunities of "
        "£9.2m beside it; red below 25% in 2017/18."
    )


def test_no_target_is_not_rated_and_never_nil() -> None:
    rated = rate_finance(replace(LINE, target=None))
    assert (rated.current.rag, rated.current.code) == (Rag.NOT_RATED, "no_target")
    assert rated.overall == rated.current
    rated = rate_finance(replace(LINE, end_target=None))
    assert (rated.end.rag, rated.end.code) == (Rag.NOT_RATED, "no_target")
    assert rated.overall == rated.end


@pytest.mark.parametrize("year", ["2016/17", "2021/22"])
def test_outside_the_plan_years_nothing_is_asked_for(year: str) -> None:
    rated = rate_finance(replace(LINE, year=year))
    assert (rated.end.rag, rated.end.code) == (Rag.NOT_RATED, "outside_plan_years")


@pytest.mark.parametrize(("late", "rag"), [(1_000 * K, Rag.GREEN), (1_000 * K + 1, Rag.NOT_RATED)])
def test_over_a_tenth_on_late_returns_is_not_rated(late: int, rag: Rag) -> None:
    rated = rate_finance(replace(LINE, late_plan=late))
    assert rated.current.rag is rated.end.rag is rated.overall.rag is rag
    assert (rated.overall.code == "late_returns") is (rag is Rag.NOT_RATED)


def test_what_is_red_already_stays_red_with_late_returns() -> None:
    late = replace(LINE, late_plan=5_000 * K, forecast=1 * K)
    rated = rate_finance(late)
    assert rated.overall == rated.current
    assert rated.current.code == "year_short_red"
    assert rated.end.code == "late_returns"
    assert rate_finance(replace(late, target=None)).current.code == "no_target"


def test_late_returns_amber_is_not_rated() -> None:
    rated = rate_finance(replace(LINE, late_plan=1_000 * K + 1, forecast=9_000 * K))
    assert rated.current.code == "late_returns"


@pytest.mark.parametrize(("late", "code"), [(0, "year_on_target"), (1, "late_returns")])
def test_late_returns_of_a_line_with_no_plan(late: int, code: str) -> None:
    assert rate_finance(replace(LINE, plan=0, late_plan=late)).current.code == code


@pytest.mark.parametrize(("forecast", "rag"), [(0, Rag.GREEN), (-1, Rag.RED)])
def test_a_target_of_nil_is_met_or_not(forecast: int, rag: Rag) -> None:
    rated = rate_finance(replace(LINE, target=0, forecast=forecast))
    assert rated.current.rag is rag
    assert "held against the £0 target" in rated.current.reason


def test_enablers_carry_no_money() -> None:
    rated = rate_finance(None)
    assert {r.rag for r in (rated.overall, rated.current, rated.end)} == {Rag.NOT_APPLICABLE}
    assert rated.overall.code == "enabler"


pence = st.integers(-20_000 * K, 20_000 * K)
lines = st.builds(
    FinanceInput,
    year=st.sampled_from(["2016/17", "2017/18", "2018/19", "2019/20", "2020/21"]),
    target=st.none() | pence,
    forecast=pence,
    plan=pence,
    late_plan=pence,
    end_target=st.none() | pence,
    developed=pence,
    identified=pence,
)


@given(lines)
def test_overall_is_the_worse_and_green_needs_both_targets(line: FinanceInput) -> None:
    rated = rate_finance(line)
    worse = min(severity(rated.current.rag), severity(rated.end.rag))
    assert severity(rated.overall.rag) == worse
    if rated.overall.rag is Rag.GREEN:
        assert line.target is not None
        assert line.end_target is not None


@given(lines, st.integers(0, 5_000 * K))
def test_a_higher_forecast_never_rates_worse(line: FinanceInput, more: int) -> None:
    """Unless late returns rule it out: they spare only what is red already."""
    if abs(line.late_plan) * 10 > max(line.plan, 0):
        return
    before = rate_finance(line).current
    after = rate_finance(replace(line, forecast=line.forecast + more)).current
    assert severity(after.rag) >= severity(before.rag)
