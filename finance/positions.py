"""Where organisations stand at a period: the return in force, read whole (DESIGN §4).

The number of queries does not depend on how many organisations or schemes there are.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Q

from finance.bridge import SchemeInput
from finance.models import Figure, SchemeState
from finance.plans import approved_plan
from finance.rag import DeliveryRisk, Evidence, LineCode, Maturity, QiaStatus, Recurrence
from finance.reported import Position, SchemeReport
from stp.core.models import Return
from stp.core.periods import FINAL, PLAN_YEARS, Period, parse, year_months
from stp.core.returns import attributed

_STATE_FIELDS = (
    "return_of_id", "scheme_id", "scheme__organisation_id", "scheme__ref", "title", "line",
    "supports", "recurrence", "type", "release", "maturity", "risk", "start_month", "end_month",
    "lead", "qia", "evidence", "counterparty", "counterparty_effect_pence", "same_as",
    "fye_secured_pence", "gross_pence", "investment_pence", "carried_from", "closed_in",
    "not_applicable",
)  # fmt: skip


class _ReturnRow(NamedTuple):
    """A return in force, as much of it as choosing needs."""

    pk: int
    kind: str
    organisation: str
    period: str
    sort_key: int
    year: str
    reference: str
    state: str


class _StateRow(NamedTuple):
    """A SchemeState, its columns in the order of `_STATE_FIELDS`."""

    return_id: int
    scheme_id: int
    organisation: str
    ref: str
    title: str
    line: str
    supports: str
    recurrence: str
    type: str
    release: str
    maturity: str
    risk: str
    start_month: str
    end_month: str
    lead: str
    qia: str
    evidence: str
    counterparty: str
    counterparty_effect: int | None
    same_as: str
    fye_secured: int | None
    gross: int | None
    investment: int | None
    carried_from: str
    closed_in: str
    not_applicable: list[str]


@dataclass(frozen=True)
class Chosen:
    """The returns that make one organisation's position."""

    finance: _ReturnRow | None = None  # newest up to the period, whole; of the year if there is one
    earlier: _ReturnRow | None = None  # the one before it, for estimates of blank months
    plan: _ReturnRow | None = None
    past: Mapping[str, _ReturnRow] = field(default_factory=dict)  # year -> its last return
    of_last_year: bool = False  # `finance` is carried over from an earlier financial year

    @property
    def plan_approved(self) -> bool:
        return self.plan is not None and self.plan.state == Return.State.SIGNED_OFF

    @property
    def final(self) -> bool:
        """The year's final return is in, or its month 12 is signed off (returns.md, "When")."""
        if self.finance is None or self.of_last_year:
            return False
        month = parse(self.finance.period).month_number
        return month == FINAL or (month == 12 and self.finance.state == Return.State.SIGNED_OFF)

    @property
    def sources(self) -> tuple[str, ...]:
        """Every return the position rests on, estimates and past years included, and its state.

        Two equal values mean two equal positions, plan changes apart.
        """
        rows = (self.finance, self.earlier, self.plan, *self.past.values())
        return tuple(f"{r.pk}:{r.state}" for r in rows if r)


Months = dict[str, int | None]
Cells = dict[tuple[int, int, str], Months]  # (return, scheme, kind) -> when -> pence


@dataclass(frozen=True)
class _Gathered:
    """All rows one call needs, in the shape they are looked up."""

    states: Mapping[int, list[_StateRow]]  # by return
    cells: Cells
    absent: Mapping[tuple[int, int], set[str]]  # (return, scheme) -> "actual 2017-05" sent as n/a
    earlier: Mapping[int, Mapping[str, int]]  # scheme -> month -> forecast
    plans: Mapping[str, Mapping[tuple[str, str], Mapping[str, int]]]  # year -> (org, ref) -> …
    reasons: Mapping[int, Mapping[str, tuple[str, ...]]]  # return -> ref -> typed reasons
    planned: Mapping[int, frozenset[int]]  # plan return -> schemes it names


