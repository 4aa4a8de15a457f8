"""Ratings: letter and word as text, a shape each, colours nowhere else (A-16, A-19)."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines

from stp.core.rag import Rag, Rating
from stp.core.templatetags.stp import as_reason

STATIC = settings.BASE_DIR / "static"
TOKEN = re.compile(r"(--[a-z0-9-]+):\s*(#[0-9a-f]{6})\b")


def draw(source: str, **context: object) -> str:
    return str(engines["django"].from_string("{% load stp %}" + source).render(context))


def texts(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize(
    ("rag", "words"),
    [
        (Rag.RED, "R Red"),
        (Rag.AMBER, "A Amber"),
        (Rag.GREEN, "G Green"),
        (Rag.COMPLETE, "C Complete"),
        (Rag.NOT_RATED, "NR Not rated"),
        (Rag.NOT_APPLICABLE, "NA Not applicable"),
    ],
)
@pytest.mark.parametrize("solid", [True, False])
def test_letter_and_word_are_text(rag: Rag, words: str, solid: bool) -> None:
    html = draw("{% rag value solid=solid %}", value=rag, solid=solid)
    assert texts(html) == words
    assert f"app-rag--{rag.value.lower()}" in html


def test_every_rating_has_a_shape_of_its_own() -> None:
    shapes = {re.search(r"<svg.*?</svg>", draw("{% rag value %}", value=r), re.S)[0] for r in Rag}  # type: ignore[index]  # a missing shape is the failure
    assert len(shapes) == len(Rag)


def test_a_rating_shows_its_reason_words_and_count() -> None:
    rating = Rating(Rag.NOT_RATED, "no_update", "Nobody confirmed it since May")
    html = draw('{% rag r reason=True words="no update since May" count=0 %}', r=rating)
    assert texts(html) == "NR Not rated 0 : no update since May Nobody confirmed it since May"
    assert as_reason("RED") == ""


def test_text_in_a_reason_is_escaped() -> None:
    assert "<b>" not in draw("{% rag r reason=True %}", r=Rating(Rag.RED, "x", "<b>bold</b>"))


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("AMBER", "RED", "▼ Worse, was Amber"),
        ("RED", "AMBER", "▲ Better, was Red"),
        ("GREEN", "COMPLETE", "▲ Better, was Green"),
        ("RED", "RED", "● Same"),
        (None, "RED", "+ New"),
        ("RED", None, "− Removed, was Red"),
        ("NOT_APPLICABLE", "RED", "Not compared, was Not applicable"),
        (Rating(Rag.GREEN, "", ""), Rating(Rag.NOT_RATED, "", ""), "▼ Worse, was Green"),
    ],
)
def test_trend_is_a_mark_and_a_word(before: object, after: object, words: str) -> None:
    assert texts(draw("{% trend before after %}", before=before, after=after)) == words


def tokens() -> dict[str, str]:
    """Every colour with a name, from every style sheet."""
    found: dict[str, str] = {}
    for path in sorted((STATIC / "css").glob("*.css")):
        found |= dict(TOKEN.findall(path.read_text(encoding="utf-8")))
    return found


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def ratio(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


# Two tokens, the least contrast wanted, and the ratio UX 1.6 measured (two decimals).
PAIRS = [
    ("--text", "--surface", 4.5, 14.42),
    ("--text", "--page", 4.5, 13.02),
    ("--text-secondary", "--surface", 4.5, 6.37),
    ("--text-secondary", "--page", 4.5, 5.75),
    ("--link", "--surface", 4.5, 6.38),
    ("--link", "--page", 4.5, 5.76),
    ("--header", "--surface", 4.5, 10.25),
    ("--focus", "--focus-text", 3, 11.81),
    ("--line", "--surface", 3, 3.75),
    ("--line", "--page", 3, 3.39),
    ("--series-1", "--surface", 3, 10.25),
    ("--series-2", "--surface", 3, 3.17),
    ("--series-3", "--surface", 3, 9.77),
    ("--series-4", "--surface", 3, 3.03),
    ("--series-1", "--series-2", 3, 3.24),
    ("--series-2", "--series-3", 3, 3.09),
    ("--series-3", "--series-4", 3, 3.23),
    ("--series-1", "--series-4", 3, 3.38),
    ("--rag-red", "--rag-red-text", 4.5, 8.17),
    ("--rag-red-tint", "--rag-red-tint-text", 4.5, 8.83),
    ("--rag-amber", "--rag-amber-text", 4.5, 8.33),
    ("--rag-amber-tint", "--rag-amber-tint-text", 4.5, 8.51),
    ("--rag-green", "--rag-green-text", 4.5, 5.12),
    ("--rag-green-tint", "--rag-green-tint-text", 4.5, 7.66),
    ("--rag-complete", "--rag-complete-text", 4.5, 11.85),
    ("--rag-complete-tint", "--rag-complete-tint-text", 4.5, 7.34),
    ("--rag-not-rated", "--rag-not-rated-text", 4.5, 6.37),
    ("--rag-not-rated-tint", "--rag-not-rated-tint-text", 4.5, 7.45),
    ("--rag-asked", "--surface", 4.5, 14.42),
    ("--rag-red", "--rag-amber", 3, 4.72),
    ("--chart-text", "--surface", 4.5, 14.42),
    ("--chart-text-axis", "--surface", 4.5, 6.37),
    ("--chart-line", "--surface", 3, 3.75),
]


@pytest.mark.parametrize(("one", "other", "least", "measured"), PAIRS)
def test_contrast_of_the_token_file(one: str, other: str, least: float, measured: float) -> None:
    found = tokens()
    value = ratio(found[one], found[other])
    assert value >= least, f"{one} on {other} is {value:.2f}:1; {least}:1 is wanted"
    assert value == pytest.approx(measured, abs=0.015), f"{one} on {other}: a colour was changed"


def test_every_rating_colour_takes_part_in_a_pair() -> None:
    paired = {name for pair in PAIRS for name in pair[:2]}
    loose = {name for name in tokens() if name.startswith(("--rag", "--series"))} - paired
    assert not loose, f"add {loose} to PAIRS with what it stands on"


def rag_colours() -> set[str]:
    """Colours that only ratings may have: those of rag.css that no other token shares."""
    rag = dict(TOKEN.findall((STATIC / "css" / "rag.css").read_text(encoding="utf-8")))
    shared = {"#ffffff", "#212b32", "#4c6272"}
    return set(rag.values()) - shared


def places() -> list[Path]:
    """Every style sheet, script, picture and template of ours but the rating's own sheet."""
    of_static = [p for p in STATIC.rglob("*") if p.is_file() and p.name != "rag.css"]
    return of_static + sorted((settings.BASE_DIR / "templates").rglob("*.html"))


@pytest.mark.parametrize("path", places(), ids=lambda p: p.name)
def test_no_rating_colour_outside_the_rating(path: Path) -> None:
    text = path.read_text(encoding="utf-8").lower()
    found = {colour for colour in rag_colours() if colour in text}
    found |= set(re.findall(r"var\(--rag-[a-z-]+\)|\bapp-rag--[a-z_]+", text))
    if path.name == "rag.html":
        found = {f for f in found if not f.startswith("app-rag--")}
    assert not found, f"{path}: ratings are drawn by {{% rag %}} alone; found {found}"


def test_the_list_of_rating_colours_is_not_empty() -> None:
    assert len(rag_colours()) >= 12
