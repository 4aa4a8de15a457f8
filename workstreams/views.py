"""The lists of milestones and risks, each from one published state."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from stp.core import lists
from stp.core.access import requires
from stp.core.period_bar import choose
from stp.core.permissions import Permission
from workstreams import filters, list_export, queries, tables
from workstreams.heat_map import heat_map


@requires(Permission.VIEW_PROGRAMME)
@require_safe
def milestone_list(request: HttpRequest) -> HttpResponse:
    """Milestones, first due first; the download is exactly what is filtered."""
    choice = choose(request)
    if choice.view is None or not choice.has_figures:
        return render(request, "workstreams/milestone_list.html", {"choice": choice})
    lines = queries.milestone_lines(choice.view, choice.against)
    chosen = filters.Milestones(request.GET, queryset=lines)
    names = queries.workstream_names()
    table = tables.Milestones(
        chosen.qs,
        names=names,
        caption=f"Milestones, {choice.view.period.name}",
        of=lists.without_filters(chosen, lines),
    )
    return lists.answer(
        request,
        "workstreams/milestone_list.html",
        table=table,
        export=lambda: list_export.milestones(chosen, choice, names),
        name=f"milestones-{choice.view.period.code}",
        filter=chosen,
        choice=choice,
    )


@requires(Permission.VIEW_PROGRAMME)
@require_safe
def risk_list(request: HttpRequest) -> HttpResponse:
    """The risk register and the map of what it shows."""
    choice = choose(request)
    if choice.view is None or not choice.has_figures:
        return render(request, "workstreams/risk_list.html", {"choice": choice})
    lines = queries.risk_lines(choice.view, choice.against)
    chosen = filters.Risks(request.GET, queryset=lines)
    names = queries.workstream_names()
    table = tables.Risks(
        chosen.qs,
        names=names,
        texts=queries.risk_texts(),
        caption=f"Risk register, {choice.view.period.name}",
        of=lists.without_filters(chosen, lines),
    )
    return lists.answer(
        request,
        "workstreams/risk_list.html",
        table=table,
        export=lambda: list_export.risks(chosen, choice, names),
        name=f"risks-{choice.view.period.code}",
        filter=chosen,
        choice=choice,
        map=heat_map(chosen.qs),
    )
