"""Words of the problems page: `{% load returns %}`."""

from django import template

from stp.returns import groups

register = template.Library()

register.filter("place", groups.place)
register.filter("cause", groups.cause)
