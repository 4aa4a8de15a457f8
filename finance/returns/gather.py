"""Reading what a return is checked against: a number of queries that does not grow with it."""

from collections.abc import Iterable
from typing import Any

from finance.actions import InForce
from finance.in_force import base, forecasts_before, forecasts_in, latest, rows_of
from finance.models import PlanChange, SavingsScheme, SchemeState, SchemeTypeName
from finance.plans import approved_plan, approved_returns
from finance.returns.facts import Facts, Lists
from finance.scheme_rows import SchemeRow, SchemeRows, is_closed
from stp.core import periods, references
from stp.core.models import Organisation, ReportingPeriod, Return
from workstreams.models import Workstream


def lists() -> Lists:
    """The code lists in force. Three queries."""
    organisations: dict[str, str] = {}
    for pk, ods in Organisation.objects.values_list("pk", "ods"):
        organisations |= {code.casefold(): pk for code in (pk, ods) if code}
    return Lists(
        types=tuple(SchemeTypeName.objects.values_list("name", flat=True)),
        workstreams=tuple(
            Workstream.objects.exclude(kind=Workstream.Kind.NATIONAL_EFFICIENCY).values_list(
                "pk", flat=True
            )
        ),
        organisations=organisations,
    )


def gather(return_: Return) -> Facts:
    """Read all a check or a preview needs, with a number of queries that does not grow."""
    organisation, period = return_.organisation, return_.period
    if organisation is None:
        raise ValueError(f"{return_} has no organisation, so it is no finance return.")
    return _gather(return_.kind, organisation, period, base(return_))


def _gather(
    kind: str, organisation: Organisation, period: ReportingPeriod, compared: Return | None
) -> Facts:
    before = rows_of(compared)
    is_approved = approved_returns([organisation.pk], period.year).exists()
    plan = approved_plan([organisation.pk], period.year)
    earlier_before = forecasts_before(compared)
    same_period = compared is None or compared.period_id == period.pk
    return Facts(
        kind=kind,
        period=period.period,
        organisation=organisation.pk,
        organisation_name=organisation.name,
        organisation_code=organisation.code,
        codes=frozenset(c.casefold() for c in (organisation.pk, organisation.ods) if c),
        before=before,
        before_period=compared.period_id if compared else "",
        before_return=compared.pk if compared else None,
        earlier=earlier_before if same_period else forecasts_in(before),
        earlier_before=earlier_before,
        only_planned=_only_planned(before, organisation, period) if kind == "finance" else {},
        approved={ref: figures for (_, ref), figures in plan.items()} if is_approved else None,
        earlier_plan=_earlier_plan(organisation.pk, period.year) if kind == "plan" else {},
        refs=_refs(organisation),
        lists=lists(),
        claims=_claims(organisation, period) if kind == "finance" else {},
    )


def _refs(organisation: Organisation) -> dict[str, str]:
    """Stored refs by how a file's ref is compared; one that was stored as read comes first."""
    schemes = SavingsScheme.objects.filter(organisation=organisation)
    stored = list(schemes.values_list("ref", flat=True))
    same = {references.plain(ref).casefold(): ref for ref in stored}
    return same | {ref.casefold(): ref for ref in stored}


def for_template(kind: str, organisation: Organisation, period: ReportingPeriod) -> Facts:
    """The same facts, before there is any return."""
    return _gather(kind, organisation, period, latest(kind, organisation.pk, period))


def _only_planned(
    before: SchemeRows, organisation: Organisation, period: ReportingPeriod
) -> SchemeRows:
    return rows_of(latest(Return.Kind.PLAN, organisation.pk, period), besides=before.keys())


def in_force_besides(return_: Return, rows: Iterable[SchemeRow]) -> InForce:
    """What stands before a return is applied: of schemes it leaves out, or says are closed.

    Of the others nothing is asked, so they are not read.
    """
    organisation = return_.organisation
    if organisation is None:
        raise ValueError(f"{return_} has no organisation, so it is no finance return.")
    sent = {row["ref"] for row in rows if not is_closed(row)}
    compared = base(return_)
    before = rows_of(compared, besides=sent)
    planned: SchemeRows = {}
    if return_.kind == Return.Kind.FINANCE:
        plan = latest(Return.Kind.PLAN, organisation.pk, return_.period)
        planned = rows_of(plan, besides={*sent, *before})
    return InForce(before, compared.period_id if compared else "", planned)


def compared_besides(return_: Return) -> object:
    """What the checks read that is no return of the organisation: corrections, others' claims."""
    corrections = PlanChange.objects.filter(scheme__organisation=return_.organisation_id)
    newest = corrections.order_by("-pk").values_list("pk", flat=True).first()
    claims: dict[str, str] = {}
    if return_.kind == Return.Kind.FINANCE and return_.organisation is not None:
        claims = _claims(return_.organisation, return_.period)
    return newest, sorted(claims.items())


def _earlier_plan(organisation_id: str, year: str) -> dict[str, int]:
    """What last year's approved plan says of this year, by ref."""
    before = periods.year_code(periods.year_start(year) - 1)
    plan = approved_plan([organisation_id], before)
    return {ref: figures[year] for (_, ref), figures in plan.items() if year in figures}


def _claims(organisation: Organisation, period: ReportingPeriod) -> dict[str, str]:
    """Own refs that another organisation's newest return in force says it counts too."""
    newest: dict[str | None, int] = dict(
        Return.objects.in_force()
        .filter(kind=Return.Kind.FINANCE, period__sort_key__lte=period.sort_key)
        .exclude(organisation=organisation)
        .order_by("period__sort_key")
        .values_list("organisation_id", "pk")
    )
    own = tuple(f"{code.casefold()}/" for code in (organisation.pk, organisation.ods) if code)
    states = SchemeState.objects.filter(return_of__in=newest.values()).exclude(same_as="")
    found: dict[str, str] = {}
    rows: Any = states.select_related("scheme__organisation").order_by("pk")
    for state in rows:
        named = references.key(state.same_as)
        if named.startswith(own):
            scheme = state.scheme
            found[named.split("/", 1)[1]] = f"{scheme.organisation.short} {scheme.ref}"
    return found
