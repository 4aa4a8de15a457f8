"""Every write of finance: a return's schemes and figures, and the correction of a plan."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from finance import bulk
from finance.models import Figure, PlanChange, SavingsScheme, SchemeState
from finance.plans import approved_plan
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
    as_closed,
    is_closed,
)
from stp.core import audit, changes, clock, faults, periods
from stp.core.again import retried
from stp.core.models import ReportingPeriod, Return
from stp.core.money import LIMIT_PENCE, pounds_text
from stp.core.permissions import Permission, may
from stp.core.seen import seen_length

LEAVE, CLOSE = "leave", "close"
STATE_NAMES = (
    "return_of_id", "scheme_id", "row", *WORDS,
    *(f"{name}_pence" for name in AMOUNTS), *NUMBERS,
    "not_applicable", "carried_from", "closed_in",
)  # fmt: skip
FIGURE_NAMES = ("return_of_id", "scheme_id", "kind", "when", "pence", "missing")


class PlanCorrectionDenied(PermissionDenied):
    """The person may not correct an approved plan."""


class PlanCorrectionRefused(ValueError):
    """A correction that cannot be made; its text is a sentence for the person."""


class MissingUndecided(ValueError):
    """Schemes in force that the return leaves out, and nobody said what becomes of them."""

    def __init__(self, refs: Iterable[str]) -> None:
        self.refs = sorted(refs)
        super().__init__(
            f"Say what becomes of {', '.join(self.refs)}: leave as last reported, or close."
        )


@dataclass(frozen=True, slots=True)
class Recorded:
    """How much a return wrote."""

    schemes: int
    figures: int


@dataclass(frozen=True, slots=True)
class InForce:
    """What stood before a return: rows by ref and their period, and what only the plan names."""

    rows: SchemeRows
    period: str = ""  # code of the period the rows were reported in
    only_planned: SchemeRows = field(default_factory=dict)


def left_out(
    rows: Sequence[SchemeRow], before: InForce, *, missing: Mapping[str, str], return_: Return
) -> list[SchemeRow]:
    """Rows to write for schemes the return does not name; MissingUndecided where nobody said.

    Left: the last state and figures, `carried_from` their period; a scheme that only the plan
    names goes on being read from the plan. Closed: its known actuals, nothing remaining. In a
    plan return a closed scheme is no longer planned, so nothing is written.
    """
    sent = {row["ref"] for row in rows}
    gone = {r: row for r, row in {**before.only_planned, **before.rows}.items() if r not in sent}
    undecided = [
        ref
        for ref, row in gone.items()
        if not is_closed(row) and missing.get(ref) not in (LEAVE, CLOSE)
    ]
    if undecided:
        raise MissingUndecided(undecided)
    made = []
    for ref, row in gone.items():
        closing = not is_closed(row) and missing.get(ref) == CLOSE
        carried = {
            **_now_due(row, return_.period.period),
            "row": 0,
            "carried_from": row.get("carried_from") or before.period,
        }
        if return_.kind == Return.Kind.PLAN:
            made += [] if closing else [carried]
        elif closing:
            made.append(as_closed(carried, return_.period.period))
        elif ref in before.rows:
            made.append(carried)
    return made


def _now_due(row: SchemeRow, period: periods.Period) -> SchemeRow:
    """Months that were not due then and are by now: not known, since nobody said."""
    due = period.months_to_date
    actual = {w: None if v == NOT_DUE and w in due else v for w, v in row["actual"].items()}
    return {**row, "actual": actual}


@transaction.atomic
def record_scheme_return(
    *,
    return_: Return,
    rows: Sequence[SchemeRow],
    before: InForce,
    missing: Mapping[str, str],
    by: Any,
) -> Recorded:
    """Write the checked rows of a return, and of the schemes it leaves out, as its figures.

    Nothing of an earlier return is touched. MissingUndecided where `missing` is silent.
    """
    period = return_.period.period
    every = [_with_closure(row, before.rows, period) for row in rows]
    every += left_out(rows, before, missing=missing, return_=return_)
    faults.here("apply.before_first")
    schemes = _schemes(return_, [row["ref"] for row in every])
    bulk.insert(SchemeState, STATE_NAMES, (_state(return_, schemes, row) for row in every))
    faults.here("apply.mid")
    figures = bulk.insert(Figure, FIGURE_NAMES, _figures(return_, schemes, every, period))
    audit.record(
        "recorded the figures of",
        return_,
        by=by,
        after={"schemes": len(every), "figures": figures, "digest": digest(every)},
        return_id=return_.pk,
        organisation=return_.organisation_id or "",
        period=return_.period_id,
    )
    return Recorded(len(every), figures)


def digest(value: Any) -> str:
    """SHA-256 of a JSON value in one canonical form."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _with_closure(row: SchemeRow, before: SchemeRows, period: periods.Period) -> SchemeRow:
    """Note the year of closure: the year it was first reported closed in."""
    if not is_closed(row):
        return row
    earlier = before.get(row["ref"], {}).get("closed_in", "")
    return {**row, "closed_in": earlier or period.year}


