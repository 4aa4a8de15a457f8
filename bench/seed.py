"""A programme of a given size, written straight to the tables: what a measure works on.

Figures are made up by a rule, so that two runs measure the same thing: every scheme plans
£10k a month, and its actuals and forecasts swing about that.
"""

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping

from finance import bulk
from finance.actions import FIGURE_NAMES, STATE_NAMES
from finance.bridge import DEFAULT_WEIGHTS
from finance.models import Figure, SavingsScheme, SavingsWeight, SchemeState, Target
from finance.scheme_rows import AMOUNTS, NUMBERS, WORDS
from stp.accounts.models import Grant, User
from stp.core import clock, periods
from stp.core.models import Organisation, ReportingPeriod, Return
from stp.core.permissions import Role
from stp.returns.actions import bump_dependants
from workstreams.models import Milestone, MilestoneBaseline, Workstream

K = 100_000  # pence in £000
MONTHS = periods.year_months("2017/18")
LATER = periods.later_years("2017/18")
LINES = ("UC", "CC", "SC", "PR", "PD", "CIP", "QIPP", "ASC")
MATURITIES = ("Delivered", "In delivery", "Fully developed", "Plan in progress", "Opportunity")
AREAS = {"UC": "Urgent care", "CC": "Community care", "SC": "Scheduled care",
         "PR": "Prevention", "PD": "Productivity"}  # fmt: skip
NOW = dt.datetime(2017, 7, 24, 10, tzinfo=periods.LONDON)
_numbers = itertools.count(1)


def person(role: Role = Role.PMO, organisation: str | None = None) -> User:
    """A new person with one role."""
    number = next(_numbers)
    user = User.objects.create(username=f"bench{number}", email=f"bench{number}@example.org")
    Grant.objects.create(user=user, role=role.value, organisation_id=organisation)
    return user


def lay_out(sizes: Mapping[str, int], *, milestones: int = 0) -> User:
    """Workstreams, weights, targets, organisations with so many schemes each, April to June.

    Every organisation has an approved plan and returns of both months in force.
    """
    user = person()
    long_ago = dt.date(2016, 10, 1)
    for order, (id, name) in enumerate(AREAS.items()):
        Workstream.objects.create(id=id, kind="delivery_area", order=order, name=name, short=id)
    Workstream.objects.create(
        id="EFF", kind="national_efficiency", order=90, name="National efficiency", short="EFF"
    )
    for number in range(1, 4):
        Workstream.objects.create(
            id=f"EN{number}", kind="enabler", order=50 + number, name=f"Enabler {number}",
            short=f"EN{number}",
        )  # fmt: skip
    SavingsWeight.objects.bulk_create(
        SavingsWeight(maturity=maturity, risk=risk, basis_points=weight,
                      effective_on=long_ago, set_by="our defaults")
        for (maturity, risk), weight in DEFAULT_WEIGHTS.items()
    )  # fmt: skip
    Target.objects.bulk_create(
        Target(line=line, year=year, pence=9_000 * K, effective_on=long_ago)
        for line in (*AREAS, "EFF", "NONE")
        for year in ("2017/18", "2020/21")
    )
    _milestones(milestones, long_ago)
    for code in ("2017-04", "2017-05", "2017-06"):
        _period(code)
    for organisation in sizes:
        Organisation.objects.create(
            id=organisation, name=organisation.upper(), short=organisation.upper(),
            kind="trust", sends_finance_return=True,
        )  # fmt: skip
    grow(sizes)
    return user


def grow(sizes: Mapping[str, int]) -> None:
    """Give organisations that are there already more schemes, in plan and returns."""
    for organisation, size in sizes.items():
        put_in_force(organisation, "2017-04", size, kind="plan")
        for code in ("2017-05", "2017-06"):
            put_in_force(organisation, code, size)


def _period(code: str) -> None:
    period = periods.parse(code)
    due = periods.due_at(period)
    opens = dt.datetime.combine(period.ends_on + dt.timedelta(days=1), dt.time(9), periods.LONDON)
    ReportingPeriod.objects.create(
        code=code, sort_key=period.sort_key, year=period.year, state="open", opens_at=opens,
        due_at=due, hold_at=due + dt.timedelta(days=6), closes_at=due + dt.timedelta(days=10),
    )  # fmt: skip


