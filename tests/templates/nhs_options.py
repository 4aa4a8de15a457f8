"""How the library's options (fixtures.json) become the options of our partials.

An option we do not support raises LeftOut with the reason; the case is then not compared.
"""

from collections.abc import Callable
from typing import Any

from django.utils.safestring import SafeString

Options = dict[str, Any]


class LeftOut(Exception):
    """The case uses an option our partials do not have; says why they do not."""


HTML = "our partials take text; a body comes through {% component %}"
ELEMENT = "we write links as links and buttons as buttons, never one as the other"
REVERSE = "no page of ours has a dark ground"
ICON = "buttons of ours carry words, no icons"
LOGO = "the logo is a trade mark that is not ours to show"
SCRIPT_TEXTS = "the site is in English only: texts of the scripts stay as they are"
CONDITIONAL = "no form of ours reveals further questions"
DIVIDER = "no list of ours has an “or” in it"
DEPRECATED = "deprecated by the library"
LOOK = "one look everywhere"


def taken(context: Options, left_out: dict[str, str], *allowed: str) -> None:
    """Refuse a case that uses a left-out option; fail loudly on an option nobody decided on."""
    for key in context:
        if key in left_out:
            raise LeftOut(f"{key}: {left_out[key]}")
        assert key in allowed, f"new option {key!r}: support it or leave it out with a reason"


def words(value: Any, *also: str) -> str:
    """The text of `"x"` or `{"text": "x"}`; HTML and further keys are left out."""
    if isinstance(value, dict):
        if "html" in value:
            raise LeftOut(f"html: {HTML}")
        extra = set(value) - {"text", *also}
        if extra:
            raise LeftOut(f"{sorted(extra)}: the part has no options of its own with us")
        return str(value.get("text", ""))
    return str(value)


def plain(*names: str, left_out: dict[str, str]) -> Callable[[Options], Options]:
    """An adapter for options that have the same name with us."""

    def adapt(context: Options) -> Options:
        taken(context, left_out, *names)
        return {name: context[name] for name in names if name in context}

    return adapt


def back_link(context: Options) -> Options:
    taken(
        context,
        {"html": HTML, "element": ELEMENT, "type": ELEMENT, "variant": REVERSE},
        "text", "href", "classes", "attributes", "id",
    )  # fmt: skip
    if "href" not in context:
        raise LeftOut(f"no address: {ELEMENT}")
    return dict(context)


def tag(context: Options) -> Options:
    taken(context, {"html": HTML}, "text", "colour", "border", "classes", "id", "attributes")
    options = dict(context)
    if "nhsuk-tag--" in str(options.get("classes", "")) and options.get("colour"):
        raise LeftOut("colour given twice: we give it once")
    if options.get("colour") is False:
        options["no_colour"] = True
    options["no_border"] = options.pop("border", True) is False
    return options


def breadcrumb(context: Options) -> Options:
    left = {"variant": REVERSE, "backLink": "the way back is the last item"}
    taken(
        context,
        left,
        "items",
        "text",
        "href",
        "classes",
        "id",
        "attributes",
        "labelText",
        "ariaLabel",
    )
    items = [
        {"text": words(i, "href"), "href": i.get("href", "")} for i in context.get("items", [])
    ]
    if "text" in context:
        items.append({"text": context["text"], "href": context.get("href", "")})
    label = context.get("ariaLabel") or context.get("labelText", "")
    return {**context, "items": items, "label": label}


def button(context: Options) -> Options:
    left = {"html": HTML, "icon": ICON, "element": ELEMENT}
    taken(
        context, left, "text", "href", "variant", "small", "classes", "id", "name", "type", "value",
        "disabled", "preventDoubleClick", "ariaLabel", "attributes",
    )  # fmt: skip
    if context.get("preventDoubleClick") is False:
        raise LeftOut("preventDoubleClick false: it is off unless asked for")
    return {
        **context,
        "prevent_double_click": context.get("preventDoubleClick", False),
        "aria_label": context.get("ariaLabel", ""),
    }


def callout(context: Options) -> Options:
    taken(
        context, {"html": HTML, "actions": "links stand in the body"}, "heading", "text", "classes"
    )
    heading = words(context.get("heading", ""))
    if "important" not in heading.lower():
        raise LeftOut("heading without “Important”: the library adds it for screen readers")
    return {**context, "heading": heading}


def details(context: Options) -> Options:
    taken(context, {"html": HTML}, "summary", "text", "open", "classes", "id", "attributes")
    return {**context, "summary": words(context["summary"])}


