"""Confirming a checked return: one transaction, one effect, whoever clicks and however often."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max

from stp.core import audit, changes, clock, faults
from stp.core.again import retried
from stp.core.models import ReportingPeriod, Return
from stp.core.permissions import Permission, may
from stp.core.returns import Preview
from stp.core.seen import seen_length
from stp.returns import kinds, states, warned
from stp.returns.actions.checking import compared_with
from stp.returns.actions.receiving import check_not_frozen, check_open, of_scope
from stp.returns.refusals import (
    REASON_LENGTH,
    REASON_LIMIT,
    MissingUndecided,
    NotAllowed,
    NotReady,
    OtherWarnings,
    OutOfDate,
    ReasonsMissing,
    StalePreview,
)

LEAVE, CLOSE = "leave", "close"


def warning_codes(return_: Return) -> list[str]:
    """Groups of warnings of a return, each of which needs a reason, in the order they stand."""
    found = (i["code"] for i in return_.issues if i["severity"] == "warning")
    return list(dict.fromkeys(found))


def unexplained(return_: Return, reasons: Mapping[str, str]) -> list[str]:
    """Groups of warnings whose reason is missing or shows fewer characters than REASON_LENGTH."""
    return [
        code
        for code in warning_codes(return_)
        if seen_length(reasons.get(code, "")) < REASON_LENGTH
    ]


def _typed(return_: Return, reasons: Mapping[str, str]) -> dict[str, str]:
    """Earlier reasons and these, of warnings the return really has."""
    both = {**return_.reasons, **reasons}
    return {c: both[c].strip()[:REASON_LIMIT] for c in warning_codes(return_) if both.get(c)}


def _said(return_: Return, typed: Mapping[str, str], by: Any) -> dict[str, dict[str, str]]:
    """Who typed each reason and when; what stood already keeps its author."""
    now = {"by": str(by), "at": clock.now().isoformat()}
    kept = {c: return_.said[c] for c in return_.said if return_.reasons.get(c) == typed.get(c)}
    return {code: kept.get(code, now) for code in typed}


@retried
@transaction.atomic
def explain(*, by: Any, return_: Return, reasons: Mapping[str, str], digest: str) -> Return:
    """Keep a typed reason for each group of warnings (code -> reason).

    `digest` is that of the warnings its author read (`warned.digest`). Raises NotAllowed,
    NotReady, OtherWarnings or ReasonsMissing; then nothing is kept.
    """
    current = _lock(return_)
    _allow(by, current)
    if current.state != Return.State.READY:
        raise NotReady(current)
    if digest != warned.digest(current):
        raise OtherWarnings
    typed = _typed(current, reasons)
    if missing := unexplained(current, typed):
        raise ReasonsMissing(missing)
    if typed == current.reasons:
        return current
    before, said = current.reasons, _said(current, typed, by)
    chosen = current.draft if current.draft.get("missing") else {}
    current.reasons, current.said = typed, said
    current.draft = {name: kept for name, kept in chosen.items() if name != "reasons"}
    current.save(update_fields=["reasons", "said", "draft"])
    audit.record(
        "explained the warnings of",
        current,
        by=by,
        before=before,
        after=typed,
        return_id=current.pk,
        organisation=current.scope,
        period=current.period_id,
    )
    return current


def preview(return_: Return) -> Preview:
    """What committing would change now, before anything is decided about missing schemes.

    Its digest is what `commit` compares, so that nobody confirms what they were not shown.
    """
    return kinds.of(return_.kind).plan(return_, {})


@retried
def commit(
    *,
    by: Any,
    return_: Return,
    digest: str,
    missing: Mapping[str, str],
    reasons: Mapping[str, str] | None = None,
) -> Return:
    """Put a checked return in force; a second click gives back what the first one made.

    `digest` is the one of the preview that was shown; `missing` says leave or close for each
    scheme the file leaves out. Raises NotAllowed, NotReady, PeriodClosed, PeriodNotOpen,
    PlanFrozen, StalePreview, OutOfDate, ReasonsMissing or MissingUndecided; then nothing changed.
    """
    faults.here("commit.before")
    with transaction.atomic():
        period = lock_period(return_.period_id)
        current = _lock(return_)
        _allow(by, current)
        if current.state in states.EVER_COMMITTED:
            return current
        if current.state != Return.State.READY:
            raise NotReady(current)
        check_open(current.kind, period)
        check_not_frozen(current)
        typed = _typed(current, reasons or {})
        decided = _decide(current, digest, missing, typed)
        _enter(current, by=by, digest=digest, missing=decided, reasons=typed)
        faults.here("commit.applied")
    faults.here("commit.after")
    return current


def _decide(
    return_: Return, digest: str, missing: Mapping[str, str], typed: Mapping[str, str]
) -> dict[str, str]:
    """The decisions that count, once everything that must be so is so."""
    now = preview(return_)
    if now.digest != digest:
        raise StalePreview
    if return_.compared_with != compared_with(return_):
        raise OutOfDate
    if codes := unexplained(return_, typed):
        raise ReasonsMissing(codes)
    refs = [change.ref for change in now.of("missing")]
    if undecided := [ref for ref in refs if missing.get(ref) not in (LEAVE, CLOSE)]:
        raise MissingUndecided(undecided)
    return {ref: missing[ref] for ref in refs}


def _enter(
    return_: Return, *, by: Any, digest: str, missing: dict[str, str], reasons: dict[str, str]
) -> None:
    """Supersede, put in force, write the figures, and say whose dashboards are behind."""
    # Before the old one goes: what a file leaves out is carried over from what is in force.
    kinds.of(return_.kind).apply(return_, missing=missing, by=by)
    now = clock.now()
    for replaced in of_scope(return_).filter(in_force=True):
        states.move(replaced, Return.State.SUPERSEDED, by=by, in_force=False, ended_at=now)
    version = (of_scope(return_).aggregate(last=Max("version"))["last"] or 0) + 1
    states.move(
        return_,
        Return.State.COMMITTED,
        by=by,
        note={"Version": version, "Digest": digest, "Missing schemes": missing or "none"},
        version=version,
        reference=reference(return_, version),
        in_force=True,
        committed_at=now,
        committed_by=by,
        missing=missing,
        said=_said(return_, reasons, by),
        reasons=reasons,
        draft={},
        plan_digest=digest,
    )
    bump_dependants(return_, f"{return_.reference} committed")


def reference(return_: Return, version: int) -> str:
    """RET-2017-06-RNS-03: what people quote; a plan return starts with PLAN."""
    prefix = "PLAN" if return_.kind == Return.Kind.PLAN else "RET"
    owner = return_.organisation.code if return_.organisation else return_.scope.upper()
    return f"{prefix}-{return_.period_id}-{owner}-{version:02d}"


def bump_dependants(return_: Return, what: str) -> None:
    """Dashboards of the return's period and of each later open one that rests on it.

    That is up to the next return but one: the next return estimates its blank months from the
    forecasts of this one (rag-rules, "F").
    """
    later = Return.objects.in_force().filter(
        kind=return_.kind, scope=return_.scope, period__sort_key__gt=return_.period.sort_key
    )
    later_keys = later.order_by("period__sort_key").values_list("period__sort_key", flat=True)
    until = next(iter(later_keys[1:2]), None)
    touched = ReportingPeriod.objects.open().filter(sort_key__gte=return_.period.sort_key)
    if until is not None:
        touched = touched.filter(sort_key__lt=until)
    changes.bump(touched, scope=changes.organisation(return_.scope), what=what)


def lock_period(period_id: str) -> ReportingPeriod:
    """The period's row, held until the end of the transaction, read anew.

    On SQLite the transaction itself is the lock. Order everywhere: period, scheme, return.
    Nothing is joined: after a wait PostgreSQL reads the locked row anew, but a joined one as it
    was before, and a period that had just been closed would not say by whom.
    """
    return ReportingPeriod.objects.select_for_update(no_key=True).get(pk=period_id)


def _lock(return_: Return) -> Return:
    held = Return.objects.select_for_update(no_key=True, of=("self",))
    return held.select_related("organisation", "period").get(pk=return_.pk)


def _allow(by: Any, return_: Return) -> None:
    if not may(by, Permission.SEND_RETURN, return_):
        raise NotAllowed


def decide_all(preview_: Preview, choice: str) -> dict[str, str]:
    """The same decision for every scheme the file leaves out."""
    return dict.fromkeys(refs_missing(preview_), choice)


def refs_missing(preview_: Preview) -> Iterable[str]:
    """Refs of the schemes the file leaves out."""
    return [change.ref for change in preview_.of("missing")]
