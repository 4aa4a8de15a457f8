"""Sign-in, and the way from there to each role's own job."""

from typing import Any, cast

from allauth.account.views import LoginView, logout, reauthenticate
from axes.decorators import axes_dispatch
from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe

from stp.accounts import actions, attempts
from stp.accounts.addresses import client_address
from stp.accounts.forms import SignIn as SignInForm
from stp.accounts.models import User
from stp.core.access import UNSENT, requires
from stp.core.permissions import Permission, Role, may

# Where each role's own job is, the most specific job first.
LANDING: dict[Role, str] = {
    Role.FINANCE_LEAD: "returns:return-list",
    Role.FINANCE_DIRECTOR: "returns:return-list",
    Role.PMO: "returns:return-list",
    Role.SRO: "dashboards:workstream-list",
    Role.WORKSTREAM_LEAD: "dashboards:workstream-list",
    Role.FINANCE_GROUP: "dashboards:gap",
    Role.CLINICAL_APPROVER: "finance:scheme-list",
    Role.BOARD: "dashboards:overview",
    Role.ADMINISTRATOR: "admin:index",
    Role.AUDITOR: "core:change-list",
}


@method_decorator([requires(Permission.PUBLIC), axes_dispatch], name="dispatch")
class SignIn(LoginView):  # type: ignore[misc]  # allauth ships no types
    """The one door, the admin's included."""

    form_class = SignInForm

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """An address from which many people were tried waits its turn, nothing checked."""
        wait = attempts.seconds_to_wait(client_address(request))
        if wait:
            page = render(request, "account/slowed.html", {"seconds": wait}, status=429)
            page.headers["Retry-After"] = str(wait)
            return page
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response

    def form_valid(self, form: SignInForm) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        if self.request.user.is_authenticated:
            actions.note_sign_in(self.request.user)
        return response

    def form_invalid(self, form: SignInForm) -> HttpResponse:
        login = form.data.get("login", "")
        actions.note_refused_sign_in(login, client_address(self.request))
        if not AxesProxyHandler.is_allowed(self.request):
            actions.note_locked_out(login)
            return locked_out(self.request)  # type: ignore[return-value]  # it renders a page
        response: HttpResponse = super().form_invalid(form)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Says so when a form was sent after the session had ended: it was not kept."""
        unsaved = self.request.GET.get(UNSENT) == "1"
        known: dict[str, Any] = super().get_context_data(**kwargs)
        return {**known, "unsent": unsaved, "contact": settings.CONTACT}


@requires(Permission.PUBLIC)
def locked_out(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Five wrong passwords for one person from one address: wait 15 minutes."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    page = render(
        request, "account/locked_out.html", {"minutes": minutes, "contact": settings.CONTACT},
        status=429,
    )  # fmt: skip
    page.headers["Retry-After"] = str(minutes * 60)
    return page


@requires(Permission.SIGNED_IN)
def sign_out(request: HttpRequest) -> HttpResponse:
    """allauth's page and act, and an event: by then the request is nobody's."""
    user = cast(User, request.user)
    response: HttpResponse = logout(request)
    if request.method == "POST":
        actions.note_sign_out(user)
    return response


@requires(Permission.SIGNED_IN)
def ask_again(request: HttpRequest) -> HttpResponse:
    """allauth's page that wants the password once more; right or wrong is on the trail."""
    user = cast(User, request.user)
    response: HttpResponse = reauthenticate(request)
    if request.method == "POST":
        actions.note_asked_again(user, right=response.status_code == 302)
    return response


@requires(Permission.SIGNED_IN)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Send each person to their own job; a person without a role learns whom to ask."""
    roles = {Role(grant.role) for grant in request.user.grants.all()}  # type: ignore[union-attr]  # signed in
    for role, landing in LANDING.items():
        if role in roles:
            return redirect(_workstream(request) or landing) if _leads(role) else redirect(landing)
    if may(request.user, Permission.VIEW_PROGRAMME):
        return redirect("dashboards:overview")
    return render(request, "account/no_role.html")


def _leads(role: Role) -> bool:
    return role in (Role.SRO, Role.WORKSTREAM_LEAD)


def _workstream(request: HttpRequest) -> str | None:
    """The address of the workstream this person holds a post in, if exactly one page is theirs."""
    post = request.user.posts.filter(ended_on__isnull=True).first()  # type: ignore[union-attr]  # signed in
    return reverse("dashboards:workstream-detail", args=[post.workstream_id]) if post else None
