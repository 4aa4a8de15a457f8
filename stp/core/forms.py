"""Django forms drawn with the design system's partials: `{{ form }}` is right by default.

A field becomes the name of a partial and its options (`parts`); the partial draws label, hint,
error and control, tied together by ids. Nothing here saves.
"""

from typing import Any

from django import forms
from django.core.validators import MinLengthValidator
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.forms.widgets import Input

from stp.core.seen import seen_length

Parts = tuple[str, dict[str, Any]]


class SeenAtLeast(MinLengthValidator):
    """At least so many characters that can be seen; the message is a field's `min_length`."""

    def clean(self, x: Any) -> int:
        return seen_length(x)


class NhsFormRenderer(TemplatesSetting):
    """`{{ form }}` uses templates/nhs/form.html, a field templates/nhs/field.html."""

    form_template_name = "nhs/form.html"
    formset_template_name = "nhs/formset.html"
    field_template_name = "nhs/field.html"


def field_id(field: BoundField) -> str:
    """The id of a field's (first) control: where its error in the summary links to."""
    return str(field.auto_id or field.html_name)


def parts(field: BoundField, *, mark_optional: bool = True) -> Parts:
    """The partial that draws a field, and its options."""
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxInput):
        return "nhs/checkboxes.html", {**_common(field, False), "items": [_one_checkbox(field)]}
    common = _common(field, mark_optional and not field.field.required)
    if isinstance(widget, forms.RadioSelect):  # CheckboxSelectMultiple is one too
        kind = "checkboxes" if widget.allow_multiple_selected else "radios"
        return f"nhs/{kind}.html", {**common, "legend": common.pop("label"), "items": _items(field)}
    if isinstance(widget, forms.Select) and not widget.allow_multiple_selected:
        return "nhs/select.html", {**common, "items": _options(field)}
    if isinstance(widget, forms.FileInput):
        # Not the library's drop zone: its button's name lacks the words on it (WCAG 2.5.3).
        return "nhs/file_upload.html", {**common, "native": True}
    value = {"value": widget.format_value(field.value())}
    if isinstance(widget, forms.Textarea):
        return "nhs/textarea.html", {**common, **value}
    if isinstance(widget, forms.PasswordInput):
        return "nhs/password_input.html", common
    if isinstance(widget, Input):
        return "nhs/input.html", {**common, **value, **_input_type(widget, common)}
    return "nhs/plain_field.html", {**common, "widget": field.as_widget()}


def sentences(field: BoundField) -> list[str]:
    """A field's errors as people need them: "Enter email address", not "This field is required"."""
    texts = []
    for error in field.errors.as_data():
        plain = (
            error.code == "required"
            and error.message == forms.Field.default_error_messages["required"]
        )
        texts += [_wanted(field)] if plain else [str(message) for message in error.messages]
    return texts


def _wanted(field: BoundField) -> str:
    """What to do about a field left empty, by the kind of its control."""
    widget, label = field.field.widget, str(field.label)
    name = label if label[1:2].isupper() else label[:1].lower() + label[1:]
    if isinstance(widget, forms.CheckboxInput):
        return f"Tick “{label}” to go on"
    if isinstance(widget, forms.FileInput):
        return f"Choose a file for “{label}”"
    return f"{'Choose' if isinstance(widget, forms.Select | forms.RadioSelect) else 'Enter'} {name}"


def _common(field: BoundField, optional: bool) -> dict[str, Any]:
    """Name, id, label, hint, error and attributes: what every partial takes."""
    attrs = dict(field.field.widget.attrs)
    named = ("autocomplete", "inputmode", "rows", "placeholder", "accept", "multiple", "width")
    options = {name: attrs.pop(name) for name in named if name in attrs}
    attrs.pop("cols", None)
    attrs.pop("required", None)
    if field.errors:
        attrs["aria-invalid"] = "true"
    return {
        **options,
        "id": field_id(field),
        "name": field.html_name,
        "label": f"{field.label} (optional)" if optional else str(field.label),
        "hint": field.help_text,
        "error": " ".join(sentences(field)),
        "classes": attrs.pop("class", ""),
        "disabled": field.field.disabled or attrs.pop("disabled", False),
        "attributes": attrs,
    }


def _input_type(widget: Input, common: dict[str, Any]) -> dict[str, Any]:
    """Numbers are text boxes with a number keyboard: a wheel or an arrow never changes one."""
    if widget.input_type == "number":
        return {"type": "text", "inputmode": common.get("inputmode", "decimal")}
    return {"type": widget.input_type}


def _one_checkbox(field: BoundField) -> dict[str, Any]:
    described = [f"{field_id(field)}-hint"] if field.help_text else []
    if field.errors:
        described.append(f"{field_id(field)}-error")
    return {
        "id": field_id(field),
        "value": "on",
        "text": field.label,
        "checked": bool(field.value()),
        "described_by": " ".join(described),
        "attributes": {"aria-invalid": "true"} if field.errors else {},
    }


def _items(field: BoundField) -> list[dict[str, Any]]:
    """Radios or checkboxes; the first carries the field's own id, so that errors link to it."""
    return [
        {
            "id": field_id(field) if n == 1 else f"{field_id(field)}-{n}",
            "value": option.data["value"],
            "text": option.data["label"],
            "checked": option.data["selected"],
            "disabled": option.data["attrs"].get("disabled", False),
        }
        for n, option in enumerate(field.subwidgets, start=1)
    ]


def _options(field: BoundField) -> list[dict[str, Any]]:
    return [
        {
            "value": "" if option.data["value"] is None else option.data["value"],
            "text": option.data["label"],
            "selected": option.data["selected"],
            "disabled": option.data["attrs"].get("disabled", False),
        }
        for option in field.subwidgets
    ]


def error_list(form: forms.BaseForm) -> list[dict[str, str]]:
    """Every error of a form with the address of its field, for the error summary."""
    errors = [{"text": str(text), "href": ""} for text in form.non_field_errors()]
    for name in form.fields:
        field = form[name]
        errors += [{"text": text, "href": f"#{field_id(field)}"} for text in sentences(field)]
    return errors
