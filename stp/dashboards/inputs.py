"""Gathering: the facts of one period, read as one state with a fixed number of queries.

Writes nothing and works nothing out; `stp.dashboards.compute` does that, outside any transaction.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.db.models import Q
from django.db.models.functions import Lower

from finance.models import BenefitLink
from finance.positions import Chosen, choose, positions
from finance.rag import Carried
from finance.reported import Position
from stp.core import changes, clock, snapshots
from stp.core.lines import Line, Subject
from stp.core.models import (
    Organisation,
    PeriodChange,
    ReportingPeriod,
    Return,
    SnapshotLine,
)
from stp.core.one_state import one_state
from stp.core.periods import Period, parse
from stp.core.rag import Rag, Rating
from stp.core.references import plain
from stp.core.standing import Code, Standing, standing
from stp.dashboards import plan_facts
from stp.dashboards.compute.facts import Facts, OrganisationFacts, Previous
from stp.dashboards.compute.sums import claimed
from stp.dashboards.compute.trust import LastCommit

# April's return and the year-end adjustment are not required by default (returns.md, "When").
REQUIRED_MONTHS = range(2, 13)
_PROMPT = (Code.RECEIVED, Code.RECEIVED_LATE)


@dataclass(frozen=True)
class Gathered:
    """The facts, and which state of the database they are."""

    facts: Facts
    period: str
    version: int  # the snapshot version that stood when they were read
    data_version: int
    known_at: dt.datetime
    full: bool  # every organisation was gathered
    # What may differ: every stored line but those of schemes of organisations not gathered.
    stored: list[snapshots.StoredLine]
    last_commit: LastCommit | None


def gather(code: str, *, full: bool = False) -> Gathered:
    """Read what a recompute of a period needs; only the organisations touched unless `full`.

    Raises ReportingPeriod.DoesNotExist for a period there is not.
    """
    with one_state():
        period = ReportingPeriod.objects.get(pk=code)
        known_at = clock.now()
        scopes = None if full else _scopes(period)
        organisations = _organisations(period, known_at)
        chosen = choose([o.id for o in organisations], period.period)
        before = _stored_organisations(period)
        touched = _touched(before, scopes, organisations, chosen)
        gathered = _with_positions(organisations, touched, period.period, chosen)
        facts = Facts(
            period=period.period,
            organisations=gathered,
            weights=plan_facts.weights(period.as_of),
            targets=plan_facts.targets(period.as_of),
            reading=plan_facts.reading(period.as_of),
            workstreams=plan_facts.workstreams(),
            milestones=plan_facts.milestones(),
            risks=plan_facts.risks(),
            indicators=plan_facts.indicators(),
            benefits=_benefits(touched),
            previous=_previous(period),
        )
        last_commit = _last_commit(period)
    # Lines of a published version never change, so this read needs no part in the transaction.
    gone = before.keys() - {o.id for o in organisations}
    stored = snapshots.stored(code, period.snapshot_version, schemes_of=touched | gone)
    return Gathered(
        facts=_with_kept(facts, stored, period),
        period=code,
        version=period.snapshot_version,
        data_version=period.data_version,
        known_at=known_at,
        full=len(touched) == len(organisations),
        stored=stored,
        last_commit=last_commit,
    )


def _scopes(period: ReportingPeriod) -> frozenset[str] | None:
    """What changed since the snapshot, as scopes; None when that is everything or not known."""
    since = period.data_version - period.snapshot_data_version
    noted = PeriodChange.objects.filter(
        period=period,
        data_version__gt=period.snapshot_data_version,
        data_version__lte=period.data_version,
    ).values_list("scope", flat=True)
    scopes = list(noted)
    if period.snapshot_version == 0 or len(scopes) != since or changes.ALL in scopes:
        return None
    return frozenset(scopes)


def _organisations(period: ReportingPeriod, now: dt.datetime) -> tuple[OrganisationFacts, ...]:
    """Everyone who owes a return or has sent one, with the standing of this period's."""
    committed = _committed(period)
    rows = Organisation.objects.filter(
        Q(sends_finance_return=True) | Q(pk__in=Return.objects.in_force().values("organisation_id"))
    ).order_by("pk")
    return tuple(_organisation(row, period, committed.get(row.pk), now) for row in rows)


