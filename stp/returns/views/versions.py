"""Beside the steps: the original, its marked-up copy, the history, a plan's approval."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from stp.core import downloads
from stp.core.access import posting_needs, requires
from stp.core.marked import marked_copy
from stp.core.models import Return
from stp.core.permissions import Permission
from stp.returns import (
    actions,
    changes_page,
    queries,
    storage,
)
from stp.returns.refusals import Refusal
from stp.returns.views.common import context as in_context
from stp.returns.views.common import in_summary, mine


@requires(Permission.VIEW_RETURNS)
@require_safe
def return_original(request: HttpRequest, pk: int) -> FileResponse:
    """The file as it came: always a download, never shown by the browser."""
    return_ = mine(request, pk)
    try:
        file = storage.open_original(return_)
    except FileNotFoundError:
        raise Http404("The original is not kept here.") from None
    response = FileResponse(file, content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(True, return_.file_name) or ""
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
    context = {"organisation": owner, "page": page}
    return render(request, "returns/history.html", context)


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