def positions(
    organisation_ids: Iterable[str],
    period: Period,
    chosen: Mapping[str, Chosen] | None = None,
) -> dict[str, Position]:
    """The position of each organisation at `period`; one that sent nothing has no schemes.

    `chosen` saves a query where `choose` was called before, in the same transaction.
    """
    ids = sorted(set(organisation_ids))
    chosen = choose(ids, period) if chosen is None else {org: chosen[org] for org in ids}
    gathered = _gather(ids, chosen, period)
    return {org: _position(org, chosen[org], gathered, period) for org in ids}


def past_years(year: str) -> tuple[str, ...]:
    """The plan years before `year`, whose final actuals the bridge still shows."""
    return tuple(y for y in PLAN_YEARS if y < year)


def choose(
    organisation_ids: Iterable[str], period: Period, counts: Q | None = None
) -> dict[str, Chosen]:
    """One query: the returns in force up to the period, and which of them count.

    `counts` says which returns to take as in force, for what would be if they were.

    The latest return speaks until a newer one comes, over the year's end too (rag-rules, "No
    return"); an estimate is never taken from another year's months.
    """
    ids = sorted(set(organisation_ids))
    rows = Return.objects.filter(
        counts or Q(in_force=True),
        organisation__in=ids,
        kind__in=[Return.Kind.PLAN, Return.Kind.FINANCE],
        period__sort_key__lte=period.sort_key,
    )
    names = ("pk", "kind", "organisation_id", "period_id", "period__sort_key", "period__year",
             "reference", "state")  # fmt: skip
    by_organisation: dict[str, list[_ReturnRow]] = defaultdict(list)
    for values in rows.order_by("period__sort_key").values_list(*names):
        row = _ReturnRow(*values)
        by_organisation[row.organisation].append(row)
    return {org: _choice(by_organisation[org], period.year) for org in ids}


def _choice(rows: list[_ReturnRow], year: str) -> Chosen:
    finance = [r for r in rows if r.kind == Return.Kind.FINANCE]
    of_year = [r for r in finance if r.year == year]
    plan = [r for r in rows if r.kind == Return.Kind.PLAN and r.year == year]
    newest = of_year[-1:] or finance[-1:]
    return Chosen(
        finance=newest[0] if newest else None,
        earlier=of_year[-2] if len(of_year) > 1 else None,
        plan=plan[-1] if plan else None,
        past={r.year: r for r in finance if r.year in past_years(year)},
        of_last_year=bool(newest) and not of_year,
    )


def _gather(ids: list[str], chosen: Mapping[str, Chosen], period: Period) -> _Gathered:
    used = [c.finance.pk for c in chosen.values() if c.finance]
    past = [r.pk for c in chosen.values() for r in c.past.values()]
    plans = [c.plan.pk for c in chosen.values() if c.plan]
    states: dict[int, list[_StateRow]] = defaultdict(list)
    rows = SchemeState.objects.filter(return_of__in=[*used, *past, *plans]).order_by("scheme__ref")
    for values in rows.values_list(*_STATE_FIELDS):
        state = _StateRow(*values)
        states[state.return_id].append(state)
    cells, absent = _cells([*used, *past])
    return _Gathered(
        states=states,
        cells=cells,
        absent=absent,
        earlier=_earlier_forecasts(chosen, states, cells, period),
        plans={y: approved_plan(ids, y) for y in (*past_years(period.year), period.year)},
        reasons=_typed_reasons(used),
        planned={pk: frozenset(s.scheme_id for s in states[pk]) for pk in plans},
    )


def _cells(returns: list[int]) -> tuple[Cells, Mapping[tuple[int, int], set[str]]]:
    """Actuals and forecasts of returns, and which are `n/a`: nil in every sum, yet not a nil.

    "Not due" is not stated.
    """
    found: Cells = defaultdict(dict)
    absent: dict[tuple[int, int], set[str]] = defaultdict(set)
    rows = Figure.objects.filter(
        return_of__in=returns, kind__in=[Figure.Kind.ACTUAL, Figure.Kind.FORECAST]
    ).values_list("return_of_id", "scheme_id", "kind", "when", "pence", "missing")
    for return_id, scheme_id, kind, when, pence, missing in rows.iterator(chunk_size=5000):
        if missing == Figure.Missing.NOT_DUE:
            continue
        if missing == Figure.Missing.NOT_APPLICABLE:
            absent[return_id, scheme_id].add(f"{kind} {when}")
            pence = 0
        found[return_id, scheme_id, kind][when] = pence
    return found, absent


