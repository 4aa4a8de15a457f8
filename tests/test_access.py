"""Every route × every person × every method × whose object it is (RELIABILITY.md Z1, Z2, Z6).

What ought to come out stands in tests/access_table.py, written by hand: add your route there.
The programme it is tried on is in tests/access_world.py; it is built once, and what a request
wrote is taken back before the next.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse

from stp.core.models import AuditEvent
from tests.access_table import (
    ANYBODY,
    NO_LONGER,
    NOBODY,
    OF_ONE_ORGANISATION,
    OWNED,
    TABLE,
    Row,
)
from tests.access_world import (
    FORMS,
    RELATIONS,
    World,
    files_in,
    number_as_before,
    routes,
    rows_of_all_tables,
    standing,
    values_of_all_tables,
)

ROUTES = routes(get_resolver())
PEOPLE = [*sorted(ANYBODY), *NO_LONGER]
OTHER_METHODS = ("put", "patch", "delete", "options", "trace")
SIGN_IN = frozenset({0})  # stands for: sent to the door


@pytest.fixture(scope="module")
def db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The database for the whole file: in place of pytest-django's, which is a test's."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture(scope="module")
def world(db: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One programme for the whole file, in a transaction that is never committed."""
    with standing(tmp_path_factory.mktemp("uploads")) as built:
        yield built


def test_every_route_stands_in_the_table() -> None:
    missing, left = sorted(ROUTES.keys() - TABLE.keys()), sorted(TABLE.keys() - ROUTES.keys())
    assert not missing, f"Add a row to tests/access_table.py (its head says how) for: {missing}"
    assert not left, f"Take these rows out of tests/access_table.py, they are no routes: {left}"


def _absent(row: Row, who: str, relation: str) -> bool:
    """Whether to this person there is no such object."""
    if not row.about or relation in ("own", "closed"):
        return False
    return relation != "other" or (row.about in OWNED and who in OF_ONE_ORGANISATION)


def _reads(row: Row, who: str, relation: str) -> frozenset[int]:
    """The statuses a person's GET or HEAD may end in."""
    if who == NOBODY and not row.public:
        return SIGN_IN
    if who not in row.read:
        return frozenset({403})
    if row.get == (405,):
        return frozenset(row.get)
    return frozenset({row.absent}) if _absent(row, who, relation) else frozenset(row.get)


def _refused(row: Row, who: str, relation: str) -> frozenset[int] | None:
    """What a form ends in that must change nothing; None where it may take effect."""
    if who == NOBODY and not row.public:
        return SIGN_IN
    if who not in row.read:
        return frozenset({403})
    if not row.post:
        return frozenset({405})
    if who not in row.send:
        return frozenset({403, row.absent} if _absent(row, who, relation) else {403})
    if _absent(row, who, relation):
        return frozenset({row.absent})
    if relation == "closed" and row.about in OWNED and not row.closed:
        return frozenset({200, 302, 409})  # told that the period is closed
    return None


def _status(answer: Any) -> int:
    door = reverse("account_login")
    sent_there = answer.status_code == 302 and answer["Location"].startswith(f"{door}?next=")
    return 0 if sent_there else answer.status_code


def _relations(row: Row) -> tuple[str, ...]:
    return RELATIONS if row.about else ("own",)


@pytest.mark.parametrize("name", TABLE)
def test_each_person_reads_what_the_table_says(world: World, name: str) -> None:
    row, wrong = TABLE[name], []
    for relation in _relations(row):
        address = world.address(name, row.about, relation)
        for person in PEOPLE:
            who = NO_LONGER.get(person, person)
            for method in ("get", "head") if relation == "own" else ("get",):
                status = _status(world.ask(person, method, address))
                if relation == "closed":  # a return there may be at another step
                    fine = status in _reads(row, who, relation) | ({302} if row.about else set())
                else:
                    fine = status in _reads(row, who, relation)
                if not fine:
                    wrong.append(f"{method.upper()} {relation} by {person}: {status}")
    assert not wrong, f"{name}: {wrong}"


@pytest.mark.parametrize("name", TABLE)
def test_a_form_not_theirs_to_send_changes_nothing(world: World, name: str) -> None:
    """The whole form, as it takes effect for who may send it."""
    row, wrong = TABLE[name], []
    files = files_in(world.uploads)
    with transaction.atomic():
        for person in PEOPLE:
            who = NO_LONGER.get(person, person)
            for relation in _relations(row):
                expected = _refused(row, who, relation)
                if expected is None:
                    continue
                readable = relation in ("own", "other", "closed") or not row.about
                whole = (
                    FORMS[row.sends](world, person, relation if readable else "own")
                    if row.sends
                    else {}
                )
                address = world.address(name, row.about, relation)
                answer = world.browsers[person].post(address, whole)
                if _status(answer) not in expected:
                    wrong.append(f"{relation} by {person}: {_status(answer)}")
        assert not wrong, f"{name}: {wrong}"
        assert rows_of_all_tables() == world.rows, f"{name}: a refused form changed a row"
        assert files_in(world.uploads) == files, f"{name}: a refused form left a file"
        transaction.set_rollback(True)


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if row.send])
def test_an_empty_form_is_answered(world: World, name: str) -> None:
    row = TABLE[name]
    for who in sorted(row.send):
        status = world.ask(who, "post", world.address(name, row.about)).status_code
        assert status in row.post, f"{name} by {who}: {status}"


