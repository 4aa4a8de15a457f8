"""A person's browser in a thread of a test: cookies, forms, redirects, and a note of every answer.

Only the standard library, so that many of them cost little beside the site they ask.
"""

import html
import http.client
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

TIMEOUT = 30.0  # seconds it waits for an answer
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Answer:
    """One request: what for, its status (0: no answer came), seconds, when it began, which page."""

    kind: str
    status: int
    seconds: float
    began: float
    path: str
    note: str = ""


@dataclass
class Page:
    """What came back, after redirects."""

    status: int
    body: str
    path: str

    def value(self, name: str) -> str:
        """The value of the first hidden field of a name."""
        found = re.search(rf'name="{re.escape(name)}"[^>]*value="([^"]*)"', self.body)
        return html.unescape(found[1]) if found else ""


class NoAnswer(Exception):
    """The connection was refused, broke, or was silent for TIMEOUT."""


@dataclass
class Browser:
    """One person's browser: cookies, one kept connection, a note of every answer."""

    url: str
    answers: list[Answer] = field(default_factory=list)
    cookies: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    connection: http.client.HTTPConnection | None = None

    def get(self, path: str, kind: str) -> Page:
        return self._follow("GET", path, kind)

    def post(
        self, path: str, fields: Mapping[str, str], kind: str,
        file: tuple[str, bytes] | None = None,
    ) -> Page:  # fmt: skip
        """Send a form; `file` is a name and its bytes, sent as the field "file"."""
        if file is None:
            return self._follow("POST", path, kind, urlencode(fields).encode(), _FORM)
        boundary = secrets.token_hex(16)
        body = _multipart(fields, file, boundary)
        return self._follow("POST", path, kind, body, f"multipart/form-data; boundary={boundary}")

    def _follow(
        self, method: str, path: str, kind: str, body: bytes | None = None, type_: str = ""
    ) -> Page:
        for _ in range(6):
            page = self._ask(method, path, kind, body, type_)
            if page.status not in (301, 302, 303):
                return page
            # Where it leads to is a page like any other, and no part of what the form took.
            method, path, kind, body = "GET", page.path, "step" if body else kind, None
        return page

    def _ask(self, method: str, path: str, kind: str, body: bytes | None, type_: str) -> Page:
        began = time.monotonic()
        try:
            response, content = self._exchange(method, path, body, type_)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            note = f"{type(error).__name__}: {error}"
            self.answers.append(Answer(kind, 0, time.monotonic() - began, began, path, note))
            raise NoAnswer(note) from error
        took = time.monotonic() - began
        for line in response.headers.get_all("Set-Cookie") or ():
            self.cookies.update({m.key: m.value for m in SimpleCookie(line).values()})
        # As a browser does: what is not to be stored is not asked about again by its tag.
        stored = "no-store" not in response.headers.get("Cache-Control", "")
        if method == "GET" and stored and (tag := response.headers.get("ETag")):
            self.tags[path] = tag
        note = response.headers.get("X-Request-ID", "") if response.status >= 500 else ""
        self.answers.append(Answer(kind, response.status, took, began, path, note))
        where = response.headers.get("Location", path)
        parts = urlsplit(where)
        return Page(response.status, content, f"{parts.path}?{parts.query}".rstrip("?"))

    def _exchange(
        self, method: str, path: str, body: bytes | None, type_: str
    ) -> tuple[http.client.HTTPResponse, str]:
        """One request on the kept connection; on a new one where the server let the old one go."""
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        headers |= {"Referer": f"{self.url}{path}", "Content-Type": type_} if body else {}
        if method == "GET" and path in self.tags:
            headers["If-None-Match"] = self.tags[path]
        for fresh in (self.connection is None, True):
            if self.connection is None:
                self.connection = http.client.HTTPConnection(
                    urlsplit(self.url).netloc, timeout=TIMEOUT
                )
            try:
                self.connection.request(method, path, body, headers)
                response = self.connection.getresponse()
                return response, response.read().decode("utf-8", "replace")
            except (ConnectionError, http.client.RemoteDisconnected):
                self.close()
                if fresh or method != "GET":  # a form is never sent twice by itself
                    raise
        raise AssertionError("unreachable")

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self.connection:
            self.connection.close()
        self.connection = None

    def sign_in(self, address: str, password: str) -> bool:
        page = self.get("/sign-in/", "sign in")
        token = page.value("csrfmiddlewaretoken")
        self.post(
            "/sign-in/",
            {"csrfmiddlewaretoken": token, "login": address, "password": password}, "sign in",
        )  # fmt: skip
        return "sessionid" in self.cookies


def _multipart(fields: Mapping[str, str], file: tuple[str, bytes], boundary: str) -> bytes:
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'.encode()
        for n, v in fields.items()
    ]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{file[0]}"'
    parts.append(f"{head}\r\nContent-Type: text/csv\r\n\r\n".encode() + file[1] + b"\r\n")
    return b"".join([*parts, f"--{boundary}--\r\n".encode()])
