"""The steps of a return, each with its own address (UX 2.8), its history and a plan's approval."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stp.core import words
from stp.core.access import posting_needs, requires
from stp.core.models import Return
from stp.core.permissions import Permission, may
from stp.returns import (
    actions,
    changes_page,
    forms,
    groups,
    kinds,
    progress,
    queries,
    steps,
    storage,
    tracker,
    uploads,
)
from stp.returns.refusals import NotAllowed, QuotaExceeded, Refusal, StalePreview

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"


def _mine(request: HttpRequest, pk: int) -> Return:
    """A return the reader may see; anybody else's is not there at all."""
    return get_object_or_404(queries.visible(request.user), pk=pk)


def _context(return_: Return, **more: Any) -> dict[str, Any]:
    return {"return": return_, "kind": kinds.of(return_.kind), **more}


@requires(Permission.VIEW_RETURNS)
@require_safe
def return_list(request: HttpRequest) -> HttpResponse:
    """Your returns: what is due, late, under way and committed."""
    context = {
        "months": tracker.months(request.user),
        "organisations": queries.senders(request.user),
        "can_send": may(request.user, Permission.SEND_RETURN),
    }
    return render(request, "returns/return_list.html", context)


def _choice(request: HttpRequest) -> dict[str, Any]:
    return {
        "organisations": queries.organisations(request.user, Permission.SEND_RETURN),
        "periods": queries.periods_that_take(),
    }


def _chosen(request: HttpRequest) -> dict[str, str]:
    """What a link of the task list has chosen already; it is not asked again."""
    return {
        key: request.GET[key] for key in ("organisation", "period", "kind") if key in request.GET
    }


@requires(Permission.SEND_RETURN)
@require_safe
def return_template(request: HttpRequest) -> HttpResponseBase:
    """Step 1: choose and download the pre-filled template."""
    asked = "download" in request.GET
    form = forms.Choice(
        request.GET if asked else None, initial=_chosen(request), **_choice(request)
    )
    if asked and form.is_valid():
        return _template_file(form.cleaned_data, as_csv=request.GET["download"] == "csv")
    context = {
        "form": form,
        "step": 1,
        "send_url": reverse("returns:return-send", query=_chosen(request) or None),
        "columns": _columns(),
    }
    return render(request, "returns/template.html", context)


def _template_file(chosen: dict[str, Any], *, as_csv: bool) -> HttpResponse:
    """The template of what was chosen, as a download."""
    kind = kinds.of(chosen["kind"])
    make, content_type = (kind.template_csv, CSV) if as_csv else (kind.template, XLSX)
    response = HttpResponse(
        make(chosen["organisation"], chosen["period"]), content_type=content_type
    )
    ending = "csv" if as_csv else "xlsx"
    name = f"{kind.kind}-return-{chosen['period'].code}-{chosen['organisation'].pk}.{ending}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _columns() -> list[dict[str, Any]]:
    """What each kind of file holds, from the very columns the check uses."""
    newest = queries.periods_that_take(Return.Kind.FINANCE)[:1]
    return [
        {"title": f"Columns of a {kind.title.lower()}", "sheet": kind.sheet, "columns": columns}
        for period in newest
        for kind in kinds.KINDS.values()
        if (columns := kind.columns(period))
    ]


@requires(Permission.SEND_RETURN)
@require_http_methods(["GET", "HEAD", "POST"])
def return_send(request: HttpRequest) -> HttpResponseBase:
    """Step 2: the file, and how to read it."""
    if request.method != "POST":
        form = forms.Send(initial=_chosen(request), **_choice(request))
        return render(request, "returns/send.html", {"form": form, "step": 2})
    sent, files = request.POST, request.FILES  # read first: that is when a file is measured
    too_large = uploads.TOO_LARGE in request.META
    form = forms.Send(sent, files, too_large=too_large, **_choice(request))
    if not form.is_valid():
        _note_refused(request, form)
        return render(request, "returns/send.html", {"form": form, "step": 2})
    chosen = form.cleaned_data
    try:
        received = actions.receive(
            by=request.user,
            kind=chosen["kind"],
            organisation=chosen["organisation"],
            period=chosen["period"],
            file_name=chosen["file"].name,
            chunks=chosen["file"].chunks(),
            choices=form.choices,
        )
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    except Refusal as refusal:
        return _not_received(request, form, refusal)
    if received.again:
        messages.info(request, "This is the same file as one you sent before. Nothing changed.")
        return redirect(steps.address(received.return_))
    return redirect("returns:return-checking", received.return_.pk)


