"""Template tags of the design system: `{% load stp %}`.

`rag` is the only drawer of a rating (A-16). `component` gives a partial of templates/nhs a body.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from django import template
from django.contrib.messages import SUCCESS
from django.contrib.messages.storage.base import Message
from django.forms import BaseForm
from django.forms.boundfield import BoundField
from django.forms.utils import flatatt
from django.http import HttpRequest, QueryDict
from django.template import Context
from django.template.loader import render_to_string
from django.template.loader_tags import BlockNode
from django.urls import reverse
from django.utils.safestring import SafeString

from stp.core import charts, explore, filter_bar, forms, navigation, svg, words
from stp.core.charts import Chart
from stp.core.rag import Rag, Rating, severity

register = template.Library()

register.filter("day", words.day)
register.filter("moment", words.moment)
register.filter("money_m", words.money_m)
register.filter("money_k", words.money_k)


@register.filter(name="words")
def money_words(pence: int | str | None) -> str:
    """Money as said; a total that is not there, which a template hands over as "", is no data."""
    return words.money_words(pence if isinstance(pence, int) else None)


register.filter("variance", words.variance)
register.filter("variance_k", words.variance_k)
register.filter("period_name", words.period_name)
register.filter("month_name", words.month_name)
register.filter("month_short", words.month_short)


def as_rag(value: Any) -> Rag:
    """The Rag of a Rag, its text, a Rating, or anything with a `rating` (a snapshot line)."""
    if isinstance(value, Rating):
        return value.rag
    if isinstance(value, str):
        return Rag(value)
    rating: Rating = value.rating
    return rating.rag


def as_reason(value: Any) -> str:
    """The rule's sentence of a Rating or a snapshot line; '' for a bare Rag."""
    if isinstance(value, str):
        return ""
    return value.reason if isinstance(value, Rating) else str(value.rating.reason)


@register.simple_tag
def rag(
    rating: Any,
    *,
    solid: bool = False,
    reason: bool = False,
    words: str = "",
    count: int | None = None,
) -> SafeString:
    """Draw a rating: shape, letter and word. `reason=True` adds the rule's sentence.

    `words` stands beside it ("no update since May"); `count` prints a number after the word.
    """
    said = as_reason(rating) if reason else ""
    return _rag(as_rag(rating), bool(solid), str(words), said, count)


@lru_cache(maxsize=512)
def _rag(value: Rag, solid: bool, words: str, reason: str, count: int | None) -> SafeString:
    """There are only so many ratings and reasons: each is drawn once a process, not once a row."""
    told = {"rag": value, "solid": solid, "words": words, "reason": reason, "count": count}
    return render_to_string("components/rag.html", told)


@register.simple_tag
def doubts(detail: Mapping[str, Any]) -> SafeString:
    """What is doubtful about a snapshot line's fact, as tags in words; nothing if nothing is."""
    from stp.core import doubts as shown  # here: doubts imports the models

    return shown.drawn(detail)


@register.simple_tag
def trend(before: Any, after: Any) -> SafeString:
    """Better or worse than the comparison period, in a mark and words; None is "not there"."""
    then = None if before in (None, "") else as_rag(before)
    return _trend(then, None if after in (None, "") else as_rag(after))


@lru_cache(maxsize=128)
def _trend(then: Rag | None, now: Rag | None) -> SafeString:
    return render_to_string("components/trend.html", _moved(then, now))


def _moved(then: Rag | None, now: Rag | None) -> dict[str, str]:
    if then is None:
        return {"mark": "+", "word": "New", "was": ""}
    if now is None:
        return {"mark": "−", "word": "Removed", "was": then.word}
    if severity(then) == severity(now):
        return {"mark": "●", "word": "Same", "was": ""}
    lost = now is Rag.NOT_RATED and severity(now) > severity(then)  # unknown is never good news
    if lost or Rag.NOT_APPLICABLE in (then, now):
        return {"mark": "", "word": "Not compared", "was": then.word}
    better = severity(now) > severity(then)
    return {
        "mark": "▲" if better else "▼",
        "word": "Better" if better else "Worse",
        "was": then.word,
    }


@register.simple_block_tag(takes_context=True)
def component(context: Context, content: SafeString, name: str, **options: Any) -> SafeString:
    """Render a partial with the text between the tags as its `body`, and only `options`."""
    return render_to_string(name, {**options, "body": content})


@register.filter
def attributes(values: Mapping[str, Any] | None) -> str:
    """HTML attributes of a mapping, escaped, with a leading space: ' id="x" data-y="z"'."""
    return flatatt(dict(values)) if values else ""


