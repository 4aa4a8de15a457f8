"""S1, S2: what guesses meet at the door, and that the door tells nobody who has an account."""

import re
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from axes.models import AccessAttempt, AccessLog
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client, RequestFactory
from django.urls import reverse

from stp.accounts import attempts
from stp.accounts.actions import ALARM
from stp.accounts.addresses import UNKNOWN, client_address
from stp.accounts.models import Grant, User
from stp.core.models import AuditEvent
from stp.core.permissions import Role

PASSWORD = "correct horse battery"
DOOR = "/sign-in/"
pytestmark = pytest.mark.django_db


def make(name: str, **also: Any) -> User:
    return User.objects.create_user(name, f"{name}@example.org", PASSWORD, **also)


WRONG = "wrong"


def knock(
    name: str, password: str = WRONG, *, address: str = "10.0.0.1", forwarded: str = ""
) -> Any:
    """One try at the door by a browser without cookies."""
    login = name if "@" in name else f"{name}@example.org"
    headers: Any = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    return Client().post(
        DOOR, {"login": login, "password": password}, REMOTE_ADDR=address, **headers
    )


def in_again(name: str, **where: Any) -> bool:
    return bool(knock(name, PASSWORD, **where).status_code == 302)


def test_twenty_wrong_passwords_close_one_door_and_no_other() -> None:
    make("amara")
    make("bilal")
    answers = [knock("amara") for _ in range(20)]
    assert [a.status_code for a in answers] == [200] * 4 + [429] * 16
    assert not in_again("amara"), "the right password is refused as well"
    assert in_again("bilal"), "a trust is one address: its other people get in"
    assert in_again("amara", address="10.0.0.2"), "and so does she from elsewhere"
    page = answers[-1].content.decode()
    assert "Too many attempts. Try again in 15 minutes or ask the PMO" in page
    assert answers[-1].headers["Retry-After"] == "900"
    events = AuditEvent.objects.filter(verb="was locked out for a while")
    assert [event.object_label for event in events] == ["amara"], "said once, not fifteen times"


@pytest.mark.parametrize(
    "written",
    ["AMARA@example.org", " amara@example.org ", "Amara@Example.Org", "ａmara@example.org"],
)
def test_one_person_has_one_count_however_the_address_is_written(written: str) -> None:
    make("amara")
    for _ in range(5):
        knock("amara")
    assert knock(written, PASSWORD).status_code in (200, 429)
    assert attempts.name_of(written) == attempts.name_of("amara@example.org")


def test_a_forged_forwarding_header_is_no_new_address() -> None:
    make("amara")
    for n in range(20):
        knock("amara", forwarded=f"203.0.113.{n}")
    assert not in_again("amara", forwarded="203.0.113.99")


def test_the_right_password_starts_the_count_anew() -> None:
    make("amara")
    for _ in range(3):
        assert [knock("amara").status_code for _ in range(4)] == [200] * 4
        assert in_again("amara")


