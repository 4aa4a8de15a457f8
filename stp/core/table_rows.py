"""The rows of a list, drawn: what is the same for every row is worked out once a table.

django-tables2 asks anew for every cell what its method takes, how its value is reached and whether
it is a choice; that cost three quarters of a list of 50 rows. Values, empty cells, `render_…`
methods and links mean here what they mean there.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import Model
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_tables2.utils import Accessor, signature

Reader = Callable[[Any], Any]


class Cell(NamedTuple):
    """How the words of one column's cells are found."""

    value: Reader
    bound: Any  # django_tables2.columns.BoundColumn
    default: Any
    wanted: tuple[str, ...] | None  # arguments of the render method; None: all there are


@lru_cache(maxsize=512)
def _arguments(method: Callable[..., Any]) -> tuple[str, ...] | None:
    """Names of the arguments a function takes; None if it takes any (`**cell`)."""
    names, any_other = signature(method)
    return None if any_other else tuple(names)


def _wanted(render: Callable[..., Any]) -> tuple[str, ...] | None:
    """Of a method the function is what is remembered, never the table that it is bound to."""
    function = getattr(render, "__func__", None)
    if function is None:
        return _arguments(render)
    names = _arguments(function)
    return None if names is None else names[1:]


def _reader(name: Any, kind: type) -> Reader:
    """The value of a record of this kind at a path; the word of a field with choices."""
    accessor = Accessor(name)
    if issubclass(kind, Model):
        field = accessor.get_field(kind)
        *_, last = accessor.bits or ("",)
        if getattr(field, "choices", None):
            return lambda record: _chosen(accessor, last, record)
    return lambda record: accessor.resolve(record, quiet=True)


def _chosen(accessor: Any, last: str, record: Any) -> Any:
    holder, _ = accessor.penultimate(record)
    word = getattr(holder, f"get_{last}_display", None)
    return word() if word else accessor.resolve(record, quiet=True)


def _cell(bound: Any, kind: type) -> Cell:
    return Cell(_reader(bound.accessor, kind), bound, bound.default, _wanted(bound.render))


def _around(bound: Any, *, stacks: bool) -> str:
    """The HTML of a column's cells with "{}" where the words go."""
    column = bound.column
    if column.row_header:
        role = SafeString(' role="rowheader"') if stacks else SafeString("")
        opens = format_html('<th scope="row" class="nhsuk-table__header"{}>', role)
        return _literal(opens) + "{}</th>"
    classes = "nhsuk-table__cell"
    classes += " nhsuk-table__cell--numeric" if column.numeric else ""
    classes += " app-why" if column.wide else ""
    classes += "" if column.on_phone else " app-not-on-phone"
    said = SafeString("")
    if stacks:  # on a phone the row is a card: each cell says whose it is (static/css/app.css)
        said = format_html(' role="cell" data-label="{}"', bound.header)
    return _literal(format_html('<td class="{}"{}>', classes, said)) + "{}</td>"


def _literal(html: str) -> str:
    """Braces in a heading are no places for a cell."""
    return html.replace("{", "{{").replace("}", "}}")


def _drawn(cell: Cell, record: Any, table: Any) -> Any:
    """What stands in the cell of one record: the column's words, or its default where empty."""
    value, bound = cell.value(record), cell.bound
    if value in bound.column.empty_values:
        return cell.default
    known = {
        "value": value,
        "record": record,
        "column": bound.column,
        "bound_column": bound,
        "table": table,
    }
    given = known if cell.wanted is None else {name: known[name] for name in cell.wanted}
    content = bound.render(**given)
    return bound.link(content, bound_row=None, **known) if bound.link else content


def drawn_rows(table: Any, records: Iterable[Any]) -> Iterator[SafeString]:
    """The cells of each record, as HTML, one string a row."""
    columns = list(table.columns)
    html = "".join(_around(bound, stacks=table.stacks) for bound in columns)
    cells: dict[type, list[Cell]] = {}
    for record in records:
        kind = type(record)
        if kind not in cells:
            cells[kind] = [_cell(bound, kind) for bound in columns]
        yield format_html(html, *(_drawn(cell, record, table) for cell in cells[kind]))
