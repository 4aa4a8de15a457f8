"""How allauth behaves here: one door, and no way to sign oneself up."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedSignUp(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """People are added by an administrator."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
