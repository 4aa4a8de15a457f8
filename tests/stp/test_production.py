"""Production: what start-up refuses (D1), and the headers of every answer there is (D2).

The values come from stp/settings.py itself, read by a process in production mode; every route
of the site is then asked in this process with them.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import override_settings
from django.urls import get_resolver, path

from stp import urls as ours
from stp.core import clock
from stp.core.access import requires
from stp.core.permissions import Permission
from tests import checks
from tests.access_table import ADMINISTRATOR, LEAD, NOBODY, PMO, TABLE
from tests.access_world import PASSWORD, World, build, routes
from tests.children import ROOT
from tests.conftest import DEMO_MOMENT
from tests.stp.returns.pages import let_go

# Said once more by hand: a slip in the settings must not move the test with it.
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; object-src 'none'"
)
YEAR = 31_536_000
READERS = (NOBODY, LEAD, PMO, ADMINISTRATOR)
KEPT = re.compile(r"SECURE_|SESSION_COOKIE_|CSRF_COOKIE_|X_FRAME_|MIDDLEWARE$|WHITENOISE_ALLOW")


# -- D1 --------------------------------------------------------------------------------------------


def start(tmp_path: Path, **changes: str | None) -> subprocess.CompletedProcess[str]:
    """Read the settings in production mode, with names changed or (None) taken away."""
    env: dict[str, str | None] = {
        **os.environ, **checks.PRODUCTION, "STP_DATA_DIR": str(tmp_path), **changes,
    }  # fmt: skip
    show = (
        "import json; from stp import settings as s; print(json.dumps({k: v for k, v in "
        "vars(s).items() if k.isupper()}, default=str))"
    )
    return subprocess.run(
        [sys.executable, "-c", show],
        cwd=ROOT, env={k: v for k, v in env.items() if v is not None},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_sound_environment_starts(tmp_path: Path) -> None:
    done = start(tmp_path)
    assert done.returncode == 0, done.stderr[-1000:]
    assert json.loads(done.stdout)["DEBUG"] is False


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"DEBUG": "1"}, "DEBUG shows everybody"),
        ({"SECRET_KEY": None}, "Set SECRET_KEY"),
        ({"SECRET_KEY": "k" * 49}, "SECRET_KEY is too short"),
        ({"SECRET_KEY": "abcd" * 20}, "SECRET_KEY is easy to guess"),
        ({"SECRET_KEY": "django-insecure-" + "0123456789" * 5}, "SECRET_KEY is easy to guess"),
        ({"ALLOWED_HOSTS": None}, "Set ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": "*"}, "Set ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": "tracker.example.org,*"}, "Set ALLOWED_HOSTS"),
        ({"STP_TLS_HEADER": None}, "Set STP_TLS_HEADER"),
        ({"STP_TLS_HEADER": "X-Forwarded-Proto: https"}, "STP_TLS_HEADER is a header's name"),
        ({"STP_HEALTH_TOKEN": "short"}, "STP_HEALTH_TOKEN is too short"),
        ({"STP_LOG_FORMAT": "xml"}, "STP_LOG_FORMAT is json or line"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_anything_unsafe_refuses_to_start(
    changes: dict[str, str | None], sentence: str, tmp_path: Path
) -> None:
    done = start(tmp_path, **changes)
    assert done.returncode != 0, f"it started with {changes}"
    assert sentence in done.stderr.splitlines()[-1]


def test_a_secret_may_be_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text(checks.PRODUCTION["SECRET_KEY"] + "\n")
    done = start(tmp_path, SECRET_KEY=None, SECRET_KEY_FILE=str(secret))
    assert json.loads(done.stdout)["SECRET_KEY"] == checks.PRODUCTION["SECRET_KEY"]


# -- D2 --------------------------------------------------------------------------------------------


@requires(Permission.PUBLIC)
def breaks(request: HttpRequest) -> HttpResponse:
    raise ValueError("a fault of ours")


@requires(Permission.PUBLIC)
def away(request: HttpRequest) -> HttpResponse:
    raise OperationalError("the database is away")


handler400, handler500 = ours.handler400, ours.handler500
urlpatterns = [path("breaks/", breaks), path("away/", away), *ours.urlpatterns]


@pytest.fixture(scope="module")
def world(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Everybody signed in, under the settings of production."""
    folder = tmp_path_factory.mktemp("production")
    values: dict[str, Any] = json.loads(start(folder).stdout)
    kept = {name: value for name, value in values.items() if KEPT.match(name)}
    kept["SECURE_PROXY_SSL_HEADER"] = tuple(kept["SECURE_PROXY_SSL_HEADER"])
    kept |= {"ALLOWED_HOSTS": [*values["ALLOWED_HOSTS"], "testserver"], "UPLOAD_ROOT": folder}
    with (
        django_db_blocker.unblock(),
        override_settings(**kept, ROOT_URLCONF=__name__),
        clock.at(DEMO_MOMENT),
        transaction.atomic(),
    ):
        made = build(folder)
        for browser in made.browsers.values():
            behind_tls(browser)
        yield made
        transaction.set_rollback(True)


