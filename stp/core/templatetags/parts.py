"""A part of a page that may fail alone: `{% load parts %}{% part "The gap" %}…{% endpart %}`.

What is drawn inside it may raise: its card then says so, with the request's id for the log, and
the rest of the page stands (UX 2.0). Figures that are worked out while the page is made are handed
over as callables, so that they are worked out inside.
"""

import logging

from django.db import InterfaceError, OperationalError
from django.template import Context, Library, Node, NodeList, TemplateSyntaxError
from django.template.base import FilterExpression, Parser, Token
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from stp.core.request import origin

register = Library()
logger = logging.getLogger(__name__)

# What a part contains. A database that is away is no fault of a part: the whole page says so.
CONTAINED: tuple[type[Exception], ...] = (Exception,)
NOT_CONTAINED = (InterfaceError, OperationalError, TemplateSyntaxError)


class Part(Node):
    """The nodes between `part` and `endpart`, and the name of what they draw."""

    def __init__(self, name: FilterExpression, nodelist: NodeList) -> None:
        self.name = name
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        try:
            with context.push():
                return self.nodelist.render(context)
        except NOT_CONTAINED:
            raise
        except CONTAINED:
            name = self.name.resolve(context)
            logger.exception("a part of the page failed: %s", name)
            request = context.get("request")
            if request is not None:
                request.part_failed = True  # stp.core.conditional: such a page has no tag
            told = {"name": name, "request_id": origin().request_id, "request": request}
            return render_to_string("components/part_failed.html", told)


@register.tag
def part(parser: Parser, token: Token) -> Part:
    """`{% part "name" %}`; the name is the heading of the card if it fails."""
    words = token.split_contents()
    if len(words) != 2:
        raise TemplateSyntaxError(f"{words[0]} takes the name of the part and nothing else")
    nodelist = parser.parse(("endpart",))
    parser.delete_first_token()
    return Part(parser.compile_filter(words[1]), nodelist)
