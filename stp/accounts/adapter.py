"""How allauth behaves here: one door, no way to sign oneself up, no way out to another site."""

from collections.abc import Mapping
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from stp.accounts import actions, attempts


class ClosedSignUp(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """People are added by an administrator."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """Only a place of this very site may be gone on to."""
        here = self.request
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={here.get_host()}, require_https=here.is_secure()
        )

    def set_password(self, user: Any, password: str) -> None:
        """Signs the person out everywhere else: allauth goes on under a new session key here."""
        actions.set_password(user=user, password=password, by=user)


def who_tries(request: HttpRequest, credentials: Mapping[str, str] | None = None) -> str | None:
    """The name an attempt is counted under: what was typed at the door, else who is asked again."""
    given = credentials or {}
    field = settings.AXES_USERNAME_FORM_FIELD
    typed = request.POST.get(field) or given.get(field) or given.get("username")
    return attempts.name_of(typed) if typed else None
