"""What an administrator may do in /admin/: give and take roles, and go round no action."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.test import Client, RequestFactory

from stp.accounts.models import Grant, User
from stp.core.models import AuditEvent, Organisation
from stp.core.permissions import Role

pytestmark = pytest.mark.django_db
# Model -> what may be done besides looking. Everything of the programme is only looked at.
MAY: dict[type[Model], set[str]] = {Grant: {"add", "delete"}}


@pytest.fixture
def administrator() -> User:
    user = User.objects.create_user("alex", "alex@example.org", "x")
    Grant.objects.create(user=user, role=Role.ADMINISTRATOR)
    return user


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


def test_who_may_enter_is_the_grant_and_no_mark_of_django_s(
    administrator: User, client: Client
) -> None:
    """Z1: a role taken while signed in is gone at the next request; staff marks open nothing."""
    client.force_login(administrator)
    assert client.get("/admin/core/return/").status_code == 200
    administrator.grants.all().delete()
    User.objects.update(is_staff=True, is_superuser=True)
    assert client.get("/admin/").status_code == 403
    assert client.get("/admin/core/return/").status_code == 403


def test_a_role_is_given_and_taken_with_an_event_each(
    administrator: User, client: Client, ngh: Organisation
) -> None:
    amara = User.objects.create_user("amara", "amara@example.org")
    client.force_login(administrator)
    sent = {"user": amara.pk, "role": "finance_lead", "organisation": "ngh"}
    assert client.post("/admin/accounts/grant/add/", sent).status_code == 302
    grant = Grant.objects.get(user=amara)
    answer = client.post(f"/admin/accounts/grant/{grant.pk}/delete/", {"post": "yes"})
    assert answer.status_code == 302
    assert not amara.grants.exists()
    events = AuditEvent.objects.filter(object_type="user", object_id=str(amara.pk))
    said = list(events.order_by("pk").values_list("verb", "by_name"))
    assert said == [("gave role", "alex"), ("took role", "alex")]


def test_nobody_gives_a_role_to_themselves(administrator: User, client: Client) -> None:
    """Z6: else an administrator would send figures by one click more."""
    client.force_login(administrator)
    sent = {"user": administrator.pk, "role": "pmo"}
    page = client.post("/admin/accounts/grant/add/", sent)
    assert page.status_code == 200
    assert "Select a valid choice" in page.content.decode()
    assert {grant.role for grant in administrator.grants.all()} == {"administrator"}
