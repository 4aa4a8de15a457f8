"""How allauth behaves here: one door, and no way to sign oneself up."""

from collections.abc import Mapping

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest


class ClosedSignUp(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """People are added by an administrator."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


def who_tries(request: HttpRequest, credentials: Mapping[str, str] | None = None) -> str | None:
    """The name a sign-in is counted under, as axes finds it, but never with a NUL in it:
    PostgreSQL refuses to look one up.
    """
    found = (credentials or request.POST).get(settings.AXES_USERNAME_FORM_FIELD)
    return found.replace("\0", "") if found else found
