"""Links that let somebody choose a password: an invitation, or a forgotten password.

A link works once (choosing a password, or signing in, makes its token worthless), for a time that
is a setting, and only while the person is switched on. Django's token generator, with a life
of its own for each kind.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import base36_to_int, urlsafe_base64_encode

from stp.accounts.models import User


class Tokens(PasswordResetTokenGenerator):
    """Tokens of one kind: good for `hours`, and never for another kind."""

    def __init__(self, kind: str, hours: int) -> None:
        super().__init__()
        self.key_salt = f"stp.accounts.links.{kind}"
        self.hours = hours

    def check_token(self, user: Any, token: str | None) -> bool:
        """Whether Django's own check holds and the token is young enough for its kind."""
        if not super().check_token(user, token):
            return False
        made = base36_to_int(str(token).split("-")[0])
        age = (self._now() - datetime(2001, 1, 1)).total_seconds() - made  # noqa: DTZ001  as Django
        return bool(age <= self.hours * 3600)


@dataclass(frozen=True)
class Link:
    """One kind of link: the name of its route, its tokens, and its letter's template."""

    route: str
    tokens: Tokens
    letter: str

    def address(self, user: User, site: str) -> str:
        """The whole link, below `site` ("https://tracker.example.org")."""
        uid = urlsafe_base64_encode(force_bytes(user.pk))
        return site.rstrip("/") + reverse(self.route, args=[uid, self.tokens.make_token(user)])

    def message(self, user: User, site: str) -> EmailMessage:
        """The letter with a new link; its first line is the subject."""
        known = {
            "user": user,
            "address": self.address(user, site),
            "hours": self.tokens.hours,
            "days": self.tokens.hours // 24,
            "product_name": settings.PRODUCT_NAME,
            "contact": settings.CONTACT,
        }
        subject, _, body = render_to_string(self.letter, known).strip().partition("\n")
        return EmailMessage(subject.strip(), body.strip() + "\n", to=[user.email])


LINKS = {
    "reset": Link(
        "account_reset_password_from_key",
        Tokens("reset", settings.RESET_LINK_HOURS),
        "account/letters/reset.txt",
    ),
    "invitation": Link(
        "accounts:invitation",
        Tokens("invitation", settings.INVITATION_HOURS),
        "account/letters/invitation.txt",
    ),
}
