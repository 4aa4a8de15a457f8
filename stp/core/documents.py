"""The project's own Markdown documents as pages: docs/rag.md is what the board argues about."""

from functools import cache

from django.conf import settings
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


@cache
def page(name: str) -> tuple[str, SafeString]:
    """Title and body of docs/<name>.md as HTML.

    The text is ours, from the repository, and raw HTML in it is switched off: the one place
    where HTML made elsewhere is trusted.
    """
    text = (settings.BASE_DIR / "docs" / f"{name}.md").read_text(encoding="utf-8")
    title, _, body = text.removeprefix("# ").partition("\n")
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = [_classed(token) for token in markdown.parse(body)]
    return title.strip(), SafeString(markdown.renderer.render(tokens, markdown.options, {}))
