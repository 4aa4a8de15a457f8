"""Every route × every role × every method, from the address list itself (RELIABILITY.md Z1–Z2, Z6).

The table says, by hand and not from the product's own roles, who may open a page and what a form
sent there ends in. A route that is not in it fails; so does one that answers anybody else.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import get_resolver, reverse

from stp.accounts.models import Grant, User
from stp.core.models import Organisation, Return
from stp.core.permissions import Role
from stp.dashboards.actions import recompute
from tests.small_system import Row, lay_out, plan, send
from tests.test_house_rules import routes

NOBODY, NO_ROLE = "anonymous", "no role"
EVERY_ROLE = frozenset(role.value for role in Role)
ANYBODY = EVERY_ROLE | {NO_ROLE}
OF_RETURNS = frozenset(
    {"pmo", "finance_lead", "finance_director", "finance_group", "administrator", "auditor"}
)
SENDERS = frozenset({"finance_lead", "finance_director"})
APPROVERS = frozenset({"finance_director", "administrator"})
ONE_ORGANISATION = SENDERS  # their grants are for NGH; everybody else's are for all
NEVER: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rule:
    """Who reads a route (`get`: the statuses), and who may send a form there (`post`)."""

    readers: frozenset[str]
    get: frozenset[int] = frozenset({200})
    writers: frozenset[str] = NEVER
    post: frozenset[int] = frozenset({405})
    about: str = ""  # what its arguments name: a key of `Objects`
    public: bool = False


def page(readers: frozenset[str], about: str = "", *get: int) -> Rule:
    return Rule(readers, frozenset(get or (200,)), about=about)


def form(readers: frozenset[str], writers: frozenset[str], about: str, *post: int) -> Rule:
    return Rule(readers, frozenset({200}), writers, frozenset(post), about)


PUBLIC_PAGE = Rule(ANYBODY | {NOBODY}, public=True)
TABLE: dict[str, Rule] = {
    "home": page(ANYBODY, "", 200, 302),
    "account_login": Rule(
        ANYBODY | {NOBODY}, frozenset({200, 302}), ANYBODY | {NOBODY}, frozenset({200, 302}),
        public=True,
    ),
    "account_logout": form(ANYBODY, ANYBODY, "", 302),
    "account_change_password": form(ANYBODY, ANYBODY, "", 200),
    "account_reauthenticate": Rule(
        ANYBODY, frozenset({200, 302}), ANYBODY, frozenset({200, 302})
    ),
    "account_inactive": Rule(ANYBODY | {NOBODY}, public=True, post=frozenset({405})),
    "core:change-list": page(EVERY_ROLE),
    "core:help": page(ANYBODY),
    "core:rag-rules": page(ANYBODY),
    "core:accessibility": PUBLIC_PAGE,
    "dashboards:overview": page(EVERY_ROLE),
    "dashboards:workstream-list": page(EVERY_ROLE),
    "dashboards:workstream-detail": page(EVERY_ROLE, "workstream"),
    "dashboards:gap": page(EVERY_ROLE),
    "dashboards:plan": page(EVERY_ROLE),
    "workstreams:milestone-list": page(EVERY_ROLE),
    "workstreams:risk-list": page(EVERY_ROLE),
    "finance:scheme-list": page(EVERY_ROLE),
    "finance:scheme-detail": page(EVERY_ROLE, "scheme"),
    "indicators:indicator-list": page(EVERY_ROLE),
    "returns:return-list": page(OF_RETURNS),
    "returns:return-template": page(SENDERS),
    "returns:return-send": form(SENDERS, SENDERS, "", 200),
    "returns:return-detail": page(OF_RETURNS, "ready", 302),
    "returns:return-checking": page(OF_RETURNS, "ready"),
    "returns:return-progress": page(OF_RETURNS, "ready"),
    "returns:return-problems": Rule(
        OF_RETURNS, frozenset({200}), SENDERS, frozenset({200}), "warned"
    ),
    "returns:return-preview": form(OF_RETURNS, SENDERS, "ready", 200),
    "returns:return-receipt": page(OF_RETURNS, "committed"),
    "returns:return-abandon": Rule(
        SENDERS, frozenset({405}), SENDERS, frozenset({302}), "ready"
    ),
    "returns:return-original": page(OF_RETURNS, "committed"),
    "returns:return-history": page(OF_RETURNS, "organisation"),
    "returns:plan-approve": form(OF_RETURNS, APPROVERS, "plan", 200, 302),
}  # fmt: skip
# These belong to one organisation: to the others they are not there at all.
OWNED = {"ready", "warned", "committed", "plan", "organisation"}


def _name(route: str, pattern: Any) -> str:
    prefix = {
        "returns/": "returns", "finance/": "finance", "overview/": "dashboards",
        "workstreams/": "dashboards", "gap/": "dashboards", "plan/": "dashboards",
        "milestones/": "workstreams",
        "risks/": "workstreams", "indicators/": "indicators", "changes/": "core",
        "help/": "core", "accessibility/": "core",
    }  # fmt: skip
    app = next((app for start, app in prefix.items() if route.startswith(start)), "")
    return f"{app}:{pattern.name}" if app else str(pattern.name)


ROUTES = {
    _name(route, pattern): route
    for route, pattern in routes(get_resolver())
    if not route.startswith("admin/")
}


def test_every_route_stands_in_the_table() -> None:
    assert set(ROUTES) == set(TABLE), "a route without a row, or a row without a route"


@dataclass
class World:
    """People signed in, and what the routes may be asked about: own, somebody else's, nothing."""

    browsers: dict[str, Client]
    own: dict[str, list[Any]]
    other: dict[str, list[Any]]
    nothing: dict[str, list[Any]]

    def address(self, name: str, which: dict[str, list[Any]]) -> str:
        return reverse(name, args=which[TABLE[name].about] if TABLE[name].about else [])


