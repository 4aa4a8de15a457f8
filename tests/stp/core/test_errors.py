"""Error pages: ours for every status, and 503 with a time to come back where waiting helps."""

import errno
import sqlite3
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.conf import LazySettings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import IntegrityError, InterfaceError, OperationalError, ProgrammingError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from stp import urls as ours
from stp.accounts.models import Grant, User
from stp.core import clock, errors
from stp.core.access import requires
from stp.core.models import Return
from stp.core.permissions import Permission
from stp.returns import storage
from tests.stp.returns.pages import upload

_raised: list[BaseException] = []


@requires(Permission.PUBLIC)
def raises(request: HttpRequest) -> HttpResponse:
    raise _raised[0]


handler400, handler500 = ours.handler400, ours.handler500
urlpatterns = [path("raises/", raises), *ours.urlpatterns]


def caused(error: Exception, by: BaseException) -> Exception:
    error.__cause__ = by
    return error


def postgres(code: str | None, text: str = "could not connect to server") -> Exception:
    """As Django wraps it; psycopg2's own attribute cannot be set, a subclass's can."""
    kind = type("FromServer", (psycopg2.OperationalError,), {"pgcode": code})
    return caused(OperationalError(text), kind(text))


def sqlite(text: str) -> Exception:
    return caused(OperationalError(text), sqlite3.OperationalError(text))


AWAY = [
    postgres(None), postgres("08006"), postgres("57P01"), postgres("57P03"), postgres("53300"),
    postgres("55P03"), postgres("40P01"), InterfaceError("connection already closed"),
    sqlite("database is locked"), sqlite("unable to open database file"), sqlite("disk I/O error"),
]  # fmt: skip
NO_ROOM = [
    postgres("53100"), sqlite("database or disk is full"),
    sqlite("attempt to write a readonly database"),
    *(OSError(n, "x") for n in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES)),
]  # fmt: skip
FAULTS = [
    ValueError("x"), ProgrammingError("x"), IntegrityError("x"), postgres("42P01"),
    sqlite("no such table: x"), FileNotFoundError(errno.ENOENT, "x"),
]  # fmt: skip


@pytest.mark.parametrize("error", AWAY, ids=repr)
def test_away(error: Exception) -> None:
    assert errors.away(error)
    assert not errors.no_room(error)


@pytest.mark.parametrize("error", NO_ROOM, ids=repr)
def test_no_room(error: Exception) -> None:
    assert errors.no_room(error)


@pytest.mark.parametrize("error", FAULTS, ids=repr)
def test_a_fault_of_ours_is_neither(error: Exception) -> None:
    assert not errors.away(error)
    assert not errors.no_room(error)


def answer(error: BaseException, client: Client, settings: LazySettings) -> Any:
    settings.ROOT_URLCONF = __name__
    _raised[:] = [error]
    client.raise_request_exception = False
    return client.get("/raises/", headers={"x-request-id": "asked-for-0123"})


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (postgres(None), 503, "away for a moment"),
        (OSError(errno.ENOSPC, "x"), 503, "no room to keep this"),
        (ValueError("secret-0815"), 500, "Something went wrong"),
        (PermissionDenied(), 403, "You may not see this page"),
        (SuspiciousOperation("x"), 400, "could not be read"),
    ],
    ids=["away", "no room", "fault", "not allowed", "unreadable"],
)
def test_pages(
    error: Exception, status: int, words: str, client: Client, settings: LazySettings
) -> None:
    """No database mark on this test: none of these pages may ask it anything."""
    page = answer(error, client, settings)
    assert page.status_code == status
    assert words in page.text
    assert "secret-0815" not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert ("Retry-After" in page.headers) == (status == 503)
    if status >= 500:
        assert "asked-for-0123" in page.text


@pytest.mark.django_db
def test_a_method_a_page_does_not_take(client: Client) -> None:
    page = client.post("/accessibility/")
    assert page.status_code == 405
    assert page.headers["Allow"] == "GET, HEAD"
    assert "takes no such request" in page.text


@pytest.mark.django_db
def test_a_form_that_is_too_large(client: Client, settings: LazySettings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    page = client.post("/sign-in/", {"login": "x" * 200, "password": "x"})
    assert page.status_code == 413
    assert "too large to send" in page.text


@pytest.mark.django_db
def test_an_upload_that_cannot_be_kept_says_so_and_leaves_nothing(
    client: Client, settings: LazySettings, tmp_path: Path, june: Any, ngh: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """A store that cannot be written: a page that says so, no row, no part of a file."""
    settings.UPLOAD_ROOT = tmp_path / "uploads"
    person = User.objects.create_user("amara", "amara@example.org")
    Grant.objects.create(user=person, role="finance_lead", organisation=ngh)
    client.force_login(person)
    client.raise_request_exception = False

    def refuses(*_: object) -> None:
        raise PermissionError(errno.EACCES, "read-only")

    monkeypatch.setattr(storage, "_write", refuses)
    with clock.at(june.opens_at):
        page = upload(client)
    assert page.status_code == 503, page.text[:500]
    assert "no room" in page.text.lower()
    assert not Return.objects.exists()
    assert [p for p in settings.UPLOAD_ROOT.rglob("*") if p.is_file()] == []


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/sign-in/", "/password/forgotten/"])
def test_a_form_in_letters_nobody_reads_is_no_fault_of_ours(address: str) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.get(address)
    kind = "application/x-www-form-urlencoded; charset=utf-7"
    answer = browser.post(address, data=b"login=x", content_type=kind)
    assert answer.status_code == 400
    assert b"could not" in answer.content or b"cannot" in answer.content
