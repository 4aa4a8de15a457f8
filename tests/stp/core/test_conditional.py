"""304 for a page of a published state that has not changed, and for no other."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.cookie import MessageEncoder
from django.test import Client

from stp.accounts.models import Grant
from stp.core import clock, conditional, health
from stp.core.periods import LONDON
from stp.core.permissions import Role
from stp.dashboards.actions import recompute
from tests.programme import JUNE, lay_out_programme, reader
from tests.small_system import K, Row, send

pytestmark = pytest.mark.django_db
PAGES = ("/overview/", "/workstreams/", "/workstreams/UC/", "/gap/", "/overview/?period=2017-05")


@pytest.fixture
def client(demo_clock: dt.datetime) -> Client:
    lay_out_programme()
    return reader()


def tag_of(client: Client, address: str = "/overview/", **headers: str) -> str:
    client.get(address, headers=headers)  # the first request of a session notes its start
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200, address
    return answer.headers["ETag"]


def asked(client: Client, tag: str, address: str = "/overview/", **headers: str) -> int:
    return client.get(address, headers={"If-None-Match": tag, **headers}).status_code


@pytest.mark.parametrize("address", PAGES)
def test_an_unchanged_page_is_304_without_content_and_is_still_not_stored(
    client: Client, address: str
) -> None:
    tag = tag_of(client, address)
    answer = client.get(address, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["ETag"] == tag
    assert "no-store" in answer.headers["Cache-Control"]
    assert tag_of(client, address) == tag, "drawn again it has the same tag"


def _change_waits(_: Client) -> None:
    send("ngh", JUNE, [Row(forecast=7 * K)])


def _published(_: Client) -> None:
    send("ngh", JUNE, [Row(forecast=7 * K)])
    recompute(JUNE)


def _another_role(client: Client) -> None:
    Grant.objects.create(user_id=int(client.session["_auth_user_id"]), role=Role.AUDITOR.value)


def _another_form_key(client: Client) -> None:
    client.cookies["csrftoken"] = "b" * 32


def _message(client: Client) -> None:
    session = client.session
    session["_messages"] = MessageEncoder().encode([Message(25, "Saved.")])
    session.save()


@pytest.mark.parametrize(
    "change", [_change_waits, _published, _another_role, _another_form_key, _message]
)
def test_whatever_the_page_shows_changes_its_tag(
    client: Client, change: Callable[[Client], None]
) -> None:
    tag = tag_of(client)
    change(client)
    assert asked(client, tag) == 200


def test_the_next_day_is_another_page(client: Client) -> None:
    tag = tag_of(client)
    with clock.at(dt.datetime(2017, 7, 25, 10, tzinfo=LONDON)):
        assert asked(client, tag) == 200


def test_a_queue_that_is_away_is_another_page(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = tag_of(client)
    monkeypatch.setattr(health, "work_is_queued", lambda: True)
    assert asked(client, tag) == 200


def test_another_release_is_another_page(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    tag = tag_of(client)
    monkeypatch.setattr(conditional, "release", lambda: "the next one")
    assert asked(client, tag) == 200


def test_a_session_near_its_end_is_another_page(client: Client, settings: LazySettings) -> None:
    tag = tag_of(client)
    settings.SESSION_COOKIE_AGE = settings.SESSION_COOKIE_AGE - 1
    assert asked(client, tag) == 200


def test_a_tag_is_good_for_one_person_one_address_and_one_form_of_the_page(client: Client) -> None:
    tag = tag_of(client)
    assert asked(reader(), tag) == 200
    assert asked(client, tag, "/overview/?vs=none") == 200
    assert asked(client, tag, **{"HX-Request": "true"}) == 200


def test_nobody_is_answered_before_being_let_in(client: Client) -> None:
    tag = tag_of(client)
    assert asked(Client(), tag) == 302
    stranger = reader()
    Grant.objects.filter(user_id=int(stranger.session["_auth_user_id"])).delete()
    assert asked(stranger, tag) == 403


def test_the_release_is_the_same_in_every_process_until_a_program_or_template_changes(
    settings: LazySettings, tmp_path: Path
) -> None:
    settings.BASE_DIR = tmp_path
    page = tmp_path / "templates" / "page.html"
    page.parent.mkdir()
    page.write_text("before", encoding="utf-8")
    released = conditional.release.__wrapped__
    first = released()
    assert released() == first
    page.write_text("and after", encoding="utf-8")
    assert released() != first
