"""A permission reaches only as far as the grants that give it."""

from stp.accounts.models import Grant, User
from stp.core.models import Organisation
from stp.core.permissions import Permission, Role, may, organisations_for


def test_a_second_role_does_not_widen_the_first(ngh: Organisation, kgh: Organisation) -> None:
    person = User.objects.create_user("both", "both@example.org")
    Grant.objects.create(user=person, role=Role.BOARD)
    Grant.objects.create(user=person, role=Role.FINANCE_LEAD, organisation=ngh)
    assert may(person, Permission.SEND_RETURN, ngh)
    assert not may(person, Permission.SEND_RETURN, kgh), "the board grant widened the lead's"
    assert organisations_for(person, Permission.SEND_RETURN) == frozenset({"ngh"})
    assert organisations_for(person, Permission.VIEW_PROGRAMME) is None
    assert organisations_for(person, Permission.ADMINISTER) == frozenset()
