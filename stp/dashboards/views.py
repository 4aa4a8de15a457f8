"""The pages that show more than one subject: overview, workstreams, gap."""

from functools import partial

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from stp.core import downloads, lists
from stp.core.access import requires
from stp.core.conditional import unless_unchanged
from stp.core.period_bar import choose
from stp.core.periods import PLAN_YEARS
from stp.core.permissions import Permission, may
from stp.dashboards import page_charts, plan_page, workstream_export
from stp.dashboards.filters import Workstreams
from stp.dashboards.gap import gap as read_gap
from stp.dashboards.overview import END_YEAR
from stp.dashboards.overview import overview as read_overview
from stp.dashboards.overview import rows as read_rows
from stp.dashboards.reading import read
from stp.dashboards.set_up_steps import set_up_steps
from stp.dashboards.workstream import SUBJECTS, workstream_page


@requires(Permission.VIEW_PROGRAMME)
@require_safe
@unless_unchanged
def overview(request: HttpRequest) -> HttpResponse:
    """The thirty-second page: on track, worse, how big the hole is, what is asked, trust."""
    choice = choose(request)
    page = read_overview(choice.view, choice.against) if choice.view else None
    charts = page_charts.of_overview(page, choice.view.period) if page and choice.view else {}
    if chart := charts.get(request.GET.get("chart", "")):
        return downloads.chart(chart(), name=request.GET["chart"])
    context = {
        "choice": choice,
        "page": page,
        "charts": charts,
        "steps": [] if page else set_up_steps(request.user),
        # Who has it in the menu needs no second link to it.
        "may_see_changes": may(request.user, Permission.VIEW_CHANGES)
        and not may(request.user, Permission.VIEW_AUDIT),
    }
    return render(request, "dashboards/overview.html", context)


@requires(Permission.VIEW_PROGRAMME)
@require_safe
@unless_unchanged
def workstream_list(request: HttpRequest) -> HttpResponse:
    """Every workstream with its four dimensions."""
    choice = choose(request)
    form = Workstreams(request.GET)
    rows = read_rows(read(choice.view, *SUBJECTS), read(choice.against, *SUBJECTS))
    chosen = form.chosen(rows)
    if choice.has_figures and request.GET.get("format") in lists.FORMATS:
        made = workstream_export.export(chosen, form, choice)
        return downloads.table(request.GET["format"], made, name="workstreams")
    context = {"choice": choice, "filter": form, "rows": chosen, "of": len(rows)}
    return render(request, "dashboards/workstream_list.html", context)


@requires(Permission.VIEW_PROGRAMME)
@require_safe
@unless_unchanged
def workstream_detail(request: HttpRequest, workstream: str) -> HttpResponse:
    """One workstream: its rating and why, and what lies behind it."""
    choice = choose(request)
    page = workstream_page(choice.view, choice.against, workstream)
    if page is None and choice.has_figures:
        raise Http404(f"no workstream {workstream} in this period")
    return render(request, "dashboards/workstream_detail.html", {"choice": choice, "page": page})


@requires(Permission.VIEW_PROGRAMME)
@require_safe
@unless_unchanged
def gap(request: HttpRequest) -> HttpResponse:
    """How the £230m is to be closed, for one plan year; 2020/21 unless the address says."""
    choice = choose(request)
    asked = request.GET.get("year", END_YEAR)
    year = asked if asked in PLAN_YEARS else END_YEAR
    if asked != year:
        messages.warning(request, f"“{asked[:20]}” is no year of the plan, so {year} is shown.")
    page = read_gap(choice.view, choice.against, year) if choice.view else None
    chart = (
        partial(page_charts.bridge, page.total, choice.view.period)
        if page and choice.view
        else None
    )
    if chart and request.GET.get("chart") == "bridge":
        return downloads.chart(chart(), name=f"bridge-{year.replace('/', '-')}")
    context = {"choice": choice, "page": page, "chart": chart, "years": PLAN_YEARS}
    return render(request, "dashboards/gap.html", context)


@requires(Permission.VIEW_PROGRAMME)
@require_safe
def plan(request: HttpRequest) -> HttpResponse:
    """The plan as published: targets, weights and every other fact, with source and doubts."""
    context = {
        "targets": plan_page.targets(),
        "weights": plan_page.weights(),
        "sections": plan_page.sections(),
    }
    return render(request, "dashboards/plan.html", context)
