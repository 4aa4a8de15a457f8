"""D5: calls this code does not make, each rule with a sample that it finds.

A rule says what to do in place of the call, and where the call is allowed because that place is
what the rule protects. Templates have theirs in tests/test_house_rules.py.
"""

import ast
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.test_house_rules import CODE, ROOT

Finds = Callable[[ast.AST], bool]


def _name(node: ast.AST) -> str:
    """`a.b.c` of a name or attribute; "" for anything else in front of the last dot."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_name(node.value)}.{node.attr}"
    return ""


def _calls(*ends: str) -> Finds:
    """A call whose name is one of `ends`, or ends in it where that begins with a dot."""

    def finds(node: ast.AST) -> bool:
        if not isinstance(node, ast.Call):
            return False
        name = _name(node.func)
        return any(name.endswith(end) if end[0] == "." else name == end for end in ends)

    return finds


def _uses(*names: str) -> Finds:
    """An import, a name or an attribute called one of `names`."""

    def finds(node: ast.AST) -> bool:
        if isinstance(node, ast.Import | ast.ImportFrom):
            modules = {getattr(node, "module", None) or ""} | {a.name for a in node.names}
            return any(set(module.split(".")) & set(names) for module in modules)
        if isinstance(node, ast.Name):
            return node.id in names
        return isinstance(node, ast.Attribute) and node.attr in names

    return finds


def _trusted(node: ast.AST) -> bool:
    """mark_safe, however it came here, or the class behind it around anything but a literal."""
    if isinstance(node, ast.Call) and _name(node.func) in ("SafeString", "SafeText"):
        return not all(isinstance(part, ast.Constant) for part in node.args)
    return _uses("mark_safe")(node)


def _loose(node: ast.AST) -> bool:
    """`Model.objects` followed by anything but visible_to."""
    return (
        isinstance(node, ast.Attribute)
        and node.attr != "visible_to"
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "objects"
    )


def _shell(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and _name(node.func) in ("os.system", "os.popen"):
        return True
    return (
        isinstance(node, ast.keyword)
        and node.arg == "shell"
        and not (isinstance(node.value, ast.Constant) and node.value.value is False)
    )


def _own_time(node: ast.AST) -> bool:
    """The moment from anywhere but stp.core.clock; with a zone it is the real clock, which leases
    and sessions use (`datetime.now(UTC)`)."""
    if not isinstance(node, ast.Call):
        return False
    name = _name(node.func)
    if name.endswith(("datetime.now", ".fromtimestamp")):
        return not (node.args[1:] if name.endswith("fromtimestamp") else node.args or node.keywords)
    return name.endswith(("datetime.utcnow", "datetime.today", "date.today", "timezone.now"))


def _bulk_write(node: ast.AST) -> bool:
    """Rows written past `save`: a queryset's update takes keywords, which a dict's never is."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    if node.func.attr in ("bulk_create", "bulk_update", "update_or_create"):
        return True
    return node.func.attr == "update" and bool(node.keywords) and not node.args


@dataclass(frozen=True)
class Rule:
    """What is looked for, what to do in its place, a line that has it and one that has not."""

    finds: Finds
    instead: str
    bad: str
    good: str
    allowed: tuple[str, ...] = ()  # paths below the root, or the start of them
    only: str = ""  # a part of the path of the files the rule is for


# Where rows are written: an app's actions, and what in stp.core is an action of all of them.
WRITERS = (
    "finance/actions", "stp/accounts/actions", "stp/returns/actions", "stp/cycle/actions",
    "stp/dashboards/actions", "workstreams/actions", "indicators/actions",
    "stp/returns/states.py",  # the one way a return moves, with its event
    "stp/core/jobs.py", "stp/core/sweeper.py",  # jobs are no figures: their rows are their trail
    "stp/core/changes.py", "stp/core/snapshots.py", "stp/core/plan.py",
    "stp/cycle/demo/",  # load_demo, which makes the illustrative programme
)  # fmt: skip

