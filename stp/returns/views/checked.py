"""Steps 3 to 6: checking, problems, what would change, the receipt."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stp.core import words
from stp.core.access import posting_needs, requires
from stp.core.models import Return
from stp.core.permissions import Permission, may
from stp.returns import (
    actions,
    changes_page,
    comparing,
    forms,
    groups,
    progress,
    queries,
    steps,
    warned,
)
from stp.returns.refusals import NotAllowed, OtherWarnings, OutOfDate, Refusal, StalePreview
from stp.returns.views.common import context as in_context
from stp.returns.views.common import in_summary, mine, send_again

LATER = "later"  # the button "Save and come back"


@requires(Permission.VIEW_RETURNS)
@require_safe
def return_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A return's own address: goes to the step it is at."""
    return redirect(steps.address(mine(request, pk)))


@requires(Permission.VIEW_RETURNS)
@require_safe
def return_checking(request: HttpRequest, pk: int) -> HttpResponse:
    """Step 3: how far the check is. Never moves on by itself."""
    return_ = mine(request, pk)
    if steps.CHECKING not in steps.allowed(return_):
        return redirect(steps.address(return_))
    context = in_context(return_, progress=progress.of(return_), step=3, again=send_again(return_))
    return render(request, "returns/checking.html", context)


@requires(Permission.VIEW_RETURNS)
@require_safe
def return_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of step 3 that a script asks for every two seconds."""
    return_ = mine(request, pk)
    context = in_context(return_, progress=progress.of(return_), again=send_again(return_))
    return render(request, "returns/progress.html", context)


@requires(Permission.VIEW_RETURNS)
@require_http_methods(["GET", "HEAD", "POST"])
def return_problems(request: HttpRequest, pk: int) -> HttpResponse:
    """Step 4: every fault at once, and a reason for each kind of warning."""
    return_ = mine(request, pk)
    posting_needs(request, Permission.SEND_RETURN, return_)
    if steps.PROBLEMS not in steps.allowed(return_):
        return redirect(steps.address(return_))
    can_explain = return_.state == Return.State.READY
    codes = actions.warning_codes(return_) if can_explain else []
    sent = request.POST if request.method == "POST" else None
    now = warned.digest(return_)
    form = forms.Reasons(sent, codes=codes, given=actions.typed_so_far(return_), digest=now)
    if sent is not None and can_explain:  # kept first, so that no fault below loses a word
        kept = _keep(request, return_, reasons=form.typed)
        if LATER in sent:
            return _later(request, kept)
        if sent.get("digest", now) != now:  # typed for other warnings than the form asks about
            return _read_again(request, pk, OtherWarnings())
    if form.is_valid():
        read = form.cleaned_data["digest"]
        try:
            actions.explain(by=request.user, return_=return_, reasons=form.reasons, digest=read)
        except OtherWarnings as refusal:
            return _read_again(request, pk, refusal)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("returns:return-preview", pk)
    warnings = groups.by_cause(return_.issues, "warning")
    errors = groups.by_cause(return_.issues, "error")
    context = in_context(
        return_,
        step=4,
        form=form,
        errors=errors,
        summary=groups.summary(errors),
        has_errors=bool(errors),
        warnings=[(g, form.field_of(g.code) if can_explain else None) for g in warnings],
        totals=changes_page.in_words(return_.totals),
        again=send_again(return_),
        can_send=may(request.user, Permission.SEND_RETURN, return_),
    )
    return render(request, "returns/problems.html", context)


def _read_again(request: HttpRequest, pk: int, refusal: Refusal) -> HttpResponse:
    """Step 4 anew, with what was typed and the warnings that stand now."""
    messages.info(request, str(refusal))
    return redirect("returns:return-problems", pk)


def _keep(request: HttpRequest, return_: Return, **typed: Mapping[str, str]) -> Refusal | None:
    """Keep what was typed; why not, where the return moved on meanwhile."""
    try:
        actions.keep_draft(by=request.user, return_=return_, **typed)
    except Refusal as refusal:
        return refusal
    return None


def _later(request: HttpRequest, refusal: Refusal | None) -> HttpResponse:
    if refusal is not None:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request, "What you entered is kept. Continue where you were from this page."
        )
    return redirect("returns:return-list")


@requires(Permission.SEND_RETURN)
@require_POST
def return_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """What a script sends while somebody types: kept, and nothing else."""
    return_ = mine(request, pk)
    posting_needs(request, Permission.SEND_RETURN, return_)
    form = forms.Reasons(request.POST, codes=actions.warning_codes(return_), given={})
    if refusal := _keep(request, return_, reasons=form.typed):
        return HttpResponse(str(refusal), status=409, content_type="text/plain; charset=utf-8")
    return HttpResponse(status=204)


@requires(Permission.VIEW_RETURNS)
@require_http_methods(["GET", "HEAD", "POST"])
def return_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Step 5: what would change, then confirm. A second click finds it committed already."""
    return_ = mine(request, pk)
    posting_needs(request, Permission.SEND_RETURN, return_)
    if steps.PREVIEW not in steps.allowed(return_):
        return redirect(steps.address(return_))
    shown = actions.preview(return_)
    statement = _statement(request, return_)
    refusal: Refusal | None = None
    kept = return_.draft.get("missing", {})
    form = forms.Confirm(preview=shown, statement=statement, chosen=kept)
    if request.method == "POST":
        form = forms.Confirm(request.POST, preview=shown, statement=statement)
        kept = form.chosen
        if LATER in request.POST:
            return _later(request, _keep(request, return_, missing=kept))
        if form.is_valid():
            refusal = _commit(request, return_, form)
            if refusal is None:
                return redirect("returns:return-receipt", pk)
            if isinstance(refusal, OutOfDate):
                actions.check_again(by=request.user, return_=return_)
                messages.info(request, str(refusal))
                return redirect("returns:return-checking", pk)
            # The digest of what stands now, so that the next click confirms what is read here.
            form = forms.Confirm(preview=shown, statement=statement, chosen=kept)
    can_send = may(request.user, Permission.SEND_RETURN, return_)
    # A draft is its organisation's own: nobody else's totals follow it.
    answers = {ref: kept[ref] for ref in form.names if can_send and ref in kept}
    context = in_context(
        return_,
        step=5,
        form=form,
        **_differing(request, return_, comparing.answered(return_, shown, answers)),
        behind=queries.changes_not_included(return_),
        before_label="In force now",
        after_label="With this return",
        **in_summary(refusal),
        can_send=can_send,
    )
    status = 409 if isinstance(refusal, StalePreview) else 200
    return render(request, "returns/preview.html", context, status=status)