def error_summary(context: Options) -> Options:
    left = {"disableAutoFocus": "the summary always takes the focus", "html": HTML}
    taken(context, left, "heading", "errorList", "description", "classes", "attributes")
    errors = [e for e in context.get("errorList", []) if e]
    if any(set(e) - {"text", "href"} for e in errors):
        raise LeftOut(f"html: {HTML}")
    return {
        "heading": words(context.get("heading", "There is a problem")),
        "description": words(context.get("description", "")),
        "errors": errors,
        "classes": context.get("classes", ""),
    }


def banner(context: Options) -> Options:
    left = {
        "html": HTML, "heading": "one message, one sentence", "titleHeadingLevel": "always h2",
        "tabindex": SCRIPT_TEXTS, "attributes": SCRIPT_TEXTS,
    }  # fmt: skip
    taken(
        context, left, "text", "title", "variant", "role", "titleId", "disableAutoFocus", "classes"
    )
    return {
        **context,
        "title": words(context.get("title", "")),
        "disable_auto_focus": context.get("disableAutoFocus"),
        "title_id": context.get("titleId", ""),
    }


def pagination(context: Options) -> Options:
    left = dict.fromkeys(("nextUrl", "nextPage", "previousUrl", "previousPage"), DEPRECATED)
    taken(context, left, "items", "previous", "next", "classes", "landmarkLabel")
    if "items" not in context:
        raise LeftOut("without numbers: pages of a table are numbered")
    texts = [context.get("previous") or {}, context.get("next") or {}]
    if any(set(t) - {"href"} for t in texts) or "landmarkLabel" in context:
        raise LeftOut(f"texts: {SCRIPT_TEXTS}")
    return {**context, "items": [i for i in context["items"] if i]}


def summary_list(context: Options) -> Options:
    left = {
        "card": "a heading and a section of our own hold the list",
        "border": LOOK,
        "lastRowBorder": LOOK,
    }
    taken(context, left, "rows", "classes", "attributes")
    rows = []
    for row in context["rows"]:
        if not row:
            continue
        if set(row) - {"key", "value", "actions"}:
            raise LeftOut("rows of their own look: all rows look alike")
        given = row.get("actions") or {}
        items = [a for a in (given.get("items", []) if isinstance(given, dict) else given) if a]
        if any(set(a) - {"href", "text", "visuallyHiddenText"} for a in items):
            raise LeftOut(f"actions: {ELEMENT}")
        actions = [
            {"href": a["href"], "text": a["text"], "hidden_text": a.get("visuallyHiddenText", "")}
            for a in items
        ]
        value = row["value"]
        text = SafeString(value["html"]) if "html" in value else words(value)
        rows.append({"key": words(row["key"]), "value": text, "actions": actions})
    return {**context, "rows": rows, "any_actions": any(r["actions"] for r in rows)}


EMPTY_TAG = {"text": "", "colour": "", "no_colour": False, "no_border": False, "classes": ""}


def task_list(context: Options) -> Options:
    taken(context, {}, "items", "idPrefix", "classes")
    items = []
    for item in context["items"]:
        if not item:
            raise LeftOut("empty items: a list of tasks has no holes")
        if "title" in item:
            raise LeftOut(f"title: {DEPRECATED}")
        status = item.get("status", "")
        chosen = status.get("tag") if isinstance(status, dict) else None
        items.append({
            "text": words(item["heading"]),
            "href": item.get("href", ""),
            "hint": words(item.get("hint", "")),
            "tag": {**EMPTY_TAG, **tag(chosen)} if chosen else None,
            "status": "" if chosen else words(status, "classes"),
            "status_classes": status.get("classes", "") if isinstance(status, dict) else "",
        })  # fmt: skip
    return {**context, "items": items, "id_prefix": context.get("idPrefix", "")}


FIELD_LEFT_OUT = {
    "formGroup": "buttons stand under the form", "button": ICON, "icon": ICON,
    "describedBy": "hint and error are all that describes a field", "i18n": SCRIPT_TEXTS,
    "code": "no field takes a code", "large": "one size",
}  # fmt: skip
FIELD = (
    "label", "hint", "errorMessage", "id", "name", "classes", "value", "disabled", "attributes",
    "autocomplete", "inputmode", "spellcheck", "width", "rows", "type", "prefix", "suffix",
    "placeholder", "multiple",
)  # fmt: skip


def field(context: Options) -> Options:
    taken(context, FIELD_LEFT_OUT | _texts(context), *FIELD)
    label = context.get("label", "")
    heading = isinstance(label, dict) and "heading" in label
    if heading and isinstance(label["heading"], dict):
        raise LeftOut("heading with options: a field has a label")
    if context.get("errorMessage") is True:
        raise LeftOut("red without a sentence: an error says what is wanted")
    if heading and set(label) - {"heading", "size", "classes"}:
        raise LeftOut("label with an id or attributes of its own")
    if "width" in context and "width-" in context.get("classes", ""):
        raise LeftOut("width given twice: we give it once")
    return {
        **context,
        "id": context.get("id") or context["name"],
        "label": label["heading"] if heading else words(label, "size", "classes"),
        "label_is_heading": heading,
        "label_size": label.get("size", "") if isinstance(label, dict) else "",
        "label_classes": label.get("classes", "") if isinstance(label, dict) else "",
        "hint": words(context.get("hint", "")),
        "error": words(context.get("errorMessage", "")),
        **{side: words(context[side]) for side in ("prefix", "suffix") if side in context},
    }


