"""S6: nobody is sent elsewhere, no form is taken that another site sent, no page is framed."""

from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from stp.accounts.models import Grant, Session, User
from stp.core.permissions import Role
from tests.access_world import routes

PASSWORD = "correct horse battery"
pytestmark = pytest.mark.django_db

ELSEWHERE = [
    "https://evil.example/",
    "http://evil.example",
    "//evil.example/overview/",
    "///evil.example",
    "////evil.example",
    r"\\evil.example",
    r"/\evil.example",
    r"\/evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    " https://evil.example",
    "https:evil.example",
    "https:///evil.example",
    "https://testserver@evil.example/",
    "https://testserver:x@evil.example/",
    "//testserver@evil.example",
    "https://testserver.evil.example/",
    "http://evil.example#@testserver/",
    "http://evil.example?@testserver/",
    "http://localhost/",  # another name of ALLOWED_HOSTS is another place all the same
    "javascript:alert(1)",
    "JaVaScRiPt://testserver/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "//evil。example",
    "https://ｅｖｉｌ.example/",
    "//%65vil.example",
    "http://[::1]@evil.example",
    "http://evil.example\r\nSet-Cookie: a=b",
    "https%3A%2F%2Fevil.example",
    "\x00//evil.example",
]


@pytest.fixture
def amara() -> User:
    user = User.objects.create_user("amara", "amara@example.org", PASSWORD)
    Grant.objects.create(user=user, role=Role.BOARD)
    return user


def signed_in(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def stays_here(answer: Any) -> bool:
    """Whether a browser that follows the answer is still on this site."""
    location = answer.headers.get("Location", "/").replace("\\", "/")
    parts = urlsplit(location)
    return not parts.scheme and not parts.netloc and not location.startswith("//")


@pytest.mark.parametrize("target", ELSEWHERE)
def test_next_leads_nowhere_else(amara: User, target: str) -> None:
    """Every page that takes a `next`, in the address and in the form, signed in and not."""
    login = {"login": "amara@example.org", "password": PASSWORD}
    asked = quote(target, safe="")
    tried = {
        "sign-in, form": Client().post("/sign-in/", {**login, "next": target}),
        "sign-in, address": Client().post(f"/sign-in/?next={asked}", login),
        "sign-in, who is in": signed_in(amara).get(f"/sign-in/?next={asked}"),
        "sign-out": signed_in(amara).post(f"/sign-out/?next={asked}", {"next": target}),
        "again": _again(amara, target),
        "password": signed_in(amara).post(
            f"/password/?next={asked}",
            {"oldpassword": PASSWORD, "password1": "quite another phrase",
             "password2": "quite another phrase", "next": target},
        ),
        "forgotten": Client().post(
            f"/password/forgotten/?next={asked}", {"email": "a@example.org", "next": target}
        ),
        "administration": signed_in(amara).get(f"/admin/login/?next={asked}"),
        "to the door": Client().get(f"/overview/?next={asked}"),
    }  # fmt: skip
    assert tried["sign-in, form"].status_code == 302, "it is the right password"
    away = {name: a.headers.get("Location") for name, a in tried.items() if not stays_here(a)}
    assert not away, away


def _again(user: User, target: str) -> Any:
    browser = Client()
    browser.post("/sign-in/", {"login": user.email, "password": PASSWORD})
    asked = quote(target, safe="")
    answer = browser.post(f"/reauthenticate/?next={asked}", {"password": PASSWORD, "next": target})
    user.set_password(PASSWORD)
    user.save()
    return answer


def test_next_leads_to_a_place_of_this_site(amara: User) -> None:
    """The twin: the same forms do go on to where they may."""
    login = {"login": "amara@example.org", "password": PASSWORD}
    answer = Client().post("/sign-in/", {**login, "next": "/gap/?period=2017-06"})
    assert answer.headers["Location"] == "/gap/?period=2017-06"
    again = _again(amara, "/gap/")
    assert again.headers["Location"] == "/gap/"


ARGUMENTS = {
    "pk": "1", "id": "UC", "ref": "UC-01", "organisation_id": "ngh", "uidb64": "MQ",
    "token": "no-token", "object_id": "1", "content_type_id": "1", "app_label": "core",
    "url": "x", "version": "1", "number": "1", "earlier": "1", "later": "1",
}  # fmt: skip


def addresses() -> list[str]:
    """Every route of the site, filled in with something."""
    found = []
    for route in routes(get_resolver()).values():
        address = "/" + route.removesuffix("$").replace("(?P<url>.*)", "x")
        while "<" in address:
            start, _, rest = address.partition("<")
            inside, _, end = rest.partition(">")
            kind, _, name = inside.rpartition(":")
            filler = "1" if kind == "int" else ARGUMENTS.get(name, "x")
            address = start + filler + end
        if "(?P" not in address and "^" not in address:
            found.append(address)
    return found


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param({}, id="no token"),
        pytest.param({"csrfmiddlewaretoken": "A" * 64}, id="made-up token"),
        pytest.param({"HTTP_ORIGIN": "https://evil.example"}, id="foreign origin"),
        pytest.param({"HTTP_ORIGIN": "null"}, id="origin hidden"),
    ],
)
def test_every_form_that_another_site_sends_is_refused(amara: User, sent: dict[str, str]) -> None:
    """Each route and unsafe method, by somebody who may do everything."""
    Grant.objects.create(user=amara, role=Role.ADMINISTRATOR)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(amara)
    browser.get("/sessions/")
    token = browser.cookies["csrftoken"].value
    wrong = {}
    for address in addresses():
        if address.startswith("/health/"):
            continue  # looked at before anything is known of who asks; takes no form
        for method in ("post",) if sent else ("post", "put", "patch", "delete"):
            headers = {k: v for k, v in sent.items() if k.startswith("HTTP_")}
            form = {k: v for k, v in sent.items() if not k.startswith("HTTP_")}
            if headers:  # even with the right token
                headers["HTTP_X_CSRFTOKEN"] = token
            given: Any = form if method == "post" else ""
            answer = getattr(browser, method)(address, given, **headers)
            # A method that no page of the site takes may be refused before who asks is looked at.
            if answer.status_code not in ((403,) if method == "post" else (403, 405)):
                wrong[f"{method} {address}"] = answer.status_code
    assert not wrong, wrong
    assert len(addresses()) > 40


