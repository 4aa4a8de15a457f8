"""May this user do this here? Asked of every role, of nobody, and of somebody else's object."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from stp.core.permissions import (
    OF_ONE_ORGANISATION,
    OF_THE_PROGRAMME,
    ROLES,
    Permission,
    Role,
    may,
    organisations_for,
    wrong_reach,
)


@dataclass
class Grant:
    role: str
    organisation_id: str | None = None


class Grants(list[Grant]):
    def all(self) -> "Grants":
        return self


@dataclass
class Person:
    grants: Grants = field(default_factory=Grants)
    is_authenticated: bool = True
    is_active: bool = True


@dataclass
class Thing:
    owners: tuple[Person, ...] = ()

    def belongs_to(self, user: Any) -> bool:
        return any(user is owner for owner in self.owners)


def person(role: Role, organisation: str | None = None) -> Person:
    return Person(Grants([Grant(role.value, organisation)]))


def test_every_role_has_a_name_and_a_sentence() -> None:
    assert set(ROLES) == set(Role)
    for rule in ROLES.values():
        assert rule.name
        assert rule.sentence.endswith(".")


@pytest.mark.parametrize("role", Role)
def test_every_role_reads_the_programme(role: Role) -> None:
    assert may(person(role), Permission.VIEW_PROGRAMME)


@pytest.mark.parametrize(
    ("permission", "roles"),
    [
        (Permission.SEND_RETURN, {Role.FINANCE_LEAD, Role.FINANCE_DIRECTOR}),
        (Permission.APPROVE_PLAN, {Role.FINANCE_DIRECTOR, Role.ADMINISTRATOR}),
        (Permission.CORRECT_PLAN, {Role.ADMINISTRATOR}),
        (Permission.CLOSE_PERIOD, {Role.PMO}),
        (Permission.ADMINISTER, {Role.ADMINISTRATOR}),
        (Permission.VIEW_AUDIT, {Role.PMO, Role.ADMINISTRATOR, Role.AUDITOR}),
    ],
)
def test_who_may(permission: Permission, roles: set[Role]) -> None:
    assert {role for role in Role if may(person(role), permission)} == roles


def test_the_auditor_and_the_board_change_nothing() -> None:
    reading = {
        Permission.SIGNED_IN,
        Permission.VIEW_PROGRAMME,
        Permission.VIEW_RETURNS,
        Permission.VIEW_CHANGES,
        Permission.VIEW_AUDIT,
    }
    assert ROLES[Role.AUDITOR].permissions <= reading
    assert ROLES[Role.BOARD].permissions <= reading


def test_nobody_and_the_switched_off_see_only_public_pages() -> None:
    nobody = Person(is_authenticated=False)
    switched_off = Person(Grants([Grant(Role.PMO.value)]), is_active=False)
    for user in (nobody, switched_off):
        assert may(user, Permission.PUBLIC)
        assert not may(user, Permission.SIGNED_IN)
        assert not may(user, Permission.VIEW_PROGRAMME)


def test_a_person_without_a_role_is_signed_in_and_no_more() -> None:
    assert may(Person(), Permission.SIGNED_IN)
    assert not may(Person(), Permission.VIEW_PROGRAMME)


def test_a_grant_of_one_organisation_covers_only_its_objects() -> None:
    lead = person(Role.FINANCE_LEAD, "ngh")
    assert may(lead, Permission.SEND_RETURN, Thing((lead,)))
    assert not may(lead, Permission.SEND_RETURN, Thing())
    assert may(person(Role.PMO), Permission.CLOSE_PERIOD, Thing())


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("permission", sorted(OF_THE_PROGRAMME))
def test_a_grant_of_one_organisation_gives_nothing_of_the_programme(
    role: Role, permission: Permission
) -> None:
    """The database refuses such a grant; should there be one, it runs no programme."""
    of_kgh = person(role, "kgh")
    assert not may(of_kgh, permission)
    assert not may(of_kgh, permission, Thing((of_kgh,)))
    assert organisations_for(of_kgh, permission) == frozenset()
    of_kgh.grants.append(Grant(role.value))
    assert may(of_kgh, permission) == (permission in ROLES[role].permissions)


def test_what_is_of_the_programme_no_role_of_one_organisation_has() -> None:
    for role in OF_ONE_ORGANISATION:
        assert not ROLES[role].permissions & OF_THE_PROGRAMME, role


@pytest.mark.parametrize("role", Role)
def test_a_role_is_given_for_one_organisation_or_for_all(role: Role) -> None:
    of_one, of_all = wrong_reach(role, "kgh"), wrong_reach(role, None)
    if role in (Role.FINANCE_LEAD, Role.FINANCE_DIRECTOR):
        assert (of_one, of_all) == ("", "Choose the organisation this person acts for.")
    else:
        assert of_one.endswith(" covers the whole programme: leave the organisation empty.")
        assert ROLES[role].name.lower() in of_one
        assert of_all == ""
