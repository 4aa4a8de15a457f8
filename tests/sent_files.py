"""Files of the finance return as people send them, and what a test makes of them quickly.

The plan of a scheme is that of `tests.small_system.Row`, so that a file goes with an approved
plan laid out there.
"""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from finance.returns.template import write_csv
from finance.scheme_rows import SchemeRow
from stp.accounts.models import Grant, User
from stp.core import jobs, periods
from stp.core.models import Job, Organisation, ReportingPeriod, Return
from stp.core.permissions import Role
from stp.core.sheets import BLANK, Cell, CellKind, Sheet, Workbook
from stp.returns import actions
from tests.small_system import person

K = 100_000  # pence in £000
MONTH_PLAN = 10 * K
REASON = "Explained by the test that sent it"
WORDS = {
    "row": 0, "line": "UC", "supports": "", "recurrence": "R", "type": "Pay", "release": "",
    "maturity": "In delivery", "risk": "Medium", "start_month": "2017-04", "end_month": "",
    "lead": "", "qia": "Approved", "eia": "", "consultation": "", "evidence": "",
    "data_status": "", "counterparty": "", "same_as": "", "comment": "",
    "counterparty_effect": None, "fye_secured": None, "gross": None, "investment": None,
    "wte_plan": None, "wte_actual": None,
}  # fmt: skip


def scheme(
    ref: str = "UC-01", *, period: str = "2017-06", actual: int = MONTH_PLAN, **words: Any
) -> SchemeRow:
    """A scheme's row: planned £10k a month, `actual` pence in the period's own month."""
    at = periods.parse(period)
    months, later = periods.year_months(at.year), periods.later_years(at.year)
    due = dict.fromkeys(at.months_to_date, MONTH_PLAN) | {period: actual}
    forecast = dict.fromkeys(months, MONTH_PLAN) | dict.fromkeys(later, 12 * MONTH_PLAN)
    return {
        **WORDS, "ref": ref, "title": f"Scheme {ref}", "plan": dict(forecast),
        "actual": {month: due.get(month, "not due") for month in months},
        "forecast": dict(forecast), **words,
    }  # fmt: skip


def csv_of(rows: Sequence[SchemeRow], period: str = "2017-06") -> bytes:
    """The `.csv` that holds these rows, in £000."""
    return write_csv(rows, period=period)


def choices(rows: Sequence[SchemeRow]) -> dict[str, Any]:
    """What the sender of such a file chooses: its unit, and how many schemes it must hold."""
    return {"unit": "thousands", "cumulative": False, "control": {"schemes": str(len(rows))}}


def lead(org: str) -> User:
    """A new finance lead of one organisation."""
    user = person()
    user.grants.all().delete()
    Grant.objects.create(user=user, role=Role.FINANCE_LEAD, organisation_id=org)
    return user


def receive(by: User, org: str, rows: Sequence[SchemeRow], period: str = "2017-06") -> Return:
    """Send a file as the page does; the return it became."""
    return actions.receive(
        by=by, kind="finance", organisation=Organisation.objects.get(pk=org),
        period=ReportingPeriod.objects.get(pk=period), file_name=f"{org}.csv",
        chunks=[csv_of(rows, period)], choices=choices(rows), limited=False,
    ).return_  # fmt: skip


def check(return_: Return) -> Return:
    """Run the check of one return, if nobody took it yet; the return as it is then."""
    for job in Job.objects.filter(kind="check_return", key=str(return_.pk), state="waiting"):
        jobs.run(job.pk)
    return Return.objects.get(pk=return_.pk)


def confirm(by: User, return_: Return) -> Return:
    """Read the preview and confirm it, with a reason for every warning."""
    return actions.commit(
        by=by, return_=return_, digest=actions.preview(return_).digest, missing={},
        reasons=dict.fromkeys(actions.warning_codes(return_), REASON),
    )  # fmt: skip


def insist(by: User, return_: Return, times: int = 50) -> Return:
    """Confirm as a person does: who is told that the figures moved reads again and confirms."""
    for _ in range(times):
        try:
            return confirm(by, return_)
        except actions.StalePreview:
            continue
        except actions.OutOfDate:
            actions.check_again(by=by, return_=return_)
            return_ = check(return_)
    raise AssertionError(f"{return_} was told {times} times to read again")


def read_here(path: Path, *, file_name: str) -> Workbook:
    """Read a `.csv` in this process: the reader process, which takes its time, has own tests."""
    table = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    rows = [
        (number, [Cell(CellKind.TEXT, value) if value else BLANK for value in values])
        for number, values in enumerate(table, start=1)
    ]
    return Workbook([Sheet("Schemes", rows, from_csv=True)], is_csv=True)
