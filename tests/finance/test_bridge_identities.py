"""The identities to the penny, for every year and every filter, as properties."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from finance.bridge import (
    DEFAULT_WEIGHTS,
    SchemeInput,
    scheme_year,
    sum_positions,
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
)
from stp.core import periods
from stp.core.periods import PLAN_YEARS, year_months
from tests.finance.positions_of import ALL_TARGETS, holds, place, rows_of

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
