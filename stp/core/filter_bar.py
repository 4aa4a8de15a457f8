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
    fields = _shown(form)
    names = {field.html_name for field in fields}
    rest = [(k, v) for k, values in request.GET.lists() for v in values if k not in names | {PAGE}]
    return FilterParts(
        fields=fields,
        chips=[
            Chip(_words(field, value), _without(request, field, value))
            for field, value in _used(form)
        ],
        kept=rest,
        clear=_address(rest),
        errors=ignored(form),
    )


def in_use(form: forms.BaseForm) -> bool:
    """Whether any filter narrows the list."""
    return any(True for _ in _used(form))


def in_words(form: forms.BaseForm) -> list[str]:
    """The filters in use, as chips say them: 'Workstream: Urgent care', 'Only what changed'."""
    return [_words(field, value) for field, value in _used(form)]


def ignored(form: forms.BaseForm) -> list[str]:
    """One sentence for each value that is no choice of its filter, or one too many; or []."""
    unknown = [
        f"{field.label}: {text} This filter was ignored."
        for field in _shown(form)
        for text in field.errors
    ]
    return unknown + [
        f"Only one filter of a kind can be in use, so “{_words(field, value)}” was ignored."
        for field, _ in _used(form)
        for value in _besides(form, field)
    ]


def _shown(form: forms.BaseForm) -> list[BoundField]:
    return [form[name] for name in form.fields if not form[name].is_hidden]


def _address(pairs: list[tuple[str, str]]) -> str:
    query = QueryDict(mutable=True)
    for name, value in pairs:
        query.appendlist(name, value)
    return f"?{query.urlencode()}"


def _used(form: forms.BaseForm) -> Iterator[tuple[BoundField, str]]:
    """Each filter that narrows the list, with its value as the address has it."""
    if not form.is_bound or not isinstance(form.data, QueryDict):
        return
    form.is_valid()
    for field in _shown(form):
        if field.errors or not form.cleaned_data.get(field.name):
            continue
        for value in _that_count(form.data, field):
            yield field, value


def _that_count(data: QueryDict, field: BoundField) -> list[str]:
    """The values the filter goes by: of a field that takes one, the last in the address."""
    given = [value for value in data.getlist(field.html_name) if value]
    return given if isinstance(field.field, forms.MultipleChoiceField) else given[-1:]


def _besides(form: forms.BaseForm, field: BoundField) -> list[str]:
    """Other values of the same filter that the address holds and nothing goes by."""
    if not isinstance(form.data, QueryDict):
        return []
    used = _that_count(form.data, field)
    given = dict.fromkeys(form.data.getlist(field.html_name))
    return [value for value in given if value and value not in used]


def _without(request: HttpRequest, field: BoundField, value: str) -> str:
    """The address without one filter, back on page 1; other values of several stay."""
    several = isinstance(field.field, forms.MultipleChoiceField)
    return _address(
        [
            (k, v)
            for k, values in request.GET.lists()
            for v in values
            if k != PAGE and not (k == field.html_name and (v == value or not several))
        ]
    )


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
