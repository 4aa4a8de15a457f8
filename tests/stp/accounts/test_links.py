"""S7, S2: links to choose a password work once, for a time, for whom they were made; and hide."""

import datetime as dt
import io
import logging
import re
from typing import Any
from unittest.mock import patch

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from stp.accounts import actions
from stp.accounts.links import LINKS, Tokens
from stp.accounts.models import Session, User
from stp.core import jobs, logs
from stp.core.models import AuditEvent, Job, Organisation
from stp.core.permissions import ROLES, Role
from tests.small_system import person

PASSWORD = "correct horse battery"
CHOSEN = {"new_password1": "three quite new words", "new_password2": "three quite new words"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def amara() -> User:
    return User.objects.create_user("amara", "amara@example.org", PASSWORD, first_name="Amara")


def ask(email: str) -> Any:
    return Client().post(reverse("account_reset_password"), {"email": email}, follow=True)


def work() -> None:
    """The worker's part: everything that waits."""
    for job in jobs.due():
        jobs.run(job)


def link() -> str:
    """The address in the last letter, without the site."""
    found = re.search(r"http://testserver(/\S+)", str(mail.outbox[-1].body))
    assert found, mail.outbox[-1].body
    return found.group(1)


def choose(address: str, browser: Client | None = None, **form: str) -> Any:
    """Follow a link as a browser does, and send the form if there is one."""
    browser = browser or Client()
    page = browser.get(address, follow=True)
    if "This link no longer works" in page.content.decode():
        return page
    return browser.post(page.redirect_chain[-1][0], form or CHOSEN)


def comes_in(password: str) -> bool:
    answer = Client().post("/sign-in/", {"login": "amara@example.org", "password": password})
    return answer.status_code == 302


def test_a_forgotten_password_from_the_letter_to_the_door(amara: User) -> None:
    signed_in = Client()
    signed_in.force_login(amara)
    ask("Amara@Example.org ")
    assert not mail.outbox, "no letter is written while the person waits"
    work()
    assert mail.outbox[0].to == ["amara@example.org"]
    assert "Amara" in mail.outbox[0].body
    address = link()
    assert choose(address).headers["Location"] == "/sign-in/"
    assert comes_in(CHOSEN["new_password1"])
    assert not comes_in(PASSWORD)
    assert signed_in.get("/help/").status_code == 302, "whoever was signed in with the old is out"
    assert "no longer works" in choose(address).content.decode(), "once"
    verbs = list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs[:2] == ["was sent a link by e-mail", "chose a new password"]


def test_asking_says_the_same_whoever_is_asked_about(amara: User) -> None:
    User.objects.create_user("gone", "gone@example.org", PASSWORD, is_active=False)
    pages, queries = set(), set()
    for email in ("amara@example.org", "nobody@example.org", "gone@example.org"):
        before = Job.objects.count()
        answer = ask(email)
        pages.add(answer.content.decode())
        queries.add(Job.objects.count() - before)
    assert len(pages) == 1, "the same words"
    assert queries == {1}, "and the same work: only the job looks whether anybody has the address"
    work()
    assert [letter.to for letter in mail.outbox] == [["amara@example.org"]]
    assert not Job.objects.exclude(payload={}).exists(), "the addresses are forgotten"
    assert not Job.objects.filter(key__contains="example").exists()


def test_asking_again_and_again_sends_few_letters(amara: User, settings: Any) -> None:
    for _ in range(3):
        ask("amara@example.org")
    assert Job.objects.count() == 1, "one waits"
    for _ in range(10):
        ask("amara@example.org")
        work()
    assert len(mail.outbox) == settings.LETTERS_MOST


@pytest.mark.parametrize(("kind", "hours"), [("reset", 2), ("invitation", 168)])
def test_a_link_grows_old(amara: User, kind: str, hours: int) -> None:
    tokens = LINKS[kind].tokens
    made = dt.datetime(2026, 1, 1, 9)  # noqa: DTZ001 - as Django counts them
    with patch.object(Tokens, "_now", lambda self: made):
        token = tokens.make_token(amara)
    for after, good in ((0, True), (hours * 3600, True), (hours * 3600 + 1, False)):
        later = made + dt.timedelta(seconds=after)
        with patch.object(Tokens, "_now", lambda self, later=later: later):
            assert tokens.check_token(amara, token) is good, after


def test_a_link_is_for_its_person_and_kind_only(amara: User) -> None:
    other = User.objects.create_user("bilal", "bilal@example.org", PASSWORD)
    token = LINKS["reset"].tokens.make_token(amara)
    assert not LINKS["reset"].tokens.check_token(other, token)
    assert not LINKS["invitation"].tokens.check_token(amara, token)
    assert not LINKS["reset"].tokens.check_token(amara, token[:-1] + "x")
    for broken in (None, "", "x", "-", "zz-", "💥-💥"):
        assert not LINKS["reset"].tokens.check_token(amara, broken)


@pytest.mark.parametrize("event", ["signed in", "switched off", "e-mail changed"])
def test_a_link_is_worthless_after(amara: User, event: str) -> None:
    ask("amara@example.org")
    work()
    if event == "signed in":
        assert comes_in(PASSWORD)
    elif event == "switched off":
        User.objects.filter(pk=amara.pk).update(is_active=False)
    else:
        User.objects.filter(pk=amara.pk).update(email="other@example.org")
    page = choose(link())
    assert "This link no longer works" in page.content.decode()
    assert User.objects.get(pk=amara.pk).check_password(PASSWORD)


def test_the_token_leaves_the_address_and_no_page_passes_it_on(amara: User) -> None:
    ask("amara@example.org")
    work()
    address = link()
    token = address.rstrip("/").rsplit("/", 1)[1]
    browser = Client()
    first = browser.get(address)
    assert first.status_code == 302
    assert token not in first.headers["Location"]
    assert first.headers["Referrer-Policy"] == "no-referrer"
    page = browser.get(first.headers["Location"])
    assert token not in page.content.decode()
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in page.headers["Cache-Control"]
    assert Client().get(first.headers["Location"]).status_code == 200, "a page that says no"
    dead = Client().get(address.replace(token, "abc-def"))
    assert dead.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("form", ["json", "line"])
def test_no_log_line_has_a_link(amara: User, form: str) -> None:
    """Not even of a request that is refused, whose address Django writes down."""
    ask("amara@example.org")
    written = io.StringIO()
    ours = logging.StreamHandler(written)
    ours.setFormatter(logs.FORMATS[form]())
    logging.getLogger().addHandler(ours)
    level = logging.getLogger().level
    logging.getLogger().setLevel(logging.INFO)
    try:
        work()
        address = link()
        strict = Client(enforce_csrf_checks=True)
        strict.post(address, CHOSEN)
        page = strict.get(address, follow=True)
        assert strict.post(page.redirect_chain[-1][0], CHOSEN).status_code == 403
        strict.put(address)
        Client().get(address + "nothing-here/")
        logging.getLogger("gunicorn.access").info('"GET %s HTTP/1.1" 302', address)
    finally:
        logging.getLogger().removeHandler(ours)
        logging.getLogger().setLevel(level)
    token = address.rstrip("/").rsplit("/", 1)[1]
    told = [line for line in written.getvalue().splitlines() if token in line]
    assert not told
    assert "[link]" in written.getvalue(), "there were such lines"
    assert token not in str(list(AuditEvent.objects.values()))
    assert token not in str(list(Job.objects.values()))


def test_a_link_in_somebody_elses_browser_signs_them_out(amara: User) -> None:
    browser = Client()
    browser.force_login(User.objects.create_user("bilal", "bilal@example.org", PASSWORD))
    ask("amara@example.org")
    work()
    choose(link(), browser)
    assert browser.get("/help/").status_code == 302


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        ("short", "short", "at least 12"),
        ("password1234", "password1234", "too common"),
        ("three quite new words", "three quite old words", "didn’t match"),
    ],
)
def test_a_bad_password_is_refused_and_the_link_stays_good(
    amara: User, first: str, second: str, says: str
) -> None:
    ask("amara@example.org")
    work()
    address = link()
    page = choose(address, new_password1=first, new_password2=second)
    assert says in page.content.decode().replace("&#x27;", "’")
    assert choose(address).status_code == 302


