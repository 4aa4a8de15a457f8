"""The system of the load tests, made in well under a minute: RELIABILITY §1.1, "Seed".

    manage.py shell -c "from tests.load_system import build; build()"

Twelve organisations, 400 schemes, 36 periods, 3,000 milestones, 200,000 figures, 100,000 audit
events and everybody's roles, on the plan's own workstreams, risks and indicators. It lives at
TODAY: run the site with STP_DEMO_DATE=TODAY. Rows go straight to the tables, as commits leave
them; what is shown of them is worked out by the product.
"""

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence

from django.contrib.auth.hashers import make_password

from finance import bulk
from finance.actions import FIGURE_NAMES, STATE_NAMES
from finance.models import Figure, SavingsScheme, SchemeState
from finance.scheme_rows import AMOUNTS, NUMBERS, WORDS
from stp.accounts.models import Grant, User
from stp.core import clock, periods
from stp.core.models import AuditEvent, Organisation, ReportingPeriod, Return
from stp.core.periods import LONDON
from stp.core.permissions import Role
from stp.cycle.plan import FOLDER, load_plan
from stp.dashboards.actions import recompute
from stp.returns.actions import bump_dependants
from workstreams.models import Milestone, MilestoneBaseline, MilestoneReport, Post, Workstream

TODAY = "2018-02-12"
PASSWORD = "a-password-of-the-load-test"
NOW = dt.datetime(2018, 2, 12, 10, tzinfo=LONDON)
YEAR, OPEN = "2017/18", "2018-01"
ORGANISATIONS, SCHEMES, MILESTONES, EVENTS = 12, 400, 3_000, 100_000
MONTHS, LATER = periods.year_months(YEAR), periods.later_years(YEAR)
REPORTED = [m for m in MONTHS if m <= OPEN]
TWICE = ("2017-11", "2017-12")  # months whose return was sent again
LINES = ("UC", "CC", "SC", "PR", "PD", "CIP", "QIPP", "DEC")
MATURITIES = ("Delivered", "In delivery", "Fully developed", "Plan in progress")
RISKS = ("Low", "Medium", "High")
K = 100_000  # pence in £000


def build() -> None:
    """Fill a migrated, empty database."""
    with clock.at(NOW):
        load_plan(folder=FOLDER, by=None)
        organisations = _organisations()
        people = _people(organisations)
        _periods(people[0])
        _milestones(people[0])
        for number, organisation in enumerate(organisations):
            share = SCHEMES // ORGANISATIONS + (number < SCHEMES % ORGANISATIONS)
            _returns(organisation, share, people[1 + number], late=number % 4 == 3)
        _events(people)
        for code in (REPORTED[-2], OPEN):
            recompute(code)
        _close(people[0])


def senders() -> list[tuple[str, str]]:
    """Sign-ins (address, password) of finance leads, one an organisation, then the second ones."""
    return [
        (f"lead{n}.{org}@example.org", PASSWORD)
        for n in (1, 2)
        for org in (f"o{number:02}" for number in range(1, ORGANISATIONS + 1))
    ]


def _organisations() -> list[Organisation]:
    """Nobody else's return is waited for."""
    Organisation.objects.update(sends_finance_return=False)
    return Organisation.objects.bulk_create(
        Organisation(
            id=f"o{n:02}", name=f"Organisation {n} NHS Trust", short=f"Trust {n}", kind="trust",
            ods=f"L{n:02}", sends_finance_return=True,
        )
        for n in range(1, ORGANISATIONS + 1)
    )  # fmt: skip


