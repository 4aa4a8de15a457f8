"""Markdown documents as pages: tables that are named, nothing executed."""

import pytest

from stp.core.documents import page, rendered


def test_title_and_body_are_apart() -> None:
    title, body = rendered("# The title\n\nSome words.\n")
    assert title == "The title"
    assert "<h1" not in body
    assert "<p>Some words.</p>" in body


def test_a_table_scrolls_in_a_region_named_by_its_heading() -> None:
    _, body = rendered("# T\n\n## Scores `x` & <y>\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n")
    assert 'role="group" tabindex="0" aria-label="Scores x &amp; &lt;y&gt;"' in body
    assert '<caption class="nhsuk-u-visually-hidden">Scores x &amp; &lt;y&gt;</caption>' in body
    assert '<th class="nhsuk-table__header" scope="row">1</th>' in body
    assert 'scope="col"' in body
    assert "style=" not in body, "alignment would be an inline style"
    assert body.count("<th") == body.count("</th"), "row headers are closed as they are opened"


def test_a_table_without_a_heading_still_has_a_name() -> None:
    _, body = rendered("# T\n\n| a |\n|---|\n| 1 |\n")
    assert 'aria-label="Table"' in body


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "<b onclick=x>", "{{ 7|add:1 }}"])
def test_html_in_a_document_is_text(text: str) -> None:
    _, body = rendered(f"# T\n\n{text}\n")
    assert "<script" not in body
    assert "<b " not in body


@pytest.mark.parametrize("name", ["rag", "accessibility"])
def test_our_documents_render(name: str) -> None:
    title, body = page(name)
    assert title
    assert "<h2>" in body