@pytest.mark.parametrize("name", [n for n, row in TABLE.items() if row.about in OWNED])
def test_somebody_elses_and_nothing_read_the_same(world: World, name: str) -> None:
    """Z2: status and body, but for what is new on every page."""
    row = TABLE[name]
    for who in sorted(OF_ONE_ORGANISATION):
        for method in ("get", "post"):
            addresses = [world.address(name, row.about, r) for r in ("other", "gone", "never")]
            other, *nothing = [
                _without_tokens(world.ask(who, method, address), address) for address in addresses
            ]
            for none in nothing:
                differing = set(none[1].splitlines()) ^ set(other[1].splitlines())
                assert none == other, f"{method.upper()} {name} by {who}: {differing}"


def _without_tokens(answer: Any, address: str) -> tuple[int, str]:
    """Status and body without form token, the request's own id, and the address asked for."""
    body: str = answer.content.decode().replace(answer.headers["X-Request-ID"], "")
    body = body.replace(address, "").replace(quote(address, safe=""), "")
    parts = body.split('name="csrfmiddlewaretoken" value="')
    return answer.status_code, parts[0] + "".join(p.partition('"')[2] for p in parts[1:])


# Acts that change nothing but who is here: there is no before and no after to keep.
WITHOUT_VALUES = frozenset(
    {"signed in", "signed out", "gave the password again", "chose a new password"}
    | {"asked for a new link for", "opened sign-in again for"}
)


@pytest.mark.parametrize("name", [n for n, row in TABLE.items() if row.sends and not row.silent])
def test_the_whole_form_takes_effect_and_is_on_the_trail(world: World, name: str) -> None:
    """A1: actor, object, what changed and the request's id; and so the table's forms are real."""
    row = TABLE[name]
    for who in sorted(row.acts or row.send):
        address, whole = world.address(name, row.about), FORMS[row.sends](world, who, "own")
        last = AuditEvent.objects.latest("pk").pk
        events: list[AuditEvent] = []

        def look(_: Any, last: int = last, events: list[AuditEvent] = events) -> None:
            events += AuditEvent.objects.filter(pk__gt=last)

        answer = world.ask(who, "post", address, whole, keep=look)
        assert answer.status_code == 302, f"{name} by {who}: {answer.status_code}"
        assert events, f"{name} by {who}: nothing on the audit trail"
        for event in events:
            _check_event(event, answer, f"{name} by {who}: {event.verb}")


def _check_event(event: AuditEvent, answer: Any, case: str) -> None:
    assert event.object_type, case
    assert event.object_id not in ("", "None"), case
    assert event.object_label, case
    assert event.request_id == answer.headers["X-Request-ID"], case
    assert event.by is not None, f"{case}: nobody did it"
    assert event.by_name not in ("", "The tracker"), case
    assert event.before or event.after or event.verb in WITHOUT_VALUES, f"{case}: no values"


# Names of model fields that forms have too, left blank in the whole form because they may be.
OF_THE_FORM = frozenset({"job_title", "organisation", "reason", "unit", "id", "row"})
HOSTILE = {"BooleanField": "on", "ForeignKey": "kgh", "JSONField": '{"x": 1}'}


def _every_field() -> dict[str, str]:
    """A value for every field of every model of ours, as a form would send it."""
    labels = ("core", "accounts", "workstreams", "finance", "indicators")
    return {
        name: HOSTILE.get(field.get_internal_type(), "99")
        for model in apps.get_models()
        if model._meta.app_label in labels
        for field in model._meta.fields
        for name in {field.name, field.attname}
    }


@pytest.mark.parametrize("name", [n for n, row in TABLE.items() if row.sends])
def test_fields_that_a_form_has_not_have_no_effect(world: World, name: str) -> None:
    """Z4: every other model field sent along, the same rows come out."""
    row, written = TABLE[name], []
    who = min(row.acts or row.send)
    address, whole = world.address(name, row.about), FORMS[row.sends](world, who, "own")
    more = {k: v for k, v in _every_field().items() if k not in whole and k not in OF_THE_FORM}
    assert {"state", "is_superuser", "organisation_id", "version", "owner"} <= more.keys()
    for sent in (whole, {**more, **whole}):
        if "file" in whole:
            whole["file"].seek(0)
        number_as_before()
        world.ask(who, "post", address, sent, keep=lambda _: written.append(values_of_all_tables()))
    plain, crowded = written
    for table, rows in plain.items():
        assert crowded[table] == rows, f"{name}: a field that is not the form's reached {table}"


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if row.silent])
def test_a_form_that_leaves_no_event_says_why(name: str) -> None:
    assert len(TABLE[name].silent) > 20, name


def test_a_method_the_site_does_not_speak_is_a_405(world: World) -> None:
    """OPTIONS too: no page of another site is to ask ours anything."""
    for name, row in TABLE.items():
        address = world.address(name, row.about)
        for who in (NOBODY, "administrator"):
            for method in OTHER_METHODS:
                answer = getattr(world.browsers[who], method)(address)
                assert answer.status_code == 405, f"{method.upper()} {name} by {who}"
    assert rows_of_all_tables() == world.rows


def test_an_auditor_writes_nowhere() -> None:
    """Z6, read off the table: only their own account's forms take what an auditor sends."""
    written = {name for name, row in TABLE.items() if "auditor" in row.send}
    own = {name for name in written if name.startswith("account_")}
    own |= {"accounts:session-end", "accounts:session-stay", "accounts:invitation", "admin:login"}
    assert written <= own, f"the auditor may send {written - own}"
    figures = {n for n, row in TABLE.items() if n.startswith("returns:") and row.send}
    assert {n for n in figures if "administrator" in TABLE[n].send} == {"returns:plan-approve"}


def test_an_address_under_a_strange_name_is_a_page_that_says_no(db: None) -> None:
    answer = Client(raise_request_exception=False).get("/overview/", headers={"host": "evil.test"})
    assert answer.status_code == 400
    assert "could not be read" in answer.content.decode()
