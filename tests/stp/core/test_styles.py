"""Tokens of UX §1.6 recomputed from the style sheets, and what no page may need (A-09, A-19)."""

import re
from pathlib import Path

import pytest
from django.conf import settings

RATINGS = ("red", "amber", "green", "complete", "not-rated")
ROOT = Path(settings.BASE_DIR)
OURS = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "static" / "js").glob("*.js")]


def tokens() -> dict[str, str]:
    text = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "static" / "css").glob("*.css"))
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", text))


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, two: str) -> float:
    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_sum_is_the_one_of_wcag() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#005eb8", "#ffffff") == pytest.approx(6.38, abs=0.01)


@pytest.mark.parametrize("ground", ["surface", "page"])
@pytest.mark.parametrize(
    ("ink", "least"),
    [("text", 4.5), ("text-secondary", 4.5), ("link", 4.5), ("line", 3.0), ("chart-text", 4.5),
     ("chart-text-axis", 4.5), ("chart-line", 3.0), ("header", 3.0)],
)  # fmt: skip
def test_ink_is_read_on_both_grounds(ink: str, ground: str, least: float) -> None:
    found = tokens()
    assert contrast(found[ink], found[ground]) >= least


@pytest.mark.parametrize(
    ("one", "two", "least"),
    [
        ("surface", "header", 4.5),
        ("focus-text", "focus", 4.5),
        ("text", "notice-tint", 4.5),
        *((f"rag-{r}-text", f"rag-{r}", 4.5) for r in RATINGS),
        *((f"rag-{r}-tint-text", f"rag-{r}-tint", 4.5) for r in RATINGS),
        *((f"series-{n}", "surface", 3.0) for n in range(1, 5)),
        ("series-1", "series-2", 3.0),
        ("series-1", "series-4", 3.0),
        ("rag-amber", "rag-red", 3.0),
    ],
)  # fmt: skip
def test_pairs_of_colours_stand_apart(one: str, two: str, least: float) -> None:
    found = tokens()
    assert contrast(found[one], found[two]) >= least


@pytest.mark.parametrize("path", OURS, ids=lambda p: str(p.relative_to(ROOT)))
def test_nothing_needs_dragging_hovering_or_a_gesture(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    drag = re.findall(r"draggable=\"true|dragstart|ondrag|mouse(?:over|enter)|touchmove", text)
    assert not drag, f"give every such act a button or a link: {drag}"
    if path.suffix == ".html":
        said = re.findall(r"<(?!iframe)[^>]*\stitle=\"[^\"]*\"", text)
        assert not said, f"say it in the page, not in a tip that needs hovering: {said}"