def _texts(context: Options) -> dict[str, str]:
    """The many options that reword a script's texts."""
    ends = ("Text", "AriaLabel", "Announcement", "ClassList")
    return {k: SCRIPT_TEXTS for k in context if k.endswith(ends)}


def select(context: Options) -> Options:
    items = []
    chosen = context.get("value")
    for item in context["items"]:
        if not item:
            continue
        if "divider" in item:
            raise LeftOut(f"divider: {DIVIDER}")
        selected = item.get("selected", chosen is not None and item.get("value") == chosen)
        items.append({**item, "selected": selected})
    return {
        **field({k: v for k, v in context.items() if k not in ("items", "value")}),
        "items": items,
    }


def choices(context: Options) -> Options:
    """Radios and checkboxes."""
    left = {
        **FIELD_LEFT_OUT, "value": "what is ticked is said item by item", "values": "as value",
        "disabled": "a question that cannot be answered is not asked",
    }  # fmt: skip
    taken(
        context, left, "fieldset", "hint", "errorMessage", "idPrefix", "name", "inline", "small",
        "classes", "items", "attributes", "id",
    )  # fmt: skip
    if "fieldset" not in context:
        raise LeftOut("without fieldset: a group of choices has a question")
    legend = (context["fieldset"] or {}).get("legend", {})
    if not isinstance(legend, dict) or set(legend) - {"text", "heading", "size"}:
        raise LeftOut("legend with options or HTML: the question is text")
    if isinstance(legend.get("heading"), dict) or context.get("errorMessage") is True:
        raise LeftOut("heading with options, or red without a sentence")
    prefix = context.get("idPrefix") or context["name"]
    items = [_choice(item, prefix, n) for n, item in enumerate(context["items"], start=1)]
    return {
        **{k: v for k, v in context.items() if k != "errorMessage"},
        "id": prefix,
        "legend": legend.get("heading") or legend.get("text", ""),
        "legend_is_heading": "heading" in legend,
        "legend_size": legend.get("size", ""),
        "hint": words(context.get("hint", "")),
        "error": words(context.get("errorMessage", "")),
        "items": items,
    }


def _choice(item: Options, prefix: str, n: int) -> Options:
    if not item or "divider" in item:
        raise LeftOut(f"divider: {DIVIDER}")
    if set(item) - {"value", "text", "checked", "hint", "disabled", "id"}:
        raise LeftOut(f"items with further options: {CONDITIONAL}")
    return {
        **item,
        "id": item.get("id") or (prefix if n == 1 else f"{prefix}-{n}"),
        "hint": words(item.get("hint", "")),
    }


def footer(context: Options) -> Options:
    left = dict.fromkeys(("navigation", "columns"), "one list of links")
    taken(context, left, "meta", "copyright", "classes", "containerClasses", "attributes", "width")
    meta = context.get("meta", {})
    if not isinstance(meta, dict) or "html" in meta or not meta.get("items"):
        raise LeftOut("meta without links, or as HTML: ours has both links and texts")
    items = [{"text": i["text"], "href": i["href"]} for i in meta["items"] if i]
    texts = [words(t) for t in (meta.get("text"), context.get("copyright", "© NHS England")) if t]
    return {"items": items, "texts": texts}


def header_lists(context: Options) -> Options:
    """The header's two lists; the logo is never compared (it is not ours to show)."""
    left = {"organisation": LOGO, "search": "no search over the whole site", "logo": LOGO}
    taken(
        context, left, "service", "account", "navigation", "classes", "containerClasses", "inline",
        "colour", "attributes",
    )  # fmt: skip
    account = [i for i in context.get("account", {}).get("items", []) if i]
    navigation = context.get("navigation", {})
    if any("html" in i or "classes" in i for i in [*account, *navigation.get("items", [])]):
        raise LeftOut(f"html: {HTML}")
    if set(navigation) - {"items"} or any("href" not in i for i in navigation.get("items", [])):
        raise LeftOut("navigation of another look: one menu")
    items = [
        {
            **i,
            "current": i.get("current") or i.get("active"),
            "aria_current": "page" if i.get("current") else "true",
        }
        for i in navigation.get("items", [])
    ]  # fmt: skip
    return {"account_items": account, "nav_items": items, "service_text": "x"}