def _differing(
    request: HttpRequest, return_: Return, answered: comparing.Answered
) -> dict[str, Any]:
    """What the page shows of a preview."""
    shown = answered.preview
    found = changes_page.differences(shown, return_.issues, return_.explanations)
    return {
        "page": Paginator(found, changes_page.PAGE).get_page(request.GET.get("page")),
        "counts": changes_page.counts(shown),
        "totals": list(changes_page.totals(shown)),
        "left_out": answered.sentence,
        "effect": changes_page.effect(shown.effect),
    }


def _commit(request: HttpRequest, return_: Return, form: forms.Confirm) -> Refusal | None:
    try:
        actions.commit(
            by=request.user,
            return_=return_,
            digest=form.cleaned_data["digest"],
            missing=form.missing,
        )
    except Refusal as refusal:
        return refusal
    return None


def _statement(request: HttpRequest, return_: Return) -> str:
    if return_.kind == Return.Kind.PLAN:
        return f"I confirm that this is the plan for {return_.period.year} ({request.user})"
    as_of = words.day(return_.period.as_of)
    return f"I confirm that these figures agree with the ledger as at {as_of} ({request.user})"


@requires(Permission.VIEW_RETURNS)
@require_safe
def return_receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """Step 6: what was received, when, and what happens next."""
    return_ = mine(request, pk)
    if steps.RECEIPT not in steps.allowed(return_):
        return redirect(steps.address(return_))
    is_plan = return_.kind == Return.Kind.PLAN
    newer = None if return_.in_force else queries.in_force_instead(return_)
    context = in_context(
        return_,
        step=6,
        newer=newer,
        can_withdraw_newer=newer is not None and _can_withdraw(request, newer),
        totals=changes_page.in_words(return_.totals),
        approvers=actions.approvers(return_) if is_plan else [],
        version_before=queries.version_before(return_),
        why_withdrawn=queries.why_withdrawn([return_]).get(return_.pk, ""),
        can_withdraw=return_.in_force and _can_withdraw(request, return_),
        again=send_again(return_),
        can_send=may(request.user, Permission.SEND_RETURN, return_),
    )
    return render(request, "returns/receipt.html", context)


def _can_withdraw(request: HttpRequest, return_: Return) -> bool:
    allowed = may(request.user, Permission.WITHDRAW_RETURN, return_)
    return allowed and actions.closed_to_withdrawal(return_) is None


@requires(Permission.SEND_RETURN)
@require_POST
def return_abandon(request: HttpRequest, pk: int) -> HttpResponse:
    """Drop a return that was not sent yet."""
    try:
        actions.abandon(by=request.user, return_=mine(request, pk))
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "The return was dropped. Nothing else changed.")
    return redirect("returns:return-list")
