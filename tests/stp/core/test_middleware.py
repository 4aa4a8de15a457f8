"""The site's own middleware: request ids, no caching, and a session that use keeps alive."""

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from stp.accounts.models import Session, User

pytestmark = pytest.mark.django_db
PAGE = "/accessibility/"


@pytest.fixture
def signed_in(client: Client) -> Client:
    client.force_login(User.objects.create_user("amara", "amara@example.org"))
    return client


def test_every_answer_has_an_id_of_its_own(client: Client) -> None:
    first, second = (client.get(PAGE).headers["X-Request-ID"] for _ in range(2))
    assert first != second


def test_an_id_from_outside_is_kept_if_it_is_nothing_but_an_id(client: Client) -> None:
    def answered(sent: str) -> str:
        return str(client.get(PAGE, headers={"x-request-id": sent}).headers["X-Request-ID"])

    assert answered("proxy-0123456789_ab") == "proxy-0123456789_ab"
    for sent in (
        "short",
        "a" * 65,
        "with space 1234",
        "zero\u0660\u0661 12345678",
        "<b>12345678</b>",
    ):
        assert answered(sent) != sent
        assert len(answered(sent)) == 16


@pytest.mark.parametrize("address", [PAGE, "/no-such-page/", "/", "/accessibility"])
def test_nothing_is_stored_that_says_nothing_of_caching(client: Client, address: str) -> None:
    """A page, an error and the redirects."""
    assert "no-store" in client.get(address).headers["Cache-Control"]


def test_pages_of_signed_in_people_are_not_cached(signed_in: Client) -> None:
    assert signed_in.get(PAGE).headers["Cache-Control"] == "no-store"


def test_reading_writes_the_session_once_in_a_while(
    signed_in: Client, settings: LazySettings
) -> None:
    def writes() -> int:
        with CaptureQueriesContext(connection) as asked:
            signed_in.get(PAGE)
        return sum("accounts_session" in q["sql"] and "SELECT" not in q["sql"] for q in asked)

    assert writes() == 1
    assert writes() == 0, "a second page a moment later writes nothing"
    settings.SESSION_TOUCH = 0
    assert writes() == 1


def test_use_moves_the_end_of_the_session(signed_in: Client, settings: LazySettings) -> None:
    signed_in.get(PAGE)
    before = Session.objects.get().expire_date
    settings.SESSION_TOUCH = 0
    signed_in.get(PAGE)
    assert Session.objects.get().expire_date > before


def test_nobody_gets_a_session_by_reading(client: Client) -> None:
    client.get(PAGE)
    assert not Session.objects.exists()


@pytest.mark.parametrize("address", ["/finance/schemes/ngh/UC%00/", "/workstreams/%00/", "/%00"])
def test_an_address_with_a_nul_names_nothing(signed_in: Client, address: str) -> None:
    assert signed_in.get(address).status_code == 404


def test_a_nul_in_the_sign_in_form_is_a_wrong_address(client: Client) -> None:
    answer = client.post("/sign-in/", {"login": "a\0@example.org", "password": "x"})
    assert answer.status_code == 200
