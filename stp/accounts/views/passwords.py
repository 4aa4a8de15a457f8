"""Changing a password, asking for a link to choose one, and choosing it."""

from typing import Any, cast

from allauth.account.views import password_change
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import INTERNAL_RESET_SESSION_TOKEN, PasswordResetConfirmView
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_safe

from stp.accounts import actions, forms
from stp.accounts.links import Link
from stp.accounts.models import User
from stp.core.access import requires
from stp.core.permissions import Permission


@requires(Permission.SIGNED_IN)
def change_password(request: HttpRequest) -> HttpResponse:
    """allauth's page; who has no password here (none was ever set) has nothing to change."""
    if not request.user.has_usable_password():  # type: ignore[union-attr]  # signed in
        raise Http404("This person has no password.")
    response: HttpResponse = password_change(request)
    return response


@requires(Permission.PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for a link by e-mail; the answer is the same whoever has the address, or nobody."""
    form = forms.ForgottenPassword(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.forgot_password(
            email=form.cleaned_data["email"], site=request.build_absolute_uri("/")
        )
        return redirect("account_reset_password_done")
    return render(request, "account/forgotten.html", {"form": form})


@requires(Permission.PUBLIC)
@require_safe
def forgotten_sent(request: HttpRequest) -> HttpResponse:
    """What happens next, for who has an account and for who has none."""
    known = {
        "kept": settings.MAIL_IS_KEPT, "hours": settings.RESET_LINK_HOURS,
        "contact": settings.CONTACT,
    }  # fmt: skip
    return render(request, "account/forgotten_sent.html", known)


@method_decorator(requires(Permission.PUBLIC), name="dispatch")
class ChoosePassword(PasswordResetConfirmView):
    """The page a link leads to: Django moves the token into the session and out of the address."""

    form_class = forms.ChoosePassword
    template_name = "account/choose_password.html"
    success_url = reverse_lazy("account_login")
    link: Link = None  # type: ignore[assignment]  # given by the route

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """While the token stands in the address, nobody the browser goes to next is told it."""
        self.token_generator = self.link.tokens
        response = super().dispatch(request, *args, **kwargs)
        if kwargs["token"] != self.reset_url_token:
            response.headers["Referrer-Policy"] = "no-referrer"
        return response

    def get_user(self, uidb64: str) -> User | None:
        """Whose link it is; a person who is switched off has none."""
        user = super().get_user(uidb64)
        return user if user and user.is_active else None

    def form_valid(self, form: forms.ChoosePassword) -> HttpResponse:  # type: ignore[override]  # our own form
        """Keep it; whoever was signed in here is signed out, and everybody with the old one."""
        user = cast(User, self.user)  # the page has no form without one
        actions.set_password(user=user, password=form.cleaned_data["new_password1"], by=user)
        del self.request.session[INTERNAL_RESET_SESSION_TOKEN]
        logout(self.request)
        messages.success(self.request, "Your password is set. Sign in with it.")
        return redirect(str(self.success_url))
