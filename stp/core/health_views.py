"""What a load balancer and a monitor ask. No page: JSON, and never a version of anything.

`stp.core.middleware.probes` lets these past host names, TLS redirects and sessions, since a
balancer asks by address, over plain http, and as nobody.
"""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from stp.core import health
from stp.core.access import requires
from stp.core.permissions import Permission


@requires(Permission.PUBLIC)
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """200 while the process answers at all; touches nothing."""
    return JsonResponse({"status": "live"})


@requires(Permission.PUBLIC)
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 if people can be served, naming what is away; 503 without database or migrations."""
    if gone := health.missing():
        return JsonResponse({"status": "unavailable", "missing": gone}, status=503)
    return JsonResponse({"status": "ready", "degraded": health.degraded()})


@requires(Permission.PUBLIC)
@require_safe
def deep(request: HttpRequest) -> HttpResponse:
    """Every figure, for who sends the token; 503 when one is red, 404 where no token is set."""
    if not settings.HEALTH_TOKEN:
        raise Http404("no token is set, so there is nothing to ask for")
    sent = request.headers.get("Authorization", "")
    if not constant_time_compare(sent, f"Bearer {settings.HEALTH_TOKEN}"):
        return JsonResponse({"wanted": "Authorization: Bearer and the token"}, status=403)
    found = health.deep()
    return JsonResponse(found, status=503 if found["state"] == health.RED else 200)
