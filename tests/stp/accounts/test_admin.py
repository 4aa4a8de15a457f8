"""What an administrator may do in /admin/: give people and roles, and go round no action."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client, RequestFactory

from stp.accounts.models import Grant, User

pytestmark = pytest.mark.django_db
# Model -> what may be done besides looking. Everything of the programme is only looked at.
MAY = {User: {"add", "change"}, Grant: {"add", "delete"}}


@pytest.fixture
def administrator() -> User:
    return User.objects.create_superuser("alex", "alex@example.org", "x")


def test_what_the_programme_owns_is_read_only(administrator: User) -> None:
    request: Any = RequestFactory().get("/admin/")
    request.user = administrator
    ours = ("stp.", "workstreams.", "finance.", "indicators.")
    seen = 0
    for model, page in admin.site._registry.items():
        if not model.__module__.startswith(ours):
            continue
        seen += 1
        allowed = {
            what
            for what in ("add", "change", "delete")
            if getattr(page, f"has_{what}_permission")(request)
        }
        assert allowed == MAY.get(model, set()), f"{model._meta.label}: {allowed}"
    assert seen >= len(MAY) + 6


def test_groups_are_not_offered(administrator: User) -> None:
    assert Group not in admin.site._registry
    client = Client()
    client.force_login(administrator)
    page = client.get("/admin/").content.decode()
    assert "Django administration" not in page
    assert "Groups" not in page