def _people(organisations: Sequence[Organisation]) -> list[User]:
    """The PMO, a finance lead an organisation, then everybody else; one hash for all of them."""
    roles: list[tuple[str, Role, Organisation | None]] = [("pmo1", Role.PMO, None)]
    roles += [(f"lead1.{o.pk}", Role.FINANCE_LEAD, o) for o in organisations]
    roles += [(f"lead2.{o.pk}", Role.FINANCE_LEAD, o) for o in organisations]
    roles += [(f"director.{o.pk}", Role.FINANCE_DIRECTOR, o) for o in organisations]
    roles += [(f"board{n}", Role.BOARD, None) for n in range(1, 13)]
    roles += [(f"stream{n}", Role.WORKSTREAM_LEAD, None) for n in range(1, 61)]
    roles += [(role.value, role, None) for role in (Role.FINANCE_GROUP, Role.AUDITOR)]
    hashed = make_password(PASSWORD)
    people = User.objects.bulk_create(
        User(username=name, email=f"{name}@example.org", first_name=name, password=hashed)
        for name, _, _ in roles
    )
    Grant.objects.bulk_create(
        Grant(user=user, role=role.value, organisation=organisation)
        for user, (_, role, organisation) in zip(people, roles, strict=True)
    )
    streams = itertools.cycle(Workstream.objects.order_by("order"))
    Post.objects.bulk_create(
        Post(user=user, workstream=next(streams), office="lead", started_on=dt.date(2017, 4, 1))
        for user, (_, role, _) in zip(people, roles, strict=True)
        if role is Role.WORKSTREAM_LEAD
    )
    return people


def _periods(closer: User) -> None:
    """Three years: closed up to the last month but one reported, one open, two to come."""
    codes = [m for y in ("2015/16", "2016/17", YEAR) for m in periods.year_months(y)]
    made = []
    for code in codes:
        period = periods.parse(code)
        due = periods.due_at(period)
        opens = dt.datetime.combine(period.ends_on + dt.timedelta(days=1), dt.time(9), LONDON)
        dates = (opens, due, due + dt.timedelta(days=6), due + dt.timedelta(days=10))
        closed = code < REPORTED[-2]
        state = "closed" if closed else "open" if code <= OPEN else "planned"
        made.append(
            ReportingPeriod(
                code=code, sort_key=period.sort_key, year=period.year, state=state,
                opens_at=dates[0], due_at=dates[1], hold_at=dates[2], closes_at=dates[3],
                dates_passed=sum(date <= NOW for date in dates),
                closed_at=dates[3] if closed else None, closed_by=closer if closed else None,
            )
        )  # fmt: skip
    ReportingPeriod.objects.bulk_create(made)


def _close(closer: User) -> None:
    """The month before the open one stands closed on what was just worked out."""
    ReportingPeriod.objects.filter(pk=REPORTED[-2]).update(
        state="closed", closed_at=NOW, closed_by=closer
    )


def _milestones(reporter: User) -> None:
    """Milestones up to MILESTONES, each with a date and what was last said of it."""
    streams = itertools.cycle(Workstream.objects.exclude(pk="EFF").order_by("order"))
    made = Milestone.objects.bulk_create(
        Milestone(ref=f"L-{n:04}", workstream=next(streams), title=f"Step {n} of the programme",
                  owner=f"Owner {n % 60}", critical=n % 10 == 0)
        for n in range(Milestone.objects.count(), MILESTONES)
    )  # fmt: skip
    due = [dt.date(2017, 4, 1) + dt.timedelta(days=n * 7 % 700) for n in range(len(made))]
    MilestoneBaseline.objects.bulk_create(
        MilestoneBaseline(milestone=m, as_printed=day.isoformat(), precision="day", due_on=day,
                          approved_on=dt.date(2017, 3, 31))
        for m, day in zip(made, due, strict=True)
    )  # fmt: skip
    MilestoneReport.objects.bulk_create(
        MilestoneReport(
            milestone=m, period_id=REPORTED[-2 if n % 2 else -1],
            forecast_on=day + dt.timedelta(days=n % 5 * 10),
            completed_on=day if day < NOW.date() and n % 3 else None, confirmed_on=NOW.date(),
            reported_at=NOW, reported_by=reporter,
        )
        for n, (m, day) in enumerate(zip(made, due, strict=True))
    )  # fmt: skip


def _returns(organisation: Organisation, size: int, sender: User, *, late: bool) -> None:
    """An approved plan and a return a month; who is late has not sent the open month's."""
    plan = _return(organisation, MONTHS[0], sender, kind="plan")
    schemes = SavingsScheme.objects.bulk_create(
        SavingsScheme(organisation=organisation, ref=f"S-{n:03}", created_in=plan)
        for n in range(1, size + 1)
    )
    _write(plan, schemes)
    for month in REPORTED:
        if late and month == OPEN:
            continue
        if month in TWICE:
            _write(_return(organisation, month, sender, replaced=True), schemes, swing=1)
        _write(_return(organisation, month, sender, version=1 + (month in TWICE)), schemes)


