"""Every address of the site. Each app lists its own; allauth's routes in use are named here."""

from allauth.account import views as allauth
from django.contrib import admin
from django.urls import include, path

from stp.accounts import views as accounts
from stp.accounts.links import LINKS
from stp.core.access import requires
from stp.core.permissions import Permission

handler400 = "stp.core.errors.bad_request"
handler500 = "stp.core.errors.server_error"

public = requires(Permission.PUBLIC)

urlpatterns = [
    path("", accounts.home, name="home"),
    path("sign-in/", accounts.SignIn.as_view(), name="account_login"),
    path("sign-out/", accounts.sign_out, name="account_logout"),
    path("password/", accounts.change_password, name="account_change_password"),
    path("password/forgotten/", accounts.forgotten, name="account_reset_password"),
    path("password/forgotten/sent/", accounts.forgotten_sent, name="account_reset_password_done"),
    path(
        "password/new/<str:uidb64>/<str:token>/",
        accounts.ChoosePassword.as_view(link=LINKS["reset"]),
        name="account_reset_password_from_key",
    ),
    path("reauthenticate/", accounts.ask_again, name="account_reauthenticate"),
    path("inactive/", public(allauth.account_inactive), name="account_inactive"),
    path("", include("stp.accounts.urls")),
    path("", include("stp.core.urls")),
    path("", include("stp.dashboards.urls")),
    path("", include("workstreams.urls")),
    path("", include("finance.urls")),
    path("", include("indicators.urls")),
    path("returns/", include("stp.returns.urls")),
    path("admin/", admin.site.urls),
]
