"""Reading and checking a kept file: outside any transaction; what was found goes in with one."""

from typing import Any

from django.db import transaction

from stp.core import clock, faults, jobs
from stp.core.models import Job, Return
from stp.core.reading import read
from stp.core.returns import Checked
from stp.core.sheets import Issue, Refused, Severity
from stp.returns import kinds, states, storage


def run_check(job: Job) -> None:
    """Check the return the job names and finish the job in the same transaction.

    A file that is refused whole (encrypted, no workbook, too many rows …) ends in "problems"
    with that one fault. An attempt that lost its lease changes nothing.
    """
    return_ = Return.objects.select_related("organisation", "period").get(pk=int(job.key))
    if return_.state == Return.State.RECEIVED:
        with transaction.atomic():
            states.move(return_, Return.State.CHECKING, by=None)
    if return_.state != Return.State.CHECKING:
        with transaction.atomic():
            jobs.finish(job)
        return
    faults.here("check.reading")
    checked = check(return_)
    faults.here("check.read")
    with transaction.atomic():
        try:
            _settle(return_, checked)
        except states.MoveRefused as moved_on:
            # Nothing but another attempt moves a return on from "checking".
            raise jobs.LeaseLost(f"return {return_.pk} was checked meanwhile") from moved_on
        faults.here("check.settled")
        jobs.finish(job)


def check(return_: Return, path: Any = None) -> Checked:
    """What a file says and what is wrong with it. Writes nothing; `return_` may be unsaved."""
    try:
        book = read(path or storage.path_of(return_), file_name=return_.file_name)
        return kinds.of(return_.kind).check(book, return_)
    except Refused as refused:
        whole_file = Issue(Severity.ERROR, refused.code, refused.message)
        return Checked(rows=[], issues=[whole_file], totals={})


def _settle(return_: Return, checked: Checked) -> None:
    errors = sum(issue.severity == Severity.ERROR for issue in checked.issues)
    states.move(
        return_,
        Return.State.PROBLEMS if errors else Return.State.READY,
        by=None,
        note={"Rows": len(checked.rows), "Errors": errors},
        rows=storable(list(checked.rows)),
        issues=storable([issue.as_dict() for issue in checked.issues]),
        totals=storable(dict(checked.totals)),
        row_count=len(checked.rows),
        error_count=errors,
        warning_count=len(checked.issues) - errors,
        checked_at=clock.now(),
    )


def storable(value: Any) -> Any:
    """JSON both databases hold: PostgreSQL's text knows neither NUL nor half a surrogate pair."""
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {storable(key): storable(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [storable(part) for part in value]
    return value


def check_gave_up(job: Job) -> None:
    """The job was given up after its attempts: the file is unreadable, and says so."""
    return_ = Return.objects.get(pk=int(job.key))
    issue = Issue(
        Severity.ERROR,
        "unreadable",
        f"The file could not be read after {job.attempt} attempts. It is kept. Save it again "
        "as a plain .xlsx, or send the rows as .csv; tell the programme office if it persists.",
    )
    with transaction.atomic():
        # A process that dies at once never moved it on; the move stands in the history.
        if return_.state == Return.State.RECEIVED:
            states.move(return_, Return.State.CHECKING, by=None)
        if return_.state == Return.State.CHECKING:
            states.move(
                return_,
                Return.State.UNREADABLE,
                by=None,
                issues=[issue.as_dict()],
                error_count=1,
                checked_at=clock.now(),
            )