def _return_in(state: str, committed: Return) -> Return:
    """A return of the same organisation that waits: checked, nothing wrong or one warning."""
    warned = state == "warned"
    issue = {"severity": "warning", "code": "odd", "message": "Odd.", "sheet": "", "cell": "",
             "row": None, "column": "", "found": "", "wanted": "", "ref": ""}  # fmt: skip
    return Return.objects.create(
        kind="finance", scope=committed.scope, organisation_id=committed.organisation_id,
        period_id="2017-06", state="ready", file_name="a.csv", file_path="a", file_size=1,
        sha256="1" * 64, received_at=committed.received_at, received_by=committed.received_by,
        checked_at=committed.received_at, warning_count=int(warned), issues=[issue] * warned,
    )  # fmt: skip


def _objects(org: str) -> dict[str, list[Any]]:
    approval = plan(org, [Row()], approve=False)
    committed = send(org, "2017-06", [Row()])
    return {
        "workstream": ["UC"], "scheme": [org, "UC-01"], "organisation": [org],
        "committed": [committed.pk], "plan": [approval.pk],
        "ready": [_return_in("ready", committed).pk],
        "warned": [_return_in("warned", committed).pk],
    }  # fmt: skip


def _browser(who: str) -> Client:
    browser = Client(raise_request_exception=True)
    if who != NOBODY:
        user = User.objects.create_user(
            who, f"{who}@example.org", "a-long-password", is_staff=who == "administrator"
        )
        if who != NO_ROLE:
            scope = Organisation.objects.get(pk="ngh") if who in ONE_ORGANISATION else None
            Grant.objects.create(user=user, role=who, organisation=scope)
        browser.force_login(user)
    return browser


@pytest.fixture
def world(db: None, demo_clock: Any, settings: Any, tmp_path: Path) -> World:
    settings.UPLOAD_ROOT = tmp_path
    (tmp_path / "a").write_bytes(b"the original")
    lay_out(organisations=("ngh", "kgh"))
    own, other = _objects("ngh"), _objects("kgh")
    recompute("2017-06")
    nothing: dict[str, list[Any]] = {
        "workstream": ["XX"], "scheme": ["ngh", "none"], "organisation": ["nobody"],
        **{key: [999_999] for key in ("ready", "warned", "committed", "plan")},
    }  # fmt: skip
    people = sorted({NOBODY} | ANYBODY)
    return World({who: _browser(who) for who in people}, own, other, nothing)


def rows_of_all_tables() -> str:
    """A digest of every row of every table but the sessions, which each request renews."""
    digest = hashlib.sha256()
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            if table != "django_session":
                cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - our own tables' names
                rows = sorted(map(repr, cursor.fetchall()))
                digest.update(f"{table}{rows}".encode())
    return digest.hexdigest()


def ask(browser: Client, method: str, address: str) -> Any:
    """The answer to one request, whose effects are taken back."""
    session = browser.cookies.output()
    with transaction.atomic():
        answer = getattr(browser, method)(address)
        answer.getvalue() if answer.streaming else answer.content
        transaction.set_rollback(True)
    if browser.cookies.output() != session:  # signed out: the cookie comes back with the rows
        browser.cookies.load(session.replace("Set-Cookie: ", ""))
    return answer