def _earlier_forecasts(
    chosen: Mapping[str, Chosen],
    states: Mapping[int, list[_StateRow]],
    cells: Cells,
    period: Period,
) -> dict[int, dict[str, int]]:
    """Forecast cells of the return before, for the months due whose actual is blank."""
    blank = {
        month
        for c in chosen.values()
        if c.finance
        for state in states[c.finance.pk]
        for month in period.months_to_date
        if cells.get((c.finance.pk, state.scheme_id, Figure.Kind.ACTUAL), {}).get(month) is None
    }
    rows = Figure.objects.filter(
        return_of__in=[c.earlier.pk for c in chosen.values() if c.earlier],
        kind=Figure.Kind.FORECAST,
        when__in=sorted(blank),
    ).values_list("scheme_id", "when", "pence", "missing")
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for scheme_id, when, pence, missing in rows:
        if pence is not None or missing == Figure.Missing.NOT_APPLICABLE:
            found[scheme_id][when] = pence or 0
    return found


def _typed_reasons(returns: list[int]) -> dict[int, dict[str, tuple[str, ...]]]:
    """What senders typed for the warnings about each scheme; who, when and in which return."""
    rows = Return.objects.filter(pk__in=returns).values_list(
        "pk", "issues", "reasons", "said", "reference"
    )
    return {
        pk: _reasons_by_ref(issues, attributed(reasons, said, reference))
        for pk, issues, reasons, said, reference in rows
    }


def _reasons_by_ref(issues: list[dict[str, Any]], reasons: Mapping[str, str]) -> dict[str, Any]:
    by_ref: dict[str, dict[str, None]] = defaultdict(dict)  # a dict keeps order, once each
    for issue in issues:
        typed = reasons.get(issue.get("group") or issue.get("code", ""), "")
        if issue.get("ref") and typed:
            by_ref[issue["ref"]][typed] = None
    return {ref: tuple(texts) for ref, texts in by_ref.items()}


def _position(org: str, chosen: Chosen, gathered: _Gathered, period: Period) -> Position:
    return Position(
        organisation=org,
        period=period.code,
        reported=chosen.finance is not None,
        plan_approved=chosen.plan_approved,
        sources=chosen.sources,
        return_reference=chosen.finance.reference if chosen.finance else "",
        return_period=chosen.finance.period if chosen.finance else "",
        plan_reference=chosen.plan.reference if chosen.plan else "",
        schemes=tuple(_schemes(chosen, gathered, period.year)),
    )


def _schemes(chosen: Chosen, gathered: _Gathered, year: str) -> Iterable[SchemeReport]:
    """The return's schemes, then what only the plan or an earlier year's return knows.

    A scheme of the plan that the return left out keeps its plan ("plan used, nothing
    reported"); one that ended with an earlier year counts there, and is closed since.
    """
    seen: set[str] = set()
    for row in (chosen.finance, chosen.plan):
        for state in gathered.states.get(row.pk, []) if row else []:
            if state.ref not in seen and not (
                row is chosen.finance and _ended(state, chosen, gathered)
            ):
                seen.add(state.ref)
                yield _report(state, chosen, gathered, year, reported=row is chosen.finance)
    for past in sorted(chosen.past, reverse=True):
        for state in gathered.states.get(chosen.past[past].pk, []):
            if state.ref not in seen:
                seen.add(state.ref)
                gone = state._replace(closed_in=state.closed_in or past)
                yield _report(gone, chosen, gathered, year, reported=True)


