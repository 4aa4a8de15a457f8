"""Words of the pages of a return: `{% load returns %}`."""

from collections.abc import Mapping
from typing import Any

from django import template

from stp.returns import groups

register = template.Library()

register.filter("cause", groups.cause)


@register.filter
def of(found: Mapping[Any, Any], key: Any) -> Any:
    """What a mapping has for a key, "" where it has nothing: `why|of:return.pk`."""
    return found.get(key, "")
