"""Who changed what, and the pages that explain."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django_tables2 import RequestConfig

from stp.core import documents, downloads, exports
from stp.core.access import requires
from stp.core.change_table import HEADINGS, ChangeTable, cells
from stp.core.filters import Changes
from stp.core.models import AuditEvent
from stp.core.permissions import ROLES, Permission


@requires(Permission.VIEW_CHANGES)
@require_safe
def change_list(request: HttpRequest) -> HttpResponse:
    """The audit trail, filtered; the download is exactly what is filtered."""
    visible = AuditEvent.objects.visible_to(request.user).order_by("-at", "-pk")
    chosen = Changes(request.GET, queryset=visible)
    if request.GET.get("format") in ("csv", "xlsx"):
        return downloads.table(
            request.GET["format"],
            exports.Export(
                title="Who changed what",
                notes=[f"Changes, newest first: {chosen.qs.count()}", _in_words(chosen)],
                headings=HEADINGS,
                rows=[cells(event) for event in chosen.qs],
            ),
            name="who-changed-what",
        )
    table = ChangeTable(chosen.qs, of=visible.count())
    RequestConfig(request, paginate={"per_page": 100}).configure(table)
    return render(request, "core/change_list.html", {"filter": chosen, "table": table})


def _in_words(chosen: Changes) -> str:
    """The filters in use, for the head of a download."""
    used = [
        f"{chosen.filters[name].label}: {value}"
        for name, value in chosen.data.items()
        if value and name in chosen.filters
    ]
    return f"Filters: {', '.join(used) or 'none'}"


def _document(request: HttpRequest, name: str, **context: Any) -> HttpResponse:
    title, body = documents.page(name)
    return render(request, "core/document.html", {"title": title, "body": body, **context})


@requires(Permission.SIGNED_IN)
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """What each page answers, who may do what, and what the words mean."""
    return render(request, "core/help.html", {"roles": ROLES.values()})


@requires(Permission.SIGNED_IN)
@require_safe
def rag_rules(request: HttpRequest) -> HttpResponse:
    """docs/rag.md, the rules behind every colour."""
    return _document(request, "rag")


@requires(Permission.PUBLIC)
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """The accessibility statement, which names what was not tested."""
    return _document(request, "accessibility")
