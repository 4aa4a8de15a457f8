"""A small programme in the database: organisations, plan, returns sent as actions would send them.

Rows are written straight to the tables (what reading a file makes of them has tests of its own),
but periods are bumped by the product's own rule.
"""

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from finance.bridge import DEFAULT_WEIGHTS
from finance.models import Figure, SavingsScheme, SavingsWeight, SchemeState, Target
from stp.accounts.models import Grant, User
from stp.core import clock, periods
from stp.core.models import Organisation, ReportingPeriod, Return
from stp.core.permissions import Role
from stp.returns.actions import bump_dependants
from tests.conftest import make_period
from workstreams.models import Workstream

K = 100_000  # pence in £000
MONTHS = periods.year_months("2017/18")
LATER = periods.later_years("2017/18")
AREAS = {"UC": "Urgent care", "CC": "Community care", "SC": "Scheduled care",
         "PR": "Prevention", "PD": "Productivity"}  # fmt: skip
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Row:
    """A scheme in a return: £10k a month as planned, every year, unless told otherwise."""

    ref: str = "UC-01"
    line: str = "UC"
    month_plan: int = 10 * K
    actual: int | None = None  # each due month; None: as planned
    forecast: int | None = None  # each month; None: as planned
    blank: tuple[str, ...] = ()  # due months whose actual is not known
    words: Mapping[str, Any] = field(default_factory=dict)


def person(role: Role = Role.PMO) -> User:
    """A new person with one programme-wide role."""
    name = f"{role.value}{next(_numbers)}"
    user = User.objects.create(username=name, email=f"{name}@example.org")
    Grant.objects.create(user=user, role=role.value)
    return user


def organisation(id: str) -> Organisation:
    return Organisation.objects.create(
        id=id, name=id.upper(), short=id.upper(), kind="trust", sends_finance_return=True
    )


def lay_out(
    codes: Sequence[str] = ("2017-04", "2017-05", "2017-06"),
    organisations: Sequence[str] = ("ngh", "kgh", "nhft"),
) -> dict[str, ReportingPeriod]:
    """Workstreams, weights, targets of 2017/18 and 2020/21, organisations, open periods."""
    for order, (id, name) in enumerate(AREAS.items()):
        Workstream.objects.create(id=id, kind="delivery_area", order=order, name=name, short=id)
    Workstream.objects.create(
        id="EFF", kind="national_efficiency", order=90, name="National efficiency", short="EFF"
    )
    Workstream.objects.create(id="EN1", kind="enabler", order=50, name="Workforce", short="EN1")
    long_ago = dt.date(2016, 10, 1)
    for (maturity, risk), weight in DEFAULT_WEIGHTS.items():
        SavingsWeight.objects.create(
            maturity=maturity, risk=risk, basis_points=weight,
            effective_on=long_ago, set_by="our defaults",
        )  # fmt: skip
    for line in (*AREAS, "EFF", "NONE"):
        Target.objects.create(line=line, year="2020/21", pence=1_000 * K, effective_on=long_ago)
    for id in organisations:
        organisation(id)
        Target.objects.create(
            line="UC", year="2017/18", organisation_id=id, pence=130 * K, effective_on=long_ago
        )
    return {code: make_period(code) for code in codes}


def send(
    org: str, period: str, rows: Sequence[Row], *, kind: str = "finance", approve: bool = False
) -> Return:
    """Put a new version in force, as a commit does, and say whose dashboards are behind."""
    earlier = Return.objects.filter(kind=kind, scope=org, period=period)
    earlier.filter(in_force=True).update(in_force=False, state=Return.State.SUPERSEDED)
    version = earlier.count() + 1
    sender = User.objects.first() or person()
    now = clock.now()
    return_ = Return.objects.create(
        kind=kind, scope=org, organisation_id=org, period_id=period, version=version,
        reference=f"{kind[:3].upper()}-{period}-{org}-{version:02d}", in_force=True,
        state=Return.State.SIGNED_OFF if approve else Return.State.COMMITTED,
        file_name="a.csv", file_path="a", file_size=1, sha256="0" * 64,
        received_at=now, received_by=sender, committed_at=now, committed_by=sender,
        signed_off_at=now if approve else None, signed_off_by=sender if approve else None,
    )  # fmt: skip
    for number, row in enumerate(rows):
        _write(return_, number, row)
    bump_dependants(return_, f"{return_.reference} committed")
    return return_


def plan(org: str, rows: Sequence[Row], *, approve: bool = True) -> Return:
    return send(org, "2017-04", rows, kind="plan", approve=approve)


def withdraw(return_: Return) -> None:
    """Take a return back; the newest earlier version is in force again."""
    Return.objects.filter(pk=return_.pk).update(in_force=False, state=Return.State.WITHDRAWN)
    back = Return.objects.filter(
        kind=return_.kind, scope=return_.scope, period=return_.period_id,
        state=Return.State.SUPERSEDED,
    ).order_by("-version").first()  # fmt: skip
    if back:
        Return.objects.filter(pk=back.pk).update(in_force=True, state=Return.State.COMMITTED)
    bump_dependants(return_, f"{return_.reference} withdrawn")


def _write(return_: Return, number: int, row: Row) -> None:
    scheme, _ = SavingsScheme.objects.get_or_create(
        organisation_id=return_.organisation_id, ref=row.ref, defaults={"created_in": return_}
    )
    said = {
        "title": f"Scheme {row.ref}", "line": row.line, "recurrence": "R", "type": "Pay",
        "maturity": "In delivery", "risk": "Medium", "start_month": "2017-04", "qia": "Approved",
        **row.words,
    }  # fmt: skip
    SchemeState.objects.create(return_of=return_, scheme=scheme, row=number + 2, **said)
    Figure.objects.bulk_create(
        Figure(return_of=return_, scheme=scheme, kind=kind, when=when, pence=pence, missing=missing)
        for kind, when, pence, missing in _cells(return_, row)
    )


def _cells(return_: Return, row: Row) -> list[tuple[str, str, int | None, str]]:
    year = 12 * row.month_plan
    cells: list[tuple[str, str, int | None, str]] = [
        ("plan", when, row.month_plan if "-" in when else year, "") for when in (*MONTHS, *LATER)
    ]
    if return_.kind == "plan":
        return cells
    forecast = row.month_plan if row.forecast is None else row.forecast
    actual = row.month_plan if row.actual is None else row.actual
    for month in MONTHS:
        cells.append(("forecast", month, forecast, ""))
        if month > return_.period_id:
            cells.append(("actual", month, None, "not due"))
        elif month in row.blank:
            cells.append(("actual", month, None, "unknown"))
        else:
            cells.append(("actual", month, actual, ""))
    return [*cells, *(("forecast", when, 12 * forecast, "") for when in LATER)]
