"""A scheme's year: P, F, D, secure, at risk and slippage (rag-rules, "Money: the words").

Identity, to the penny: plan = delivered + secure + at risk + slippage. Money is whole pence.
Readings taken where the text leaves room: docs/rag.md, "Readings".
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction

from finance.bridge.outturn import Cells, known_actuals, year_outturn
from finance.bridge.words import WHOLE, SchemeInput, Weights, YearPosition
from finance.rag import (
    Carried,
    Evidence,
    Maturity,
    Recurrence,
    ReturnStanding,
    SchemeRatingInput,
)
from stp.core import periods
from stp.core.periods import Period


def _closed(scheme: SchemeInput) -> bool:
    return scheme.maturity is Maturity.CLOSED or bool(scheme.closed_in)


def _evidenced(scheme: SchemeInput) -> bool:
    return scheme.evidence not in (None, Evidence.NONE)


def weight_of(scheme: SchemeInput, weights: Weights) -> int:
    """Basis points of a remaining forecast; delivered without evidence weighs as in delivery."""
    maturity = scheme.maturity
    if maturity is Maturity.DELIVERED and not _evidenced(scheme):
        maturity = Maturity.IN_DELIVERY
    try:
        return weights[maturity, scheme.risk]
    except KeyError:
        words = f"{maturity.value}, {scheme.risk.value}"
        raise LookupError(f"No savings weight is set for “{words}”.") from None


def scheme_year(scheme: SchemeInput, year: str, period: str, weights: Weights) -> YearPosition:
    """Work out P, F, D, secure, at risk and slippage of a scheme in `year`, as of `period`.

    `period` is a reporting period code; the years before, equal to and after its financial
    year are the past, current and future years of the rule. A final return (`2017-13`) has its
    own year as current, all twelve months due, and every later year in the future.
    """
    shown = periods.parse(period)
    plan = plan_of(scheme, year)
    not_stated = 0
    estimated: tuple[str, ...] = ()
    if not scheme.reported:
        forecast, delivered = plan, 0
    elif year < shown.year:
        delivered = forecast = _known_actuals(scheme, periods.year_months(year))
        estimated = _blank(scheme, periods.year_months(year))
    elif year == shown.year:
        forecast, estimated = _forecast_of_current(scheme, shown)
        delivered = _known_actuals(scheme, shown.months_to_date)
    else:
        forecast, estimated = _forecast_of_future(scheme, year)
        delivered, not_stated = _delivered_in_future(scheme, forecast)
    if _closed(scheme):
        forecast, estimated = delivered, ()  # nothing may remain, reported or not
    remaining = forecast - delivered
    secure = _secure(scheme, remaining, weights, current=year == shown.year)
    return YearPosition(
        plan=plan,
        forecast=forecast,
        delivered=delivered,
        secure=secure,
        at_risk=remaining - secure,
        slippage=plan - forecast,
        developed=_developed(scheme, plan, delivered),
        fye_not_stated=not_stated,
        estimated_months=estimated,
    )


def plan_of(scheme: SchemeInput, year: str) -> int:
    """P: the approved months of the year where there are any, else its yearly figure, else nil."""
    months = [scheme.plan_by_month[m] for m in _stated(scheme.plan_by_month, year)]
    return sum(months) if months else scheme.plan_by_year.get(year, 0)


def _stated(by_month: Mapping[str, object], year: str) -> list[str]:
    return [m for m in periods.year_months(year) if m in by_month]


def _known_actuals(scheme: SchemeInput, months: Iterable[str]) -> int:
    return known_actuals(scheme.actual_by_month, months)


def _blank(scheme: SchemeInput, months: Iterable[str]) -> tuple[str, ...]:
    return tuple(m for m in months if scheme.actual_by_month.get(m) is None)


def cells_of(scheme: SchemeInput) -> Cells:
    """The figures its current year is worked out from."""
    return Cells(
        scheme.actual_by_month,
        scheme.forecast_by_month,
        scheme.earlier_forecast_by_month,
        scheme.plan_by_month,
    )


def _forecast_of_current(scheme: SchemeInput, shown: Period) -> tuple[int, tuple[str, ...]]:
    """F of the year the period is in, and the months that are estimated.

    A return of an earlier year, which speaks until this year's comes, states this year as one
    figure: that is F, and every month is open.
    """
    as_one = scheme.forecast_by_year.get(shown.year)
    if as_one is not None:
        return as_one, periods.year_months(shown.year)
    return year_outturn(cells_of(scheme), shown, closed=_closed(scheme))


def _forecast_of_future(scheme: SchemeInput, year: str) -> tuple[int, tuple[str, ...]]:
    """The year's Forecast cell, else the sum of its months, else the plan, marked by the year."""
    stated = scheme.forecast_by_year.get(year)
    if stated is not None:
        return stated, ()
    months = [scheme.forecast_by_month[m] for m in _stated(scheme.forecast_by_month, year)]
    if len(months) == 12 and None not in months:
        return sum(pence or 0 for pence in months), ()
    return plan_of(scheme, year), (year,)


