"""The build step for third-party files: no fonts, no other host, nothing that is not theirs."""

import json
import os
import re
from pathlib import Path

import pytest

from stp.core import assets

ROOT = Path(assets.__file__).parent.parent.parent
CSS = (
    "@font-face{font-family:F;src:url(https://fonts.example/f.woff2)}"
    "@media print{@font-face { font-family: G; src: url('https://fonts.example/g.woff') }}"
    'a{background:url(/assets/images/up.svg)}b{background:url("/assets/images/down.svg")}'
    "c{mask:url(data:image/svg+xml;base64,AA==)}"
    ".nhsuk-hero,.nhsuk-u-padding-1{top:0}"
    "/*# sourceMappingURL=nhsuk-frontend.min.css.map */"
)


def package(folder: Path, css: str = CSS, icons: tuple[str, ...] = ("up", "down")) -> Path:
    """A package of the npm one's shape."""
    dist = folder / assets.PACKAGE
    (dist / "assets" / "images").mkdir(parents=True)
    (dist / assets.STYLE).write_text(css)
    (dist / assets.SCRIPT).write_text("go();//# sourceMappingURL=nhsuk-frontend.min.js.map\n")
    for icon in (*icons, "favicon"):
        (dist / "assets" / "images" / f"{icon}.svg").write_text(f"<svg>{icon}</svg>")
    about = {"name": "nhsuk-frontend", "version": "1", "license": "MIT", "homepage": "here"}
    (folder / "nhsuk-frontend" / "package.json").write_text(json.dumps(about))
    library = folder / assets.LIBRARY
    library.parent.mkdir()
    library.write_text("draw();\n//# sourceMappingURL=plotly.map")
    about = {"name": "plotly", "version": "4", "license": "MIT", "repository": {"url": "there"}}  # type: ignore[dict-item]  # as npm writes it
    (library.parent / "package.json").write_text(json.dumps(about))
    return folder


def test_what_is_built(tmp_path: Path) -> None:
    target = tmp_path / "assets"
    written = assets.build(package(tmp_path / "node_modules"), target)
    assert sorted(path.relative_to(target).as_posix() for path in written) == [
        "nhsuk-frontend.min.css",
        "nhsuk-frontend.min.js",
        "nhsuk-frontend.txt",
        "plotly-finance.min.js",
        "plotly.txt",
    ]
    css = (target / assets.STYLE).read_text()
    assert css == (
        "a{background:url(data:image/svg+xml;base64,PHN2Zz51cDwvc3ZnPg==)}"
        "b{background:url(data:image/svg+xml;base64,PHN2Zz5kb3duPC9zdmc+)}"
        "c{mask:url(data:image/svg+xml;base64,AA==)}"
    )
    assert (target / assets.SCRIPT).read_text() == "go();"
    assert "nhsuk-frontend 1, MIT licence" in (target / "nhsuk-frontend.txt").read_text()
    assert (target / "plotly-finance.min.js").read_text() == "draw();\n"
    assert (target / "plotly.txt").read_text() == "plotly 4, MIT licence, there\n"


def test_an_earlier_build_leaves_nothing_behind(tmp_path: Path) -> None:
    target = tmp_path / "assets"
    target.mkdir()
    (target / "old.css").write_text("a{}")
    assets.build(package(tmp_path / "node_modules"), target)
    assert not (target / "old.css").exists()


@pytest.mark.parametrize("address", ["https://x.example/a.svg", "//x.example/a.svg", "/assets2/a"])
def test_an_address_elsewhere_stops_the_build(address: str, tmp_path: Path) -> None:
    modules = package(tmp_path / "node_modules", f"a{{background:url({address})}}")
    with pytest.raises(assets.CannotBuild, match="only files under images/"):
        assets.build(modules, tmp_path / "assets")
    assert not (tmp_path / "assets").exists(), "half a build was left"


def test_a_sheet_whose_braces_do_not_pair_stops_the_build(tmp_path: Path) -> None:
    modules = package(tmp_path / "node_modules", "a{b:c}}")
    with pytest.raises(assets.CannotBuild, match="cannot be read"):
        assets.build(modules, tmp_path / "assets")


def test_no_class_of_a_page_is_left_out_of_the_sheet() -> None:
    """Every name of the package's that stands in a template, a script or Python stays."""
    places = [
        *(ROOT / "templates").rglob("*.html"),
        *(ROOT / "static").rglob("*.*s"),
        *(p for app in ("stp", "finance", "workstreams", "indicators") for p in
          (ROOT / app).rglob("*.py")),
    ]  # fmt: skip
    named = {
        name
        for place in places
        for name in re.findall(r"nhsuk-[\w-]+", place.read_text(encoding="utf-8"))
    }
    assert len(named) > 100, "the pages were not read"
    lost = sorted(name for name in named if assets.UNUSED.match(f".{name}"))
    assert not lost, f"take their lines out of UNUSED in stp/core/assets.py: {lost}"


def test_a_missing_icon_or_package_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    modules = package(tmp_path / "node_modules", icons=("up",))
    assert assets.main([str(modules), str(tmp_path / "assets")]) == 1
    assert "down.svg is named by nhsuk-frontend.min.css" in capsys.readouterr().err
    assert assets.main([str(tmp_path / "none"), str(tmp_path / "assets")]) == 1
    assert "run `npm ci` first" in capsys.readouterr().err
    assert assets.main([]) == 2


def test_main_builds(tmp_path: Path) -> None:
    modules = package(tmp_path / "node_modules")
    assert assets.main([str(modules), str(tmp_path / "assets")]) == 0
    assert (tmp_path / "assets" / assets.STYLE).exists()


def test_what_this_site_serves_has_no_font_rule_and_fetches_from_no_other_host() -> None:
    """Every style sheet that a page of this installation can load, theirs and ours."""
    built = Path(os.environ.get("STP_ASSETS_DIR", ROOT / "var" / "assets"))
    if not (built / assets.STYLE).exists():
        pytest.skip("NOT RUN: assets are not built here (start.py setup builds them)")
    sheets = [*built.rglob("*.css"), *(ROOT / "static").rglob("*.css")]
    for sheet in sheets:
        css = sheet.read_text(encoding="utf-8")
        assert "@font-face" not in css, sheet
        assert "http" not in css, sheet
        assert "sourceMappingURL" not in css, sheet
    names = {path.name for path in built.rglob("*")}
    assert not [name for name in names if "favicon" in name or "logo" in name], names
