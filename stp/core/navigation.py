"""The main menu: six places for everyone who reads, two more where a role has them."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from stp.core.permissions import ROLES, Permission, Role, may


@dataclass(frozen=True, slots=True)
class Place:
    """A menu item; it is current on every page whose URL name starts with one of `within`."""

    label: str
    name: str
    permission: Permission
    within: tuple[str, ...]


PLACES = (
    Place("Overview", "dashboards:overview", Permission.VIEW_PROGRAMME, ("dashboards:overview",)),
    Place(
        "Workstreams",
        "dashboards:workstream-list",
        Permission.VIEW_PROGRAMME,
        ("dashboards:workstream",),
    ),
    Place(
        "Milestones",
        "workstreams:milestone-list",
        Permission.VIEW_PROGRAMME,
        ("workstreams:milestone",),
    ),
    Place(
        "Finance",
        "finance:scheme-list",
        Permission.VIEW_PROGRAMME,
        ("finance:", "dashboards:gap"),
    ),
    Place("Indicators", "indicators:indicator-list", Permission.VIEW_PROGRAMME, ("indicators:",)),
    Place("Risks", "workstreams:risk-list", Permission.VIEW_PROGRAMME, ("workstreams:risk",)),
    Place("Returns", "returns:return-list", Permission.VIEW_RETURNS, ("returns:",)),
    Place("Who changed what", "core:change-list", Permission.VIEW_AUDIT, ("core:change",)),
)


@dataclass(frozen=True, slots=True)
class Item:
    """What the header draws: a label, an address, and whether the reader is there."""

    text: str
    href: str
    current: bool


def carried(request: HttpRequest) -> dict[str, str]:
    """The period and comparison in the address, kept by every link between read pages."""
    return {key: request.GET[key] for key in ("period", "vs") if request.GET.get(key)}


def menu(request: HttpRequest) -> list[Item]:
    """The places this person may go to; a place whose page is not installed is left out."""
    # A request turned away at the door (an unknown host) got no person yet.
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    prefetch_related_objects([user], "grants")
    here = request.resolver_match.view_name if request.resolver_match else ""
    items = []
    for place in PLACES:
        if not may(user, place.permission):
            continue
        try:
            href = reverse(place.name, query=carried(request) or None)
        except NoReverseMatch:
            continue
        items.append(Item(place.label, href, here.startswith(place.within)))
    return items


def role_words(user: Any) -> str:
    """'Finance lead, NGH' for the header; '' for nobody, a sentence for no role."""
    if not user.is_authenticated:
        return ""
    return "; ".join(_grant_words(user.grants.all())) or "No role yet"


def _grant_words(grants: Iterable[Any]) -> list[str]:
    words = []
    for grant in grants:
        where = f", {grant.organisation.short}" if grant.organisation else ""
        words.append(f"{ROLES[Role(grant.role)].name}{where}")
    return words


def account(user: Any) -> list[dict[str, Any]]:
    """What stands at the top right: the person with their roles, then Sign out, last."""
    if not user.is_authenticated:
        return []
    people = {"text": "People", "href": reverse("accounts:person-list")}
    return [
        {
            "text": f"{user} ({role_words(user)})",
            "href": reverse("accounts:session-list"),
            "icon": True,
        },
        *([people] if may(user, Permission.OPEN_SIGN_IN) else []),
        {"text": "Sign out", "action": reverse("account_logout")},
    ]


def footer() -> list[Item]:
    """Help for everyone; pages that are not installed are left out."""
    wanted = (
        ("Help", "core:help"),
        ("The plan as published", "dashboards:plan"),
        ("How ratings are worked out", "core:rag-rules"),
        ("Accessibility statement", "core:accessibility"),
    )
    links = []
    for text, name in wanted:
        try:
            links.append(Item(text, reverse(name), current=False))
        except NoReverseMatch:
            continue
    return links


@cache
def version() -> str:
    """The version pyproject.toml states: the one place it is written."""
    with (settings.BASE_DIR / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])


def footer_texts() -> list[str]:
    """Version, licence of the figures, and whose software this is not."""
    return [
        f"{settings.PRODUCT_NAME}, version {version()}. "
        "Figures of the published plan are used under the Open Government Licence v3.0.",
        "Independent open-source software. Not an NHS product and not endorsed by the NHS.",
    ]
