"""Demonstration people, one a role, and the posts some of them hold."""

import datetime as dt

from stp.accounts.actions import give_grant
from stp.accounts.models import User
from stp.core.models import Organisation
from stp.core.permissions import Role
from stp.cycle.demo.sources import read
from workstreams.models import Post

STARTED = dt.date(2017, 4, 1)


def load() -> dict[str, User]:
    """Create the people that are not there yet; returns them by username."""
    source = read("people")
    return {person["username"]: _person(person, source["password"]) for person in source["people"]}


def _person(person: dict[str, str], password: str) -> User:
    first, _, last = person["name"].partition(" ")
    user, created = User.objects.get_or_create(
        username=person["username"],
        defaults={
            "email": person["email"],
            "first_name": first,
            "last_name": last,
            "job_title": person["job"],
            "is_staff": person["role"] == Role.ADMINISTRATOR,
            "is_superuser": person["role"] == Role.ADMINISTRATOR,
        },
    )
    if created:
        user.set_password(password)
        user.save(update_fields=["password"])
    organisation = person.get("organisation")
    give_grant(
        user=user,
        role=Role(person["role"]),
        organisation=Organisation.objects.get(pk=organisation) if organisation else None,
        by=None,
    )
    _post(user, person.get("post"))
    return user


def _post(user: User, post: object) -> None:
    if isinstance(post, dict):
        Post.objects.get_or_create(
            user=user,
            workstream_id=post["workstream"],
            office=post["office"],
            defaults={"started_on": STARTED, "illustrative": True},
        )


def sign_ins() -> list[tuple[str, str, str]]:
    """One sign-in a role: role, e-mail address, password."""
    source = read("people")
    found: dict[str, tuple[str, str, str]] = {}
    for person in source["people"]:
        role = Role(person["role"])
        found.setdefault(role.value, (role.value, person["email"], source["password"]))
    return list(found.values())
