"""The one list of checks: by hand (`start.py checks`), before a commit (.githooks) and in CI."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.children import ROOT

TOOLS = Path(sys.executable).parent

# What a site in service must be given; the key only has to be long enough to be looked at.
PRODUCTION = {
    "STP_MODE": "production",
    "SECRET_KEY": "only-to-look-at-the-settings-" + "0123456789" * 4 + "abcdefghijklm",
    "ALLOWED_HOSTS": "tracker.example.org",
    "STP_TLS_HEADER": "X-Forwarded-Proto",
}


def commands() -> list[tuple[str, list[str], dict[str, str]]]:
    """Name of the check, its command, what it needs in the environment."""
    manage = [sys.executable, "manage.py"]
    # Lint only: its formatter moves white space, which the partials' golden tests hold exactly.
    djlint = [str(TOOLS / "djlint"), "templates", "--quiet", "--lint"]
    return [
        ("format", [str(TOOLS / "ruff"), "format", "--check", "."], {}),
        ("lint", [str(TOOLS / "ruff"), "check", "."], {}),
        ("types", [str(TOOLS / "mypy")], {}),
        ("imports", [str(TOOLS / "lint-imports")], {}),
        ("templates", djlint, {}),
        ("migrations", [*manage, "makemigrations", "--check", "--dry-run"], {}),
        ("deployment", [*manage, "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION),
    ]


def passes(name: str, command: list[str], env: dict[str, str]) -> bool:
    print(f"\nCheck: {name}", flush=True)
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **env}).returncode == 0


def coverage() -> bool:
    """The bar of pyproject.toml, where `start.py test --long` has left its measurement."""
    if (ROOT / ".coverage").exists():
        return passes("coverage", [sys.executable, "-m", "coverage", "report"], {})
    print("\nNOT RUN: coverage is measured by “python3 start.py test --long”")
    return not os.environ.get("CI")


def main() -> int:
    """Run all of them, whatever fails, then say which did."""
    with tempfile.TemporaryDirectory(prefix="stp-checks-") as folder:
        (Path(folder) / "assets").mkdir()
        failed = [
            name
            for name, command, env in commands()
            if not passes(name, command, {**env, "STP_DATA_DIR": folder})
        ]
    failed += [] if coverage() else ["coverage"]
    print(f"\nChecks that failed: {', '.join(failed)}" if failed else "\nEvery check passed.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
