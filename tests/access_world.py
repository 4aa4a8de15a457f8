"""A programme in which everybody has signed in, and what routes may be asked about.

Built once: tests take back what each request wrote (`World.ask`).
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management.color import no_style
from django.db import connection, transaction
from django.test import Client
from django.urls import URLResolver, reverse
from django.utils import timezone

from stp.accounts.links import LINKS
from stp.accounts.models import Grant, Session, User
from stp.core import audit, clock
from stp.core.models import AuditEvent, Job, Organisation, ReportingPeriod, Return, Snapshot
from stp.dashboards.actions import recompute
from stp.returns import actions, warned
from tests import access_table as table
from tests.conftest import DEMO_MOMENT, make_period
from tests.small_system import Row, lay_out, send
from workstreams.models import Post

PASSWORD = "a-long-password"
# The name is not ASCII: downloads carry it (D4).
FILE_NAME = "ngh – June’s £.csv"


def routes(resolver: URLResolver, prefix: str = "", space: str = "") -> dict[str, str]:
    """Every route of the site, full name -> address pattern; without a name, the pattern twice."""
    found: dict[str, str] = {}
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            found |= routes(pattern, route, inner)
        else:
            found[f"{space}{pattern.name}" if pattern.name else route] = route
    return found


@dataclass
class World:
    """People signed in, and the arguments of routes: own, another's, closed, gone, never."""

    browsers: dict[str, Client]
    uploads: Path
    relations: dict[str, dict[str, list[Any]]]
    cookies: dict[str, str] = field(default_factory=dict)
    rows: dict[str, str] = field(default_factory=dict)  # of all tables, as it was built

    def address(self, name: str, about: str, relation: str = "own") -> str:
        args = self.relations[relation][about] if about else []
        if "/" not in name:
            return reverse(name, args=args)
        # A route without a name: its pattern, with what it is asked about put in.
        pattern = name.replace("(?P<url>.*)$", "no/such/page/")
        return "/" + re.sub(r"<[^>]+>", lambda _: str(args[0]), pattern)

    def sender(self, about: str, relation: str = "own") -> Return:
        return Return.objects.get(pk=self.relations[relation][about][0])

    def ask(
        self, who: str, method: str, address: str, sent: Mapping[str, Any] | None = None,
        *, keep: Callable[[Any], None] | None = None,
    ) -> Any:  # fmt: skip
        """The answer to one request, whose effects are taken back; `keep` looks at them first."""
        browser = self.browsers[who]
        with transaction.atomic():
            answer = getattr(browser, method)(address, sent or {})
            answer.getvalue() if answer.streaming else answer.content
            if keep:
                keep(answer)
            transaction.set_rollback(True)
        browser.cookies = SimpleCookie()
        browser.cookies.load(self.cookies[who])
        return answer


RELATIONS = ("own", "other", "closed", "gone", "never")