def _note_refused(request: HttpRequest, form: forms.Send) -> None:
    """A file turned away at the door leaves its attempt in the trail."""
    faults = form.errors.as_data().get("file")
    organisation = form.cleaned_data.get("organisation")
    file = request.FILES.get("file")
    if faults and organisation and file:
        actions.note_refused_file(
            by=request.user,
            organisation=organisation,
            file_name=file.name or "",
            code=str(faults[0].code),
            message=str(faults[0].message),
        )


def _not_received(request: HttpRequest, form: forms.Send, refusal: Refusal) -> HttpResponse:
    form.add_error(None, str(refusal))
    response = render(request, "returns/send.html", {"form": form, "step": 2})
    if isinstance(refusal, QuotaExceeded):
        response.status_code = 429
        response["Retry-After"] = str(refusal.retry_after)
    elif isinstance(refusal, storage.StorageFull):
        response.status_code = 503
    return response


@requires(Permission.VIEW_RETURNS)
@require_safe
def return_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A return's own address: goes to the step it is at."""
    return redirect(steps.address(_mine(request, pk)))


@requires(Permission.VIEW_RETURNS)
@require_safe
def return_checking(request: HttpRequest, pk: int) -> HttpResponse:
    """Step 3: how far the check is. Never moves on by itself."""
    return_ = _mine(request, pk)
    if steps.CHECKING not in steps.allowed(return_):
        return redirect(steps.address(return_))
    context = _context(return_, progress=progress.of(return_), step=3)
    return render(request, "returns/checking.html", context)


@requires(Permission.VIEW_RETURNS)
@require_safe
def return_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of step 3 that a script asks for every two seconds."""
    return_ = _mine(request, pk)
    context = _context(return_, progress=progress.of(return_))
    return render(request, "returns/progress.html", context)


@requires(Permission.VIEW_RETURNS)
@require_http_methods(["GET", "HEAD", "POST"])
def return_problems(request: HttpRequest, pk: int) -> HttpResponse:
    """Step 4: every fault at once, and a reason for each kind of warning."""
    return_ = _mine(request, pk)
    posting_needs(request, Permission.SEND_RETURN, return_)
    if steps.PROBLEMS not in steps.allowed(return_):
        return redirect(steps.address(return_))
    can_explain = return_.state == Return.State.READY
    codes = actions.warning_codes(return_) if can_explain else []
    sent = request.POST if request.method == "POST" else None
    form = forms.Reasons(sent, codes=codes, given=return_.reasons)
    if form.is_valid():
        try:
            actions.explain(by=request.user, return_=return_, reasons=form.reasons)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("returns:return-preview", pk)
    warnings = groups.by_cause(return_.issues, "warning")
    errors = groups.by_cause(return_.issues, "error")
    context = _context(
        return_,
        step=4,
        form=form,
        errors=errors,
        summary=groups.summary(errors),
        has_errors=bool(errors),
        warnings=[(g, form.field_of(g.code) if can_explain else None) for g in warnings],
        totals=changes_page.in_words(return_.totals),
        again=_send_again(return_),
        can_send=may(request.user, Permission.SEND_RETURN, return_),
    )
    return render(request, "returns/problems.html", context)


def _send_again(return_: Return) -> str:
    query = {
        "organisation": return_.scope,
        "period": return_.period_id,
        "kind": return_.kind,
    }
    return reverse("returns:return-send", query=query)


@requires(Permission.VIEW_RETURNS)
@require_http_methods(["GET", "HEAD", "POST"])
def return_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Step 5: what would change, then confirm. A second click finds it committed already."""
    return_ = _mine(request, pk)
    posting_needs(request, Permission.SEND_RETURN, return_)
    if steps.PREVIEW not in steps.allowed(return_):
        return redirect(steps.address(return_))
    shown = actions.preview(return_)
    statement = _statement(request, return_)
    refusal: Refusal | None = None
    form = forms.Confirm(preview=shown, statement=statement)
    if request.method == "POST":
        form = forms.Confirm(request.POST, preview=shown, statement=statement)
        if form.is_valid():
            refusal = _commit(request, return_, form)
            if refusal is None:
                return redirect("returns:return-receipt", pk)
            # The digest of what stands now, so that the next click confirms what is read here.
            form = forms.Confirm(preview=shown, statement=statement)
    differences = changes_page.differences(shown, return_.issues, return_.reasons)
    page = Paginator(differences, changes_page.PAGE).get_page(request.GET.get("page"))
    context = _context(
        return_,
        step=5,
        form=form,
        page=page,
        counts=changes_page.counts(shown),
        totals=list(changes_page.totals(shown)),
        effect=changes_page.effect(shown),
        **_refused(refusal),
        can_send=may(request.user, Permission.SEND_RETURN, return_),
    )
    status = 409 if isinstance(refusal, StalePreview) else 200
    return render(request, "returns/preview.html", context, status=status)