def _delivered_in_future(scheme: SchemeInput, forecast: int) -> tuple[int, int]:
    """D of a later year, and 1 if its full-year effect should be stated and is not."""
    if scheme.recurrence is Recurrence.NON_RECURRENT:
        return 0, 0
    if scheme.fye_secured is not None:
        return min(scheme.fye_secured, forecast), 0
    if scheme.maturity is Maturity.DELIVERED and _evidenced(scheme):
        return forecast, 0
    return 0, 1


def _secure(scheme: SchemeInput, remaining: int, weights: Weights, *, current: bool) -> int:
    """w × what remains, half-even to the penny; a negative remainder counts in full.

    Where gross and investment are given with net above zero, the current year's weight falls
    on the remaining gross alone and the remaining investment counts in full.
    """
    if remaining <= 0:
        return remaining
    weight = Fraction(weight_of(scheme, weights), WHOLE)
    gross, investment = scheme.gross, scheme.investment
    if current and gross is not None and investment is not None and gross > investment:
        remaining_gross = Fraction(remaining * gross, gross - investment)
        return round(weight * remaining_gross - (remaining_gross - remaining))
    return round(weight * remaining)


def _developed(scheme: SchemeInput, plan: int, delivered: int) -> int:
    """P at "plan in progress" or above; of a closed scheme what it delivers, at most P."""
    if _closed(scheme):
        return max(0, min(plan, delivered))
    return 0 if scheme.maturity is Maturity.OPPORTUNITY else plan


def sum_positions(positions: Iterable[YearPosition]) -> YearPosition:
    """The sum of many schemes' positions in one year; nothing sums to zeros."""
    return sum(positions, YearPosition())


def rating_input(
    scheme: SchemeInput,
    position: YearPosition,
    period: str,
    *,
    standing: ReturnStanding = ReturnStanding.CURRENT,
    carried: Carried | None = None,
    red_milestone: str = "",
) -> SchemeRatingInput:
    """What the scheme's rating needs, from its position in the period's financial year.

    Actuals are final when the scheme says so (month 12 signed off) or the period is a final
    return.
    """
    shown = periods.parse(period)
    return SchemeRatingInput(
        period=period,
        plan=position.plan,
        forecast=position.forecast,
        delivered=position.delivered,
        maturity=scheme.maturity,
        qia=scheme.qia,
        start_month=scheme.start_month,
        plan_by_month=scheme.plan_by_month,
        actual_by_month=scheme.actual_by_month,
        closed_in=scheme.closed_in,
        standing=standing,
        ever_reported=scheme.reported,
        carried=carried,
        plan_approved=scheme.plan_approved,
        actuals_final=scheme.actuals_final or shown.is_final,
        red_milestone=red_milestone,
        in_plan=scheme.in_plan,
    )
