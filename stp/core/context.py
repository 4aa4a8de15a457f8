"""What every template knows about the site."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from stp.core import health


def site(request: HttpRequest) -> dict[str, Any]:
    """The product's name, the demonstration's date, and (asked when drawn) if work is queued."""
    return {
        "product_name": settings.PRODUCT_NAME,
        "demo_date": settings.DEMO_DATE,
        "work_is_queued": health.work_is_queued,
    }
