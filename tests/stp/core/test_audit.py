"""The audit trail: written by actions, refused to everybody else, on both databases."""

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction

from stp.accounts.models import Grant, User
from stp.core import audit
from stp.core.models import AuditEvent, Organisation
from stp.core.models.audit import UNPUBLISHED
from stp.core.permissions import Role
from stp.core.request import through
from stp.returns import states
from tests.rounds import rounds
from tests.together import together

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(ngh: Organisation) -> AuditEvent:
    user = User.objects.create_user("amara", "amara@example.org", first_name="Amara")
    with through("screen", "abc123"):
        return audit.record("renamed", ngh, by=user, before={"Name": "A"}, after={"Name": "B"})


def test_an_event_says_who_what_how(event: AuditEvent) -> None:
    event.refresh_from_db()
    assert (event.by_name, event.verb, event.object_label) == ("Amara", "renamed", "NGH")
    assert (event.how, event.request_id) == ("screen", "abc123")
    assert (event.before, event.after) == ({"Name": "A"}, {"Name": "B"})


def test_a_rule_signs_as_the_tracker(ngh: Organisation) -> None:
    assert audit.record("opened", ngh, by=None).by_name == "The tracker"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE core_auditevent SET verb = 'x'",
        "DELETE FROM core_auditevent",
        "INSERT OR REPLACE INTO core_auditevent SELECT * FROM core_auditevent",
        "TRUNCATE core_auditevent",
    ],
)
def test_the_database_refuses_to_rewrite_history(event: AuditEvent, statement: str) -> None:
    sqlite = connection.vendor == "sqlite"
    if ("TRUNCATE" in statement and sqlite) or ("REPLACE" in statement and not sqlite):
        statement = "DELETE FROM core_auditevent"  # the nearest thing this database knows
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(statement)
    assert AuditEvent.objects.get().verb == "renamed"


def _save(event: AuditEvent) -> None:
    event.verb = "x"
    event.save()


def _bulk_update(event: AuditEvent) -> None:
    event.verb = "x"
    AuditEvent.objects.bulk_update([event], ["verb"])


def _insert_over(event: AuditEvent) -> None:
    event.verb = "x"
    AuditEvent.objects.bulk_create(
        [event], update_conflicts=True, unique_fields=["id"], update_fields=["verb"]
    )


REWRITES: dict[str, Callable[[AuditEvent], object]] = {
    "save": _save,
    "update": lambda event: AuditEvent.objects.update(verb="x"),
    "bulk_update": _bulk_update,
    "upsert": _insert_over,
    "delete": lambda event: event.delete(),
    "delete all": lambda event: AuditEvent.objects.all().delete(),
    "raw delete": lambda event: AuditEvent.objects.all()._raw_delete("default"),
}


@pytest.mark.parametrize("how", REWRITES)
def test_the_orm_cannot_rewrite_history(event: AuditEvent, how: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        REWRITES[how](event)
    assert AuditEvent.objects.get().verb == "renamed"


def test_every_move_of_a_return_is_published_or_not() -> None:
    """A new verb goes on one side: read by everybody with a role, or by the return's own."""
    published = {"committed", "signed off", "superseded", "withdrew"}
    assert published | UNPUBLISHED >= set(states._VERBS.values())
    assert not published & UNPUBLISHED


def test_what_was_not_sent_is_read_by_who_reads_returns(
    ngh: Organisation, kgh: Organisation
) -> None:
    def person(role: Role, organisation: Organisation | None = None) -> User:
        user = User.objects.create_user(role.value, f"{role.value}@example.org")
        Grant.objects.create(user=user, role=role, organisation=organisation)
        return user

    for organisation in (ngh, kgh):
        for verb in ("received", "committed"):
            audit.record(verb, organisation, by=None, organisation=organisation.pk)

    def read(user: User) -> set[tuple[str, str]]:
        seen = AuditEvent.objects.visible_to(user)
        return set(seen.values_list("organisation_id", "verb"))

    board, lead = person(Role.BOARD), person(Role.FINANCE_LEAD, ngh)
    assert read(board) == {("ngh", "committed"), ("kgh", "committed")}
    assert read(lead) == {("ngh", "received"), ("ngh", "committed")}
    Grant.objects.create(user=lead, role=Role.BOARD)
    lead = User.objects.get(pk=lead.pk)
    assert read(lead) == read(board) | {("ngh", "received")}
    assert len(read(person(Role.AUDITOR))) == 4


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_eight_writers_lose_no_event() -> None:
    """A4: the sequence rises, each writer's own events in the order in which they were written."""
    body = Organisation.objects.create(id="ngh", name="N", short="N", kind="trust")
    each, writers = rounds(short=50, long=500), 8

    def write(writer: int) -> None:
        for number in range(each):
            audit.record("wrote", body, by=None, after={"Writer": writer, "Number": number})

    outcomes = together(*(lambda w=w: write(w) for w in range(writers)))  # bound now
    assert not [outcome for outcome in outcomes if outcome is not None], outcomes
    events = AuditEvent.objects.filter(verb="wrote").order_by("pk")
    said = [(after["Writer"], after["Number"]) for after in events.values_list("after", flat=True)]
    print(f"{len(said)} events of {writers} writers")
    assert sorted(said) == [(w, n) for w in range(writers) for n in range(each)]
    for writer in range(writers):
        assert [n for w, n in said if w == writer] == list(range(each)), f"writer {writer}"