def test_with_the_right_token_from_here_a_form_is_taken(amara: User) -> None:
    """The twin of the refusals."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(amara)
    browser.get("/sessions/")
    answer = browser.post(
        reverse("accounts:session-end"), {"session": "others"},
        HTTP_X_CSRFTOKEN=browser.cookies["csrftoken"].value, HTTP_ORIGIN="http://testserver",
    )  # fmt: skip
    assert answer.status_code == 302


def test_no_other_site_can_sign_somebody_in(amara: User) -> None:
    """Login CSRF: being signed in as somebody else without noticing."""
    login = {"login": "amara@example.org", "password": PASSWORD}
    for headers in ({}, {"HTTP_ORIGIN": "https://evil.example"}):
        browser = Client(enforce_csrf_checks=True)
        browser.get("/sign-in/")
        form = {**login, "csrfmiddlewaretoken": browser.cookies["csrftoken"].value}
        answer = browser.post("/sign-in/", form if headers else login, **headers)  # type: ignore[arg-type]  # headers
        assert answer.status_code == 403, headers
        assert not Session.objects.filter(user=amara).exists()
    browser = Client(enforce_csrf_checks=True)
    browser.get("/sign-in/")
    token = browser.cookies["csrftoken"].value
    assert browser.post("/sign-in/", {**login, "csrfmiddlewaretoken": token}).status_code == 302
    assert browser.cookies["csrftoken"].value != token, "a token from before is worth nothing after"


def test_no_page_can_be_framed(amara: User) -> None:
    Grant.objects.create(user=amara, role=Role.ADMINISTRATOR)
    for browser in (Client(raise_request_exception=False), signed_in(amara)):
        for address in addresses():
            if address.startswith("/health/"):
                continue  # a few words for machines
            answer = browser.get(address)
            assert answer.headers["X-Frame-Options"] == "DENY", address
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], address
