"""A5: what is on the trail besides changes, and what never is, there or in the log."""

import json
import logging
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse

from stp.accounts.models import Grant, User
from stp.core import clock, trail
from stp.core.models import AuditEvent, Organisation, ReportingPeriod
from tests.conftest import make_period
from tests.small_system import Row, lay_out, send

pytestmark = pytest.mark.django_db
PASSWORD = "planted-password-7781"
SECRETS = (PASSWORD, "planted-token-7782", "planted-cell-7783", "planted-cookie-7784")


def _person(role: str, organisation: str | None = None) -> tuple[User, Client]:
    user = User.objects.create_user(role, f"{role}@example.org", PASSWORD)
    Grant.objects.create(user=user, role=role, organisation_id=organisation)
    browser = Client()
    browser.force_login(user)
    return user, browser


def _last() -> AuditEvent:
    return AuditEvent.objects.latest("pk")


@pytest.fixture
def programme(demo_clock: Any, settings: Any, tmp_path: Any) -> None:
    settings.UPLOAD_ROOT = tmp_path
    lay_out(organisations=("ngh", "kgh"))


def test_a_refused_page_is_on_the_trail(programme: None) -> None:
    user, browser = _person("board")
    answer = browser.get("/returns/")
    assert answer.status_code == 403
    event = _last()
    assert (event.verb, event.by, event.object_id) == (
        "was refused",
        user.pk,
        "returns:return-list",
    )
    assert event.request_id == answer.headers["X-Request-ID"]


@pytest.mark.parametrize("method", ["get", "post"])
def test_another_trust_s_return_leaves_the_number_that_was_tried(
    programme: None, method: str
) -> None:
    """The trail does not say whether it is there: its readers look that up themselves."""
    theirs = send("kgh", "2017-06", [Row()])
    _, browser = _person("finance_lead", "ngh")
    assert getattr(browser, method)(f"/returns/{theirs.pk}/preview/").status_code == 404
    event = _last()
    assert (event.verb, event.after["pk"]) == ("found nothing at", str(theirs.pk))
    assert event.after.get("method") == (None if method == "get" else "POST")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_is_on_the_trail(programme: None, kind: str) -> None:
    _, browser = _person("auditor")
    answer = browser.get(f"/changes/?format={kind}&q={SECRETS[1]}")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    event = _last()
    assert (event.verb, event.object_id) == ("downloaded", "core:change-list")
    assert event.after == {"format": kind, "q": trail.NOT_KEPT}


def test_reading_leaves_nothing(programme: None) -> None:
    _, browser = _person("board")
    before = AuditEvent.objects.count()
    for address in ("/overview/", "/changes/", "/no/such/page/", "/help/"):
        browser.get(address)
    browser.head("/changes/?format=csv")
    Client().get("/returns/")
    assert AuditEvent.objects.count() == before


def test_a_trail_that_cannot_be_written_does_not_change_the_answer(
    programme: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise DatabaseError("no room")

    _, browser = _person("board")
    monkeypatch.setattr("stp.core.audit.record", broken)
    assert browser.get("/returns/").status_code == 403
    assert "the trail misses" in caplog.text


def _refused_uploads(browser: Client) -> None:
    """One that is no workbook, and one for a period that takes none."""
    sent = {"organisation": "ngh", "kind": "finance", "period": "2017-06", "basis": "in_month"}
    wrong = SimpleUploadedFile("r.docx", SECRETS[2].encode())
    browser.post("/returns/send/", {**sent, "file": wrong})
    plan = SimpleUploadedFile("r.csv", f"Scheme ref\n{SECRETS[2]}\n".encode())
    browser.post("/returns/send/", {**sent, "kind": "plan", "file": plan})


def test_each_refused_upload_is_on_the_trail(programme: None) -> None:
    _, browser = _person("finance_lead", "ngh")
    _refused_uploads(browser)
    refused = AuditEvent.objects.filter(verb="refused a file of").order_by("pk")
    codes = [event.after["Code"] for event in refused]
    assert len(codes) == 2, codes
    assert codes[0] == "wrong_type"
    assert all(event.reason and event.organisation_id == "ngh" for event in refused)


def test_no_secret_reaches_trail_or_log(programme: None, caplog: pytest.LogCaptureFixture) -> None:
    """Passwords right and wrong, a token in an address, a cookie, a file's cell."""
    caplog.set_level(logging.INFO)
    user, browser = _person("finance_lead", "ngh")
    door = reverse("account_login")
    stranger = Client()
    stranger.post(door, {"login": user.email, "password": PASSWORD + "x"})
    stranger.post(door, {"login": user.email, "password": PASSWORD})
    stranger.get(f"/password/new/MQ/{SECRETS[1]}/", headers={"cookie": f"other={SECRETS[3]}"})
    browser.get(f"/changes/?format=csv&token={SECRETS[1]}")
    browser.get(f"/people/7/?token={SECRETS[1]}")
    session = browser.session.session_key or "?"
    _refused_uploads(browser)
    file = SimpleUploadedFile("good.csv", f"Scheme ref,Title\nUC-01,{SECRETS[2]}\n".encode())
    sent = {"organisation": "ngh", "kind": "finance", "period": "2017-06", "basis": "in_month"}
    browser.post("/returns/send/", {**sent, "file": file})
    verbs = set(AuditEvent.objects.values_list("verb", flat=True))
    assert {"signed in", "was refused sign-in", "refused a file of", "received"} <= verbs, verbs
    told = json.dumps(list(AuditEvent.objects.values()), default=str) + caplog.text
    for secret in (*SECRETS, session):
        assert secret not in told


def test_what_is_kept_of_an_address_is_one_short_line() -> None:
    shown = trail._shown({"ref": "a\r\nb\x1b[2J" + "x" * 500, "not a name": "1", "mine": "2"})
    assert shown == {"ref": ("a��b�[2J" + "x" * 500)[: trail.LONGEST], "mine": trail.NOT_KEPT}


def test_opening_closing_and_roles_are_on_the_trail(programme: None) -> None:
    """Each by its own action; here only that the verbs are there, with who did it."""
    from stp.accounts import actions as people
    from stp.core import changes
    from stp.core.permissions import Role
    from stp.cycle import actions as cycle

    administrator, _ = _person("administrator")
    pmo, _ = _person("pmo")
    late = make_period("2017-07", state="planned")
    with clock.at(late.opens_at):
        changes.pass_dates(late)
    grant = people.give_grant(
        user=pmo, role=Role.FINANCE_LEAD, by=administrator,
        organisation=Organisation.objects.get(pk="ngh"),
    )  # fmt: skip
    people.take_grant(grant=grant, by=administrator)
    april = ReportingPeriod.objects.get(pk="2017-04")
    cycle.close_period(period=april, by=pmo, reason="The month is complete.")
    said = dict(AuditEvent.objects.order_by("pk").values_list("verb", "by_name"))
    assert said["opened"] == "The tracker"
    assert said["closed"] == "pmo"
    assert (said["gave role"], said["took role"]) == ("administrator", "administrator")