def test_a_new_password_opens_a_locked_door(amara: User) -> None:
    for _ in range(6):
        comes_in("wrong")
    assert not comes_in(PASSWORD)
    ask("amara@example.org")
    work()
    choose(link())
    assert comes_in(CHOSEN["new_password1"])


@pytest.mark.django_db(transaction=True)  # a failed job gives its connection up
def test_a_letter_that_cannot_be_sent_is_tried_again_and_then_on_the_trail(amara: User) -> None:
    ask("amara@example.org")
    with patch("django.core.mail.message.EmailMessage.send", side_effect=OSError("no mail server")):
        for _ in range(3):
            work()
    assert Job.objects.get().state == Job.State.QUARANTINED
    alarm = AuditEvent.objects.get(verb=actions.ALARM)
    assert alarm.object_label == "a letter to Amara that could not be sent"


def test_an_invitation_from_the_form_to_the_first_sign_in(ngh: Organisation) -> None:
    admin = person(Role.ADMINISTRATOR)
    browser = Client()
    browser.force_login(admin)
    form = {
        "first_name": "Finlay", "last_name": "New", "email": "Finlay@Example.org",
        "job_title": "", "role": "finance_lead", "organisation": "ngh",
    }  # fmt: skip
    page = browser.post(reverse("accounts:person-invite"), form, follow=True)
    assert "Finlay New is invited" in page.content.decode()
    assert "Invited, no password yet" in page.content.decode()
    user = User.objects.get(email="finlay@example.org")
    assert user.is_invited
    assert str(user.grants.get()) == "Finlay New: Finance lead of NGH"
    work()
    assert mail.outbox[0].to == ["finlay@example.org"]
    assert choose(link()).status_code == 302
    answer = Client().post(
        "/sign-in/", {"login": "finlay@example.org", "password": CHOSEN["new_password1"]}
    )
    assert answer.status_code == 302
    verbs = set(AuditEvent.objects.filter(by=admin.pk).values_list("verb", flat=True))
    assert {"invited", "gave role"} <= verbs


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"email": "amara@EXAMPLE.org"}, "has this address already"),
        ({"role": "finance_lead"}, "Choose the organisation this person acts for"),
        ({"email": "nowhere"}, "valid email address"),
        ({"role": "emperor"}, "not one of the available choices"),
        ({"last_name": ""}, "Enter last name"),
        *(
            ({"role": role.value, "organisation": "kgh"}, f"The role of {ROLES[role].name.lower()}"
             " covers the whole programme: leave the organisation empty.")
            for role in Role if role not in (Role.FINANCE_LEAD, Role.FINANCE_DIRECTOR)
        ),
    ],
)  # fmt: skip
def test_a_faulty_invitation_says_why(
    amara: User, kgh: Organisation, change: dict[str, str], says: str
) -> None:
    browser = Client()
    browser.force_login(person(Role.ADMINISTRATOR))
    form = {"first_name": "A", "last_name": "B", "email": "new@example.org", "role": "board"}
    page = browser.post(reverse("accounts:person-invite"), {**form, **change})
    assert page.status_code == 200
    assert says in page.content.decode()
    assert User.objects.count() == 2
    assert not Job.objects.exists()


