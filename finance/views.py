"""The list of savings schemes, and one scheme with who said so."""

from functools import partial
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from finance import page_charts, queries
from finance.filters import Schemes as Filter
from finance.models import SavingsScheme
from finance.scheme_export import export
from finance.tables import Schemes as Table
from stp.core import downloads, lists
from stp.core.access import requires
from stp.core.navigation import carried
from stp.core.period_bar import choose
from stp.core.periods import PLAN_YEARS
from stp.core.permissions import Permission


@requires(Permission.VIEW_PROGRAMME)
@require_safe
def scheme_list(request: HttpRequest) -> HttpResponse:
    """Savings schemes of one published state; the download is exactly what is filtered."""
    choice = choose(request)
    if choice.view is None or not choice.has_figures:
        return render(request, "finance/scheme_list.html", {"choice": choice})
    asked = request.GET.get("year", "")
    year = asked if asked in PLAN_YEARS else choice.view.period.year
    lines = queries.scheme_lines(choice.view, choice.against, year)
    chosen = Filter(request.GET, queryset=lines)
    query = urlencode(carried(request))
    totals = queries.totals(chosen.qs)
    table = Table(
        chosen.qs,
        totals=totals,
        query=f"?{query}" if query else "",
        since=choice.against.period.name if choice.against else "",
        caption=f"Savings schemes, {choice.view.period.name}, value in {year}",
        of=lists.without_filters(chosen, lines),
    )
    return lists.answer(
        request,
        "finance/scheme_list.html",
        table=table,
        export=lambda: export(chosen, choice, year),
        name=f"savings-schemes-{choice.view.period.code}",
        filter=chosen,
        choice=choice,
        year=year,
        totals=totals,
    )


@requires(Permission.VIEW_PROGRAMME)
@require_safe
def scheme_detail(request: HttpRequest, organisation: str, ref: str) -> HttpResponse:
    """One scheme: its rating and why, its months, and which return said so."""
    scheme = get_object_or_404(
        SavingsScheme.objects.visible_to(request.user), organisation_id=organisation, ref=ref
    )
    choice = choose(request)
    line = queries.scheme_line(choice.view, organisation, ref)
    if choice.view is None or (choice.has_figures and line is None):
        raise Http404(f"{organisation}/{ref} is in no return of this period")
    draw = partial(page_charts.months, line, choice.view.period) if line else None
    if draw and request.GET.get("format") == "csv" and (chart := draw()):
        return downloads.chart(chart, name=f"{organisation}-{ref}-by-month")
    context = {
        "choice": choice,
        "scheme": scheme,
        "line": line,
        "before": queries.scheme_line(choice.against, organisation, ref),
        "chart": draw,
        "facts": queries.facts_of(line) if line else [],
        "returns": queries.returns_in_words(line) if line else "",
        "history": queries.history(scheme),
        "events": queries.events(scheme, request.user),
    }
    return render(request, "finance/scheme_detail.html", context)
