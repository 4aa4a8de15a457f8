"""docs/accessibility.md names, for each check of UX §3.1, a test that is there."""

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "accessibility.md"


def rows() -> list[tuple[str, str]]:
    """Number of the check and the name of its test, as the table prints them."""
    return re.findall(r"(?m)^\| (A-\d\d) \|[^|]+\| `(\w+)` \|$", PAGE.read_text(encoding="utf-8"))


def test_every_check_stands_once_and_in_order() -> None:
    assert [number for number, _ in rows()] == [f"A-{n:02}" for n in range(1, 37)]


def test_every_test_that_is_named_is_there() -> None:
    there = {
        node.name
        for path in TESTS.rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    missing = [row for row in rows() if row[1] not in there]
    assert not missing, f"docs/accessibility.md names tests that are not there: {missing}"
