"""The production set as it runs: gunicorn's own headers and log, static files, a database away."""

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Any

import pytest

from tests import checks, stack

pytestmark = [pytest.mark.postgres, pytest.mark.redis]
TOKEN = "only-for-this-test-0123456789"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
SECRETS = ("find-this-person", "secret.person@example.org", checks.PRODUCTION["SECRET_KEY"], TOKEN)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[stack.Stack]:
    """The whole set in production mode on servers of its own, migrated and empty."""
    data = stack.collected(tmp_path_factory.mktemp("collected"))
    env = {
        **checks.PRODUCTION, "STP_DATA_DIR": str(data), "STP_HEALTH_TOKEN": TOKEN,
        "STP_JOB_SWEEP_SECONDS": "1",
    }  # fmt: skip
    with (
        stack.short_folder() as folder,
        stack.stack(folder, env=env, prepare=[["migrate", "-v0"]]) as made,
    ):
        yield made


@dataclass(frozen=True)
class Answer:
    """What came back, read to its end."""

    status: int
    headers: Message
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def ask(
    made: stack.Stack, address: str, headers: dict[str, str] | None = None,
    *, body: bytes | None = None,
) -> Answer:  # fmt: skip
    """The answer, as the proxy would get it; errors are answers too."""
    through = {"Host": "tracker.example.org", "X-Forwarded-Proto": "https", **(headers or {})}
    wanted = urllib.request.Request(made.url + address, body, through)  # noqa: S310  our own address
    try:
        answer = urllib.request.build_opener(NoRedirect).open(wanted, timeout=30)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return Answer(answer.status, answer.headers, answer.read().decode())


def lines(made: stack.Stack, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in made.log(name).splitlines()]


def access_lines(made: stack.Stack, *, until: str) -> list[dict[str, Any]]:
    """gunicorn's lines, once the request of that id is among them: written after the answer."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        found = [line for line in lines(made, "web") if line["logger"] == "gunicorn.access"]
        if any(line.get("request_id") == until for line in found):
            return found
        time.sleep(0.1)
    raise AssertionError(f"no access line of {until}")


def test_the_server_names_no_product_and_no_version(running: stack.Stack) -> None:
    headers = ask(running, "/sign-in/").headers
    assert headers["Server"] == "web"
    assert "X-Powered-By" not in headers


def test_static_files_are_found_by_their_hash_and_kept(running: stack.Stack) -> None:
    page = ask(running, "/sign-in/").text
    (address,) = re.findall(r'"(/static/css/site\.[0-9a-f]+\.css)"', page)
    headers = ask(running, address).headers
    assert headers["Cache-Control"] == "max-age=315360000, public, immutable"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "max-age=31536000" in headers["Strict-Transport-Security"]


def test_every_line_of_every_process_is_json_and_holds_nothing_personal(
    running: stack.Stack,
) -> None:
    ask(running, "/changes/?q=find-this-person%0Aand+more")
    ask(running, "/no%0Asuch%1Bpage/?q=find-this-person")
    ask(running, "/sign-in/", body=b"login=secret.person%40example.org&password=x")
    mine = ask(running, "/help/", {"X-Request-ID": "0123456789-from-proxy"})
    assert mine.headers["X-Request-ID"] == "0123456789-from-proxy"
    for name in ("web", "worker", "beat"):
        assert lines(running, name), f"{name} wrote nothing"
        assert [secret for secret in SECRETS if secret in running.log(name)] == []
    asked = access_lines(running, until="0123456789-from-proxy")
    assert any("no\\nsuch\\x1bpage" in line["message"] for line in asked)


def test_health_over_plain_http_by_address(running: stack.Stack) -> None:
    plain = {"Host": "10.1.2.3", "X-Forwarded-Proto": "http"}
    assert ask(running, "/health/live", plain).json == {"status": "live"}
    assert ask(running, "/health/ready", plain).json["status"] == "ready"
    found = ask(running, "/health/deep", {**BEARER, **plain}).json
    assert found["checks"]["queue"] == {"state": "green"}
    assert ask(running, "/help/", plain).status == 400


def test_a_redis_that_is_down_degrades(running: stack.Stack) -> None:
    running.stop("redis")
    try:
        answer = ask(running, "/health/ready")
        assert (answer.status, answer.json["degraded"]) == (200, ["queue"])
        assert ask(running, "/sign-in/").status == 200
    finally:
        running.start("redis")
    assert ask(running, "/health/ready").json["degraded"] == []


def test_a_database_that_is_away_and_back(running: stack.Stack) -> None:
    """A page with a time to come back while it is down; no stale connection afterwards."""
    cookie = {"Cookie": "__Host-session=" + "a" * 32}
    assert ask(running, "/overview/", cookie).status == 302
    running.stop("postgres")
    try:
        page = ask(running, "/overview/", cookie)
        assert page.status == 503
        assert page.headers["Retry-After"] == "10"
        assert "away for a moment" in page.text
        assert ask(running, "/health/ready").status == 503
        assert ask(running, "/health/live").status == 200
        deep = ask(running, "/health/deep", BEARER)
        assert (deep.status, deep.json["state"]) == (503, "red")
    finally:
        running.start("postgres")
    after = [ask(running, "/overview/", cookie).status for _ in range(20)]
    assert after == [302] * 20, "a connection from before was used again"
    assert "password" not in running.log("web").lower().replace("/password/", "")