def _return(
    organisation: Organisation,
    month: str,
    sender: User,
    *,
    kind: str = "finance",
    version: int = 1,
    replaced: bool = False,
) -> Return:
    """A version as a commit leaves it: in force, or `replaced` by a later one."""
    period = ReportingPeriod.objects.get(pk=month)
    at = min(period.due_at - dt.timedelta(days=1), NOW - dt.timedelta(days=1))
    is_plan = kind == "plan"
    state = "superseded" if replaced else "signed_off" if is_plan else "committed"
    return_ = Return.objects.create(
        kind=kind, scope=organisation.pk, organisation=organisation, period=period,
        version=version, reference=f"{'PLAN' if is_plan else 'RET'}-{month}-"
        f"{organisation.ods}-{version:02}", state=state, in_force=not replaced,
        file_name=f"{organisation.pk}.csv", file_path="none", file_size=1, sha256="0" * 64,
        received_at=at, received_by=sender, committed_at=at, committed_by=sender,
        signed_off_at=at if is_plan else None, signed_off_by=sender if is_plan else None,
        ended_at=at if replaced else None,
    )  # fmt: skip
    if not replaced:
        bump_dependants(return_, f"{return_.reference} committed")
    return return_


def _write(return_: Return, schemes: Sequence[SavingsScheme], swing: int = 0) -> None:
    bulk.insert(SchemeState, STATE_NAMES, (_state(return_, n, s) for n, s in enumerate(schemes)))
    cells = (c for n, s in enumerate(schemes) for c in _cells(return_, n, s.pk, swing))
    bulk.insert(Figure, FIGURE_NAMES, cells)


def _state(return_: Return, number: int, scheme: SavingsScheme) -> tuple[object, ...]:
    said = {
        "title": f"Scheme {scheme.ref}, with a title of the usual length",
        "line": LINES[number % len(LINES)], "recurrence": "R", "type": "Pay",
        "maturity": MATURITIES[number % len(MATURITIES)], "risk": RISKS[number % len(RISKS)],
        "start_month": "2017-04", "qia": "Approved", "lead": "Director of finance",
        "consultation": "Complete" if number % len(LINES) == 7 else "",
    }  # fmt: skip
    return (
        return_.pk, scheme.pk, number + 2, *(said.get(name, "") for name in WORDS),
        *(None for _ in AMOUNTS), *(None for _ in NUMBERS), [], "", "",
    )  # fmt: skip


def _cells(
    return_: Return, number: int, scheme: int, swing: int
) -> Iterator[tuple[int, int, str, str, int | None, str]]:
    """Planned £10k a month; actuals and forecasts stand a little beside it."""
    beside = (number % 7 - 4) * K + swing * K
    for when in (*MONTHS, *LATER):
        plan = 10 * K if "-" in when else 120 * K
        yield (return_.pk, scheme, "plan", when, plan, "")
        if return_.kind == "plan":
            continue
        yield (return_.pk, scheme, "forecast", when, plan + beside, "")
        if "-" in when:
            due = when <= return_.period_id
            yield (return_.pk, scheme, "actual", when, plan + beside if due else None,
                   "" if due else "not due")  # fmt: skip


def _events(people: Sequence[User]) -> None:
    """A long trail, as three years leave it."""
    names = (
        "at", "by", "by_name", "verb", "object_type", "object_id", "object_label", "before",
        "after", "reason", "how", "request_id", "return_id", "organisation_id", "period_id",
    )  # fmt: skip
    start = NOW - dt.timedelta(days=1_000)
    verbs = ("signed in", "committed", "received", "checked", "superseded")
    bulk.insert(
        AuditEvent, names,
        (
            (start + dt.timedelta(minutes=14 * n), people[n % len(people)].pk,
             people[n % len(people)].username, verbs[n % len(verbs)], "return", str(n),
             f"Return {n}", {"Status": "Ready to send"}, {"Status": "Committed"}, "",
             "screen", f"{n:016x}", None, f"o{n % ORGANISATIONS + 1:02}",
             MONTHS[n % len(MONTHS)])
            for n in range(EVENTS)
        ),
    )  # fmt: skip
