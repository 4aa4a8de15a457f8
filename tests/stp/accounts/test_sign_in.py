"""One door: passwords, lock-out by person and address, and where each role lands."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from stp.accounts.models import Grant, User
from stp.core.models import AuditEvent, Organisation
from stp.core.permissions import Role

PASSWORD = "correct horse battery"
pytestmark = pytest.mark.django_db


@pytest.fixture
def make_user() -> Callable[..., User]:
    def make(name: str, role: Role | None = None, organisation: Organisation | None = None) -> User:
        user = User.objects.create_user(name, f"{name}@example.org", PASSWORD)
        if role:
            Grant.objects.create(user=user, role=role, organisation=organisation)
        return user

    return make


def sign_in(client: Client, name: str, password: str = PASSWORD, address: str = "10.0.0.1") -> int:
    return client.post(
        reverse("account_login"),
        {"login": f"{name}@example.org", "password": password},
        REMOTE_ADDR=address,
    ).status_code


@pytest.mark.parametrize(
    ("role", "landing"),
    [
        (Role.BOARD, "dashboards:overview"),
        (Role.PMO, "returns:return-list"),
        (Role.FINANCE_GROUP, "dashboards:gap"),
        (Role.CLINICAL_APPROVER, "finance:scheme-list"),
        (Role.SRO, "dashboards:workstream-list"),
        (Role.AUDITOR, "core:change-list"),
        (Role.ADMINISTRATOR, "admin:index"),
    ],
)
def test_each_role_lands_on_its_own_job(
    client: Client, make_user: Callable[..., User], role: Role, landing: str
) -> None:
    make_user("amara", role)
    assert sign_in(client, "amara") == 302
    response = client.get(reverse("home"))
    assert response.headers["Location"] == reverse(landing)


def test_a_finance_lead_lands_on_their_returns(
    client: Client, make_user: Callable[..., User], ngh: Organisation
) -> None:
    make_user("finlay", Role.FINANCE_LEAD, ngh)
    sign_in(client, "finlay")
    assert client.get(reverse("home")).headers["Location"] == reverse("returns:return-list")


def test_a_person_without_a_role_learns_whom_to_ask(
    client: Client, make_user: Callable[..., User]
) -> None:
    make_user("nora")
    sign_in(client, "nora")
    response = client.get(reverse("home"))
    assert response.status_code == 200
    assert "no role" in response.content.decode().lower()


def test_unknown_disabled_and_wrong_password_read_the_same(
    client: Client, make_user: Callable[..., User]
) -> None:
    make_user("amara")
    gone = make_user("gone")
    gone.is_active = False
    gone.save()
    pages = []
    for login, password in (
        ("amara@example.org", "wrong"),
        ("nobody@example.org", "wrong"),
        ("gone@example.org", "wrong"),
        ("gone@example.org", PASSWORD),
    ):
        response = client.post(reverse("account_login"), {"login": login, "password": password})
        assert response.status_code == 200
        pages.append(response.context["form"].errors.as_text())
    assert len(set(pages)) == 1
    assert pages[0]


def test_five_wrong_passwords_lock_the_pair_and_nobody_else(
    client: Client, make_user: Callable[..., User]
) -> None:
    make_user("amara")
    make_user("bilal")
    statuses = [sign_in(client, "amara", "wrong") for _ in range(6)]
    assert statuses[-1] == 429
    assert sign_in(client, "amara") == 429, "the right password is refused while locked"
    assert sign_in(Client(), "bilal") == 302, "others behind the same address get in"
    assert sign_in(Client(), "amara", address="10.0.0.2") == 302, "the same person elsewhere too"


def test_sign_ins_good_and_bad_are_on_the_audit_trail_without_the_password(
    client: Client, make_user: Callable[..., User]
) -> None:
    make_user("amara")
    sign_in(client, "amara", "planted-secret")
    sign_in(client, "amara")
    events = list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))
    assert events == ["was refused sign-in", "signed in"]
    everything = str(list(AuditEvent.objects.values()))
    assert "planted-secret" not in everything


def test_signing_up_is_closed(client: Client) -> None:
    assert client.get("/signup/").status_code == 404
    assert client.get("/accounts/signup/").status_code == 404


def test_the_admin_has_no_door_of_its_own(client: Client) -> None:
    response = client.get("/admin/login/?next=/admin/")
    assert response.status_code == 302
    assert response.headers["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "javascript:1"])
def test_sign_in_never_redirects_elsewhere(
    client: Client, make_user: Callable[..., User], target: str
) -> None:
    make_user("amara")
    response = client.post(
        f"{reverse('account_login')}?next={target}",
        {"login": "amara@example.org", "password": PASSWORD, "next": target},
    )
    assert response.headers["Location"] == reverse("home")


def test_who_has_no_password_here_has_none_to_change(
    client: Client, make_user: Callable[..., User]
) -> None:
    user = make_user("amara")
    user.set_unusable_password()
    user.save()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(reverse("account_change_password")).status_code == 404
