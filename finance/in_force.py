"""Rows of a return as they stand in the database, in the shape of `finance.scheme_rows`."""

from collections.abc import Collection, Iterable

from django.db.models import Q

from finance.models import Figure, SchemeState
from finance.scheme_rows import (
    AMOUNTS,
    KINDS,
    NOT_APPLICABLE,
    NOT_DUE,
    NUMBERS,
    WORDS,
    Money,
    SchemeRow,
    SchemeRows,
    amount,
    is_stated,
)
from stp.core.models import ReportingPeriod, Return


def base(return_: Return) -> Return | None:
    """The return in force that this one is compared with: the latest of its year up to its period.

    While it is being committed it is in force itself, and the version it replaced just then is
    its base. A return of an earlier financial year never stands for this one.
    """
    period = return_.period
    counts = Q(in_force=True)
    if return_.in_force:
        counts |= Q(period=period, state=Return.State.SUPERSEDED, ended_at=return_.committed_at)
    return latest(return_.kind, return_.organisation_id, period, counts=counts, besides=return_.pk)


def latest(
    kind: str,
    organisation_id: str | None,
    period: ReportingPeriod,
    *,
    counts: Q | None = None,
    besides: int | None = None,
) -> Return | None:
    """The organisation's newest return in force of a year, up to a period."""
    others = Return.objects.exclude(pk=besides) if besides else Return.objects.all()
    return (
        others.filter(counts or Q(in_force=True))
        .filter(
            kind=kind,
            organisation=organisation_id,
            period__year=period.year,
            period__sort_key__lte=period.sort_key,
        )
        .order_by("-period__sort_key", "-version")
        .first()
    )


def forecasts_before(return_: Return | None) -> dict[str, dict[str, int]]:
    """What blank due months of a finance return are estimated from: ref -> month -> pence.

    The Forecast cells of the newest return in force of an earlier period of its year, as
    `finance.positions` reads them too. Two queries; "n/a" is nil.
    """
    if return_ is None or return_.kind != Return.Kind.FINANCE:
        return {}
    period = return_.period
    counts = Q(in_force=True, period__sort_key__lt=period.sort_key)
    earlier = latest(return_.kind, return_.organisation_id, period, counts=counts)
    if earlier is None:
        return {}
    months = period.period.months_to_date
    figures = Figure.objects.filter(
        return_of=earlier, kind=Figure.Kind.FORECAST, when__in=months
    ).values_list("scheme__ref", "when", "pence", "missing")
    found: dict[str, dict[str, int]] = {}
    for ref, when, pence, missing in figures:
        if pence is not None or missing == Figure.Missing.NOT_APPLICABLE:
            found.setdefault(ref, {})[when] = pence or 0
    return found


def forecasts_in(rows: SchemeRows) -> dict[str, dict[str, int]]:
    """The same from rows that were read already."""
    return {
        ref: {
            when: amount(value)
            for when, value in row["forecast"].items()
            if "-" in when and is_stated(value)
        }
        for ref, row in rows.items()
    }


def rows_of(return_: Return | None, *, besides: Collection[str] = ()) -> SchemeRows:
    """The rows of one return by ref, carried ones included. Two queries, none without a return.

    Schemes whose ref is among `besides` are left out; three queries then.
    """
    if return_ is None:
        return {}
    if not besides:
        return rows_of_many([return_.pk])[return_.pk]
    states = SchemeState.objects.filter(return_of=return_)
    refs = states.values_list("scheme_id", "scheme__ref")
    schemes = [scheme for scheme, ref in refs if ref not in besides]
    return rows_of_many([return_.pk], schemes=schemes)[return_.pk] if schemes else {}


def rows_of_many(
    return_ids: Iterable[int], *, schemes: Iterable[int] | None = None
) -> dict[int, SchemeRows]:
    """Rows by return and ref, of all their schemes or of those named. Two queries."""
    ids = list(return_ids)
    of = Q(return_of__in=ids) if schemes is None else Q(return_of__in=ids, scheme__in=list(schemes))
    rows: dict[int, SchemeRows] = {pk: {} for pk in ids}
    by_scheme: dict[tuple[int, int], SchemeRow] = {}
    states = SchemeState.objects.filter(of).select_related("scheme")
    for state in states.order_by("scheme__ref"):
        row = rows[state.return_of_id][state.scheme.ref] = _row(state)
        by_scheme[state.return_of_id, state.scheme_id] = row
    figures = Figure.objects.filter(of).values_list(
        "return_of_id", "scheme_id", "kind", "when", "pence", "missing"
    )
    for return_id, scheme, kind, when, pence, missing in figures:
        by_scheme[return_id, scheme][kind][when] = _money(pence, missing)
    return rows


def _money(pence: int | None, missing: str) -> Money:
    if pence is not None:
        return pence
    return missing if missing in (NOT_APPLICABLE, NOT_DUE) else None


def _row(state: SchemeState) -> SchemeRow:
    row: SchemeRow = {"row": state.row, "ref": state.scheme.ref}
    row |= {name: getattr(state, name) for name in WORDS}
    for name in AMOUNTS:
        value = getattr(state, f"{name}_pence")
        row[name] = NOT_APPLICABLE if name in state.not_applicable else value
    for name in NUMBERS:
        value = getattr(state, name)
        row[name] = None if value is None else f"{value:.2f}"
    row |= {"carried_from": state.carried_from, "closed_in": state.closed_in}
    return row | {kind: {} for kind in KINDS}