def behind_tls(browser: Client) -> Client:
    """As the proxy passes it on."""
    browser.defaults["HTTP_X_FORWARDED_PROTO"] = "https"
    browser.raise_request_exception = False
    return browser


def faults(answer: Any, *, cached: bool = False, https: bool = True) -> list[str]:
    """What is wrong with the headers of an answer."""
    headers = answer.headers
    wanted = {
        "Content-Security-Policy": CSP,
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }
    found = [f"{n}: {headers.get(n)}" for n, value in wanted.items() if headers.get(n) != value]
    # A page whose address is a secret (a link to choose a password) sends none at all.
    if headers.get("Referrer-Policy") not in ("same-origin", "no-referrer"):
        found.append("Referrer-Policy")
    hsts = headers.get("Strict-Transport-Security", "")
    age = re.match(r"max-age=(\d+)", hsts)
    if https and not (age and int(age[1]) >= YEAR and "includeSubDomains" in hsts):
        found.append(f"HSTS: {hsts}")
    kept = headers.get("Cache-Control", "")
    private = "no-store" in kept or ("ETag" in headers and kept == "private, no-cache")
    if private == cached:
        found.append(f"Cache-Control: {kept}")
    found += [f"{name} is there" for name in ("X-Powered-By", "Server") if name in headers]
    return found + [fault for cookie in answer.cookies.values() for fault in crumbs(cookie)]


def crumbs(cookie: Any) -> list[str]:
    """What is wrong with a cookie; one that is taken away carries no attributes to look at."""
    if not cookie.value:
        return []
    sound = cookie["secure"] and cookie["httponly"] and cookie["samesite"] == "Lax"
    hosted = cookie.key.startswith("__Host-") and cookie["path"] == "/" and not cookie["domain"]
    return [] if sound and hosted else [f"cookie: {cookie.output()}"]


@pytest.mark.parametrize("name", sorted(routes(get_resolver())))
@pytest.mark.django_db
def test_every_route(name: str, world: World) -> None:
    """Read by four people, own object and none; and sent an empty form."""
    row = TABLE[name]
    for who in READERS:
        for method, relation in (("get", "own"), ("get", "never"), ("post", "own")):
            answer = world.ask(who, method, world.address(name, row.about, relation))
            assert not faults(answer), f"{who} {method} {relation}: {answer.status_code}"


def answer_of(world: World, who: str, address: str, **headers: str) -> Any:
    return world.browsers[who].get(address, headers=headers)


