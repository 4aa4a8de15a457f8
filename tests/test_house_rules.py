"""The house's promises, walked over all code: each failure says what to do.

Calls nobody makes have their own file, tests/test_forbidden_calls.py.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import CheckConstraint, Model
from django.urls import URLPattern, URLResolver, get_resolver

from stp.core.permissions import Permission

ROOT = Path(settings.BASE_DIR)
PACKAGES = ("stp", "workstreams", "finance", "indicators")
CODE = sorted(
    path
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if "migrations" not in path.parts
)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
OURS = {
    "core",
    "accounts",
    "workstreams",
    "finance",
    "indicators",
    "returns",
    "dashboards",
    "cycle",
}

# The admin guards itself: staff only, through the same door, read-only but for roles.
GUARDED_ELSEWHERE = ("admin/",)


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, route)
        else:
            yield route, pattern


def test_every_route_lists_its_permission() -> None:
    unguarded = [
        route
        for route, pattern in routes(get_resolver())
        if not route.startswith(GUARDED_ELSEWHERE)
        and not isinstance(
            getattr(
                getattr(pattern.callback, "view_class", None) or pattern.callback,
                "permission",
                None,
            )
            or getattr(pattern.callback, "permission", None),
            Permission,
        )
    ]
    assert not unguarded, f"Put @requires(Permission.…) on the view of: {unguarded}"


def test_no_two_routes_share_a_name() -> None:
    names = [p.name for r, p in routes(get_resolver()) if not r.startswith("admin/") and p.name]
    twice = {name for name in names if names.count(name) > 1}
    assert len(names) > 10
    # the same noun-verb may stand in two apps; a full address may not stand twice
    addresses = [r for r, _ in routes(get_resolver())]
    assert len(addresses) == len(set(addresses)), twice


@pytest.mark.parametrize("path", CODE, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_file_over_400_lines(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= 400, f"{path} has {lines} lines: make it a package, a subject a file"


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            yield node


@pytest.mark.parametrize("path", CODE, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_function_over_50_lines(path: Path) -> None:
    long = [
        f"{f.name} ({(f.end_lineno or 0) - f.lineno + 1})"
        for f in functions(path)
        if (f.end_lineno or 0) - f.lineno + 1 > 50
    ]
    assert not long, f"{path}: split {long}"


BANNED_IN_NAMES = re.compile(
    r"(?:^|_)(manager|helper|util|utils|service|handler)(?:_|$)|Manager$|Helper$|Service$"
)


@pytest.mark.parametrize("path", CODE, ids=lambda p: str(p.relative_to(ROOT)))
def test_names_say_what_a_thing_is(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and BANNED_IN_NAMES.search(node.name)
    ]
    assert not names, f"{path}: say what it does: {names}"


@pytest.mark.parametrize("path", CODE, ids=lambda p: str(p.relative_to(ROOT)))
def test_public_functions_and_modules_are_described(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if tree.body and path.name not in ("__init__.py", "apps.py"):
        assert ast.get_docstring(tree), f"{path}: say in one line what the module is for"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT)))
def test_templates_trust_nothing_and_hold_no_inline_code(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for pattern, what in {
        r"\|\s*safe\b": "let the engine escape",
        r"\sstyle=": "put it in static/css/app.css",
        r"\son\w+=": "put it in static/js",
        r"<script(?![^>]*\bsrc=)": "no inline script",
        r"<style\b": "no inline style",
        r"autoescape off": "let the engine escape",
    }.items():
        assert not re.search(pattern, text), f"{path}: {pattern} found; {what}"


def test_only_the_rag_component_draws_a_rating() -> None:
    component = ROOT / "templates" / "components" / "rag.html"
    assert "app-rag" in component.read_text(encoding="utf-8")
    others = [p for p in TEMPLATES if p != component and 'class="app-rag' in p.read_text("utf-8")]
    assert not others, f"use {{% rag rating %}} in {others}"


def our_models() -> list[type[Model]]:
    return [m for m in apps.get_models() if m._meta.app_label in OURS]


def test_moments_and_people_are_held_together() -> None:
    """A nullable `x_at` with an `x_by` beside it has a CheckConstraint that pairs them."""
    loose = []
    for model in our_models():
        names = {f.name for f in model._meta.get_fields()}
        for field in model._meta.fields:
            stem = field.name.removesuffix("_at")
            if field.name == stem or f"{stem}_by" not in names or not field.null:
                continue
            checks = [c for c in model._meta.constraints if isinstance(c, CheckConstraint)]
            if not any(f"{stem}_at__isnull" in str(c.condition) for c in checks):
                loose.append(f"{model.__name__}.{stem}")
    assert not loose, f"pair _at and _by in the database: {loose}"


def test_money_is_whole_pence() -> None:
    wrong = [
        f"{model.__name__}.{field.name}"
        for model in our_models()
        for field in model._meta.fields
        if field.name.endswith("pence") and field.get_internal_type() != "BigIntegerField"
    ]
    assert not wrong, f"store money as BIGINT pence: {wrong}"


def test_every_dotted_path_in_settings_resolves(settings: Any) -> None:
    from django.utils.module_loading import import_string

    paths = [path for path, _ in settings.JOBS.values()] + list(settings.JOB_QUARANTINED.values())
    paths += settings.HOURLY
    paths += ["stp.celery.nudge", settings.AXES_LOCKOUT_CALLABLE, settings.ACCOUNT_ADAPTER]
    for path in paths:
        assert callable(import_string(path)), path


def test_every_rating_function_has_a_test() -> None:
    """A `rate_…` function of a subject's rag (file or package) is named in its tests of rag."""
    rules = [p for p in CODE if p.name == "rag.py" or p.parent.name == "rag"]
    subjects = {p.parent if p.name == "rag.py" else p.parent.parent for p in rules}
    assert len(subjects - {ROOT / "stp" / "core"}) == 4, (
        "workstreams, finance, indicators, dashboards"
    )
    untested = []
    for path in rules:
        subject = path.parent if path.name == "rag.py" else path.parent.parent
        tests = (ROOT / "tests" / subject.relative_to(ROOT)).glob("test_rag*.py")
        text = "".join(test.read_text(encoding="utf-8") for test in tests)
        untested += [
            f.name for f in functions(path) if f.name.startswith("rate_") and f.name not in text
        ]
    assert not untested, f"write a table of cases for {untested}"
