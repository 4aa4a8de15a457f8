"""The list of indicators, from one published state."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django_tables2 import RequestConfig

from indicators import filters, list_export, queries, tables
from stp.core import downloads
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
    if request.GET.get("format") in ("csv", "xlsx"):
        return downloads.table(
            request.GET["format"],
            list_export.export(chosen, choice),
            name=f"indicators-{choice.view.period.code}",
        )
    table = tables.Indicators(
        chosen.qs,
        caption=f"Indicators, {choice.view.period.name}",
        of=lines.count(),
    )
    RequestConfig(request, paginate={"per_page": 50}).configure(table)
    context = {"choice": choice, "filter": chosen, "table": table}
    return render(request, "indicators/indicator_list.html", context)