@contextmanager
def standing(uploads: Path) -> Iterator[World]:
    """The programme for a whole file of tests, in a transaction that is never committed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.UPLOAD_ROOT", uploads)
        with clock.at(DEMO_MOMENT), transaction.atomic():
            yield build(uploads)
            transaction.set_rollback(True)


def build(uploads: Path) -> World:
    """Two organisations with a return in each state, one closed period, and everybody."""
    (uploads / "a").write_bytes(b"the original")
    lay_out(organisations=("ngh", "kgh"))
    make_period("2016-04")
    own = _objects("ngh", "2017-06")
    relations = {
        "own": own,
        "other": _objects("kgh", "2017-06"),
        "closed": _objects("ngh", "2017-05", plan_period="2016-04"),
        "gone": _gone(Return.objects.get(pk=own["committed"][0])),
        "never": _never(),
    }
    people = {who: _person(who) for who in sorted(table.ANYBODY - {table.NOBODY})}
    people |= {who: _person(who) for who in table.NO_LONGER}
    recompute("2017-05")
    recompute("2017-06")
    _close(("2016-04", "2017-05"), people[table.PMO])
    for relation in relations.values():
        relation.update(
            _people_and_rows(relation is relations["gone"] or relation is relations["never"])
        )
    browsers = {who: _browser(user) for who, user in people.items()} | {table.NOBODY: Client()}
    _end(people)
    world = World(browsers, uploads, relations)
    world.cookies = {
        who: browser.cookies.output(header="", sep=";") for who, browser in browsers.items()
    }
    world.rows = rows_of_all_tables()
    return world


def _objects(org: str, period: str, plan_period: str = "2017-04") -> dict[str, list[Any]]:
    """What `about` may name, of one organisation. The returns wait, checked, or are committed."""
    approval = send(org, plan_period, [Row()], kind="plan")
    committed = send(org, period, [Row()])
    return {
        "workstream": ["UC"], "scheme": [org, "UC-01"], "organisation": [org],
        "committed": [committed.pk], "plan": [approval.pk],
        "ready": [_waiting(committed).pk], "warned": [_waiting(committed, warned=True).pk],
    }  # fmt: skip


def _waiting(committed: Return, *, warned: bool = False) -> Return:
    """A return of the same organisation, checked: nothing wrong with it, or one warning."""
    issue = {"severity": "warning", "code": "odd", "message": "Odd.", "sheet": "", "cell": "",
             "row": None, "column": "", "found": "", "wanted": "", "ref": ""}  # fmt: skip
    return Return.objects.create(
        kind="finance", scope=committed.scope, organisation_id=committed.organisation_id,
        period_id=committed.period_id, state="ready", file_name=FILE_NAME, file_path="a",
        file_size=12, sha256=("2" if warned else "1") * 64, received_at=committed.received_at,
        received_by=committed.received_by, checked_at=committed.received_at,
        warning_count=int(warned), issues=[issue] * warned,
    )  # fmt: skip


def _gone(committed: Return) -> dict[str, list[Any]]:
    """Of the same organisation, and taken out of the database since."""
    pks = [_waiting(committed).pk for _ in range(4)]
    Return.objects.filter(pk__in=pks).delete()
    Organisation.objects.create(id="gone", name="Gone", short="Gone", kind="trust").delete()
    numbers = iter(pks)
    return {
        "workstream": ["ZZ"], "scheme": ["ngh", "UC-99"], "organisation": ["gone"],
        **{key: [next(numbers)] for key in ("ready", "warned", "committed", "plan")},
    }  # fmt: skip


def _people_and_rows(absent: bool) -> dict[str, list[Any]]:
    """What belongs to no organisation: somebody else who is signed in, a link, rows of /admin/."""
    if absent:
        models = [name for name in table.ADMIN if name != "accounts_user"]
        return {
            "person": [999_999], "link": ["MQ", "no-such-token"], "app": ["core"],
            "invitation": ["MQ", "no-such-token"],
            "shortcut": [999_999, 1], "accounts_user": [999_999],
            **{name: [999_999] for name in models},
        }  # fmt: skip
    user, new = User.objects.get_or_create(
        username="somebody", defaults={"email": "somebody@example.org", "password": "!"}
    )
    if new:
        Grant.objects.create(user=user, role="board")
        _browser(user)
        audit.record("planted", user, by=None)
    rows = {
        "core_organisation": "ngh", "core_reportingperiod": "2017-06",
        **{
            model._meta.label_lower.replace(".", "_"): model.objects.latest("pk").pk
            for model in (Return, Job, Snapshot, AuditEvent)
        },
        "accounts_user": user.pk, "accounts_grant": user.grants.get().pk,
    }  # fmt: skip
    links = {
        kind: link.address(user, "").rstrip("/").split("/")[-2:] for kind, link in LINKS.items()
    }
    return {
        "person": [user.pk], "link": links["reset"], "invitation": links["invitation"],
        "app": ["core"], "shortcut": [1, 1],
        **{name: [pk] for name, pk in rows.items()},
    }  # fmt: skip


def _never() -> dict[str, list[Any]]:
    return {
        "workstream": ["XX"], "scheme": ["ngh", "none"], "organisation": ["nobody"],
        **{key: [999_999] for key in ("ready", "warned", "committed", "plan")},
    }  # fmt: skip


def _close(codes: tuple[str, ...], by: User) -> None:
    ReportingPeriod.objects.filter(pk__in=codes).update(
        state=ReportingPeriod.State.CLOSED, closed_at=timezone.now(), closed_by=by
    )


ROLE_BEFORE = {
    "disabled": "pmo",
    "finance lead no more": "finance_lead",
    "administrator no more": "administrator",
}


def _person(who: str) -> User:
    role = ROLE_BEFORE.get(who, who)
    user = User.objects.create_user(
        who.replace(" ", "-"), f"{who.replace(' ', '.')}@example.org", PASSWORD,
        first_name=who.title(), is_staff=role == "administrator",
        is_superuser=role == "administrator",
    )  # fmt: skip
    if role != table.NO_ROLE:
        own = role in table.OF_ONE_ORGANISATION
        Grant.objects.create(user=user, role=role, organisation_id="ngh" if own else None)
    if role in (table.SRO, table.WORKSTREAM):
        office = "sro" if role == table.SRO else "lead"
        Post.objects.create(user=user, workstream_id="UC", office=office, started_on="2017-04-01")
    return user


def _browser(user: User) -> Client:
    browser = Client(raise_request_exception=True)
    browser.force_login(user)
    return browser


def _end(people: Mapping[str, User]) -> None:
    """While they are signed in: one is switched off, the others lose their role."""
    people["disabled"].is_active = False
    people["disabled"].save(update_fields=["is_active"])
    for who in ("finance lead no more", "administrator no more"):
        people[who].grants.all().delete()


# --- Forms that take effect: (world, who, relation) -> what is sent. ---------------------------

Form = Callable[[World, str, str], Mapping[str, Any]]


def _confirmation(world: World, who: str, relation: str) -> Mapping[str, Any]:
    shown = actions.preview(world.sender("ready", relation))
    missing = {f"missing_{change.ref}": "leave" for change in shown.of("missing")}
    return {"digest": shown.digest, "confirmed": "on", **missing}


def _reasons(world: World, who: str, relation: str) -> Mapping[str, Any]:
    return_ = world.sender("warned", relation)
    codes = actions.warning_codes(return_)
    said = {f"reason_{code}": "Agreed with the commissioner." for code in codes}
    return {"digest": warned.digest(return_), **said}


def _a_return(world: World, who: str, relation: str) -> Mapping[str, Any]:
    return {
        "organisation": "ngh", "kind": "finance", "period": "2017-06", "unit": "",
        "basis": "in_month", "file": SimpleUploadedFile(FILE_NAME, b"Scheme ref,Title\nUC-01,x\n"),
    }  # fmt: skip


def _sign_in(world: World, who: str, relation: str) -> Mapping[str, Any]:
    return {"login": "pmo@example.org", "password": PASSWORD}


def _new_password(world: World, who: str, relation: str) -> Mapping[str, Any]:
    new = "another-long-password"
    return {"oldpassword": PASSWORD, "password1": new, "password2": new}


def _subject() -> User:
    return User.objects.get(username="somebody")


def _session_of(name: str) -> Mapping[str, Any]:
    """A session by its handle; the anonymous have none and name nothing."""
    session = Session.objects.filter(user__username=name).first()
    return {"session": session.handle if session else "none"}


def _invitation(world: World, who: str, relation: str) -> Mapping[str, Any]:
    return {
        "first_name": "New", "last_name": "Person", "email": "new.person@example.org",
        "role": "finance_lead", "organisation": "ngh",
    }  # fmt: skip


def _grant_delete(world: World, who: str, relation: str) -> Mapping[str, Any]:
    pks = [_subject().grants.get().pk]
    return {"action": "delete_selected", "_selected_action": pks, "post": "yes"}


def _withdrawal(world: World, who: str, relation: str) -> Mapping[str, Any]:
    return_ = world.sender("committed", relation)
    reason = "Sent for the wrong month."
    return {"reason": reason, "digest": actions.withdrawal(return_).digest}


FORMS: dict[str, Form] = {
    "address": lambda world, who, relation: {"email": "somebody@example.org"},
    "own session": lambda world, who, relation: _session_of(who.replace(" ", "-")),
    "their session": lambda world, who, relation: _session_of("somebody"),
    "invitation": _invitation,
    "accounts_grant add": lambda world, who, relation: {"user": _subject().pk, "role": "pmo"},
    "accounts_grant delete": _grant_delete,
    "confirm": lambda world, who, relation: {"post": "yes"},
    "nothing": lambda world, who, relation: {},
    "confirmation": _confirmation,
    "withdrawal": _withdrawal,
    "a return": _a_return,
    "reasons": _reasons,
    "sign in": _sign_in,
    "new password": _new_password,
    "own password": lambda world, who, relation: {"password": PASSWORD},
}

# --- What a refused request must leave alone. --------------------------------------------------

# Kept by looking at a page: the session's last use, and the note of a refusal (counted apart).
NOT_COMPARED = frozenset({"django_session", "accounts_session", "core_auditevent"})


def rows_of_all_tables() -> dict[str, str]:
    """Table -> a digest of its rows, of every table but those of NOT_COMPARED."""
    found = {}
    with connection.cursor() as cursor:
        for name in sorted(connection.introspection.table_names(cursor)):
            if name not in NOT_COMPARED:
                cursor.execute(f'SELECT * FROM "{name}"')  # noqa: S608 - our own tables' names
                rows = "\n".join(sorted(map(repr, cursor.fetchall())))
                found[name] = hashlib.sha256(rows.encode()).hexdigest()
    return found


# New at every writing: a made name, a salt, the real clock, the key of a session.
EVER_NEW = frozenset(
    {"password", "file_path", "requested_at", "last_login", "session_key", "session_data"}
    | {"seen_at", "started_at", "expire_date", "request_id", "action_time", "date_joined"}
)


def values_of_all_tables() -> dict[str, list[str]]:
    """Table -> its rows in words, without the columns that are never the same twice."""
    found = {}
    with connection.cursor() as cursor:
        for name in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f'SELECT * FROM "{name}"')  # noqa: S608 - our own tables' names
            columns = [column[0] for column in cursor.description]
            found[name] = sorted(
                repr([(c, v) for c, v in zip(columns, row, strict=True) if c not in EVER_NEW])
                for row in cursor.fetchall()
            )
    return found


def number_as_before() -> None:
    """Let new rows take the numbers they would have taken: PostgreSQL's go on after a rollback."""
    models = apps.get_models(include_auto_created=True)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
