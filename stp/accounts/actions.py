"""Writes about people: invited, switched off, given roles, signed in, refused, signed out."""

import datetime as dt
import hashlib
import logging
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction

from stp.accounts import attempts
from stp.accounts.links import LINKS
from stp.accounts.models import Grant, Session, User
from stp.core import audit, clock, jobs
from stp.core.again import retried
from stp.core.models import AuditEvent, Job, Organisation
from stp.core.permissions import Permission, Role, may, wrong_reach

logger = logging.getLogger(__name__)
ALARM = "raised an alarm about"


class NotAllowedError(Exception):
    """The person may not do this; the sentence says what would be needed."""


class WrongReach(ValueError):
    """The role is not given so: for one organisation, or for all; the sentence says which."""


class AlreadyThere(Exception):
    """Somebody with this address can come in already; nothing was written."""

    def __init__(self, email: str) -> None:
        super().__init__(f"{email} is invited already.")


# Roles ------------------------------------------------------------------------------------


@retried
@transaction.atomic
def give_grant(
    *, user: User, role: Role, organisation: Organisation | None = None, by: User | None
) -> Grant:
    """Give a role; `by` is None only when a command of the installation does it.

    WrongReach for a role of the whole programme with an organisation, or one of an
    organisation without.
    """
    _must(by, Permission.ADMINISTER, "Only an administrator may give or take roles.")
    if fault := wrong_reach(role, organisation.pk if organisation else None):
        raise WrongReach(fault)
    grant, created = Grant.objects.get_or_create(
        user=user, role=role.value, organisation=organisation
    )
    if created:
        audit.record(
            "gave role",
            user,
            by=by,
            after={"Role": str(grant)},
            organisation=organisation.pk if organisation else "",
        )
    return grant


def is_own_administration(grant: Grant, by: Any) -> bool:
    """Whether somebody is about to stop being administrator by themselves: so one always stays."""
    return by is not None and grant.user_id == by.pk and grant.role == Role.ADMINISTRATOR


@retried
@transaction.atomic
def take_grant(*, grant: Grant, by: User | None) -> None:
    """Take a role away; takes effect at the person's next request."""
    _must(by, Permission.ADMINISTER, "Only an administrator may give or take roles.")
    if is_own_administration(grant, by):
        raise NotAllowedError("Another administrator takes this role from you.")
    if Grant.objects.filter(pk=grant.pk).delete()[0]:  # of two at once, one takes it
        audit.record("took role", grant.user, by=by, before={"Role": str(grant)})


# People -----------------------------------------------------------------------------------


@transaction.atomic
def invite(
    *, email: str, first_name: str, last_name: str, job_title: str = "",
    role: Role, organisation: Organisation | None, site: str, by: User | None,
) -> User:  # fmt: skip
    """Add a person who has no password yet, give the role, and send the link to choose one.

    `site` is where the link leads, "https://tracker.example.org"; `by` is None only when a
    command of the installation does it. AlreadyThere when somebody has the address, be it since
    a moment ago.
    """
    _must(by, Permission.ADMINISTER, "Only an administrator may invite people.")
    runs_the_site = role is Role.ADMINISTRATOR
    user = User(
        username=email.lower()[:150], email=email.lower(), first_name=first_name,
        last_name=last_name, job_title=job_title, is_staff=runs_the_site,
        is_superuser=runs_the_site,
    )  # fmt: skip
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        raise AlreadyThere(user.email) from error
    audit.record("invited", user, by=by, after={"E-mail address": user.email})
    give_grant(user=user, role=role, organisation=organisation, by=by)
    _ask_for_link("invitation", user.email, site)
    return user


@transaction.atomic
def send_link(*, user: User, site: str, by: User) -> None:
    """Send a new link: to who has chosen no password yet an invitation, else a reset."""
    _must(by, Permission.ADMINISTER, "Only an administrator may send links.")
    audit.record("asked for a new link for", user, by=by)
    _ask_for_link("invitation" if user.is_invited else "reset", user.email, site)


@transaction.atomic
def switch(*, user: User, on: bool, by: User) -> None:
    """Let a person in again, or shut them out from their next request on."""
    _must(by, Permission.ADMINISTER, "Only an administrator may switch people on or off.")
    if not User.objects.filter(pk=user.pk, is_active=not on).update(is_active=on):
        return
    words = {True: "Switched on", False: "Switched off"}
    if not on:
        Session.objects.filter(user=user).delete()
    audit.record(
        "switched on" if on else "switched off", user, by=by,
        before={"Account": words[not on]}, after={"Account": words[on]},
    )  # fmt: skip


@transaction.atomic
def open_door(*, user: User, by: User) -> None:
    """Let somebody try again who was locked out by wrong passwords."""
    _must(by, Permission.OPEN_SIGN_IN, "Only the programme office may open a sign-in again.")
    attempts.forget(user.email)
    audit.record("opened sign-in again for", user, by=by)


# Passwords --------------------------------------------------------------------------------


def forgot_password(*, email: str, site: str) -> None:
    """Ask for a link, whoever it is: what is done here is the same for an unknown address.

    Only the job looks whether anybody has it, so neither the answer nor its time tells.
    """
    _ask_for_link("reset", email, site)


