"""What an administrator may do in /admin/: give and take roles, and go round no action."""

import html
import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.test import Client, RequestFactory

from stp.accounts import actions
from stp.accounts.models import Grant, User
from stp.core import clock
from stp.core.admin import ReadOnlyAdmin
from stp.core.models import AuditEvent, Job, Organisation
from stp.core.permissions import OF_ONE_ORGANISATION, Role

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


def test_a_role_of_the_programme_is_given_for_no_organisation(
    administrator: User, client: Client, kgh: Organisation
) -> None:
    """Else a trust's own auditor would read what another trust has not sent."""
    amara = User.objects.create_user("amara", "amara@example.org")
    client.force_login(administrator)
    for role, organisation, says in (
        ("auditor", "kgh", "The role of auditor covers the whole programme"),
        ("finance_lead", "", "Choose the organisation this person acts for."),
        ("emperor", "kgh", "Select a valid choice"),
    ):
        sent = {"user": amara.pk, "role": role, "organisation": organisation}
        page = client.post("/admin/accounts/grant/add/", sent)
        assert (page.status_code, says in page.content.decode()) == (200, True), role
    assert not amara.grants.exists()


@pytest.mark.parametrize("role", [r for r in Role if r not in OF_ONE_ORGANISATION])
def test_neither_the_action_nor_the_database_gives_it_for_one(
    administrator: User, kgh: Organisation, role: Role
) -> None:
    amara = User.objects.create_user("amara", "amara@example.org")
    with pytest.raises(actions.WrongReach, match="leave the organisation empty"):
        actions.give_grant(user=amara, role=role, organisation=kgh, by=administrator)
    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.create(user=amara, role=role, organisation=kgh)
    assert not amara.grants.exists()
    assert not AuditEvent.objects.filter(verb="gave role").exists()


# Columns that are on no page, and ways round by what is related; then the filters there are.
TRIED = (
    ("accounts/user", "password__startswith=x"), ("accounts/user", "password__regex=."),
    ("accounts/user", "password=x"), ("accounts/user", "sessions__session_key__startswith=x"),
    ("accounts/user", "grants__user__password__startswith=x"), ("accounts/user", "is_active=1"),
    ("accounts/grant", "user__password__startswith=x"), ("accounts/grant", "role__contains=x"),
    ("accounts/grant", "organisation__grants__user__password__contains=x"),
    ("core/return", "rows__icontains=x"), ("core/return", "file_path__contains=x"),
    ("core/return", "received_by__password__startswith=x"),
    ("core/return", "period__closed_by__password__startswith=x"),
    ("core/return", "sha256__startswith=x"), ("core/job", "payload__icontains=x"),
    ("core/job", "kind__startswith=x"), ("core/snapshot", "pk__gt=1"),
    ("core/reportingperiod", "closed_by__password__startswith=x"),
    ("core/organisation", "grants__user__password__startswith=x"),
    ("core/auditevent", "after__icontains=x"), ("core/auditevent", "no_such_column=x"),
)  # fmt: skip
FILTERS = (
    ("accounts/grant", "role__exact=administrator"), ("accounts/grant", "role__isnull=False"),
    ("accounts/grant", "organisation__id__exact=kgh"),
    ("accounts/grant", "organisation__isnull=True"), ("core/job", "state__exact=queued"),
    ("core/job", "kind=send_link"), ("accounts/user", "q=alex"), ("accounts/user", "o=1&p=1"),
)  # fmt: skip


@pytest.mark.parametrize(("model", "asked"), TRIED)
def test_an_address_filters_by_no_column_that_no_filter_offers(
    administrator: User, client: Client, model: str, asked: str
) -> None:
    """Else a password's hash is read letter by letter: one finds a person, all others nobody."""
    client.force_login(administrator)
    for address in (f"/admin/{model}/?{asked}", f"/admin/{model}/?username=alex&{asked}"):
        assert client.get(address).status_code == 400, address


@pytest.mark.parametrize(("model", "asked"), FILTERS)
def test_the_filters_of_a_list_work(
    administrator: User, client: Client, kgh: Organisation, model: str, asked: str
) -> None:
    client.force_login(administrator)
    assert client.get(f"/admin/{model}/?{asked}").status_code == 200


def test_every_filter_that_a_page_offers_is_followed(
    administrator: User, client: Client, ngh: Organisation, kgh: Organisation
) -> None:
    for number, organisation in enumerate((ngh, kgh)):
        user = User.objects.create_user(f"lead{number}", f"lead{number}@example.org")
        Grant.objects.create(user=user, role=Role.FINANCE_LEAD, organisation=organisation)
        Job.objects.create(kind=f"kind{number}", key=f"k{number}", requested_at=clock.now())
    client.force_login(administrator)
    for model in ("accounts/grant", "core/job"):
        page = client.get(f"/admin/{model}/").content.decode()
        offered = {html.unescape(found) for found in re.findall(r'href="(\?[^"]*__[^"]*)"', page)}
        assert len(offered) > 3, f"{model}: {offered}"
        for asked in offered:
            assert client.get(f"/admin/{model}/{asked}").status_code == 200, asked


def test_every_page_of_the_administration_is_one_of_ours() -> None:
    """What looks only, and filters only by what it offers, is said once."""
    others = [m._meta.label for m, p in admin.site._registry.items()
              if not isinstance(p, ReadOnlyAdmin)]  # fmt: skip
    assert not others, f"register them with stp.core.admin.ReadOnlyAdmin: {others}"


def test_nobody_takes_the_role_of_administrator_from_themselves(administrator: User) -> None:
    """So that one always stays: only an administrator gives that role back."""
    own = administrator.grants.get()
    client = Client()
    client.force_login(administrator)
    one = f"/admin/accounts/grant/{own.pk}/delete/"
    assert client.post(one, {"post": "yes"}).status_code == 403
    several = {"action": "delete_selected", "_selected_action": [own.pk], "post": "yes"}
    client.post("/admin/accounts/grant/", several)
    with pytest.raises(actions.NotAllowedError, match="Another administrator"):
        actions.take_grant(grant=own, by=administrator)
    assert Grant.objects.filter(pk=own.pk).exists()
    other = User.objects.create_user("bo", "bo@example.org", "x")
    Grant.objects.create(user=other, role=Role.ADMINISTRATOR)
    client.force_login(other)
    assert client.post(one, {"post": "yes"}).status_code == 302
    assert not Grant.objects.filter(pk=own.pk).exists()
