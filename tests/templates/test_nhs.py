"""Golden test: every partial of templates/nhs gives the HTML the library's own fixtures give.

Reads `fixtures.json` beside each component of the installed package, so an upgrade that changes
a component fails here by name. Needs `npm ci` (start.py does it); without it the tests are
skipped, under CI they fail.
"""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.template.backends.django import DjangoTemplates
from django.test.html import parse_html

from tests.templates import nhs_options as options

MODULES = Path(os.environ.get("STP_NODE_MODULES", settings.BASE_DIR / "node_modules"))
COMPONENTS = MODULES / "nhsuk-frontend" / "dist" / "nhsuk" / "components"
Adapter = Callable[[options.Options], options.Options]

TOKEN = re.compile(r'<input type="hidden" name="csrfmiddlewaretoken"[^>]*>')
# Component of the library -> our partial, and the adapter of its options.
PARTIALS: dict[str, tuple[str, Adapter]] = {
    "back-link": ("back_link", options.back_link),
    "breadcrumb": ("breadcrumb", options.breadcrumb),
    "button": ("button", options.button),
    "checkboxes": ("checkboxes", options.choices),
    "details": ("details", options.details),
    "error-message": (
        "error_message",
        options.plain("text", "id", "classes", "attributes", left_out={
            "html": options.HTML, "visuallyHiddenText": options.SCRIPT_TEXTS}),
    ),
    "error-summary": ("error_summary", options.error_summary),
    "file-upload": ("file_upload", options.field),
    "footer": ("footer", options.footer),
    "hint": (
        "hint",
        options.plain("text", "id", "classes", "attributes", left_out={"html": options.HTML}),
    ),
    "input": ("input", options.field),
    "inset-text": (
        "inset",
        options.plain("text", "id", "classes", "attributes", left_out={
            "html": options.HTML, "visuallyHiddenText": options.SCRIPT_TEXTS}),
    ),
    "notification-banner": ("notification_banner", options.banner),
    "pagination": ("pagination", options.pagination),
    "password-input": ("password_input", options.field),
    "radios": ("radios", options.choices),
    "select": ("select", options.select),
    "skip-link": (
        "skip_link", options.plain("text", "href", left_out={"classes": "one look"})),
    "summary-list": ("summary_list", options.summary_list),
    "tag": ("tag", options.tag),
    "task-list": ("task_list", options.task_list),
    "textarea": ("textarea", options.field),
    "warning-callout": ("warning_callout", options.callout),
}  # fmt: skip


@pytest.fixture(scope="module")
def engine() -> DjangoTemplates:
    """The site's templates; a variable nobody passed shows instead of vanishing."""
    chosen = settings.TEMPLATES[0]
    return DjangoTemplates(
        {
            "NAME": "golden",
            "DIRS": chosen["DIRS"],
            "APP_DIRS": True,
            "OPTIONS": {"string_if_invalid": "!!missing %s!!"},
        }
    )


def fixtures(component: str) -> list[dict[str, Any]]:
    """The library's cases: options and the HTML they give."""
    path = COMPONENTS / component / "fixtures.json"
    if not path.exists():
        message = f"NOT RUN: {path} is not there; run `npm ci`"
        if os.environ.get("CI"):
            pytest.fail(message, pytrace=False)
        pytest.skip(message)
    cases: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["fixtures"]
    return cases


def normal(html: str) -> str:
    """HTML with whitespace, order of attributes and classes made equal."""
    tight = re.sub(r">\s+|\s+<", lambda found: found[0].strip(), html)
    return str(parse_html(tight))


@pytest.mark.parametrize("component", sorted(PARTIALS))
def test_the_partial_gives_the_librarys_html(component: str, engine: DjangoTemplates) -> None:
    name, adapt = PARTIALS[component]
    template = engine.get_template(f"nhs/{name}.html")
    compared, left_out = 0, []
    for case in fixtures(component):
        if "callBlock" in case:
            left_out.append(f"{case['name']}: {options.HTML}")
            continue
        try:
            wanted = adapt(case["context"])
        except options.LeftOut as reason:
            left_out.append(f"{case['name']}: {reason}")
            continue
        found = template.render(wanted)
        assert "!!missing" not in found, f"{component}, “{case['name']}”: {found}"
        assert normal(found) == normal(case["html"]), f"{component}, “{case['name']}”"
        compared += 1
    assert compared, f"no case of {component} compared; left out: {left_out}"


def test_the_header_gives_the_librarys_lists_without_its_logo(engine: DjangoTemplates) -> None:
    template = engine.get_template("nhs/header.html")
    compared = 0
    for case in fixtures("header"):
        try:
            wanted = options.header_lists(case["context"])
        except options.LeftOut:
            continue
        found = TOKEN.sub("", template.render({**wanted, "csrf_token": "x"}))
        assert "nhsuk-header__logo" not in found
        for part in ("nhsuk-header__account", "nhsuk-header__navigation"):
            assert lists(found, part) == lists(case["html"], part), (
                f"header, “{case['name']}”: {part}"
            )
            compared += bool(lists(found, part))
    assert compared > 4


def lists(html: str, part: str) -> list[str]:
    """The <nav> of a class, normalised; its own class is not compared, its content is."""
    return [
        normal(found) for found in re.findall(rf'<nav class="{part}"[^>]*>(.*?)</nav>', html, re.S)
    ]