def _is_sign_in(answer: Any) -> bool:
    door = reverse("account_login")
    return bool(answer.status_code == 302 and answer["Location"].startswith(door))


def _expected(rule: Rule, who: str, method: str) -> frozenset[int]:
    if who not in rule.readers:
        return frozenset({403})
    if method in ("get", "head"):
        return rule.get
    if not rule.writers:
        return frozenset({405})
    return rule.post if who in rule.writers else frozenset({403})


METHODS = ("get", "head", "post")


@pytest.mark.parametrize("name", TABLE)
def test_each_role_gets_what_the_table_says(world: World, name: str) -> None:
    rule, wrong = TABLE[name], []
    for who, browser in world.browsers.items():
        for method in METHODS:
            answer = ask(browser, method, world.address(name, world.own))
            if who == NOBODY and not rule.public:
                fine = _is_sign_in(answer)
            else:
                fine = answer.status_code in _expected(rule, who, method)
            if not fine:
                wrong.append(f"{method.upper()} by {who}: {answer.status_code}")
    assert not wrong, f"{name}: {wrong}"


@pytest.mark.parametrize("name", TABLE)
def test_who_may_not_write_changes_no_row(world: World, name: str) -> None:
    """Forms, PUT and DELETE by everybody whom the table does not name as a writer."""
    before = rows_of_all_tables()
    for who, browser in world.browsers.items():
        if who in TABLE[name].writers:
            continue
        for which in (world.own, world.other):
            for method in ("post", "put", "delete"):
                answer = getattr(browser, method)(world.address(name, which), {"confirmed": "on"})
                assert answer.status_code in (302, 403, 404, 405), f"{method} by {who}"
    assert rows_of_all_tables() == before


@pytest.mark.parametrize("name", [n for n, rule in TABLE.items() if rule.about in OWNED])
def test_somebody_elses_and_nothing_read_the_same(world: World, name: str) -> None:
    before = rows_of_all_tables()
    for who in sorted(ONE_ORGANISATION):
        for method in ("get", "post"):
            theirs, none = (
                getattr(world.browsers[who], method)(world.address(name, which))
                for which in (world.other, world.nothing)
            )
            case = f"{method.upper()} {name} by {who}"
            assert theirs.status_code == none.status_code, case
            assert theirs.status_code in (404, 405), case
            assert _without_tokens(theirs) == _without_tokens(none), case
    assert rows_of_all_tables() == before


def _without_tokens(answer: Any) -> str:
    """The body without what is new on every page: the form token and the request's own id."""
    body: str = answer.content.decode()
    for header in ("X-Request-ID",):
        body = body.replace(answer.headers.get(header, "-"), "")
    parts = body.split('name="csrfmiddlewaretoken" value="')
    return parts[0] + "".join(part.partition('"')[2] for part in parts[1:])


def test_an_auditor_writes_nowhere() -> None:
    """Z6, read off the table: only their own account's forms take what an auditor sends."""
    written = {name for name, rule in TABLE.items() if "auditor" in rule.writers}
    assert all(name.startswith("account_") for name in written)
    figures = {n for n, rule in TABLE.items() if n.startswith("returns:") and rule.writers}
    assert {n for n in figures if "administrator" in TABLE[n].writers} == {"returns:plan-approve"}


def _admin_addresses() -> Iterator[str]:
    for route, pattern in routes(get_resolver()):
        if route.startswith("admin/") and pattern.name and "<" not in route and "^" not in route:
            yield "/" + route


def test_the_admin_is_for_administrators_alone(world: World) -> None:
    before = rows_of_all_tables()
    for who, browser in world.browsers.items():
        if who == "administrator":
            continue
        for address in _admin_addresses():
            for method in ("get", "post"):
                answer = getattr(browser, method)(address, {"username": "x", "is_superuser": "on"})
                assert answer.status_code in (302, 403, 405), f"{method} {address} by {who}"
    assert rows_of_all_tables() == before, "and it changes nothing for anybody else"


def test_an_address_under_a_strange_name_is_a_page_that_says_no(db: None) -> None:
    answer = Client(raise_request_exception=False).get("/overview/", headers={"host": "evil.test"})
    assert answer.status_code == 400
    assert "could not be read" in answer.content.decode()
