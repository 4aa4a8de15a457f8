"""What the warning before the session's end needs to know: {% load staying %}."""

from typing import Any

from django import template
from django.conf import settings
from django.template import Context

from stp.core import staying

register = template.Library()


@register.simple_tag(takes_context=True)
def session_ends(context: Context) -> dict[str, Any]:
    """Seconds until the session ends, seconds of warning before that, and idle minutes."""
    return {
        "seconds": staying.seconds_left(context["request"].session),
        "warning": settings.SESSION_WARNING,
        "idle_minutes": settings.SESSION_COOKIE_AGE // 60,
    }
