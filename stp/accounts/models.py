"""People and what they were granted."""

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac

from stp.core.models import Organisation
from stp.core.permissions import OF_ONE_ORGANISATION, ROLES, Role, wrong_reach

_OF_ONE = [role.value for role in Role if role in OF_ONE_ORGANISATION]


class User(AbstractUser):
    """A person. Signs in with their e-mail address; `username` is what commands take."""

    email = models.EmailField("e-mail address", unique=True)
    job_title = models.CharField(max_length=120, blank=True)

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    @property
    def is_invited(self) -> bool:
        """Whether the person has not chosen a password yet."""
        return not self.has_usable_password()


class Session(AbstractBaseSession):
    """A browser somebody is signed in with. What is kept of it: two words, no address."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="sessions")
    started_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    browser = models.CharField(max_length=60, blank=True)

    @classmethod
    def get_session_store_class(cls) -> Any:
        from stp.accounts.sessions import SessionStore  # the store imports this module

        return SessionStore

    @property
    def handle(self) -> str:
        """What a page calls the session by: says nothing of the key, which opens it."""
        named = salted_hmac("stp.accounts.session", self.session_key, algorithm="sha256")
        return named.hexdigest()[:24]


class Grant(models.Model):
    """A role given to a person, for one organisation or (null) for the whole programme.

    Which of the two is the role's (`stp.core.permissions.OF_ONE_ORGANISATION`), not the giver's.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=20, choices=[(r.value, ROLES[r].name) for r in Role])
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, null=True, blank=True, related_name="grants"
    )

    class Meta:
        ordering = ["user", "role"]
        constraints = [
            models.UniqueConstraint(fields=["user", "role", "organisation"], name="grant_once"),
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=Q(organisation__isnull=True),
                name="grant_programme_wide_once",
            ),
            models.CheckConstraint(
                condition=~Q(role__in=_OF_ONE) | Q(organisation__isnull=False),
                name="grant_of_one_organisation",
            ),
            models.CheckConstraint(
                condition=Q(role__in=_OF_ONE) | Q(organisation__isnull=True),
                name="grant_of_the_whole_programme",
            ),
        ]

    def __str__(self) -> str:
        where = f" of {self.organisation}" if self.organisation else ""
        return f"{self.user}: {self.get_role_display()}{where}"

    def clean(self) -> None:
        """A role with an organisation it cannot have, or without the one it needs: a sentence."""
        if self.role in Role and (fault := wrong_reach(Role(self.role), self.organisation_id)):
            raise ValidationError({"organisation": fault})
