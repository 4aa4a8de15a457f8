"""The audit trail: written by actions, refused to everybody else, on both databases."""

from collections.abc import Callable

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from stp.accounts import actions
from stp.accounts.models import Grant, Session, User
from stp.core import audit, trail
from stp.core.models import AuditEvent, Organisation
from stp.core.models.audit import ABOUT_PEOPLE, UNPUBLISHED
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


class OfOneOrganisation(list[Grant]):
    """Grants that the database refuses, as somebody signed in would hold them."""

    is_authenticated = is_active = True

    @property
    def grants(self) -> "OfOneOrganisation":
        return self

    def all(self) -> "OfOneOrganisation":
        return self


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.PMO, Role.ADMINISTRATOR])
def test_a_trail_reader_of_one_organisation_reads_no_other_s_unsent_return(
    ngh: Organisation, kgh: Organisation, role: Role
) -> None:
    for organisation in (ngh, kgh):
        audit.record("received", organisation, by=None, organisation=organisation.pk)
    audit.record("signed in", User(pk=1), by=None)
    of_kgh = OfOneOrganisation([Grant(role=role, organisation=kgh)])
    seen = AuditEvent.objects.visible_to(of_kgh).values_list("organisation_id", "verb")
    assert list(seen) == [("kgh", "received")]


def test_what_is_about_people_is_no_change_of_figures(ngh: Organisation) -> None:
    """Z6: a role names its organisation; who holds it is still not on everybody's trail."""
    lead = User.objects.create_user("femi", "femi@example.org")
    actions.give_grant(user=lead, role=Role.FINANCE_LEAD, organisation=ngh, by=None)
    about = (lead, lead.grants.get(), Session(), trail.Page("returns:return-list"))
    for subject in about:
        audit.record("planted", subject, by=None, organisation="ngh", period="2017-06")
    audit.record("committed", ngh, by=None, organisation="ngh")
    board = User.objects.create_user("bo", "bo@example.org")
    Grant.objects.create(user=board, role=Role.BOARD)
    for user in (lead, board):
        seen = AuditEvent.objects.visible_to(user).values_list("verb", flat=True)
        assert list(seen) == ["committed"], user
    auditor = User.objects.create_user("au", "au@example.org")
    Grant.objects.create(user=auditor, role=Role.AUDITOR)
    assert AuditEvent.objects.visible_to(auditor).filter(verb="gave role").count() == 1
    assert AuditEvent.objects.visible_to(auditor).count() == len(about) + 2


def test_every_model_of_people_is_known_as_one() -> None:
    """A new model of stp.accounts: its events are people's, so its name joins the list."""
    models = apps.get_app_config("accounts").get_models()
    names = {str(model._meta.verbose_name) for model in models}
    assert names | {trail.Page._meta.verbose_name} == ABOUT_PEOPLE


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