def _ended(state: _StateRow, chosen: Chosen, gathered: _Gathered) -> bool:
    """Whether a scheme of last year's return goes no further: refs carry on, NR ends (returns.md).

    The new year's plan says which go on; until it comes, every recurrent one does.
    """
    if not chosen.of_last_year or state.closed_in:
        return False
    if chosen.plan:
        return state.scheme_id not in gathered.planned[chosen.plan.pk]
    return state.recurrence == Recurrence.NON_RECURRENT.value


def _report(
    state: _StateRow, chosen: Chosen, gathered: _Gathered, year: str, *, reported: bool
) -> SchemeReport:
    typed = gathered.reasons.get(state.return_id, {}) if reported else {}
    return SchemeReport(
        scheme=_input(state, chosen, gathered, year, reported),
        lead=state.lead,
        type=state.type,
        release=state.release,
        carried_from=state.carried_from,
        reasons=typed.get(state.ref, ()),
        not_applicable=_absent(state, gathered) if reported else (),
    )


def _absent(state: _StateRow, gathered: _Gathered) -> tuple[str, ...]:
    """What the scheme's return says is not applicable."""
    cells = gathered.absent.get((state.return_id, state.scheme_id), set())
    return tuple(sorted({*state.not_applicable, *cells}))


def _input(
    state: _StateRow, chosen: Chosen, gathered: _Gathered, year: str, reported: bool
) -> SchemeInput:
    plan = _plan(state, chosen, gathered, year)
    current = chosen.finance.pk if chosen.finance and reported else 0
    actual = dict(gathered.cells.get((current, state.scheme_id, Figure.Kind.ACTUAL), {}))
    forecast = gathered.cells.get((current, state.scheme_id, Figure.Kind.FORECAST), {})
    for row in chosen.past.values():
        actual.update(gathered.cells.get((row.pk, state.scheme_id, Figure.Kind.ACTUAL), {}))
    return SchemeInput(
        organisation=state.organisation,
        ref=state.ref,
        title=state.title,
        line=LineCode(state.line),
        maturity=Maturity(state.maturity),
        risk=DeliveryRisk(state.risk),
        recurrence=Recurrence(state.recurrence),
        qia=QiaStatus(state.qia),
        start_month=state.start_month,
        supports=state.supports,
        end_month=state.end_month,
        evidence=Evidence(state.evidence) if state.evidence else None,
        reported=reported,
        plan_approved=chosen.plan_approved,
        plan_by_month={k: v for k, v in plan.items() if "-" in k},
        plan_by_year={k: v for k, v in plan.items() if "/" in k},
        actual_by_month=actual,
        forecast_by_month={k: v for k, v in forecast.items() if "-" in k},
        earlier_forecast_by_month=gathered.earlier.get(state.scheme_id, {}) if reported else {},
        forecast_by_year={k: v for k, v in forecast.items() if "/" in k},
        fye_secured=state.fye_secured,
        # Both are "this year's" (returns.md): last year's say nothing of what remains now.
        gross=None if chosen.of_last_year else state.gross,
        investment=None if chosen.of_last_year else state.investment,
        closed_in=state.closed_in,
        counterparty=state.counterparty,
        counterparty_effect=state.counterparty_effect,
        same_as=state.same_as,
        actuals_final=chosen.final and reported,
        in_plan=chosen.plan is not None and state.scheme_id in gathered.planned[chosen.plan.pk],
    )


def _plan(state: _StateRow, chosen: Chosen, gathered: _Gathered, year: str) -> dict[str, int]:
    """Approved plan: months of this year and of past ones, and the years after this one.

    Until this year's plan is approved, the one approved before it still says what each of its
    later years is to bring: approval froze those columns too (returns.md, "The year's plan").
    """
    key = (state.organisation, state.ref)
    found: dict[str, int] = {}
    for past in past_years(year):
        approved = gathered.plans[past].get(key, {})
        found |= {m: approved[m] for m in year_months(past) if m in approved}
        if not chosen.plan_approved:
            found |= {y: approved[y] for y in PLAN_YEARS if y >= year and y in approved}
    return found | dict(gathered.plans[year].get(key, {}))
