"""Loading the illustrative year in order of date: what came in when, and what was closed.

Each step runs at the moment it stands for, so that the trail and the snapshots read true.
"""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings

from stp.accounts.models import User
from stp.core import audit, changes, clock, sweeper
from stp.core.models import Organisation, ReportingPeriod, Return
from stp.core.request import through
from stp.cycle.actions import close_period
from stp.cycle.demo import files, people, programme
from stp.cycle.demo.programme import london
from stp.cycle.demo.sources import organisations
from stp.dashboards.actions import recompute
from stp.returns import actions as returns

REASON = "Illustrative return: figures agreed for the demonstration"
SENDERS = {
    "ngh": "finance.ngh", "kgh": "finance.kgh", "nhft": "finance.nhft",
    "nene-ccg": "finance.nene", "corby-ccg": "finance.corby", "ncc": "finance.ncc",
}  # fmt: skip
APPROVERS = {"ngh": "director.ngh", "kgh": "director.kgh"}


@dataclass(frozen=True)
class Sent:
    """One return of the story: whose, of which period, and when it came."""

    organisation: str
    kind: str
    period: str
    at: dt.datetime


PLANS = [Sent(o, "plan", "2017-04", london((2017, 4, 5 + i), 15)) for i, o in enumerate(SENDERS)]
APRIL = [
    Sent(o, "finance", "2017-04", london((2017, 5, 10 + i), 11)) for i, o in enumerate(SENDERS)
]
MAY = [Sent(o, "finance", "2017-05", london((2017, 6, 9 + i), 14)) for i, o in enumerate(SENDERS)]
# NGH and NHFT have not sent June's; KGH's came the day after it was due.
JUNE = [
    Sent("nene-ccg", "finance", "2017-06", london((2017, 7, 13), 16)),
    Sent("corby-ccg", "finance", "2017-06", london((2017, 7, 14), 10)),
    Sent("ncc", "finance", "2017-06", london((2017, 7, 17), 12)),
    Sent("kgh", "finance", "2017-06", london((2017, 7, 19), 9, 40)),
]


def load() -> bool:
    """Load the story once; False if it is there already."""
    if Return.objects.exists():
        return False
    with through("demonstration"):
        with clock.at(london((2017, 3, 31), 9)):
            users = people.load()
            programme.load_periods()
            programme.load_targets()
            programme.load_milestones()
            programme.load_links()
        _april(users)
        _may(users)
        _june(users)
    return True


def _april(users: dict[str, User]) -> None:
    _open(london((2017, 4, 3), 9))
    for sent in PLANS:
        _send(sent, users)
    with clock.at(london((2017, 4, 21), 11)):
        for plan in Return.objects.filter(kind="plan", in_force=True):
            approver = APPROVERS.get(plan.scope, "administrator")
            returns.approve_plan(by=users[approver], return_=plan)
        programme.load_benefits()
    for sent in APRIL:
        _send(sent, users)
    _update("2017-04", users, london((2017, 5, 16), 10))
    _close("2017-04", users, london((2017, 5, 26), 17, 5))


def _may(users: dict[str, User]) -> None:
    _open(london((2017, 6, 1), 9, 1))
    for sent in MAY:
        _send(sent, users)
    _update("2017-05", users, london((2017, 6, 15), 10))
    _close("2017-05", users, london((2017, 6, 23), 17, 5))


def _june(users: dict[str, User]) -> None:
    _open(london((2017, 7, 3), 9, 1))
    _update("2017-06", users, london((2017, 7, 7), 10))
    for sent in JUNE:
        _send(sent, users)
    today = settings.DEMO_DATE or dt.date(2017, 7, 24)
    with clock.at(london(today, 9)):
        sweeper.sweep("load_demo")
        recompute("2017-06")


def _open(moment: dt.datetime) -> None:
    with clock.at(moment):
        sweeper.sweep("load_demo")


def _send(sent: Sent, users: dict[str, User]) -> None:
    name = files.name_of(sent.organisation, sent.kind, sent.period)
    with clock.at(sent.at):
        returns.send(
            by=users[SENDERS[sent.organisation]],
            kind=sent.kind,
            organisation=Organisation.objects.get(pk=sent.organisation),
            period=ReportingPeriod.objects.get(pk=sent.period),
            file_name=name,
            chunks=[(files.FOLDER / name).read_bytes()],
            choices={"unit": "thousands"},
            reason=REASON,
        )


def _update(period: str, users: dict[str, User], moment: dt.datetime) -> None:
    """Milestones and risks as the programme office entered them for a period."""
    with clock.at(moment):
        programme.load_reports(period, by=users["pmo"])
        audit.record(
            "entered illustrative milestone and risk updates of",
            ReportingPeriod.objects.get(pk=period),
            by=users["pmo"],
            period=period,
        )
        changes.bump_all_open(what=f"milestones and risks of {period}")


def _close(code: str, users: dict[str, User], moment: dt.datetime) -> None:
    with clock.at(moment):
        sweeper.sweep("load_demo")
        close_period(
            period=ReportingPeriod.objects.get(pk=code),
            by=users["pmo"],
            reason="Month closed as planned",
        )


def expected_files() -> list[str]:
    """Names of the files the story reads, all of which fixtures/returns must hold."""
    assert set(SENDERS) == set(organisations()), "every sender has schemes, and the reverse"  # noqa: S101  a slip in the fixtures
    return [
        files.name_of(sent.organisation, sent.kind, sent.period)
        for sent in (*PLANS, *APRIL, *MAY, *JUNE)
    ]
