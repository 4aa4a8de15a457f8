"""The site's settings with connections that are kept for ever and never asked if they live."""

from stp.settings import *  # noqa: F403 - all of them, but for the connection's
from stp.settings import DATABASES

DATABASES["default"]["CONN_HEALTH_CHECKS"] = False
DATABASES["default"]["CONN_MAX_AGE"] = None
