"""The savings scheme's rating, rows 1 to 15 in their order (rag-rules, "Savings scheme").

Money is whole pence. Ratios are compared as whole numbers, so that no limit is missed by a
rounding. Where the rules' text leaves room, the reading taken stands in docs/rag.md.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from finance.rag.words import LIMITS, Maturity, QiaStatus, SchemeCode, rating
from stp.core import periods
from stp.core.money import words
from stp.core.rag import Rag, Rating, severity, share_text

_BELOW_FULLY_DEVELOPED = (Maturity.OPPORTUNITY, Maturity.PLAN_IN_PROGRESS)
_BELOW_IN_DELIVERY = (*_BELOW_FULLY_DEVELOPED, Maturity.FULLY_DEVELOPED)


class ReturnStanding(StrEnum):
    """Where the organisation's return for the period shown stands, for row 3."""

    CURRENT = "current"  # sent: the figures are of this period
    NOT_DUE = "not_due"  # not yet due, or not required
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Carried:
    """The rating stored at an earlier period, which a missing return leaves standing."""

    rating: Rating
    period: str  # period code


@dataclass(frozen=True, slots=True)
class SchemeRatingInput:
    """A scheme in the financial year of `period`: P, F and D of that year, and its months.

    `plan_by_month` and `actual_by_month` cover the year's months; an actual that is absent or
    None is blank. `finance.bridge.rating_input` fills this.
    """

    period: str
    plan: int
    forecast: int
    delivered: int
    maturity: Maturity
    qia: QiaStatus
    start_month: str
    plan_by_month: Mapping[str, int] = field(default_factory=dict)
    actual_by_month: Mapping[str, int | None] = field(default_factory=dict)
    closed_in: str = ""  # financial year of closure
    standing: ReturnStanding = ReturnStanding.CURRENT
    ever_reported: bool = True  # False: the organisation has sent no finance return
    carried: Carried | None = None
    plan_approved: bool = True
    actuals_final: bool = False  # final return sent, or month 12 signed off
    red_milestone: str = ""  # title of a red milestone that carries this benefit
    in_plan: bool = True

    @property
    def _period(self) -> periods.Period:
        return periods.parse(self.period)

    @property
    def year(self) -> str:
        return self._period.year

    @property
    def due_months(self) -> tuple[str, ...]:
        return self._period.months_to_date

    @property
    def later_months(self) -> tuple[str, ...]:
        return self._period.months_remaining

    @property
    def month(self) -> str:
        """The month of `period`: March for a final return."""
        return self.due_months[-1]

    @property
    def blank_months(self) -> tuple[str, ...]:
        return tuple(m for m in self.due_months if self.actual_by_month.get(m) is None)

    @property
    def starts_soon(self) -> bool:
        """Start month at most three months after the period's; one already past counts."""
        last = periods.parse(self.month)
        for _ in range(LIMITS.starts_within_months):
            last = last.next
        return self.start_month <= last.code

    def plan_of(self, months: tuple[str, ...]) -> int:
        return sum(self.plan_by_month.get(m, 0) for m in months)

    def actual_of(self, months: tuple[str, ...]) -> int:
        return sum(self.actual_by_month.get(m) or 0 for m in months)


def rate_scheme(scheme: SchemeRatingInput) -> Rating:
    """The first row that applies decides; row 15 is what is left."""
    return next(r for r in _rows(scheme) if r is not None)


def counted_as(now: Rating, carried: Carried | None) -> Rag:
    """What a scheme counts as by organisation and workstream.

    A scheme whose return is late counts as the worse of its carried rating and AMBER;
    everything else counts as it is rated.
    """
    if now.code != SchemeCode.NO_RETURN:
        return now.rag
    if carried is None:
        return Rag.AMBER
    return min(carried.rating.rag, Rag.AMBER, key=severity)


