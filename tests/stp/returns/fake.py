"""A small kind of return whose file is one line of JSON, and short words for tests of returns."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stp.accounts.models import Grant, User
from stp.core import jobs
from stp.core.models import AuditEvent, Job, Organisation, ReportingPeriod, Return
from stp.core.permissions import Role
from stp.core.returns import Change, Checked, Preview
from stp.core.sheets import Column, Issue, Refused, Severity, Sheet, Workbook
from stp.returns import actions
from stp.returns.actions import Received

Receive = Callable[..., Received]


def _changes(before: Mapping[str, int], after: Mapping[str, int]) -> list[Change]:
    """What each scheme's forecast, in pence, becomes."""
    changes = [
        Change(
            "new" if ref not in before else "changed" if before[ref] != pence else "unchanged",
            ref,
            f"Scheme {ref}",
            before={"Forecast": before[ref]} if ref in before else {},
            after={"Forecast": pence},
            forecast_before=before.get(ref),
            forecast_after=pence,
        )
        for ref, pence in after.items()
    ]
    gone = [
        Change("missing", ref, f"Scheme {ref}", forecast_before=pence)
        for ref, pence in before.items()
        if ref not in after
    ]
    return changes + gone


@dataclass
class FakeKind:
    """Rows are {"ref", "pence"}; each `apply` leaves an audit row, which a rollback undoes.

    `found` are warnings every check finds besides those the file names: (group, sentence);
    `beside` is what it compares with besides the sender's returns.
    """

    kind: str = "finance"
    title: str = "Finance return"
    sheet: str = "Schemes"
    found: Sequence[tuple[str, str]] = ()
    beside: object = ()

    def columns(self, period: ReportingPeriod) -> Sequence[Column]:
        return []

    def check(self, book: Workbook, return_: Return) -> Checked:
        said = json.loads(book.sheets[0].name)
        issues = [
            Issue(Severity.ERROR, code, f"Bad {code}", sheet="Schemes", cell="H14", found="tbc")
            for code in said.get("errors", [])
        ] + [Issue(Severity.WARNING, code, f"Odd {code}") for code in said.get("warnings", [])]
        issues += [Issue(Severity.WARNING, code, sentence) for code, sentence in self.found]
        rows = [{"ref": ref, "pence": pence} for ref, pence in said["rows"].items()]
        totals = {"schemes": len(rows), "forecast": sum(r["pence"] for r in rows)}
        return Checked(rows, issues, totals)

    def compared_besides(self, return_: Return) -> object:
        return self.beside

    def plan(self, return_: Return, missing: Mapping[str, str]) -> Preview:
        before = self._before(return_)
        after = {row["ref"]: row["pence"] for row in return_.rows}
        # As with finance: undecided counts as left, and the answers are part of the digest.
        gone = {ref: pence for ref, pence in before.items() if ref not in after}
        left = {ref: pence for ref, pence in gone.items() if missing.get(ref) != "close"}
        said = sorted(missing.items())
        digest = hashlib.sha256(repr((before, after, said)).encode()).hexdigest()
        return Preview(
            _changes(before, after),
            {"forecast": sum(before.values())},
            {"forecast": sum(after.values()) + sum(left.values())},
            [{"what": "Risk-adjusted", "year": "2017/18", "before": 1, "after": 2}],
            digest,
        )

    def _before(self, return_: Return) -> dict[str, int]:
        in_force = Return.objects.filter(
            kind=return_.kind, scope=return_.scope, in_force=True
        ).order_by("-period__sort_key")
        rows = in_force[0].rows if in_force else []
        return {row["ref"]: row["pence"] for row in rows}

    def compare(self, before: Return | None, after: Return | None) -> Preview:
        old, new = self._rows(before), self._rows(after)
        sums = [{"forecast": sum(rows.values())} for rows in (old, new)]
        return Preview(_changes(old, new), sums[0], sums[1], [], "")

    def _rows(self, return_: Return | None) -> dict[str, int]:
        return {row["ref"]: row["pence"] for row in return_.rows} if return_ else {}

    def effect_without(self, return_: Return, back: Return | None) -> Sequence[Mapping[str, Any]]:
        return [{"what": "gap_left", "year": "2017/18", "before": 300, "after": 500_00000}]

    def apply(self, return_: Return, *, missing: Mapping[str, str], by: Any) -> None:
        AuditEvent.objects.create(
            at=return_.received_at, by_name="test", verb="applied", object_type="return",
            object_id=str(return_.pk), object_label="", how="test",
        )  # fmt: skip

    def template(self, organisation: Organisation, period: ReportingPeriod) -> bytes:
        return b"PK the template"

    def template_csv(self, organisation: Organisation, period: ReportingPeriod) -> bytes:
        return b"Scheme ref"


def applied(return_: Return) -> int:
    """How often the figures of a return were written."""
    return AuditEvent.objects.filter(verb="applied", object_id=str(return_.pk)).count()


def file_bytes(
    rows: Mapping[str, int] | None = None,
    *,
    errors: Sequence[str] = (),
    warnings: Sequence[str] = (),
) -> bytes:
    """A file of the fake kind."""
    said = {
        "rows": {"UC-01": 100} if rows is None else rows,
        "errors": errors,
        "warnings": warnings,
    }
    return json.dumps(said).encode()


def fake_read(path: Path, *, file_name: str) -> Workbook:
    """The file's text as the name of its one sheet."""
    text = path.read_text(encoding="utf-8")
    if text.startswith("REFUSE"):
        raise Refused("encrypted", "The file is password protected. Remove the password.")
    if text.startswith("CRASH"):
        raise RuntimeError("the reader broke")
    return Workbook([Sheet(text, [])])


def person(name: str, role: Role | None, organisation: Organisation | None = None) -> User:
    user = User.objects.create_user(name, f"{name}@example.org", "a-long-password")
    if role:
        Grant.objects.create(user=user, role=role, organisation=organisation)
    return user


def run_checks() -> None:
    """What the job process does with the checks that are due."""
    checks = Job.objects.filter(kind="check_return", pk__in=jobs.due())
    for job_id in list(checks.values_list("pk", flat=True)):
        jobs.run(job_id)


def commit(return_: Return, by: User, **changes: Any) -> Return:
    """Confirm what the preview shows."""
    arguments: dict[str, Any] = {"digest": actions.preview(return_).digest, "missing": {}}
    return actions.commit(by=by, return_=return_, **{**arguments, **changes})


def broken_nudge(job_id: int) -> None:
    """A queue that is not there."""
    raise ConnectionError("no Redis")