RULES: dict[str, Rule] = {
    "mark_safe": Rule(
        _trusted, "escape, or build with format_html", "x = SafeString(y)", "x = SafeString('')",
        # Our own Markdown files, made into pages by a parser that takes no HTML from them.
        allowed=("stp/core/documents.py",),
    ),
    "raw": Rule(_calls(".raw", ".extra", "RawSQL"), "use the ORM",
                "M.objects.raw(q)", "M.objects.filter(a=1)"),
    "csrf_exempt": Rule(_uses("csrf_exempt"), "every unsafe request carries a token",
                        "from django.views.decorators.csrf import csrf_exempt", "import csv"),
    "pickle": Rule(_uses("pickle", "cPickle", "marshal", "shelve", "dill"), "use JSON",
                   "import pickle", "import json"),
    "yaml.load": Rule(_calls("yaml.load", "yaml.unsafe_load", "yaml.full_load"),
                      "yaml.safe_load", "yaml.load(f)", "yaml.safe_load(f)"),
    "shell": Rule(_shell, "pass a list of arguments",
                  "subprocess.run(x, shell=True)", "subprocess.run([x], shell=False)"),
    "eval": Rule(_calls("eval", "exec", "__import__"), "name what may be chosen",
                 "eval(x)", "re.compile(x)"),
    "queue": Rule(_calls(".delay", ".apply_async", ".send_task", ".delay_on_commit"),
                  "request a job: only stp.celery sends to the queue",
                  "task.delay(1)", "jobs.request('x', key='1')", allowed=("stp/celery.py",)),
    "clock": Rule(_own_time, "stp.core.clock.now(), or the database's clock",
                  "datetime.now()", "datetime.now(UTC)", allowed=("stp/core/clock.py",)),
    "bulk writes": Rule(_bulk_write, "write in an action, which audits it",
                        "M.objects.filter(a=1).update(b=2)", "known.update({'b': 2})",
                        allowed=WRITERS),
    "views": Rule(
        _loose,
        "load through visible_to(user) or a named query", "M.objects.get(pk=1)",
        "M.objects.visible_to(user).get(pk=1)", only="views",
    ),
}  # fmt: skip


def _found(rule: Rule, source: str) -> list[int]:
    return sorted({
        getattr(node, "lineno", 0) for node in ast.walk(ast.parse(source)) if rule.finds(node)
    })  # fmt: skip


def _files(rule: Rule) -> Iterator[Path]:
    for path in CODE:
        below = str(path.relative_to(ROOT))
        if rule.only and rule.only not in (path.stem, path.parent.name):
            continue
        if not below.startswith(rule.allowed or ("\0",)):
            yield path


@pytest.mark.parametrize("name", RULES)
def test_no_file_makes_the_call(name: str) -> None:
    rule, files = RULES[name], list(_files(RULES[name]))
    assert files, f"{name} looks at no file at all"
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in files
        for line in _found(rule, path.read_text(encoding="utf-8"))
    ]
    assert not found, f"{name}: {rule.instead}: {found}"


@pytest.mark.parametrize("name", RULES)
def test_the_rule_finds_its_sample_and_no_other(name: str) -> None:
    rule = RULES[name]
    assert _found(rule, f"def f():\n    {rule.bad}\n") == [2], f"{name} misses {rule.bad!r}"
    assert not _found(rule, rule.good), f"{name} finds {rule.good!r}"


@pytest.mark.parametrize("name", [name for name, rule in RULES.items() if rule.allowed])
def test_what_is_allowed_is_there(name: str) -> None:
    """A place that is gone, or has no such call any more, leaves the list."""
    gone = [
        place
        for place in RULES[name].allowed
        if not any(str(path.relative_to(ROOT)).startswith(place) for path in CODE)
        and not place.endswith("/actions")  # an app's actions may come yet
    ]
    assert not gone, f"{name}: {gone}"


def test_ruff_s_rules_are_on_and_waived_only_with_a_reason() -> None:
    ruff = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]
    assert "S" in ruff["lint"]["select"]
    assert not [code for code in ruff["lint"]["ignore"] if code.startswith("S1")]
    assert set(ruff["lint"]["per-file-ignores"]) <= {"tests/**", "start.py", "bench/**"}
    waived = re.compile(r"#\s*noqa:?\s*(?P<codes>[A-Z0-9, ]*)(?P<why>.*)")
    bare = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in CODE
        for match in waived.finditer(path.read_text(encoding="utf-8"))
        if not match["codes"].strip() or len(match["why"].strip(" -–")) < 5
    ]
    assert not bare, f"say beside it why: {bare}"