@pytest.mark.parametrize(
    ("proxies", "forwarded", "counted"),
    [
        (0, "203.0.113.9", "10.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),  # the left entry is the client's word
        (2, "198.51.100.1, 203.0.113.9", "198.51.100.1"),
        (2, "203.0.113.9", "10.0.0.1"),  # fewer hops than proxies: somebody went round one
        (1, "", "10.0.0.1"),
        (1, "not an address", "10.0.0.1"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
    ],
)
def test_which_address_counts(settings: Any, proxies: int, forwarded: str, counted: str) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().post(DOOR, REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
    assert client_address(request) == counted


def test_no_address_at_all_is_one_address() -> None:
    assert client_address(RequestFactory().get(DOOR, REMOTE_ADDR="")) == UNKNOWN


def spray(people: int) -> list[int]:
    return [knock(f"person{n}", "Winter2017").status_code for n in range(people)]


def test_one_password_on_two_hundred_people_is_slowed_and_alarmed(settings: Any) -> None:
    settings.SIGN_IN_SPACING = 3_600  # however slow this machine is
    make("person7")
    statuses = spray(200)
    assert statuses[:20] == [200] * 20
    assert statuses[20:] == [429] * 180, "not looked at: one try in so many seconds"
    assert AccessAttempt.objects.count() == 20
    alarm = AuditEvent.objects.get(verb=ALARM)
    assert alarm.object_label == "sign-ins from 10.0.0.1"
    assert alarm.after == {"People tried": 20}
    slowed = knock("person150", "Winter2017")
    assert 0 < int(slowed.headers["Retry-After"]) <= 3_600
    assert "Your password was not looked at" in slowed.content.decode()
    assert in_again("person7", address="10.0.0.2"), "another address is not slowed"


def test_the_alarm_is_read_by_the_programme_office_and_the_administrator() -> None:
    spray(20)
    for role, reads in ((Role.PMO, True), (Role.ADMINISTRATOR, True), (Role.BOARD, False)):
        browser = Client()
        user = make(role.value)
        Grant.objects.create(user=user, role=role)
        browser.force_login(user)
        page = browser.get(reverse("core:change-list")).content.decode()
        assert ("raised an alarm about sign-ins from 10.0.0.1" in page) is reads, role


def test_a_slowed_address_may_try_again_after_a_while(settings: Any) -> None:
    settings.SIGN_IN_SPACING = 0
    make("amara")
    spray(25)
    assert in_again("amara")


def test_one_person_tried_from_many_addresses_is_alarmed_once() -> None:
    make("amara")
    for n in range(6):
        knock("amara", address=f"10.0.1.{n}")
    alarm = AuditEvent.objects.get(verb=ALARM)
    assert alarm.object_label == "sign-ins as amara"


def said(answer: Any) -> str:
    """The page without what is new each time, and without what the person typed."""
    page = re.sub(r'(csrfmiddlewaretoken" value=)"[^"]+"', r"\1", answer.content.decode())
    return re.sub(r'value="[^"]*@example\.org"', "", page)


def people_of_every_kind() -> dict[str, str]:
    """Everybody who may not come in with “wrong”, and what they type."""
    make("amara")
    make("gone", is_active=False)
    invited = make("invited")
    invited.set_unusable_password()
    invited.save()
    return {"amara": "wrong", "nobody": "wrong", "gone": PASSWORD, "invited": PASSWORD}


def test_the_door_says_the_same_to_everybody() -> None:
    kinds = people_of_every_kind()
    for turn in range(6):  # the last two are locked out, whether somebody or nobody
        answers = {name: knock(name, password) for name, password in kinds.items()}
        assert len({a.status_code for a in answers.values()}) == 1, turn
        assert len({said(a) for a in answers.values()}) == 1, turn
        assert answers["amara"].status_code == (200 if turn < 4 else 429)


def test_the_door_does_the_same_work_for_everybody() -> None:
    """As many passwords hashed, and as many rows written, for who exists and who does not."""
    work: dict[str, tuple[int, int]] = {}
    encode: Callable[..., str] = MD5PasswordHasher.encode
    for name, password in people_of_every_kind().items():
        hashed: list[str] = []

        def counting(self: Any, *given: Any, _: list[str] = hashed, **named: Any) -> str:
            _.append("hashed")
            return encode(self, *given, **named)

        events = AuditEvent.objects.count()
        with patch.object(MD5PasswordHasher, "encode", counting):
            knock(name, password)
        work[name] = len(hashed), AuditEvent.objects.count() - events
    assert len(set(work.values())) == 1, work
    assert work["nobody"] == (1, 1)


def test_nothing_is_kept_of_who_came_from_where() -> None:
    make("amara")
    knock("amara", "planted-secret-password")
    assert in_again("amara")
    assert not AccessLog.objects.exists()
    assert "10.0.0.1" not in str(list(AuditEvent.objects.values()))
    assert not AccessAttempt.objects.filter(post_data__contains="planted-secret").exists()


def test_asking_again_counts_by_person_not_by_office() -> None:
    """Wrong passwords at “confirm that it is you” close it for that person alone."""
    browsers = {}
    for name in ("amara", "bilal"):
        make(name)
        browsers[name] = Client(REMOTE_ADDR="10.0.0.1")
        browsers[name].post(DOOR, {"login": f"{name}@example.org", "password": PASSWORD})
    again = reverse("account_reauthenticate")
    for _ in range(6):
        answer = browsers["amara"].post(again, {"password": "wrong"})
    assert answer.status_code == 429
    assert browsers["bilal"].post(again, {"password": PASSWORD}).status_code == 302
