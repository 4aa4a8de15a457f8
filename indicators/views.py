"""The list of indicators, from one published state."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from indicators import filters, list_export, queries, tables
from stp.core import lists
from stp.core.access import requires
from stp.core.period_bar import choose
from stp.core.permissions import Permission


@requires(Permission.VIEW_PROGRAMME)
@require_safe
def indicator_list(request: HttpRequest) -> HttpResponse:
    """The plan's indicators as printed, each with its rating and what is doubtful about it."""
    choice = choose(request)
    if choice.view is None or not choice.has_figures:
        return render(request, "indicators/indicator_list.html", {"choice": choice})
    lines = queries.indicator_lines(choice.view, choice.against)
    chosen = filters.Indicators(request.GET, queryset=lines)
    table = tables.Indicators(
        chosen.qs,
        caption=f"Indicators, {choice.view.period.name}",
        of=lists.without_filters(chosen, lines),
    )
    return lists.answer(
        request,
        "indicators/indicator_list.html",
        table=table,
        export=lambda: list_export.export(chosen, choice),
        name=f"indicators-{choice.view.period.code}",
        filter=chosen,
        choice=choice,
    )