def _refused(refusal: Refusal | None) -> dict[str, Any]:
    """A refusal as the page's error summary."""
    if refusal is None:
        return {}
    return {"has_errors": True, "refusal": refusal, "refusal_errors": [{"text": str(refusal)}]}


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
    return_ = _mine(request, pk)
    if steps.RECEIPT not in steps.allowed(return_):
        return redirect(steps.address(return_))
    is_plan = return_.kind == Return.Kind.PLAN
    context = _context(
        return_,
        step=6,
        totals=changes_page.in_words(return_.totals),
        approvers=actions.approvers(return_) if is_plan else [],
        again=_send_again(return_),
        can_send=may(request.user, Permission.SEND_RETURN, return_),
    )
    return render(request, "returns/receipt.html", context)


@requires(Permission.SEND_RETURN)
@require_POST
def return_abandon(request: HttpRequest, pk: int) -> HttpResponse:
    """Drop a return that was not sent yet."""
    try:
        actions.abandon(by=request.user, return_=_mine(request, pk))
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "The return was dropped. Nothing else changed.")
    return redirect("returns:return-list")


@requires(Permission.VIEW_RETURNS)
@require_safe
def return_original(request: HttpRequest, pk: int) -> FileResponse:
    """The file as it came: always a download, never shown by the browser."""
    return_ = _mine(request, pk)
    try:
        file = storage.open_original(return_)
    except FileNotFoundError:
        raise Http404("The original is not kept here.") from None
    response = FileResponse(file, content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(True, return_.file_name) or ""
    return response


@requires(Permission.VIEW_RETURNS)
@require_safe
def return_history(request: HttpRequest, organisation: str) -> HttpResponse:
    """Every version an organisation sent, newest first."""
    mine = queries.organisations(request.user, Permission.VIEW_RETURNS)
    owner = get_object_or_404(mine, pk=organisation)
    page = Paginator(queries.history(request.user, owner.pk), 50).get_page(request.GET.get("page"))
    context = {"organisation": owner, "page": page}
    return render(request, "returns/history.html", context)


@requires(Permission.VIEW_RETURNS)
@require_http_methods(["GET", "HEAD", "POST"])
def plan_approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve a plan return: one button, for another person than its sender."""
    return_ = _mine(request, pk)
    if return_.kind != Return.Kind.PLAN or return_.committed_at is None:
        raise Http404("This return is no committed plan.")
    posting_needs(request, Permission.APPROVE_PLAN, return_)
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            actions.approve_plan(by=request.user, return_=return_)
        except Refusal as refused:
            refusal = refused
        else:
            messages.success(request, f"The plan for {return_.period.year} is approved.")
            return redirect("returns:return-receipt", pk)
    people = actions.approvers(return_)
    context = _context(
        return_,
        totals=changes_page.in_words(return_.totals),
        approvers=people,
        can_approve=request.user.pk in [person.pk for person in people] and return_.in_force,
        **_refused(refusal),
    )
    return render(request, "returns/approve.html", context)
