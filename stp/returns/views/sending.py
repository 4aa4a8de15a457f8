"""Steps 1 and 2: your returns, the template, the file."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from stp.core.access import requires
from stp.core.models import Return
from stp.core.permissions import Permission, may
from stp.returns import (
    actions,
    forms,
    kinds,
    queries,
    steps,
    storage,
    tracker,
    uploads,
)
from stp.returns.refusals import NotAllowed, QuotaExceeded, Refusal

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"


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
        messages.info(request, _sent_before(received.return_))
        return redirect(steps.address(received.return_))
    return redirect("returns:return-checking", received.return_.pk)


def _sent_before(return_: Return) -> str:
    """What becomes of a file that came before: nothing, and whether its figures count."""
    said = "This is the same file as one you sent before. Nothing changed."
    if return_.state != Return.State.SUPERSEDED:
        return said
    newer = queries.in_force_instead(return_)
    instead = f" {newer.reference} is, since it came later." if newer else ""
    return f"{said} Its figures ({return_.reference}) are not in force.{instead}"


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
    """The form again with the reason; the attempt is on the trail, and nothing else of the file."""
    chosen = form.cleaned_data
    actions.note_refused_file(
        by=request.user,
        organisation=chosen["organisation"],
        file_name=chosen["file"].name or "",
        code=refusal.code,
        message=str(refusal),
    )
    form.add_error(None, str(refusal))
    response = render(request, "returns/send.html", {"form": form, "step": 2})
    if isinstance(refusal, QuotaExceeded):
        response.status_code = 429
        response["Retry-After"] = str(refusal.retry_after)
    elif isinstance(refusal, storage.StorageFull):
        response.status_code = 503
    return response