def test_an_invited_administrator_may_open_the_administration() -> None:
    by = person(Role.ADMINISTRATOR)
    user = actions.invite(
        email="new@example.org", first_name="N", last_name="A", role=Role.ADMINISTRATOR,
        organisation=None, site="http://testserver/", by=by,
    )  # fmt: skip
    browser = Client()
    browser.force_login(user)
    assert browser.get("/admin/").status_code == 200


def page_of(user: User, by: Role) -> tuple[Client, str]:
    browser = Client()
    browser.force_login(person(by))
    return browser, browser.get(reverse("accounts:person-detail", args=[user.pk])).content.decode()


def test_the_programme_office_opens_a_locked_door_and_does_no_more(amara: User) -> None:
    for _ in range(6):
        comes_in("wrong")
    browser, page = page_of(amara, Role.PMO)
    assert "Locked out for a while" in page
    assert "Switch" not in page
    assert "Signed in with" not in page
    listed = browser.get(reverse("accounts:person-list")).content.decode()
    assert "Locked out for a while" in listed
    assert "Invite a person" not in listed
    assert browser.post(reverse("accounts:person-open", args=[amara.pk])).status_code == 302
    assert comes_in(PASSWORD)
    for name in ("link", "switch", "end-session"):
        address = reverse(f"accounts:person-{name}", args=[amara.pk])
        assert browser.post(address).status_code == 403, name
    assert AuditEvent.objects.filter(verb="opened sign-in again for").count() == 1


