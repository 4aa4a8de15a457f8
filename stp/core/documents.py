"""The project's own Markdown documents as pages: docs/rag.md is what the board argues about."""

from collections.abc import Iterator, Sequence
from functools import cache

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.token import Token

# Token -> the design system's class for it.
_CLASSES = {
    "table_open": "nhsuk-table nhsuk-table--compact",
    "thead_open": "nhsuk-table__head",
    "tbody_open": "nhsuk-table__body",
    "tr_open": "nhsuk-table__row",
    "th_open": "nhsuk-table__header",
    "td_open": "nhsuk-table__cell",
    "bullet_list_open": "nhsuk-list nhsuk-list--bullet",
    "ordered_list_open": "nhsuk-list nhsuk-list--number",
}


def _classed(token: Token) -> Token:
    if token.type in _CLASSES:
        token.attrSet("class", _CLASSES[token.type])
    if token.type == "th_open":
        token.attrSet("scope", "col")
    token.attrs.pop("style", None)  # alignment comes as an inline style, which the policy forbids
    return token


def _name_rows(tokens: Sequence[Token]) -> None:
    """The first cell of every row of a body names the row (UX A-12)."""
    first = False
    for token in tokens:
        if token.type == "tr_open":
            first = True
        elif token.type == "td_open" and first:
            token.tag = "th"
            token.attrSet("class", "nhsuk-table__header")
            token.attrSet("scope", "row")
        elif token.type == "td_close" and first:
            token.tag, first = "th", False


def _raw(html: str) -> Token:
    return Token("html_block", "", 0, content=html)


def _in_regions(tokens: Sequence[Token]) -> Iterator[Token]:
    """Each table in a region of its own that scrolls and is named by the heading above it."""
    heading = "Table"
    for number, token in enumerate(tokens):
        if token.type == "heading_open":
            heading = tokens[number + 1].content.replace("`", "")
        if token.type == "table_open":
            yield _raw(
                format_html(
                    '<div class="app-document__table" role="group" tabindex="0" aria-label="{}">',
                    heading,
                )
            )
            yield token
            yield _raw(
                format_html('<caption class="nhsuk-u-visually-hidden">{}</caption>', heading)
            )
        elif token.type == "table_close":
            yield token
            yield _raw("</div>")
        else:
            yield token


@cache
def page(name: str) -> tuple[str, SafeString]:
    """Title and body of docs/<name>.md as HTML.

    The text is ours, from the repository, and raw HTML in it is switched off: the one place
    where HTML made elsewhere is trusted.
    """
    text = (settings.BASE_DIR / "docs" / f"{name}.md").read_text(encoding="utf-8")
    return rendered(text)


def rendered(text: str) -> tuple[str, SafeString]:
    """A Markdown document as its title ("# …" on the first line) and the HTML of the rest."""
    title, _, body = text.removeprefix("# ").partition("\n")
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = [_classed(token) for token in markdown.parse(body)]
    _name_rows(tokens)
    html = markdown.renderer.render(list(_in_regions(tokens)), markdown.options, {})
    return title.strip(), SafeString(html)
