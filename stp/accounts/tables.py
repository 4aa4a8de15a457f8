"""The list of people."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from stp.accounts.models import User
from stp.accounts.queries import standing
from stp.core.navigation import role_words
from stp.core.tables import Column, RowHeader, Table, When, muted


class People(Table):
    """Everybody who may, might or might no longer come in."""

    caption = "People"
    noun = "people"
    stacks = True
    empty_text = "Nobody has been added yet."

    name = RowHeader(
        verbose_name="Name", empty_values=(), order_by=("last_name", "first_name"),
        linkify=lambda record: reverse("accounts:person-detail", args=[record.pk]),
    )  # fmt: skip
    email = Column(verbose_name="Email address", wide=True)
    roles = Column(verbose_name="Roles", empty_values=(), orderable=False)
    standing = Column(verbose_name="Account", empty_values=(), orderable=False)
    last_login = When(verbose_name="Last signed in", default=muted("Never"))

    def __init__(self, data: Iterable[Any], *, locked: set[str], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.locked = locked

    def render_name(self, record: User) -> str:
        return str(record)

    def render_roles(self, record: User) -> str:
        return role_words(record)

    def render_standing(self, record: User) -> str:
        return standing(record, self.locked)
