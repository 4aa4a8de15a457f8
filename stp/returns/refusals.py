"""What can stand in the way of an action: each an exception with a sentence for people."""

from collections.abc import Sequence
from typing import Any

from stp.core import periods
from stp.core.models import ReportingPeriod, Return
from stp.core.words import day, moment

REASON_LENGTH = 10  # a typed reason shorter than this says nothing
REASON_LIMIT = 1_000


class Refusal(Exception):
    """An anticipated refusal: a stable `code`, and `str()` is the sentence. Nothing changed."""

    code = "refused"


class NotAllowed(Refusal):
    """The person lacks the permission for this organisation."""

    code = "not_allowed"

    def __init__(self) -> None:
        super().__init__("You are not allowed to do this for this organisation.")


class PeriodNotOpen(Refusal):
    """The period takes no returns yet."""

    code = "period_not_open"

    def __init__(self, period: ReportingPeriod) -> None:
        super().__init__(
            f"{period.name} is not open yet. It opens on {day(period.opens_at)}; "
            "send the return then."
        )


class NotAPlanMonth(Refusal):
    """A plan is for a year, and is sent for its first month."""

    code = "not_a_plan_month"

    def __init__(self, period: ReportingPeriod) -> None:
        first = periods.first_period(period.year)
        super().__init__(f"The plan for {period.year} is sent for {first.name}. Select that month.")


class PeriodClosed(Refusal):
    """The period was closed, by whom and when."""

    code = "period_closed"

    def __init__(self, period: ReportingPeriod) -> None:
        closed = f"{period.name} is closed"
        if period.closed_at and period.closed_by:
            when = moment(period.closed_at)
            closed = f"{period.name} was closed by {period.closed_by} on {when}"
        super().__init__(
            f"{closed}, so no return for it is taken. "
            "Put the correction in the next open month's return; "
            "restating a closed month is not possible yet."
        )


class QuotaExceeded(Refusal):
    """Too many files, or too much, in too short a time. `retry_after` is in seconds."""

    code = "quota"

    def __init__(self, sentence: str, retry_after: int) -> None:
        super().__init__(sentence)
        self.retry_after = max(1, retry_after)


class PlanFrozen(Refusal):
    """The year's plan was approved; its figures change by plan changes only."""

    code = "plan_frozen"

    def __init__(self, approved: Return) -> None:
        super().__init__(
            f"The plan for {approved.period.year} was approved by {approved.signed_off_by} "
            f"({approved.reference}) and is frozen. Ask an administrator for a plan correction."
        )


class NotReady(Refusal):
    """The return is in a state that cannot be confirmed."""

    code = "not_ready"

    def __init__(self, return_: Return) -> None:
        super().__init__(
            f"This return cannot be confirmed: its status is “{return_.get_state_display()}”."
        )


class NotInForce(Refusal):
    """Only the version in force can be withdrawn."""

    code = "not_in_force"

    def __init__(self, return_: Return) -> None:
        super().__init__(
            f"{return_} is not in force: its status is “{return_.get_state_display()}”. "
            "Only the version in force can be withdrawn."
        )


class StalePreview(Refusal):
    """What would change is no longer what was shown."""

    code = "stale_preview"

    def __init__(self) -> None:
        super().__init__(
            "The figures in force changed after this page was made. "
            "Read the changes below again, then confirm."
        )


class OutOfDate(Refusal):
    """The return was checked against figures that are no longer the ones in force."""

    code = "out_of_date"

    def __init__(self) -> None:
        super().__init__(
            "The figures in force changed after this file was checked, so it is checked again: "
            "there may be other warnings now. Then read what would change, and confirm."
        )


class OtherWarnings(Refusal):
    """The reasons were typed for warnings that are no longer the ones of the check."""

    code = "other_warnings"

    def __init__(self) -> None:
        super().__init__(
            "The file was checked again after this page was made, and has other warnings now. "
            "What you typed is kept: read the warnings below, then save the reasons that hold."
        )


class ReasonsMissing(Refusal):
    """Warnings without a typed reason; `codes` names their groups."""

    code = "reason_missing"

    def __init__(self, codes: Sequence[str]) -> None:
        super().__init__(
            f"Give a reason of at least {REASON_LENGTH} characters for each warning: "
            f"{', '.join(codes)}."
        )
        self.codes = tuple(codes)


class MissingUndecided(Refusal):
    """Schemes in force that the file leaves out, and nobody said what becomes of them."""

    code = "missing_schemes"

    def __init__(self, refs: Sequence[str]) -> None:
        super().__init__(
            "The file leaves out schemes that are in force. "
            f"Say for each whether to leave it as last reported or to close it: {', '.join(refs)}."
        )
        self.refs = tuple(refs)


class SamePerson(Refusal):
    """Who sent a plan may not approve it; `approvers` are the people who may."""

    code = "same_person"

    def __init__(self, approvers: Sequence[Any]) -> None:
        who = ", ".join(str(person) for person in approvers) or "nobody yet"
        super().__init__(f"You sent this plan, so another person approves it. Who can: {who}.")


class StillChecking(Refusal):
    """Another process checks the same file and did not finish in time."""

    code = "still_checking"

    def __init__(self) -> None:
        super().__init__(
            "The same file is being checked by another process. Try again in a minute."
        )


class Faulty(Refusal):
    """The check found errors; `return_` holds them."""

    code = "errors"

    def __init__(self, return_: Return) -> None:
        super().__init__(f"The return has {return_.error_count} errors and was not committed.")
        self.return_ = return_
