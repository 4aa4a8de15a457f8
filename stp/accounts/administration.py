"""/admin/: reference data to look at and roles to give, for administrators by their grant."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from stp.core.access import requires
from stp.core.permissions import Permission, may


class Administration(AdminSite):
    """The grant decides who is let in, at every request; Django's own staff marks count nothing.

    It has no door, no way out and no page of passwords of its own: those of the site are used,
    which lock out, ask again and write the audit trail.
    """

    site_header = site_title = "Administration"

    def has_permission(self, request: HttpRequest) -> bool:
        return may(request.user, Permission.ADMINISTER)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """The anonymous go to the one door and others get a 403, as on every other page."""
        return requires(Permission.ADMINISTER)(super().admin_view(view, cacheable))

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Not a door: to the one there is, or back to the list for who is signed in."""
        index = reverse("admin:index")
        if request.user.is_authenticated:
            return redirect(index)
        return redirect_to_login(request.GET.get("next") or index)

    def logout(  # type: ignore[override]  # sent elsewhere: there is no page here
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_logout")

    def password_change(  # type: ignore[override]  # sent elsewhere: there is no page here
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_change_password")

    def password_change_done(  # type: ignore[override]  # sent elsewhere: there is no page here
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_change_password")
