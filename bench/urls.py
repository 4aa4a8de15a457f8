"""The site's own addresses, and two pages of nothing to compare with."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.decorators.http import require_safe

from stp.core.access import requires
from stp.core.permissions import Permission


@requires(Permission.PUBLIC)
@require_safe
def empty(request: HttpRequest) -> HttpResponse:
    """Nothing, for anybody: what the middleware alone takes of a signed-in request."""
    return HttpResponse("")


@requires(Permission.VIEW_PROGRAMME)
@require_safe
def guarded(request: HttpRequest) -> HttpResponse:
    """Nothing, for whoever may see the programme."""
    return HttpResponse("")


urlpatterns = [
    path("bench/empty/", empty),
    path("bench/guarded/", guarded),
    path("", include("stp.urls")),
]
