"""What a migration does to rows that were there before the rule was."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from stp.accounts.models import Grant, User
from stp.core.models import AuditEvent, Organisation

BEFORE, AFTER = [("accounts", "0003_session")], [("accounts", "0004_grants_of_their_reach")]


def _migrate(to: list[tuple[str, str]]) -> None:
    MigrationExecutor(connection).migrate(to)


@pytest.fixture
def earlier(transactional_db: None) -> Iterator[None]:
    """The tables as they were before a role's reach was held by the database."""
    _migrate(BEFORE)
    try:
        yield
    finally:
        _migrate(AFTER)


def test_a_role_given_too_narrowly_is_taken_and_never_widened(
    earlier: None, kgh: Organisation
) -> None:
    auditor = User.objects.create_user("ann", "ann@example.org", first_name="Ann")
    lead = User.objects.create_user("lee", "lee@example.org")
    Grant.objects.create(user=auditor, role="auditor", organisation=kgh)
    Grant.objects.create(user=auditor, role="board")
    Grant.objects.create(user=lead, role="finance_lead", organisation=kgh)
    _migrate(AFTER)
    left = Grant.objects.order_by("pk").values_list("user__username", "role", "organisation")
    assert list(left) == [("ann", "board", None), ("lee", "finance_lead", "kgh")]
    event = AuditEvent.objects.get()
    assert (event.verb, event.object_type, event.object_id) == (
        "took role",
        "user",
        str(auditor.pk),
    )
    assert (event.object_label, event.by_name) == ("Ann", "The tracker")
    assert event.before == {"Role": "Auditor, kgh"}
