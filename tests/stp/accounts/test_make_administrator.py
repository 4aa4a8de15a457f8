"""The first administrator: by a command, on the trail, with a link to choose a password."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from stp.accounts.models import User
from stp.core.models import AuditEvent
from stp.core.permissions import Permission, may

pytestmark = pytest.mark.django_db
NAMES = {"first_name": "Ada", "last_name": "Byron", "site": "https://tracker.example.org"}


def make(email: str = "Ada@example.org", **changes: str) -> str:
    out = StringIO()
    call_command("make_administrator", email, stdout=out, **{**NAMES, **changes})
    return out.getvalue()


def test_the_person_may_administer_once_a_password_is_chosen(client: Client) -> None:
    shown = make()
    person = User.objects.get(email="ada@example.org")
    assert may(person, Permission.ADMINISTER)
    assert person.is_invited
    (path,) = re.findall(r"https://tracker.example.org(/\S+)", shown)
    page = client.get(path, follow=True)
    assert page.status_code == 200
    assert "password" in page.text.lower()


def test_it_stands_in_the_trail_as_a_command() -> None:
    make()
    events = list(AuditEvent.objects.values_list("verb", "by", "how"))
    assert ("invited", None, "command") in events
    assert ("gave role", None, "command") in events


@pytest.mark.parametrize(
    ("email", "changes", "sentence"),
    [
        ("ada", {}, "no e-mail address"),
        ("ada@example.org", {"site": "tracker.example.org"}, "starts with https://"),
        ("TAKEN@example.org", {}, "somebody's already"),
    ],
)
def test_bad_input_gets_a_sentence(email: str, changes: dict[str, str], sentence: str) -> None:
    User.objects.create_user("taken", "taken@example.org")
    with pytest.raises(CommandError, match=sentence):
        make(email, **changes)
    assert User.objects.count() == 1
