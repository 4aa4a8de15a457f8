"""The build step for third-party files: from an npm package to what our pages may serve.

Run as `python -m stp.core.assets NODE_MODULES TARGET` by start.py; no Django. Nothing of theirs
is committed. What is changed on the way, and why (UX.md D2):

- `@font-face` rules go: they fetch licensed fonts from another host; the stack falls back to Arial;
- source-map comments go: the maps are not shipped and the hashed storage would look for them;
- icons go into the sheet as data: a page asks for them with it, not one by one after it;
- rules of components that no page of ours has go: they are a quarter of the sheet, and every page
  waits for it. A test holds that no class in use is among them.

The chart library is copied as it is: a page loads it when somebody asks to explore a chart.

Icons are taken only where the style sheet names them: the package's favicon and logo files hold
a trade mark that is not ours to show.
"""

import base64
import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

from stp.core import style_rules

PACKAGE = Path("nhsuk-frontend") / "dist" / "nhsuk"
STYLE = "nhsuk-frontend.min.css"
SCRIPT = "nhsuk-frontend.min.js"
LIBRARY = Path("plotly.js-finance-dist-min") / "plotly-finance.min.js"

_FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}")
_MAP_IN_STYLE = re.compile(r"/\*#\s*sourceMappingURL=[^*]*\*/\s*")
_MAP_IN_SCRIPT = re.compile(r"//#\s*sourceMappingURL=\S*\s*")
_ADDRESS = re.compile(r"url\(\s*([\"']?)([^)\"']*)\1\s*\)")
_ABSOLUTE = "/assets/"
# Components and spacing classes that no template names; a page that wants one takes its line out.
_UNUSED = (
    "action-link", "body-l", "body-m", "button-group", "caption-m", "caption-xl", "caption-xxl",
    "card-group", "character-count", "code", "contents-list", "date-input", "do-dont-list",
    "expander", "grid", "heading-xl", "heading-xs", "heading-xxs", "hero", "image", "lede-text",
    "link-image", "search-input", "section-break", "table-container", "table-responsive", "tabs",
    "u-(?!visually-hidden)",
)  # fmt: skip
UNUSED = re.compile(rf"\.nhsuk-(?:{'|'.join(_UNUSED)})")


class CannotBuild(Exception):
    """The package is not what the build step knows: says what was found and what is wanted."""


def clean_style(css: str, icons: Path) -> str:
    """The style sheet without fonts, map comment and unused rules, its icons in it.

    `icons` is the package's folder of assets. CannotBuild if the sheet fetches anything else, so
    that an upgrade cannot bring another host in, or if its braces do not pair.
    """
    css = _MAP_IN_STYLE.sub("", _FONT_FACE.sub("", css))
    try:
        css = style_rules.without(css, UNUSED)
    except style_rules.Unreadable as problem:
        raise CannotBuild(f"{STYLE} cannot be read. {problem}") from problem
    return _ADDRESS.sub(lambda match: f"url({_as_data(match[2], icons)})", css)


def _as_data(address: str, icons: Path) -> str:
    """What an address of the style sheet becomes."""
    if address.startswith(("data:", "#")):
        return address
    if not address.startswith(f"{_ABSOLUTE}images/"):
        raise CannotBuild(f"{STYLE} fetches {address}; only files under images/ are wanted.")
    icon = icons / address.removeprefix(_ABSOLUTE)
    if not icon.is_file():
        raise CannotBuild(f"{icon} is named by {STYLE} but not there.")
    return f"data:image/svg+xml;base64,{base64.b64encode(icon.read_bytes()).decode()}"


def clean_script(script: str) -> str:
    """The script without its map comment."""
    return _MAP_IN_SCRIPT.sub("", script)


def build(node_modules: Path, target: Path) -> list[Path]:
    """Write the style sheet, the scripts and their notices under `target`.

    Returns the files written. CannotBuild names a file that the package lacks.
    """
    package = node_modules / PACKAGE
    style = clean_style(_read(package / STYLE), package / "assets")
    script = clean_script(_read(package / SCRIPT))
    library = clean_script(_read(node_modules / LIBRARY))
    changed = (
        "Changed when this site was set up: font rules, source-map comments and "
        "the rules of unused components removed, icons put into the style sheet.\n"
    )
    notices = {
        "nhsuk-frontend.txt": _notice(node_modules / PACKAGE.parts[0]) + changed,
        "plotly.txt": _notice(node_modules / LIBRARY.parts[0]),
    }

    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    return [
        _write(target / STYLE, style),
        _write(target / SCRIPT, script),
        _write(target / LIBRARY.name, library),
        *(_write(target / name, notice) for name, notice in notices.items()),
    ]


def _notice(package: Path) -> str:
    """Whose files these are: the licence asks that copies say so."""
    about = json.loads(_read(package / "package.json"))
    return f"{about['name']} {about['version']}, {about['license']} licence, {_home(about)}\n"


def _home(about: dict[str, Any]) -> str:
    return str(about.get("homepage") or about["repository"]["url"])


def _read(path: Path) -> str:
    if not path.is_file():
        raise CannotBuild(f"{path} is missing: run `npm ci` first.")
    return path.read_text(encoding="utf-8")


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def main(arguments: list[str]) -> int:
    """Entry point: 0 built, 1 with a sentence on stderr if the package is not as expected."""
    if len(arguments) != 2:
        sys.stderr.write("Usage: python -m stp.core.assets NODE_MODULES TARGET\n")
        return 2
    try:
        build(Path(arguments[0]), Path(arguments[1]))
    except CannotBuild as problem:
        sys.stderr.write(f"Assets were not built. {problem}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