def test_an_administrator_switches_off_and_on_and_sends_links(amara: User) -> None:
    at_work = Client()
    at_work.force_login(amara)
    browser, page = page_of(amara, Role.ADMINISTRATOR)
    assert "Switch the account off" in page
    switch = reverse("accounts:person-switch", args=[amara.pk])
    page = browser.post(switch, {"on": "no"}, follow=True).content.decode()
    assert "Switched off" in page
    assert at_work.get("/help/").status_code == 302
    assert not Session.objects.filter(user=amara).exists()
    browser.post(switch, {"on": "no"})  # again: nothing more happens
    browser.post(switch, {"on": "yes"})
    assert comes_in(PASSWORD)
    verbs = AuditEvent.objects.filter(object_id=str(amara.pk)).values_list("verb", flat=True)
    assert sorted(v for v in verbs if "switched" in v) == ["switched off", "switched on"]
    browser.post(reverse("accounts:person-link", args=[amara.pk]))
    work()
    assert "new password" in mail.outbox[0].subject
    assert browser.get(reverse("accounts:person-detail", args=[999_999])).status_code == 404


def test_nobody_switches_themselves_off() -> None:
    admin = person(Role.ADMINISTRATOR)
    browser = Client()
    browser.force_login(admin)
    page = browser.post(
        reverse("accounts:person-switch", args=[admin.pk]), {"on": "no"}, follow=True
    ).content.decode()
    assert "You cannot switch off your own account" in page
    assert User.objects.get(pk=admin.pk).is_active


@pytest.mark.parametrize("act", ["invite", "send_link", "switch", "open_door"])
def test_the_actions_themselves_ask_who_acts(amara: User, act: str) -> None:
    by = person(Role.BOARD)
    calls: dict[str, Any] = {
        "invite": lambda: actions.invite(
            email="n@example.org", first_name="N", last_name="N", role=Role.BOARD,
            organisation=None, site="", by=by,
        ),
        "send_link": lambda: actions.send_link(user=amara, site="", by=by),
        "switch": lambda: actions.switch(user=amara, on=False, by=by),
        "open_door": lambda: actions.open_door(user=amara, by=by),
    }  # fmt: skip
    with pytest.raises(actions.NotAllowedError):
        calls[act]()


def test_pages_say_where_the_letters_are_kept(amara: User, settings: Any) -> None:
    for kept in (True, False):
        settings.MAIL_IS_KEPT = kept
        assert ("sends no e-mail" in ask("amara@example.org").content.decode()) is kept