def _rows(scheme: SchemeRatingInput) -> Iterator[Rating | None]:
    yield _rate_closed(scheme)  # 1
    yield _rate_qia(scheme)  # 2
    yield _rate_no_return(scheme)  # 3
    yield _rate_unapproved(scheme)  # 4
    yield _rate_nothing_planned(scheme)  # 5
    yield _rate_investment(scheme)  # 6
    yield _rate_outturn(scheme)  # 7
    yield _rate_maturity(scheme)  # 8
    yield _rate_forecast(scheme)  # 9
    yield _rate_blanks(scheme)  # 10
    yield _rate_catch_up(scheme)  # 11
    yield _rate_to_date(scheme)  # 12
    yield _rate_development(scheme)  # 13
    yield _rate_milestone(scheme)  # 14
    yield _rate_on_plan(scheme)  # 15


def _rate_closed(scheme: SchemeRatingInput) -> Rating | None:
    if not scheme.closed_in or scheme.closed_in >= scheme.year:
        return None
    text = f"Closed in {scheme.closed_in}, before {scheme.year}"
    return rating(Rag.NOT_RATED, SchemeCode.CLOSED, text)


def _rate_qia(scheme: SchemeRatingInput) -> Rating | None:
    if scheme.qia is QiaStatus.REJECTED:
        text = "Its quality impact assessment (QIA) was rejected"
        return rating(Rag.RED, SchemeCode.QIA_REJECTED, text)
    settled = scheme.qia in (QiaStatus.APPROVED, QiaStatus.NOT_REQUIRED)
    if settled or scheme.start_month > scheme.month:
        return None
    text = (
        f"Its start month, {_month(scheme.start_month)}, is reached and its quality impact "
        f"assessment (QIA) is “{scheme.qia.value}”"
    )
    return rating(Rag.RED, SchemeCode.QIA_MISSING, text)


def _rate_no_return(scheme: SchemeRatingInput) -> Rating | None:
    """Row 3. An organisation that never reported has no rating to carry, due or not."""
    shown = periods.parse(scheme.period).name
    carried = scheme.carried
    if not scheme.ever_reported:
        text = "The organisation has sent no finance return; its plan is used, nothing reported"
        return rating(Rag.NOT_RATED, SchemeCode.NO_RETURN, text)
    if scheme.standing is ReturnStanding.NOT_DUE:
        if carried is None:
            text = f"The return for {shown} is not yet due, and no earlier rating stands"
            return rating(Rag.NOT_RATED, SchemeCode.RETURN_NOT_DUE, text)
        month = periods.parse(carried.period).name
        text = f"As of {month}, the return for {shown} not being due yet: {carried.rating.reason}"
        return Rating(carried.rating.rag, SchemeCode.RETURN_NOT_DUE.value, text)
    if scheme.standing is ReturnStanding.LATE:
        was = "no earlier rating stands"
        if carried is not None:
            month = periods.parse(carried.period).name
            was = f"{carried.rating.rag.word.lower()} in {month}"
        text = f"Not rated, the return for {shown} being late; {was}"
        return rating(Rag.NOT_RATED, SchemeCode.NO_RETURN, text)
    return None


def _rate_unapproved(scheme: SchemeRatingInput) -> Rating | None:
    if scheme.plan_approved:
        return None
    text = f"The plan for {scheme.year} is not approved yet"
    return rating(Rag.NOT_RATED, SchemeCode.PLAN_NOT_APPROVED, text)


def _rate_nothing_planned(scheme: SchemeRatingInput) -> Rating | None:
    if scheme.plan or scheme.forecast:
        return None
    nothing = f"Nothing is planned or forecast for {scheme.year}"
    if scheme.starts_soon and scheme.maturity in _BELOW_FULLY_DEVELOPED:
        return _late_development(scheme, f"{nothing}, but it")
    return rating(Rag.NOT_RATED, SchemeCode.NOT_STARTED, f"{nothing}; not started")


