"""Every write the product has, each as a function that does one of its kind at random."""

import random
from collections.abc import Callable

from finance.actions import PlanCorrectionRefused, correct_plan
from finance.models import SavingsScheme
from stp.accounts import actions as accounts
from stp.accounts.models import Grant, User
from stp.core import changes, jobs, snapshots, sweeper
from stp.core.models import ReportingPeriod, Return
from stp.core.permissions import Role
from stp.cycle import actions as cycle
from stp.dashboards.actions import recompute
from stp.returns import actions as returns
from stp.returns import warned
from stp.returns.actions import checking
from tests.races.hunter import ORGANISATIONS, PERIODS
from tests.sent_files import MONTH_PLAN, REASON, K, confirm, read_here, receive, scheme

vars(checking)["read"] = read_here  # no reader process: what is hunted is in the database
ANTICIPATED = (returns.Refusal, snapshots.Overtaken, PlanCorrectionRefused, jobs.LeaseLost)


def _by(role: Role, org: str | None = None) -> User:
    grants = Grant.objects.filter(role=role.value, organisation=org)
    return grants.select_related("user").order_by("pk")[0].user


def _send(chance: random.Random) -> None:
    org, period = chance.choice(ORGANISATIONS), chance.choice(PERIODS)
    rows = [scheme(period=period, actual=MONTH_PLAN + chance.randrange(1000) * K),
            scheme("CC-01", period=period, line="CC")]  # fmt: skip
    receive(_by(Role.FINANCE_LEAD, org), org, rows, period)


def _work(chance: random.Random) -> None:
    due = jobs.due()
    if due:
        jobs.run(chance.choice(due))


def _one(chance: random.Random, **wanted: object) -> Return | None:
    found = list(Return.objects.filter(kind="finance", **wanted).order_by("-pk")[:10])
    return chance.choice(found) if found else None


def _confirm(chance: random.Random) -> None:
    if return_ := _one(chance, state="ready"):
        confirm(_by(Role.FINANCE_LEAD, return_.scope), return_)


def _explain(chance: random.Random) -> None:
    if return_ := _one(chance, state="ready", warning_count__gt=0):
        returns.explain(
            by=_by(Role.FINANCE_LEAD, return_.scope), return_=return_,
            reasons=dict.fromkeys(returns.warning_codes(return_), REASON),
            digest=warned.digest(return_),
        )  # fmt: skip


def _abandon(chance: random.Random) -> None:
    if return_ := _one(chance, state="ready"):
        returns.abandon(by=_by(Role.FINANCE_LEAD, return_.scope), return_=return_)


def _withdraw(chance: random.Random) -> None:
    if return_ := _one(chance, in_force=True):
        by = _by(Role.FINANCE_LEAD, return_.scope)
        digest = returns.withdrawal(return_).digest
        returns.withdraw(by=by, return_=return_, reason=REASON, digest=digest)


def _correct(chance: random.Random) -> None:
    schemes = list(SavingsScheme.objects.filter(ref="UC-01"))
    month, pence = chance.choice(("2017-07", "2017-08")), chance.randrange(100) * K
    by = _by(Role.ADMINISTRATOR)
    correct_plan(scheme=chance.choice(schemes), when=month, pence=pence, reason=REASON, by=by)


def _grant(chance: random.Random) -> None:
    user, by = _by(Role.AUDITOR), _by(Role.ADMINISTRATOR)
    grant = accounts.give_grant(user=user, role=Role.BOARD, by=by)
    accounts.take_grant(grant=grant, by=by)


def _bump(chance: random.Random) -> None:
    from django.db import transaction

    with transaction.atomic():
        changes.bump_all_open(what="A risk of the hunt")


def _recompute(chance: random.Random) -> None:
    recompute(chance.choice(PERIODS), always=True)


def _close(chance: random.Random) -> None:
    """Close the oldest month, then open it again, which no action may do."""
    april = ReportingPeriod.objects.get(pk=PERIODS[0])
    cycle.close_period(period=april, by=_by(Role.PMO))
    ReportingPeriod.objects.filter(pk=april.pk).update(state="open", closed_at=None, closed_by=None)


def _sweep(chance: random.Random) -> None:
    ReportingPeriod.objects.filter(pk=chance.choice(PERIODS), state="open").update(dates_passed=0)
    sweeper.sweep("hunter")


EVERY: list[tuple[str, Callable[[random.Random], None]]] = [
    ("send", _send), ("send", _send), ("work", _work), ("work", _work), ("work", _work),
    ("confirm", _confirm), ("confirm", _confirm), ("explain", _explain), ("abandon", _abandon),
    ("withdraw", _withdraw), ("correct", _correct), ("grant", _grant), ("bump", _bump),
    ("recompute", _recompute), ("close", _close), ("sweep", _sweep),
]  # fmt: skip
