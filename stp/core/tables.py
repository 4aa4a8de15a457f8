"""The base of every list: caption, row header, totals, pages; drawn by tables/nhs_table.html.

Sorting, filters and page size live in the address; sorting goes back to page 1. Empty cells hold
words. A page declares columns and a caption, and gives the queryset:

    class Schemes(Table):
        caption = "Savings schemes"
        noun = "schemes"
        title = RowHeader(verbose_name="Scheme", linkify=…)
        forecast_pence = Money(verbose_name="Forecast, £000", total=True)
"""

from collections.abc import Iterable, Iterator
from typing import Any

import django_tables2
from django.core.exceptions import FieldError
from django.db.models import Count, QuerySet, Sum
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_tables2.utils import Accessor

from stp.core import words
from stp.core.compare import severity_of
from stp.core.table_rows import drawn_rows
from stp.core.templatetags.stp import rag, trend

ALL = "all"
# A list of up to so many rows may be shown, and printed, on one page (UX 2.7).
MOST_ON_ONE_PAGE = 500


def muted(text: str) -> SafeString:
    """Words that stand where a value would: secondary colour, never a blank cell."""
    return format_html('<span class="app-muted">{}</span>', text)


class Column(django_tables2.Column):
    """A column of words. `numeric` aligns right; `row_header` makes the cell name its row;
    `wide=True` gives sentences room; `on_phone=False` leaves it out of a phone's cards.
    """

    numeric = False
    row_header = False

    def __init__(
        self, *args: Any, wide: bool = False, on_phone: bool = True, **kwargs: Any
    ) -> None:
        self.wide, self.on_phone = wide, on_phone
        if kwargs.get("linkify"):
            kwargs.setdefault("attrs", {"a": {"class": "nhsuk-link"}})
        super().__init__(*args, **kwargs)


class RowHeader(Column):
    """The cell that names its row: <th scope="row">. One a table, usually first and a link."""

    row_header = True


class Number(Column):
    """A whole number, aligned right."""

    numeric = True


class Money(Column):
    """Pence shown as £000 whole; say so in the header. `total=True` adds the sum at the foot."""

    numeric = True

    def __init__(self, *args: Any, total: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if total:
            self._footer = self._total

    def render(self, value: int) -> str:
        return words.money_k(value)

    def _total(self, bound_column: Any, table: Any) -> str | SafeString:
        """Sum of every row, not only this page's; says how many rows state no figure."""
        total, missing = sum_of(table.data.data, bound_column.accessor)
        if total is None:
            return muted(words.NO_DATA)
        if not missing:
            return words.money_k(total)
        return format_html(
            '{} <span class="app-muted">({} not stated)</span>', words.money_k(total), missing
        )


class Variance(Money):
    """Pence of forecast less plan, in £000 and words: "1,240 adverse"."""

    def render(self, value: int) -> str:
        return words.variance_k(value)


class When(Column):
    """A date or a moment in London: "24 July 2017" or "24 July 2017, 10:05"."""

    def render(self, value: Any) -> str:
        return words.moment(value) if hasattr(value, "hour") else words.day(value)


class Rag(Column):
    """A rating, drawn by the rag component; sorts worst first."""

    def render(self, *_: Any, **cell: Any) -> SafeString:
        """Reads the record itself: of a field with choices `value` would be the word."""
        value = cell["bound_column"].accessor.resolve(cell["record"])
        return rag(value)

    def order(self, queryset: Any, is_descending: bool) -> tuple[Any, bool]:
        """Order by severity, not by the alphabet."""
        rank = severity_of(str(self.accessor or "rag"))
        ranked = rank.desc() if is_descending else rank.asc()
        return queryset.order_by(ranked, "pk"), True


class Trend(Column):
    """A pair (rating before, rating after) as "▼ Worse, was Green"."""

    def render(self, value: Any) -> SafeString:
        before, after = value
        return trend(before, after)


def sum_of(rows: Any, accessor: Any) -> tuple[int | None, int]:
    """Sum of the stated values and the number of rows that state none; None if none is stated."""
    if isinstance(rows, QuerySet):
        try:
            field = str(accessor)
            found = rows.aggregate(total=Sum(field), stated=Count(field), every=Count("pk"))
            return found["total"], found["every"] - found["stated"]
        except FieldError:
            pass  # an annotation of Python: add up row by row
    values = [Accessor(accessor).resolve(row, quiet=True) for row in rows]
    stated = [v for v in values if v is not None]
    return (sum(stated) if stated else None), len(values) - len(stated)


class Table(django_tables2.Table):
    """A list of the site. `of` is how many rows there are without filters."""

    caption = ""
    noun = "rows"
    page_sizes: tuple[int, ...] = (25, 50)
    per_page = 50
    stacks = False  # rows become cards on a phone

    def __init__(
        self, data: Iterable[Any], *, caption: str = "", of: int | None = None, **kwargs: Any
    ) -> None:
        kwargs.setdefault("template_name", "tables/nhs_table.html")
        kwargs.setdefault("default", muted(words.NO_DATA))
        super().__init__(data, **kwargs)
        self.caption = caption or self.caption
        self.of = of

    @property
    def name(self) -> str:
        """The table's id in the page."""
        return f"{self.prefix}{type(self).__name__.lower()}"

    @property
    def drawn_rows(self) -> Iterator[SafeString]:
        """The cells of every row of this page, as HTML, one string a row."""
        rows = self.paginated_rows
        return drawn_rows(self, rows.data)

    @property
    def is_sortable(self) -> bool:
        return any(column.orderable for column in self.columns)

    @property
    def sorted_name(self) -> str:
        """The one column that carries aria-sort, '' where the order is the data's own."""
        return str(self.order_by[0].bare) if self.order_by else ""

    @property
    def caption_text(self) -> str:
        """'Savings schemes, June 2017 – 41 of 118 shown'."""
        page = getattr(self, "page", None)
        count = page.paginator.count if page else len(self.rows)
        parts = []
        if page and page.paginator.num_pages > 1:
            parts.append(f"rows {page.start_index()} to {page.end_index()} of {count}")
            if self.of is not None and self.of != count:
                parts.append(f"{self.of} without filters")
        elif self.of is not None and self.of != count:
            parts.append(f"{count} of {self.of} shown")
        return f"{self.caption} – {', '.join(parts)}" if parts else self.caption

    @property
    def empty_sentence(self) -> str:
        """Nothing here, or nothing that matches: two different sentences (UX 2.0)."""
        if self.of:
            return f"No {self.noun} match. {self.of:,} without filters."
        return str(self.empty_text or f"No {self.noun} recorded.")

    @property
    def may_show_all(self) -> bool:
        return len(self.rows) <= MOST_ON_ONE_PAGE

    @property
    def sizes(self) -> list[tuple[str, str, bool]]:
        """Page sizes on offer: value in the address, words, whether it is the one shown."""
        shown = self.paginator.per_page
        found = [(str(n), str(n), n == shown) for n in self.page_sizes]
        if self.may_show_all:
            count = len(self.rows)
            found.append((ALL, f"All ({count})", count == shown))
        return found

    def paginate(self, *args: Any, per_page: int | None = None, **kwargs: Any) -> None:
        """As django-tables2 does it, but a page size that is not offered is the usual one."""
        size = per_page if per_page in self.page_sizes else self.per_page
        if self.request.GET.get(self.prefixed_per_page_field) == ALL and self.may_show_all:
            size = max(len(self.rows), 1)
        super().paginate(*args, per_page=size, **kwargs)
