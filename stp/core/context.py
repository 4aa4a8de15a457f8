"""What every template knows about the site."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    return {"product_name": settings.PRODUCT_NAME, "demo_date": settings.DEMO_DATE}