def _organisation(
    row: Organisation, period: ReportingPeriod, committed_at: dt.datetime | None, now: dt.datetime
) -> OrganisationFacts:
    day = period.as_of
    valid = (row.valid_from or day) <= day <= (row.valid_to or day)
    required = period.period.month_number in REQUIRED_MONTHS
    expected = row.sends_finance_return and valid and required
    return OrganisationFacts(
        id=row.pk,
        short=row.short,
        standing=standing(
            opens_at=period.opens_at,
            due_at=period.due_at,
            committed_at=committed_at,
            now=now,
            required=expected,
        ),
        expected=expected,
    )


def _committed(period: ReportingPeriod) -> dict[str, dt.datetime]:
    """When each organisation's first version for the period came, if one is in force now."""
    rows = Return.objects.filter(
        period=period, kind=Return.Kind.FINANCE, committed_at__isnull=False
    ).values_list("organisation_id", "committed_at", "in_force")
    first: dict[str, dt.datetime] = {}
    standing_now: set[str] = set()
    for organisation, at, in_force in rows:
        if organisation is None or at is None:
            continue
        first[organisation] = min(at, first.get(organisation, at))
        if in_force:
            standing_now.add(organisation)
    return {org: at for org, at in first.items() if org in standing_now}


def _stored_organisations(period: ReportingPeriod) -> dict[str, tuple[str, list[str]]]:
    """Standing and sources of each organisation whose line and sums are stored. Two queries.

    One without sums (of a version published before there were any) counts as not stored.
    """
    lines = SnapshotLine.objects.at(period.pk, period.snapshot_version)
    of = lines.filter(subject=Subject.ORGANISATION.value)
    sums = lines.filter(subject=Subject.SUMS.value)
    summed = set(sums.values_list("subject_id", flat=True))
    return {
        org: (code, detail["sources"])
        for org, code, detail in of.values_list("subject_id", "code", "detail")
        if org in summed
    }


def _touched(
    before: Mapping[str, tuple[str, list[str]]],
    scopes: frozenset[str] | None,
    organisations: Iterable[OrganisationFacts],
    chosen: Mapping[str, Chosen],
) -> frozenset[str]:
    """Organisations to gather: those named by a change, and those that moved without one.

    Standing moves with the clock alone, and a return of an earlier period may serve for
    estimates; so both are compared with what the snapshot stored.
    """
    return frozenset(
        o.id
        for o in organisations
        if scopes is None
        or changes.organisation(o.id) in scopes
        or before.get(o.id) != (o.standing.code.value, list(chosen[o.id].sources))
    )


def _with_positions(
    organisations: tuple[OrganisationFacts, ...],
    touched: frozenset[str],
    period: Period,
    chosen: Mapping[str, Chosen],
) -> tuple[OrganisationFacts, ...]:
    found = positions(touched, period, chosen)
    carried = _carried(found, {o.id: o.standing for o in organisations})
    return tuple(
        OrganisationFacts(
            o.id, o.short, o.standing, o.expected, found.get(o.id), carried.get(o.id, {})
        )
        for o in organisations
    )


