"""Beside the steps: the original, its marked-up copy, the history, a plan's approval."""

import logging
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from stp.core import downloads
from stp.core.access import posting_needs, requires
from stp.core.marked import marked_copy
from stp.core.models import Return
from stp.core.permissions import Permission, may
from stp.returns import actions, changes_page, comparing, forms, queries, steps, storage
from stp.returns.refusals import Refusal, StalePreview
from stp.returns.views.common import context as in_context
from stp.returns.views.common import in_summary, mine

logger = logging.getLogger(__name__)


@requires(Permission.VIEW_RETURNS)
@require_safe
def return_original(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file as it came: always a download, never shown by the browser."""
    return_ = mine(request, pk)
    try:
        file = storage.open_original(return_)
    except (FileNotFoundError, NotADirectoryError):
        logger.error("the original of return %s is not in the store", return_.pk)
        messages.error(
            request,
            f"The file {return_.file_name} is no longer where it was kept. The figures taken from "
            "it stand. Tell the programme office: a backup may hold the file.",
        )
        return redirect(steps.address(return_))
    response = FileResponse(file, content_type="application/octet-stream")
    response["Content-Disposition"] = downloads.disposition(return_.file_name)
    return response


@requires(Permission.VIEW_RETURNS)
@require_safe
def return_marked(request: HttpRequest, pk: int) -> HttpResponse:
    """The sender's own file with its faults in it, or the list of faults alone; made anew."""
    return_ = mine(request, pk)
    if not return_.issues:
        raise Http404("Nothing is wrong with this return.")
    copy, _ = marked_copy(
        storage.path_of(return_),
        file_name=return_.file_name,
        rows=return_.row_count,
        faults=return_.issues,
    )
    name = f"{return_.file_name.rpartition('.')[0] or return_.file_name}-problems.xlsx"
    return downloads.file(copy, name=name, content_type=downloads.XLSX)


@requires(Permission.VIEW_RETURNS)
@require_safe
def return_history(request: HttpRequest, organisation: str) -> HttpResponse:
    """Every version an organisation sent, newest first."""
    mine = queries.organisations(request.user, Permission.VIEW_RETURNS)
    owner = get_object_or_404(mine, pk=organisation)
    page = Paginator(queries.history(request.user, owner.pk), 50).get_page(request.GET.get("page"))
    context = {
        "organisation": owner,
        "page": page,
        "why": queries.why_withdrawn(page.object_list),
    }
    return render(request, "returns/history.html", context)


@requires(Permission.VIEW_RETURNS)
@require_safe
def return_compare(request: HttpRequest, organisation: str) -> HttpResponse:
    """What changed from one version to another, as a page or as a file."""
    visible = queries.organisations(request.user, Permission.VIEW_RETURNS)
    owner = get_object_or_404(visible, pk=organisation)
    versions = queries.versions(request.user, owner.pk)
    form = forms.Compare(request.GET if "before" in request.GET else None, versions=versions)
    context: dict[str, Any] = {"organisation": owner, "form": form}
    if form.is_valid():
        compared = comparing.compare(*form.chosen)
        if (kind := request.GET.get("export")) in ("csv", "xlsx"):
            export = comparing.export(compared)
            return downloads.table(kind, export, name=f"compare-{owner.pk}")
        context |= compared.context(request.GET.get("page"))
    return render(request, "returns/compare.html", context)


@requires(Permission.WITHDRAW_RETURN)
@require_http_methods(["GET", "HEAD", "POST"])
def return_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """What taking a return back would do, then doing it, for a reason."""
    return_ = mine(request, pk)
    posting_needs(request, Permission.WITHDRAW_RETURN, return_)
    if not return_.in_force:
        messages.info(request, f"{return_} is not in force, so there is nothing to withdraw.")
        return redirect(steps.address(return_))
    shown = actions.withdrawal(return_)
    refusal: Refusal | None = None
    sent = request.POST if request.method == "POST" else None
    form = forms.Withdraw(sent, initial={"digest": shown.digest})
    if form.is_valid():
        refusal = _withdraw(request, return_, form)
        if refusal is None:
            return redirect("returns:return-receipt", pk)
        form = forms.Withdraw(initial={**form.cleaned_data, "digest": shown.digest})
    context = in_context(
        return_,
        form=form,
        shown=shown,
        closed=actions.closed_to_withdrawal(return_),
        can_withdraw=may(request.user, Permission.WITHDRAW_RETURN, return_),
        **comparing.withdrawn(return_, shown, request.GET.get("page")),
        **in_summary(refusal),
    )
    status = 409 if isinstance(refusal, StalePreview) else 200
    return render(request, "returns/withdraw.html", context, status=status)


def _withdraw(request: HttpRequest, return_: Return, form: forms.Withdraw) -> Refusal | None:
    try:
        back = actions.withdraw(by=request.user, return_=return_, **form.cleaned_data)
    except Refusal as refusal:
        return refusal
    stands = f"{back.reference} is in force again." if back else "No version of it is in force now."
    messages.success(request, f"{return_.reference} is withdrawn. {stands}")
    return None


@requires(Permission.VIEW_RETURNS)
@require_http_methods(["GET", "HEAD", "POST"])
def plan_approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve a plan return: one button, for another person than its sender."""
    return_ = mine(request, pk)
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
    context = in_context(
        return_,
        totals=changes_page.in_words(return_.totals),
        approvers=people,
        can_approve=request.user.pk in [person.pk for person in people] and return_.in_force,
        **in_summary(refusal),
    )
    return render(request, "returns/approve.html", context)
