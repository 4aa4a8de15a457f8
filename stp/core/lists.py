"""A list page: filters, rows, pages and files, the same for every list (UX 2.7).

A view reads its rows, filters them, and hands over the table and the way to make the file:

    return lists.answer(request, "…/milestone_list.html", table=…, export=…, name="milestones",
                        filter=chosen, choice=choice)
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_tables2 import RequestConfig

from stp.core import downloads, filter_bar, words
from stp.core.exports import Export
from stp.core.period_bar import Choice
from stp.core.tables import Table

FORMATS = ("csv", "xlsx")


def answer(
    request: HttpRequest,
    template: str,
    *,
    table: Table,
    export: Callable[[], Export],
    name: str,
    **context: Any,
) -> HttpResponse:
    """The page of a list; with ?format=csv or xlsx the file `name` of exactly what it shows."""
    kind = request.GET.get("format", "")
    if kind in FORMATS:
        return downloads.table(kind, export(), name=name)
    RequestConfig(request).configure(table)
    return render(request, template, {**context, "table": table})


def without_filters(filters: Any, rows: QuerySet[Any]) -> int | None:
    """How many rows there are without filters; None where none is in use: the count is the same."""
    return rows.count() if filter_bar.in_use(filters.form) else None


def one_by_one[M: Model](rows: QuerySet[M]) -> Iterator[M]:
    """The rows of a file, a hundred at a time: a list's file holds all there are."""
    return rows.iterator(chunk_size=100)


def notes(choice: Choice, filters: Any) -> list[str]:
    """Head rows of a list's file: as at when, compared with what, and its filters in words.

    `filters` is a FilterSet or a plain form of filters. [] where no period is shown.
    """
    view = choice.view
    if view is None or view.snapshot is None:
        return []
    known = words.moment(view.snapshot.known_at)
    behind = view.changes_not_included
    waiting = f", {behind} change{'' if behind == 1 else 's'} not yet included" if behind else ""
    return [
        f"As at {words.day(view.period.as_of)}, figures received to {known}, "
        f"version {view.version}{waiting}",
        f"Compared with {choice.against.period.name if choice.against else 'nothing'}",
        *filter_notes(filters),
    ]


def filter_notes(filters: Any) -> list[str]:
    """“Filters: Workstream: Urgent care, Only what changed”; ignored values on a second line."""
    form = getattr(filters, "form", filters)
    ignored = filter_bar.ignored(form)
    used = ", ".join(filter_bar.in_words(form))
    return [f"Filters: {used or 'none'}", *ignored]