def _carried(
    found: Mapping[str, Position], standings: Mapping[str, Standing]
) -> dict[str, dict[str, Carried]]:
    """Ratings stored at the period each organisation's figures come from, where they are carried.

    Two queries, however many organisations and periods. A closed period's snapshot is final.
    """
    used = {
        org: position.return_period
        for org, position in found.items()
        if position.carried_from and standings[org].code not in _PROMPT
    }
    versions = dict(
        ReportingPeriod.objects.filter(pk__in=set(used.values())).values_list(
            "code", "snapshot_version"
        )
    )
    wanted = Q(pk__in=[])
    for code, version in versions.items():
        of_period = [org for org, period in used.items() if period == code]
        wanted |= Q(
            Q(to_version__isnull=True) | Q(to_version__gt=version),
            period=code,
            from_version__lte=version,
            organisation__in=of_period,
        )
    rows = SnapshotLine.objects.filter(wanted, subject=Subject.SCHEME.value).values_list(
        "organisation", "subject_id", "rag", "code", "reason", "period_id"
    )
    carried: dict[str, dict[str, Carried]] = {}
    for org, subject_id, rag, code, reason, period_code in rows:
        rating = Rating(Rag(rag), code, reason)
        carried.setdefault(org, {})[subject_id] = Carried(rating, period_code)
    return carried


def _benefits(organisations: Iterable[str]) -> frozenset[tuple[str, str]]:
    links = BenefitLink.objects.filter(scheme__organisation__in=list(organisations))
    rows = links.values_list("milestone_id", "scheme__organisation_id", "scheme__ref")
    return frozenset((ref, f"{org}/{scheme}") for ref, org, scheme in rows)


def _previous(period: ReportingPeriod) -> Previous | None:
    """The newest earlier period with a snapshot, and how many areas were red in it. Two queries."""
    before = (
        ReportingPeriod.objects.filter(sort_key__lt=period.sort_key, snapshot_version__gt=0)
        .order_by("-sort_key")
        .first()
    )
    if before is None:
        return None
    line = (
        SnapshotLine.objects.at(before.pk, before.snapshot_version)
        .filter(subject=Subject.PROGRAMME.value)
        .first()
    )
    return Previous(before.name, line.detail["areas"].get("RED", 0)) if line else None


def _last_commit(period: ReportingPeriod) -> LastCommit | None:
    row = (
        Return.objects.in_force()
        .filter(period__sort_key__lte=period.sort_key, committed_at__isnull=False)
        .select_related("committed_by", "organisation")
        .order_by("-committed_at", "-pk")
        .first()
    )
    if row is None or row.committed_at is None:
        return None
    return LastCommit(
        reference=row.reference,
        organisation=str(row.organisation or ""),
        at=row.committed_at,
        by=str(row.committed_by or ""),
    )


def _with_kept(
    facts: Facts, stored: Iterable[snapshots.StoredLine], period: ReportingPeriod
) -> Facts:
    """Take over what is stored of organisations that were not gathered."""
    kept_ids = {o.id for o in facts.organisations if o.position is None}
    if not kept_ids:
        return facts
    kept = tuple(
        row.line
        for row in stored
        if row.line.organisation in kept_ids
        and row.line.subject in (Subject.SUMS, Subject.ORGANISATION)
    )
    return replace(facts, kept=kept, kept_plans=_kept_plans(facts, kept, kept_ids, period))


def _kept_plans(
    facts: Facts, kept: Iterable[Line], kept_ids: set[str], period: ReportingPeriod
) -> dict[str, int]:
    """Current-year plan of those stored schemes that some scheme says it counts too. One query."""
    named = claimed(line for line in kept if line.subject is Subject.SUMS)
    for organisation in facts.organisations:
        reports = organisation.position.schemes if organisation.position else ()
        named |= {report.scheme.same_as for report in reports}
    lines = SnapshotLine.objects.at(period.pk, period.snapshot_version).annotate(
        in_no_case=Lower("subject_id")
    )
    lines = lines.filter(
        subject=Subject.SCHEME.value,
        organisation__in=kept_ids,
        in_no_case__in={plain(name).lower() for name in named if name},
    )
    return {key: plan or 0 for key, plan in lines.values_list("subject_id", "plan_pence")}


def known_period(text: str) -> ReportingPeriod | None:
    """The period of a code, or None; BadPeriod when the text is no code."""
    return ReportingPeriod.objects.filter(pk=parse(text).code).first()