def _rate_investment(scheme: SchemeRatingInput) -> Rating | None:
    """Row 6. A negative plan with a nil forecast is rated here too: no ratio to it means much."""
    if scheme.plan > 0:
        return None
    cost = scheme.plan - scheme.forecast
    size = abs(scheme.plan)
    said = f"Forecast {words(scheme.forecast)} against a plan of {words(scheme.plan)}"
    if not scheme.in_plan:
        said += " (new, not in plan)"
    green = (LIMITS.cost_green_pence, LIMITS.cost_green_percent)
    amber = (LIMITS.cost_amber_pence, LIMITS.cost_amber_percent)
    if _within(cost, size, *green):
        return rating(Rag.GREEN, SchemeCode.NO_WORSE_THAN_PLAN, f"{said}; {_over(cost)}")
    rag = Rag.AMBER if _within(cost, size, *amber) else Rag.RED
    limit = max(amber[0], size * amber[1] // 100)
    text = f"{said}; {_over(cost)}, red above {words(limit)}"
    return rating(rag, SchemeCode.COST_OVER_PLAN, text)


def _within(cost: int, size: int, pence: int, percent: int) -> bool:
    return cost <= pence or cost * 100 <= size * percent


def _over(cost: int) -> str:
    return f"{words(cost)} worse than plan" if cost > 0 else "no worse than plan"


def _rate_outturn(scheme: SchemeRatingInput) -> Rating | None:
    if not scheme.actuals_final or len(scheme.due_months) < 12 or scheme.blank_months:
        return None
    short = scheme.plan - scheme.forecast
    said = f"Final outturn {_of_plan(scheme)}"
    if short < LIMITS.short_pence:
        return rating(Rag.COMPLETE, SchemeCode.DELIVERED, said)
    text = f"{said}; {_limits()}"
    return rating(_by_share(scheme), SchemeCode.OUTTURN_SHORT, text)


def _by_share(scheme: SchemeRatingInput) -> Rag:
    """Colour of F/P alone; P above zero."""
    if scheme.forecast * 100 >= LIMITS.green_from_percent * scheme.plan:
        return Rag.GREEN
    amber = scheme.forecast * 100 >= LIMITS.amber_from_percent * scheme.plan
    return Rag.AMBER if amber else Rag.RED


def _of_plan(scheme: SchemeRatingInput) -> str:
    share = share_text(scheme.forecast, scheme.plan)
    return f"{words(scheme.forecast)} is {share} of the {words(scheme.plan)} plan for {scheme.year}"


def _limits() -> str:
    amber, green = LIMITS.amber_from_percent, LIMITS.green_from_percent
    return f"amber from {amber}% to {green}%, red below {amber}%"


def _rate_maturity(scheme: SchemeRatingInput) -> Rating | None:
    """Row 8. The start month is over when a later month is shown; "some" is any sum but nil."""
    if scheme.start_month >= scheme.month or scheme.maturity not in _BELOW_IN_DELIVERY:
        return None
    said = f"Should have started in {_month(scheme.start_month)} and is “{scheme.maturity.value}”"
    if any(scheme.actual_by_month.get(m) for m in scheme.due_months):
        done = words(scheme.actual_of(scheme.due_months))
        text = f"{said}, though {done} of actuals are reported"
        return rating(Rag.AMBER, SchemeCode.MATURITY_BEHIND_FIGURES, text)
    return rating(Rag.RED, SchemeCode.NOT_IN_DELIVERY, f"{said}, with no actual saving")


def _rate_forecast(scheme: SchemeRatingInput) -> Rating | None:
    if scheme.plan - scheme.forecast < LIMITS.short_pence:
        return None
    rag = _by_share(scheme)
    if rag is Rag.GREEN:
        return None
    code = SchemeCode.FORECAST_SHORT_RED if rag is Rag.RED else SchemeCode.FORECAST_SHORT_AMBER
    return rating(rag, code, f"Forecast {_of_plan(scheme)}; {_limits()}")


def _rate_blanks(scheme: SchemeRatingInput) -> Rating | None:
    blank = scheme.blank_months
    if scheme.month not in blank and len(blank) <= 1:
        return None
    names = ", ".join(_month(m) for m in blank)
    return rating(Rag.NOT_RATED, SchemeCode.ACTUALS_MISSING, f"No actual is given for {names}")


def _rate_catch_up(scheme: SchemeRatingInput) -> Rating | None:
    """Row 11. "Months left" are those after the period; blank due ones join the plan only."""
    left = len(scheme.later_months)
    need = scheme.forecast - scheme.delivered
    plan = scheme.plan_of(scheme.later_months + scheme.blank_months)
    over_red = need * 100 > LIMITS.catch_up_red_percent * plan
    over_amber = need * 100 > LIMITS.catch_up_amber_percent * plan
    if plan <= 0:
        over_red = over_amber = need >= LIMITS.short_pence
    if not over_amber:
        return None
    text = f"{words(need)} is still to come from months planned at {words(plan)}"
    red, amber = LIMITS.catch_up_red_percent, LIMITS.catch_up_amber_percent
    late = LIMITS.catch_up_red_months_left
    if over_red and left <= late:
        text += f"; red over {red}% of plan with {late} months or fewer left"
        return rating(Rag.RED, SchemeCode.RELIES_ON_CATCH_UP, text)
    text += f"; amber over {amber}% of plan"
    return rating(Rag.AMBER, SchemeCode.RELIES_ON_CATCH_UP, text)


def _rate_to_date(scheme: SchemeRatingInput) -> Rating | None:
    """Row 12, over the due months whose actual is known."""
    known = tuple(m for m in scheme.due_months if m not in scheme.blank_months)
    plan, actual = scheme.plan_of(known), scheme.actual_of(known)
    matters = plan * 100 >= LIMITS.to_date_matters_percent * scheme.plan
    if not matters or actual * 100 >= LIMITS.to_date_amber_percent * plan:
        return None
    text = (
        f"{words(actual)} to date is {share_text(actual, plan)} of the {words(plan)} planned "
        f"for the same months; amber below {LIMITS.to_date_amber_percent}%"
    )
    return rating(Rag.AMBER, SchemeCode.BEHIND_TO_DATE, text)


def _rate_development(scheme: SchemeRatingInput) -> Rating | None:
    if scheme.maturity is Maturity.OPPORTUNITY:
        text = f"{words(scheme.plan)} of the plan for {scheme.year} is still an opportunity"
        return rating(Rag.AMBER, SchemeCode.LATE_DEVELOPMENT, text)
    if scheme.maturity in _BELOW_FULLY_DEVELOPED and scheme.starts_soon:
        return _late_development(scheme, "It")
    return None


def _late_development(scheme: SchemeRatingInput, subject: str) -> Rating:
    text = f"{subject} starts in {_month(scheme.start_month)} and is “{scheme.maturity.value}”"
    return rating(Rag.AMBER, SchemeCode.LATE_DEVELOPMENT, text)


def _rate_milestone(scheme: SchemeRatingInput) -> Rating | None:
    if not scheme.red_milestone:
        return None
    text = f"The milestone it depends on is red: “{scheme.red_milestone}”"
    return rating(Rag.AMBER, SchemeCode.MILESTONE_AT_RISK, text)


def _rate_on_plan(scheme: SchemeRatingInput) -> Rating:
    above = scheme.forecast - scheme.plan
    far = scheme.forecast * 100 > LIMITS.far_above_percent * scheme.plan
    remark = "; far above plan, confirm" if far and above > LIMITS.far_above_pence else ""
    return rating(Rag.GREEN, SchemeCode.ON_PLAN, f"Forecast {_of_plan(scheme)}{remark}")


def _month(code: str) -> str:
    return periods.parse(code).name
