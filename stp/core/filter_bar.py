"""What the filter component shows: fields, filters in use as words, and addresses to undo them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.http import HttpRequest, QueryDict

PAGE = "page"


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter in use, in words, and the address without it."""

    text: str
    remove: str


@dataclass(frozen=True, slots=True)
class FilterParts:
    """All the component draws. `kept` are the other parts of the address (period, order)."""

    fields: list[BoundField]
    chips: list[Chip]
    kept: list[tuple[str, str]]
    clear: str
    errors: list[str]


def filter_parts(request: HttpRequest, form: forms.BaseForm) -> FilterParts:
    """Split the address into this form's filters and the rest; say which values were ignored."""
    fields = [form[name] for name in form.fields if not form[name].is_hidden]
    names = {field.html_name for field in fields}
    rest = [(k, v) for k, values in request.GET.lists() for v in values if k not in names | {PAGE}]
    return FilterParts(
        fields=fields,
        chips=[chip for field in fields for chip in _chips(request, field)],
        kept=rest,
        clear=_address(rest),
        errors=[
            f"{field.label}: {text} This filter was ignored."
            for field in fields
            for text in field.errors
        ],
    )


def _address(pairs: list[tuple[str, str]]) -> str:
    query = QueryDict(mutable=True)
    for name, value in pairs:
        query.appendlist(name, value)
    return f"?{query.urlencode()}"


def _chips(request: HttpRequest, field: BoundField) -> Iterator[Chip]:
    if field.errors:
        return
    for value in request.GET.getlist(field.html_name):
        if not value:
            continue
        left = [
            (k, v)
            for k, values in request.GET.lists()
            for v in values
            if k != PAGE and (k, v) != (field.html_name, value)
        ]
        yield Chip(_words(field, value), _address(left))


def _words(field: BoundField, value: str) -> str:
    """'Workstream: Urgent care'; the label alone for a tick box."""
    if isinstance(field.field, forms.BooleanField) and not _choices(field):
        return str(field.label)
    return f"{field.label}: {_choices(field).get(value, value)}"


def _choices(field: BoundField) -> dict[str, str]:
    """Choice text by value, groups flattened; {} for a field without choices."""
    found: dict[str, str] = {}
    choices: Any = getattr(field.field, "choices", ())
    for value, text in choices:
        inner = text if isinstance(text, list | tuple) else [(value, text)]
        found.update({str(v): str(t) for v, t in inner})
    return found