@transaction.atomic
def set_password(*, user: User, password: str, by: User) -> None:
    """Keep a new password and end every session the person has open."""
    user.set_password(password)
    user.save(update_fields=["password"])
    Session.objects.filter(user=user).delete()
    attempts.forget(user.email)
    audit.record("chose a new password", user, by=by)


def _ask_for_link(kind: str, email: str, site: str) -> None:
    """One waiting job an address and kind: asking ten times at once sends one letter."""
    email = email.strip().lower()
    key = f"{kind}:{hashlib.sha256(email.encode()).hexdigest()[:40]}"
    jobs.request("send_link", key=key, payload={"kind": kind, "email": email, "site": site})


def run_send_link(job: Job) -> None:
    """Send the letter of `job`, if the address is somebody's who is switched on.

    The address is forgotten with the letter. A crash between sending and noting it sends a
    second letter, whose link is as good as the first.
    """
    link = LINKS[job.payload["kind"]]
    user = User.objects.filter(email__iexact=job.payload["email"], is_active=True).first()
    sent = user is not None and not _too_many(job)
    if user and sent:
        if settings.MAIL_IS_KEPT:
            settings.MAIL_FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
        link.message(user, job.payload["site"]).send()
    with transaction.atomic():
        if user and sent:
            audit.record("was sent a link by e-mail", user, by=None)
        jobs.finish(job)
        Job.objects.filter(pk=job.pk).update(payload={})


def _too_many(job: Job) -> bool:
    """Whether this address asked for more letters than an hour may bring."""
    earlier = Job.objects.filter(
        kind=job.kind, key=job.key, requested_at__gt=job.requested_at - settings.LETTERS_EVERY
    )
    return earlier.count() > settings.LETTERS_MOST


def link_gave_up(job: Job) -> None:
    """A letter that could not be sent is on the trail, where administrators look."""
    user = User.objects.filter(email__iexact=job.payload.get("email", "")).first()
    if user:
        audit.record(ALARM, user, by=None, label=f"a letter to {user} that could not be sent")


# Sessions ---------------------------------------------------------------------------------


@transaction.atomic
def end_session(*, session: Session, by: User) -> None:
    """Sign one browser out; an administrator may do it for anyone, a person for themselves."""
    user = session.user
    if user is None or user.pk != by.pk:
        _must(by, Permission.ADMINISTER, "Only an administrator may end somebody else's session.")
    if Session.objects.filter(pk=session.pk).delete()[0] and user:
        audit.record("ended a session of", user, by=by, before={"Browser": session.browser})


@transaction.atomic
def end_sessions(*, user: User, by: User, but: str | None = None) -> int:
    """Sign somebody out everywhere, or everywhere but the session with key `but`; how many."""
    if user.pk != by.pk:
        _must(by, Permission.ADMINISTER, "Only an administrator may end somebody else's session.")
    ended = Session.objects.filter(user=user).exclude(session_key=but or "").delete()[0]
    if ended:
        audit.record("ended sessions of", user, by=by, before={"Sessions": ended})
    return ended


# At the door ------------------------------------------------------------------------------


def note_sign_in(user: User) -> None:
    """Put a sign-in on the audit trail."""
    audit.record("signed in", user, by=user)


def note_sign_out(user: User) -> None:
    """Put on the trail that somebody signed out themselves."""
    audit.record("signed out", user, by=user)


def note_asked_again(user: User, *, right: bool) -> None:
    """Put on the trail that somebody signed in gave their password again, and whether rightly."""
    audit.record("gave the password again" if right else "was refused sign-in", user, by=user)


@transaction.atomic
def note_refused_sign_in(login: str, address: str) -> None:
    """Put a refused sign-in on the trail; what was typed is not kept. Alarm when many are tried.

    Somebody unknown leaves an event too: the trail shows both, and both take the same work.
    """
    user = _known_as(login)
    audit.record("was refused sign-in", user or User(), by=None, label=str(user or "unknown name"))
    tried = attempts.people_tried(address)
    if tried >= settings.SIGN_IN_PEOPLE:
        _alarm_once(f"sign-ins from {address}", {"People tried": tried})
    elsewhere = attempts.addresses_trying(login)
    if user and elsewhere >= settings.SIGN_IN_ADDRESSES:
        _alarm_once(f"sign-ins as {user}", {"Addresses trying": elsewhere})


def note_locked_out(login: str) -> None:
    """Put it on the trail that one address may not try this person for a while."""
    user = _known_as(login)
    audit.record("was locked out for a while", user or User(), by=None,
                 label=str(user or "unknown name"))  # fmt: skip


def _known_as(login: str) -> User | None:
    # No address holds a NUL, and PostgreSQL refuses to look one up.
    return User.objects.filter(email__iexact=login.replace("\0", "").strip()).first()


def _alarm_once(about: str, figures: dict[str, Any]) -> None:
    """One alarm a matter in an hour: the trail is read by people."""
    hour_ago = clock.now() - dt.timedelta(hours=1)
    if AuditEvent.objects.filter(verb=ALARM, object_label=about, at__gt=hour_ago).exists():
        return
    event = audit.record(ALARM, User(), by=None, label=about, after=figures)
    logger.warning("alarm about sign-ins: see event %s of the trail", event.pk)


def _must(by: User | AnonymousUser | None, permission: Permission, sentence: str) -> None:
    if by is not None and not may(by, permission):
        raise NotAllowedError(sentence)
