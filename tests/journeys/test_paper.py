"""What comes out of the printer: pages, size of the text, and what is left out (UX 2.0 and 2.2)."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(shutil.which("pdftotext") is None, reason="NOT RUN: no pdftotext here"),
]

JUNE = "period=2017-06"
POINTS_OF_A_LINE = 1.117  # ascent and descent of the font, in its size
_WORD = re.compile(r'yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">(.*?)</word>')


def printed(page: Page, address: str, folder: Path) -> list[str]:
    """The pages of a print-out as pdftotext's XML of words and their boxes."""
    page.goto(address)
    file = folder / "page.pdf"
    page.pdf(path=file, prefer_css_page_size=True)
    found = subprocess.run(
        ["pdftotext", "-bbox", str(file), "-"], capture_output=True, text=True, check=True
    )
    return found.stdout.split("</page>")[:-1]


def words(pages: list[str]) -> str:
    return " ".join(word for page in pages for _, _, word in _WORD.findall(page))


def smallest(pages: list[str]) -> float:
    """Size of the smallest print, in points."""
    boxes = [(float(b) - float(a)) for page in pages for a, b, _ in _WORD.findall(page)]
    return min(boxes) / POINTS_OF_A_LINE


@pytest.mark.parametrize(
    ("address", "most_pages", "least_points"),
    [
        (f"/overview/?{JUNE}", 2, 8.9),
        (f"/workstreams/UC/?{JUNE}", 2, 8.9),
        (f"/gap/?{JUNE}", 1, 8.9),
    ],
)
def test_pages_and_the_size_of_print(
    open_page: Callable[..., Page], tmp_path: Path, address: str, most_pages: int,
    least_points: float,
) -> None:  # fmt: skip
    pages = printed(open_page("board"), address, tmp_path)
    assert len(pages) <= most_pages
    assert smallest(pages) >= least_points
    said = words(pages)
    for wanted in ("30 June 2017", "Compared with May 2017", "June 2017 is still open"):
        assert wanted in said, wanted
    for left_out in ("Sign out", "Skip to main content", "Apply", "Download"):
        assert left_out not in said, left_out


def test_the_overview_prints_its_rows_in_order(
    open_page: Callable[..., Page], tmp_path: Path
) -> None:
    first, second = printed(open_page("board"), f"/overview/?{JUNE}", tmp_path)
    assert "Programme overview" in words([first])
    assert "no secure answer" in words([first])
    for heading in ("What changed since", "Top risks", "Health and wellbeing", "Can I trust this?"):
        assert heading in words([second])
    for organisation in ("Corby", "KGH", "NHFT"):
        assert organisation in words([second]), "the returns behind the figures are all there"


def test_a_list_prints_every_row_and_says_what_it_was_filtered_by(
    open_page: Callable[..., Page], tmp_path: Path
) -> None:
    page = open_page("board")
    pages = printed(page, f"/finance/schemes/?{JUNE}&per_page=all&line=UC", tmp_path)
    said = words(pages)
    rows = page.locator("main tbody tr").count()
    assert rows > 5
    assert len(re.findall(r"UC-0\d", said)) >= rows
    assert "Line: UC" in said
    part = words(printed(page, f"/finance/schemes/?{JUNE}&per_page=25", tmp_path))
    assert "This page has 25 of 56 rows." in part
