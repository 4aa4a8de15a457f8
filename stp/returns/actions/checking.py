"""Reading and checking a kept file: outside any transaction; what was found goes in with one."""

import hashlib
import logging
from typing import Any

from django.db import transaction

from stp.core import clock, faults, jobs
from stp.core.again import retried
from stp.core.models import Job, Return
from stp.core.permissions import Permission, may
from stp.core.reading import read
from stp.core.returns import Checked
from stp.core.sheets import Issue, Refused, Severity
from stp.returns import kinds, states, storage, warned
from stp.returns.refusals import NotAllowed

logger = logging.getLogger(__name__)


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
    # Before the check reads them: what comes into force meanwhile makes it out of date.
    return_.compared_with = compared_with(return_)
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
        code, sentence = refused.code, refused.message
    except FileNotFoundError:
        if path is not None:
            raise
        logger.error("the original of return %s is not in the store", return_.pk)
        code, sentence = (
            "original_gone",
            (
                "The file is no longer where it was kept, so it cannot be checked again. Send it "
                "once more, and tell the programme office: a backup may hold the file."
            ),
        )
    return Checked(rows=[], issues=[Issue(Severity.ERROR, code, sentence)], totals={})


def compared_with(return_: Return) -> str:
    """SHA-256 of what a check compares a return with, as it stands now.

    That is which returns of the organisation are in force, and which are signed off; and what
    the kind of return looks at besides.
    """
    of_owner = Return.objects.in_force().filter(scope=return_.scope)
    rows = list(of_owner.order_by("pk").values_list("pk", "state"))
    beside = kinds.of(return_.kind).compared_besides(return_)
    return hashlib.sha256(repr((rows, beside)).encode()).hexdigest()


@retried
@transaction.atomic
def check_again(*, by: Any, return_: Return) -> bool:
    """Ask for a new check where the last one compared with figures no longer in force.

    True if one was asked for; NotAllowed for a person who may not send the return.
    """
    if not may(by, Permission.SEND_RETURN, return_):
        raise NotAllowed
    held = Return.objects.select_for_update(no_key=True, of=("self",))
    current = held.select_related("organisation", "period").get(pk=return_.pk)
    up_to_date = current.compared_with == compared_with(current)
    if current.state != Return.State.READY or up_to_date:
        return False
    states.move(current, Return.State.RECEIVED, by=by)
    jobs.request("check_return", key=str(current.pk))
    return True


def _settle(return_: Return, checked: Checked) -> None:
    errors = sum(issue.severity == Severity.ERROR for issue in checked.issues)
    issues = storable([issue.as_dict() for issue in checked.issues])
    states.move(
        return_,
        Return.State.PROBLEMS if errors else Return.State.READY,
        by=None,
        note={"Rows": len(checked.rows), "Errors": errors},
        rows=storable(list(checked.rows)),
        issues=issues,
        totals=storable(dict(checked.totals)),
        row_count=len(checked.rows),
        error_count=errors,
        warning_count=len(checked.issues) - errors,
        checked_at=clock.now(),
        compared_with=return_.compared_with,
        **_reasons_now(return_, issues),
    )


def _reasons_now(return_: Return, issues: list[dict[str, Any]]) -> dict[str, Any]:
    """Of a return checked once more: what was explained counts for the warnings it was read of.

    Where there are others now, the words stay as a draft: their author says if they still hold.
    """
    asked = warned.unanswered(return_, issues) & return_.reasons.keys()
    if not asked:
        return {}
    reasons = {code: text for code, text in return_.reasons.items() if code not in asked}
    words = {code: return_.reasons[code] for code in sorted(asked)}
    typed = words | return_.draft.get("reasons", {})
    said = {code: who for code, who in return_.said.items() if code in reasons}
    return {"reasons": reasons, "said": said, "draft": return_.draft | {"reasons": typed}}


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