def _schemes(return_: Return, refs: Sequence[str]) -> dict[str, int]:
    """Primary keys by ref; schemes not known yet are made."""
    organisation = return_.organisation
    if organisation is None:
        raise ValueError(f"{return_} has no organisation, so it has no schemes.")
    known = dict(SavingsScheme.objects.filter(organisation=organisation).values_list("ref", "pk"))
    new = [
        SavingsScheme(organisation=organisation, ref=ref, created_in=return_)
        for ref in refs
        if ref not in known
    ]
    known |= {scheme.ref: scheme.pk for scheme in SavingsScheme.objects.bulk_create(new)}
    return known


def _state(return_: Return, schemes: Mapping[str, int], row: SchemeRow) -> tuple[Any, ...]:
    not_applicable = [name for name in AMOUNTS if row[name] == NOT_APPLICABLE]
    return (
        return_.pk,
        schemes[row["ref"]],
        row["row"],
        *(row[name] for name in WORDS),
        # "n/a" is nil in every sum, so it is stored as nil and named beside.
        *(0 if name in not_applicable else row[name] for name in AMOUNTS),
        *(row[name] for name in NUMBERS),
        not_applicable,
        row.get("carried_from", ""),
        row.get("closed_in", ""),
    )


def _figures(
    return_: Return,
    schemes: Mapping[str, int],
    rows: Sequence[SchemeRow],
    period: periods.Period,
) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        for kind in KINDS:
            for when, value in row[kind].items():
                pence = value if isinstance(value, int) else None
                why = "" if pence is not None else _why(kind, when, value, period)
                yield (return_.pk, schemes[row["ref"]], kind, when, pence, why)


def _why(kind: str, when: str, value: Money, period: periods.Period) -> str:
    if value == NOT_APPLICABLE:
        return str(Figure.Missing.NOT_APPLICABLE)
    if value == NOT_DUE or (kind == "actual" and when in period.months_remaining):
        return str(Figure.Missing.NOT_DUE)
    return str(Figure.Missing.UNKNOWN)


@retried
@transaction.atomic
def correct_plan(
    *, scheme: SavingsScheme, when: str, pence: int, reason: str, by: Any
) -> PlanChange:
    """Change one month or later year of an approved plan; an administrator's action.

    PlanCorrectionDenied without the permission; PlanCorrectionRefused with a sentence where
    there is no approved plan for `when`, no open period, no reason, or nothing to change.
    """
    if not may(by, Permission.CORRECT_PLAN, scheme):
        raise PlanCorrectionDenied("Only an administrator may correct an approved plan.")
    period = ReportingPeriod.objects.newest_open()
    if period is None:
        raise PlanCorrectionRefused("No reporting period is open, so nothing can be corrected.")
    if not seen_length(reason):
        raise PlanCorrectionRefused("Say why the plan is corrected.")
    if abs(pence) >= LIMIT_PENCE:
        raise PlanCorrectionRefused("A figure must be below £1,000,000,000 either way.")
    year, planned = _planned(scheme, when, period)
    if planned == pence:
        raise PlanCorrectionRefused(f"The plan of {when} already is £{pounds_text(pence)}.")
    change = PlanChange.objects.create(
        scheme=scheme,
        kind=PlanChange.Kind.CORRECTION,
        when=when,
        before_pence=planned,
        after_pence=pence,
        reason=reason.strip(),
        period=period,
        changed_at=clock.now(),
        changed_by=by,
    )
    audit.record(
        "corrected the plan of",
        scheme,
        by=by,
        before={when: f"£{pounds_text(planned)}"},
        after={when: f"£{pounds_text(pence)}"},
        reason=change.reason,
        organisation=scheme.organisation_id,
        period=period.pk,
    )
    changes.bump(
        ReportingPeriod.objects.open().filter(year__gte=year),
        scope=changes.organisation(scheme.organisation_id),
        what=f"plan of {scheme} corrected for {when}",
    )
    return change


def _planned(scheme: SavingsScheme, when: str, period: ReportingPeriod) -> tuple[str, int]:
    """The year whose approved plan holds `when`, and its figure now; nil for a new scheme."""
    try:
        year = period.year if "/" in when else periods.parse(when).year
        cells = (*periods.year_months(year), *periods.later_years(year))
    except periods.BadPeriod as error:
        raise PlanCorrectionRefused(str(error)) from error
    plan = approved_plan([scheme.organisation_id], year)
    if when not in cells or not plan:
        raise PlanCorrectionRefused(
            f"{scheme.organisation} has no approved plan that covers {when}."
        )
    return year, plan.get((scheme.organisation_id, scheme.ref), {}).get(when, 0)