@pytest.mark.parametrize(
    ("status", "who", "address", "headers"),
    [
        (400, PMO, "/help/", {"host": "elsewhere.example.org"}),
        (403, LEAD, "/admin/", {}),
        (404, PMO, "/no-such-page/", {}),
        (404, NOBODY, "/no%00page/", {}),
        (500, PMO, "/breaks/", {}),
        (500, NOBODY, "/breaks/", {}),
        (503, PMO, "/away/", {}),
        (301, PMO, "/help", {}),
        (302, NOBODY, "/help/", {}),
        (200, NOBODY, "/health/live", {"host": "10.0.0.1"}),
    ],
)  # fmt: skip
@pytest.mark.django_db
def test_errors_and_redirects(
    status: int, who: str, address: str, headers: dict[str, str], world: World
) -> None:
    answer = answer_of(world, who, address, **headers)
    if status == 403 and answer.status_code == 302:  # the admin sends away instead
        answer = answer_of(world, who, "/people/")
    assert answer.status_code == status
    assert not faults(answer)


@pytest.mark.django_db
def test_plain_http_is_sent_to_https_and_told_nothing_else(world: World) -> None:
    answer = Client().get("/help/?q=x")
    assert (answer.status_code, answer.headers["Location"]) == (301, "https://testserver/help/?q=x")
    assert not faults(answer, https=False)
    assert "Strict-Transport-Security" not in answer.headers


@pytest.mark.django_db
def test_a_form_without_its_token(world: World) -> None:
    browser = behind_tls(Client(enforce_csrf_checks=True))
    answer = browser.post("/sign-in/", {"login": "x", "password": "x"})
    assert answer.status_code == 403
    assert "This form has expired" in answer.text
    assert not faults(answer)


@pytest.mark.django_db
def test_a_wrong_method_and_a_form_too_large(world: World) -> None:
    wrong = world.browsers[PMO].post("/help/")
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=100):
        large = behind_tls(Client()).post("/sign-in/", {"login": "x" * 200})
    assert (wrong.status_code, large.status_code) == (405, 413)
    assert not faults(wrong) + faults(large)


@pytest.mark.django_db
def test_cookies_of_a_sign_in(world: World) -> None:
    browser = behind_tls(Client())
    browser.get("/sign-in/")
    answer = browser.post("/sign-in/", {"login": "pmo@example.org", "password": PASSWORD})
    assert answer.status_code == 302, answer.text[:500]
    assert not faults(answer)
    assert set(browser.cookies) == {"__Host-csrf", "__Host-session"}


@pytest.mark.parametrize("address", ["/static/css/app.css", "/static/js/start.js"])
def test_static_files_may_be_cached(address: str, world: World) -> None:
    """By hand, not by the collected names: what whitenoise adds to those is immutability."""
    answer = answer_of(world, NOBODY, address)
    assert answer.status_code == 200
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert not faults(answer, cached=True)
    let_go(answer)


def test_twin_a_missing_header_is_seen() -> None:
    """Each header taken away, and each thing that must not be there added."""
    sound = HttpResponse()
    for name, value in {
        "Content-Security-Policy": CSP, "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Strict-Transport-Security": f"max-age={YEAR}; includeSubDomains",
        "Cache-Control": "no-store",
    }.items():  # fmt: skip
        sound.headers[name] = value
    assert faults(sound) == []
    for name, value in list(sound.headers.items()):
        if name != "Content-Type":
            del sound.headers[name]
            assert faults(sound), f"nobody saw that {name} was missing"
            sound.headers[name] = value
    sound.headers["Server"] = "x/1.0"
    assert faults(sound) == ["Server is there"]
    del sound.headers["Server"]
    sound.set_cookie("__Host-x", "1", secure=True, httponly=True)
    assert faults(sound), "SameSite was missing"


def test_the_policy_of_the_settings_is_the_one_asked_for() -> None:
    policy: dict[str, Any] = settings.SECURE_CSP
    parts = (f"{name} {' '.join(values)}" for name, values in policy.items())
    assert "; ".join(parts) == CSP
