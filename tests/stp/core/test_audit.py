"""The audit trail: written by actions, refused to everybody else, on both databases."""

import pytest
from django.db import DatabaseError, connection, transaction

from stp.accounts.models import User
from stp.core import audit
from stp.core.models import AuditEvent, Organisation
from stp.core.request import through

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
