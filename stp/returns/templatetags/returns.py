"""Words of the pages of a return: `{% load returns %}`."""

from django import template

from stp.returns import groups

register = template.Library()

register.filter("cause", groups.cause)
