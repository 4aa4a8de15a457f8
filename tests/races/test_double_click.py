"""K6: every form the site declares, sent twice at once and then once more: one effect.

The routes, who sends their forms and what makes a form take effect stand in tests/access_table.py
and tests/access_world.py; a route that is not there fails tests/test_access.py, and a form that
nobody can fill in fails here: give its row `sends`, or say below why there is nothing to try.
"""

from collections import Counter
from collections.abc import Mapping
from functools import partial
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from pytest_django import Settings

from stp.core.models import AuditEvent
from stp.returns.actions import receiving
from tests.access_table import TABLE
from tests.access_world import FORMS, World, build
from tests.together import together

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.race,
    pytest.mark.postgres,  # SQLite's one write lock lets no two overlap
]

# Forms without a whole form in the table, and why none is sent here.
NOT_SENT = {
    "account_reset_password_from_key": "its link works once: tests/stp/accounts/test_links.py",
    "accounts:invitation": "its link works once: tests/stp/accounts/test_links.py",
    "accounts:session-stay": "it changes nothing but when the session ends",
}
# What is noted each time although nothing but the note changes, and why that is right.
NOTED_EACH_TIME = {
    "account_login": ("signed in", "each browser that signs in has a session of its own"),
    "account_logout": ("signed out", "both presses came before either was answered"),
    "account_reauthenticate": ("gave the password again", "it is asked and changes nothing"),
    "account_change_password": ("chose a new password", "both set the same one"),
    "accounts:person-link": ("asked for a new link for", "one letter waits, however often"),
    "accounts:person-open": ("opened sign-in again for", "an open door is opened again"),
}
# Tables that say when somebody was here, and events that say that nothing was done.
NO_EFFECT = ("django_session", "accounts_session", "axes_", "django_admin_log")
NOTES = {
    "sent again",
    "was refused",
    "refused",
    "was refused access",
    "was refused sign-in",
    "found nothing at",
}


@pytest.fixture
def world(settings: Settings, tmp_path: Path) -> World:
    settings.UPLOAD_ROOT = tmp_path
    return build(tmp_path)


def sent_by(name: str) -> str:
    row = TABLE[name]
    return min(row.acts or row.send)


def whole_form(world: World, name: str) -> dict[str, Any]:
    return dict(FORMS[TABLE[name].sends](world, sent_by(name), "own"))


def click(world: World, name: str, form: Mapping[str, Any]) -> int:
    """Send it as the person's browser does, with the cookies of the page it stood on."""
    who = sent_by(name)
    browser = Client(raise_request_exception=False)
    browser.cookies = SimpleCookie()
    browser.cookies.load(world.cookies[who])
    answer = browser.post(world.address(name, TABLE[name].about), unread(form))
    return int(answer.status_code)


def unread(form: Mapping[str, Any]) -> dict[str, Any]:
    """The same form with files nobody has read yet."""
    made = dict(form)
    for key, value in form.items():
        if isinstance(value, SimpleUploadedFile):
            value.seek(0)
            made[key] = SimpleUploadedFile(value.name or "", value.read())
    return made


def effects() -> Counter[str]:
    """How many rows every table holds, and how often each thing was done."""
    found: Counter[str] = Counter()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if not table.startswith((*NO_EFFECT, "core_auditevent")):
                cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608 - our own tables' names
                found[f"rows of {table}"] = cursor.fetchone()[0]
    for verb in AuditEvent.objects.values_list("verb", flat=True):
        if verb not in NOTES:
            found[f"“{verb}”"] += 1
    return found


def once_and_often(world: World, name: str) -> tuple[Counter[str], Counter[str], list[Any]]:
    """The effects of one click, taken back; of two at once and a third; what those ended in."""
    form, once = whole_form(world, name), Counter[str]()
    world.ask(sent_by(name), "post", world.address(name, TABLE[name].about), unread(form),
              keep=lambda _: once.update(effects()))  # fmt: skip
    forms = [unread(form) for _ in range(3)]
    answers: list[Any] = together(*[partial(click, world, name, f) for f in forms[:2]])
    answers.append(click(world, name, forms[2]))
    return once, effects(), answers


WITH_FORM = sorted(name for name, row in TABLE.items() if row.sends)


def test_every_form_is_sent_or_says_why_not() -> None:
    # The admin's other pages show rows; that a form there changes nothing is in test_access.py.
    ours = {name for name in TABLE if not name.startswith("admin")}
    unsent = {name for name in ours if TABLE[name].send and not TABLE[name].sends}
    assert unsent == set(NOT_SENT), "give the row `sends`, or say in NOT_SENT why there is none"
    assert set(NOTED_EACH_TIME) <= set(WITH_FORM)


@pytest.mark.parametrize("name", WITH_FORM)
def test_three_clicks_have_one_effect(world: World, name: str) -> None:
    once, often, answers = once_and_often(world, name)
    assert all(isinstance(status, int) and status < 500 for status in answers), answers
    noted = f"“{NOTED_EACH_TIME.get(name, ('',))[0]}”"
    more = {what: (once[what], often[what]) for what in once | often
            if once[what] != often[what] and what != noted}  # fmt: skip
    assert not more, f"{name}: one click and three differ in {more}"
    print(f"K6: {name}: {answers}, one effect")


def test_twin_an_upload_that_does_not_know_its_own_file_is_kept_three_times(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "_same_file", lambda return_: None)
    once, often, _ = once_and_often(world, "returns:return-send")
    assert often["“received”"] == once["“received”"] + 2, "the clicks were not counted"