@register.simple_tag(takes_context=True)
def repeat_block(context: Context, name: str) -> SafeString:
    """Render a block a second time: the page's `title` is its <title> and its h1."""
    rendered: SafeString = BlockNode(name, template.NodeList()).render(context)
    return rendered


@register.simple_tag(takes_context=True)
def link_to(context: Context, name: str, *args: Any, **query: Any) -> str:
    """Address of a page that keeps the chosen period and comparison; `query` adds filters."""
    request: HttpRequest | None = context.get("request")
    carried = navigation.carried(request) if request else {}
    wanted = {key: value for key, value in query.items() if value not in (None, "")}
    return reverse(name, args=args, query={**carried, **wanted} or None)


@register.inclusion_tag("nhs/breadcrumb.html", takes_context=True)
def crumbs(context: Context, *pairs: str) -> dict[str, Any]:
    """Breadcrumb of pairs: label, then URL name (without arguments) or an address with "/"."""
    items = [
        {"text": label, "href": at if at.startswith("/") else link_to(context, at)}
        for label, at in zip(pairs[::2], pairs[1::2], strict=True)
    ]
    return {"items": items}


@register.simple_tag(takes_context=True)
def main_menu(context: Context) -> list[navigation.Item]:
    """The header's places for the person who reads; [] where there is no request."""
    request: HttpRequest | None = context.get("request")
    return navigation.menu(request) if request is not None else []


@register.simple_tag(takes_context=True)
def account_items(context: Context) -> list[dict[str, Any]]:
    """The reader's name, roles and Sign out; [] for nobody."""
    request: HttpRequest | None = context.get("request")
    user = getattr(request, "user", None)
    return navigation.account(user) if user is not None else []


@register.simple_tag
def footer_links() -> list[navigation.Item]:
    """Help, rules and accessibility statement."""
    return navigation.footer()


@register.simple_tag
def footer_texts() -> list[str]:
    """Version, licence and the sentence on independence."""
    return navigation.footer_texts()


@register.filter
def all_success(messages: Iterable[Message]) -> bool:
    """Whether every message is good news: then the banner is green."""
    return all(message.level == SUCCESS for message in messages)


@register.simple_tag(takes_context=True)
def table_query(context: Context, table: Any, **changes: Any) -> str:
    """The address with one thing of a table changed: `sort`, `per_page` or `page`.

    Everything else in the address stays; only a change of page keeps the page.
    """
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    query.pop(table.prefixed_page_field, None)
    fields = {
        "sort": table.prefixed_order_by_field,
        "per_page": table.prefixed_per_page_field,
        "page": table.prefixed_page_field,
    }
    for what, value in changes.items():
        query[fields[what]] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def table_pages(context: Context, table: Any) -> dict[str, Any]:
    """Numbered pages of a table, as nhs/pagination.html takes them."""
    page = table.page

    def item(number: int) -> dict[str, Any]:
        href = table_query(context, table, page=number)
        return {"number": number, "href": href, "current": number == page.number}

    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return {
        "items": [item(n) if isinstance(n, int) else {"ellipsis": True} for n in numbers],
        "previous": item(page.number - 1) if page.has_previous() else None,
        "next": item(page.number + 1) if page.has_next() else None,
        "label": f"Pages of {table.caption}",
    }


@register.simple_tag
def nhs_field(field: BoundField, mark_optional: bool = True, small: bool = False) -> SafeString:
    """One field of a form: label, hint, error and control. `{{ form }}` does this for each."""
    name, options = forms.parts(field, mark_optional=mark_optional)
    return render_to_string(name, {**options, "small": small})


register.filter("error_list", forms.error_list)


@register.simple_tag(takes_context=True)
def filter_parts(context: Context, filters: Any) -> filter_bar.FilterParts:
    """Fields, chips and addresses of a FilterSet or a form of filters."""
    form: BaseForm = getattr(filters, "form", filters)
    return filter_bar.filter_parts(context["request"], form)


@register.simple_tag(takes_context=True)
def chart_parts(context: Context, chart: Chart) -> dict[str, Any]:
    """A chart's drawing, table, notes and the address of its file, for components/chart.html."""
    request: HttpRequest | None = context.get("request")
    query = request.GET.copy() if request else QueryDict(mutable=True)
    query["chart"], query["format"] = chart.name, "csv"
    return {
        "svg": svg.draw(chart),
        "head": charts.table_head(chart),
        "rows": charts.table_rows(chart),
        "notes": charts.notes(chart),
        "has_missing": any(series.missing for series in chart.series),
        "csv": f"?{query.urlencode()}",
        "figure_id": f"{chart.name}-figure",
    }


@register.simple_tag
def chart_figure(chart: Chart) -> explore.Json:
    """The chart as a Plotly figure, for components/explore.html."""
    return explore.figure(chart)