def _milestones(count: int, approved_on: dt.date) -> None:
    areas = itertools.cycle(AREAS)
    made = [
        Milestone(ref=f"M-{n:05}", workstream_id=next(areas), title=f"Milestone {n}")
        for n in range(1, count + 1)
    ]
    Milestone.objects.bulk_create(made)
    MilestoneBaseline.objects.bulk_create(
        MilestoneBaseline(milestone=m, due_on=dt.date(2017, 1 + n % 12, 1 + n % 28),
                          approved_on=approved_on)
        for n, m in enumerate(made)
    )  # fmt: skip


def put_in_force(
    organisation: str, period: str, size: int, *, kind: str = "finance", shift: int = 0
) -> Return:
    """A new version of a return of `size` schemes, as a commit leaves it; `shift` moves money."""
    earlier = Return.objects.filter(kind=kind, scope=organisation, period=period)
    earlier.filter(in_force=True).update(in_force=False, state=Return.State.SUPERSEDED)
    version = earlier.count() + 1
    sender, now = User.objects.order_by("pk")[0], clock.now()
    is_plan = kind == "plan"
    return_ = Return.objects.create(
        kind=kind, scope=organisation, organisation_id=organisation, period_id=period,
        version=version, reference=f"{kind[:3].upper()}-{period}-{organisation}-{version:02d}",
        state=Return.State.SIGNED_OFF if is_plan else Return.State.COMMITTED, in_force=True,
        file_name="a.csv", file_path="a", file_size=1, sha256="0" * 64,
        received_at=now, received_by=sender, committed_at=now, committed_by=sender,
        signed_off_at=now if is_plan else None, signed_off_by=sender if is_plan else None,
    )  # fmt: skip
    _figures(return_, organisation, size, shift)
    bump_dependants(return_, f"{return_.reference} committed")
    return return_


def _figures(return_: Return, organisation: str, size: int, shift: int) -> None:
    refs = [f"S-{n:05}" for n in range(1, size + 1)]
    known = dict(SavingsScheme.objects.filter(organisation=organisation).values_list("ref", "pk"))
    missing = [
        SavingsScheme(organisation_id=organisation, ref=ref, created_in=return_)
        for ref in refs
        if ref not in known
    ]
    known |= {s.ref: s.pk for s in SavingsScheme.objects.bulk_create(missing)}
    schemes = [(number, known[ref]) for number, ref in enumerate(refs)]
    bulk.insert(SchemeState, STATE_NAMES, (_state(return_, n, pk) for n, pk in schemes))
    bulk.insert(
        Figure, FIGURE_NAMES, (row for n, pk in schemes for row in cells(return_, n, pk, shift))
    )


def _state(return_: Return, number: int, scheme: int) -> tuple[object, ...]:
    said = {
        "title": f"Scheme number {number}, with a title of usual length",
        "line": LINES[number % len(LINES)], "recurrence": "R", "type": "Pay",
        "maturity": MATURITIES[number % len(MATURITIES)], "risk": "Medium",
        "start_month": "2017-04", "qia": "Approved", "lead": "Director of finance",
        "evidence": "Ledger" if number % 5 == 0 else "",
    }  # fmt: skip
    return (
        return_.pk, scheme, number + 2, *(said.get(name, "") for name in WORDS),
        *(None for _ in AMOUNTS), *(None for _ in NUMBERS), [], "", "",
    )  # fmt: skip


def cells(
    return_: Return, number: int, scheme: int, shift: int
) -> Iterator[tuple[int, int, str, str, int | None, str]]:
    month, swing = 10 * K, (number % 7 - 3) * K // 2 + shift
    for when in (*MONTHS, *LATER):
        pence = month if "-" in when else 12 * month
        yield (return_.pk, scheme, "plan", when, pence, "")
        if return_.kind == "plan":
            continue
        yield (return_.pk, scheme, "forecast", when, pence + swing, "")
        if "/" in when:
            continue
        due = when <= return_.period_id
        yield (return_.pk, scheme, "actual", when, month + swing if due else None,
               "" if due else "not due")  # fmt: skip


def spread(total: int, *, first: int, organisations: int) -> dict[str, int]:
    """`first` schemes in the first organisation, the rest over the others as evenly as can be."""
    others = organisations - 1
    share, left = divmod(total - first, others)
    sizes = {"o01": first}
    return sizes | {f"o{n + 2:02}": share + (n < left) for n in range(others)}
