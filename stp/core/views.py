"""Who changed what, and the pages that explain."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from stp.core import clock, documents, exports, lists, words
from stp.core.access import requires
from stp.core.change_table import HEADINGS, ChangeTable, cells
from stp.core.filters import Changes
from stp.core.models import AuditEvent
from stp.core.permissions import ROLES, Permission, may


@requires(Permission.VIEW_CHANGES)
@require_safe
def change_list(request: HttpRequest) -> HttpResponse:
    """The audit trail, filtered; the download is exactly what is filtered."""
    visible = AuditEvent.objects.visible_to(request.user).order_by("-at", "-pk")
    chosen = Changes(request.GET, queryset=visible)
    return lists.answer(
        request,
        "core/change_list.html",
        table=ChangeTable(chosen.qs, of=lists.without_filters(chosen, visible)),
        export=lambda: _export(chosen),
        name="who-changed-what",
        filter=chosen,
    )


def _export(chosen: Changes) -> exports.Export:
    """The changes that are filtered, newest first, in words."""
    rows = [cells(event) for event in chosen.qs]
    as_at = f"As at {words.moment(clock.now())}. Changes, newest first: {len(rows)}"
    return exports.Export(
        title="Who changed what",
        notes=[as_at, *lists.filter_notes(chosen)],
        headings=HEADINGS,
        rows=rows,
    )


def _document(request: HttpRequest, name: str, **context: Any) -> HttpResponse:
    title, body = documents.page(name)
    return render(request, "core/document.html", {"title": title, "body": body, **context})


@requires(Permission.SIGNED_IN)
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """What each page answers, who may do what, and what the words mean."""
    context = {"roles": ROLES.values(), "can_send": may(request.user, Permission.SEND_RETURN)}
    return render(request, "core/help.html", context)


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
