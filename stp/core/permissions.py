"""What people may do, which role may do what, and the one question: may this user do this here?"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol


class Permission(StrEnum):
    """One thing a person may do. Every route names one of these, PUBLIC or SIGNED_IN."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    VIEW_PROGRAMME = "view_programme"
    VIEW_RETURNS = "view_returns"
    SEND_RETURN = "send_return"
    APPROVE_PLAN = "approve_plan"
    CORRECT_PLAN = "correct_plan"
    WITHDRAW_RETURN = "withdraw_return"
    EDIT_MILESTONES = "edit_milestones"
    EDIT_RISKS = "edit_risks"
    CLOSE_PERIOD = "close_period"
    VIEW_CHANGES = "view_changes"  # changes of figures the person may read
    VIEW_AUDIT = "view_audit"  # the whole trail: people, roles and sign-ins too
    OPEN_SIGN_IN = "open_sign_in"  # for somebody locked out by wrong passwords
    ADMINISTER = "administer"


class Role(StrEnum):
    """A person's role; a grant gives it for one organisation or for the whole programme."""

    BOARD = "board"
    PMO = "pmo"
    FINANCE_LEAD = "finance_lead"
    FINANCE_DIRECTOR = "finance_director"
    FINANCE_GROUP = "finance_group"
    CLINICAL_APPROVER = "clinical_approver"
    WORKSTREAM_LEAD = "workstream_lead"
    SRO = "sro"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


@dataclass(frozen=True)
class RoleRule:
    """A role's name, one sentence for people, and its permissions."""

    name: str
    sentence: str
    permissions: frozenset[Permission]


P = Permission
_READ = {P.SIGNED_IN, P.VIEW_PROGRAMME, P.VIEW_CHANGES}
ROLES: dict[Role, RoleRule] = {
    Role.BOARD: RoleRule(
        "Board member",
        "Reads every dashboard of the programme; changes nothing.",
        frozenset(_READ),
    ),
    Role.PMO: RoleRule(
        "Programme office",
        "Runs the monthly cycle: milestones, risks, chasing returns, closing periods.",
        frozenset(
            _READ
            | {P.VIEW_RETURNS, P.EDIT_MILESTONES, P.EDIT_RISKS, P.CLOSE_PERIOD}
            | {P.VIEW_AUDIT, P.OPEN_SIGN_IN}
        ),
    ),
    Role.FINANCE_LEAD: RoleRule(
        "Finance lead",
        "Sends the returns of one organisation and sees what they would change.",
        frozenset(_READ | {P.VIEW_RETURNS, P.SEND_RETURN}),
    ),
    Role.FINANCE_DIRECTOR: RoleRule(
        "Finance director",
        "Approves the organisation's plan and signs off its returns, but never one they sent.",
        frozenset(_READ | {P.VIEW_RETURNS, P.SEND_RETURN, P.APPROVE_PLAN, P.WITHDRAW_RETURN}),
    ),
    Role.FINANCE_GROUP: RoleRule(
        "Finance group",
        "Owns the savings weights and the national efficiency line; reads every return.",
        frozenset(_READ | {P.VIEW_RETURNS}),
    ),
    Role.CLINICAL_APPROVER: RoleRule(
        "Clinical approver",
        "Approves quality impact assessments; reads the programme.",
        frozenset(_READ),
    ),
    Role.WORKSTREAM_LEAD: RoleRule(
        "Workstream lead",
        "Updates the milestones and risks of the workstreams they hold a post in.",
        frozenset(_READ | {P.EDIT_MILESTONES, P.EDIT_RISKS}),
    ),
    Role.SRO: RoleRule(
        "Senior responsible owner",
        "Answers for a workstream; updates its milestones and risks.",
        frozenset(_READ | {P.EDIT_MILESTONES, P.EDIT_RISKS}),
    ),
    Role.ADMINISTRATOR: RoleRule(
        "Administrator",
        "Keeps people, reference data and plan corrections; sends and withdraws no figures.",
        frozenset(
            _READ
            | {P.VIEW_RETURNS, P.APPROVE_PLAN, P.CORRECT_PLAN}
            | {P.VIEW_AUDIT, P.OPEN_SIGN_IN, P.ADMINISTER}
        ),
    ),
    Role.AUDITOR: RoleRule(
        "Auditor",
        "Reads everything, the audit trail included; changes nothing.",
        frozenset(_READ | {P.VIEW_RETURNS, P.VIEW_AUDIT}),
    ),
}


# Whose grants name an organisation; a grant of any other role covers the whole programme. The
# database holds the same two lists (accounts.Grant).
OF_ONE_ORGANISATION = frozenset({Role.FINANCE_LEAD, Role.FINANCE_DIRECTOR})
# What is done to the programme as a whole: no organisation's part of it can be given away, so a
# grant for one organisation gives nothing of it, whatever its role.
OF_THE_PROGRAMME = frozenset({P.CLOSE_PERIOD, P.VIEW_AUDIT, P.OPEN_SIGN_IN, P.ADMINISTER})


def wrong_reach(role: Role, organisation_id: str | None) -> str:
    """Why `role` cannot be given for this organisation (None: for all); "" where it can."""
    if role in OF_ONE_ORGANISATION:
        return "" if organisation_id else "Choose the organisation this person acts for."
    if not organisation_id:
        return ""
    name = ROLES[role].name.lower()
    return f"The role of {name} covers the whole programme: leave the organisation empty."


class Scoped(Protocol):
    """An object that some people own: answers whether it belongs to a user."""

    def belongs_to(self, user: Any) -> bool: ...


def may(user: Any, permission: Permission, obj: Scoped | None = None) -> bool:
    """Whether `user` may do `permission`, on `obj` if given.

    Reads `user.grants`. A grant without an organisation covers every object; a grant for
    one organisation covers the objects that belong to the user, and nothing OF_THE_PROGRAMME.
    """
    if permission is Permission.PUBLIC:
        return True
    if not user.is_authenticated or not user.is_active:
        return False
    if permission is Permission.SIGNED_IN:
        return True
    covered = _organisations(user, permission)
    if not covered:
        return False
    if obj is None or None in covered:
        return True
    # Of one organisation: only the grants that give this very permission count, so that a
    # board member who also leads one trust's finance does not send another trust's return.
    organisation_id = getattr(obj, "organisation_id", None)
    return organisation_id in covered if organisation_id else obj.belongs_to(user)


def _organisations(user: Any, permission: Permission) -> set[str | None]:
    grants = user.grants.all()
    found = {g.organisation_id for g in grants if permission in ROLES[Role(g.role)].permissions}
    return found & {None} if permission in OF_THE_PROGRAMME else found


def organisations_for(user: Any, permission: Permission) -> frozenset[str] | None:
    """Ids of the organisations a user has `permission` for; None means every organisation."""
    covered = _organisations(user, permission)
    return None if None in covered else frozenset(o for o in covered if o)
