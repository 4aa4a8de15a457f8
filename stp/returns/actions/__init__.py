"""Every write of the workflow of a return. Import actions and their refusals from here."""

from stp.returns.actions.at_once import send
from stp.returns.actions.checking import check, check_gave_up, run_check
from stp.returns.actions.committing import (
    bump_dependants,
    commit,
    explain,
    preview,
    unexplained,
    warning_codes,
)
from stp.returns.actions.drafting import keep_draft, typed_so_far
from stp.returns.actions.endings import abandon, approve_plan, approvers
from stp.returns.actions.receiving import (
    Received,
    check_job,
    check_open,
    note_refused_file,
    receive,
)
from stp.returns.actions.withdrawing import (
    Withdrawal,
    closed_to_withdrawal,
    withdraw,
    withdrawal,
)
from stp.returns.refusals import (
    REASON_LENGTH,
    REASON_LIMIT,
    Faulty,
    MissingUndecided,
    NotAllowed,
    NotInForce,
    NotReady,
    PeriodClosed,
    PeriodNotOpen,
    PlanFrozen,
    QuotaExceeded,
    ReasonsMissing,
    Refusal,
    SamePerson,
    StalePreview,
    StillChecking,
)

__all__ = [
    "REASON_LENGTH",
    "REASON_LIMIT",
    "Faulty",
    "MissingUndecided",
    "NotAllowed",
    "NotInForce",
    "NotReady",
    "PeriodClosed",
    "PeriodNotOpen",
    "PlanFrozen",
    "QuotaExceeded",
    "ReasonsMissing",
    "Received",
    "Refusal",
    "SamePerson",
    "StalePreview",
    "StillChecking",
    "Withdrawal",
    "abandon",
    "approve_plan",
    "approvers",
    "bump_dependants",
    "check",
    "check_gave_up",
    "check_job",
    "check_open",
    "closed_to_withdrawal",
    "commit",
    "explain",
    "keep_draft",
    "note_refused_file",
    "preview",
    "receive",
    "run_check",
    "send",
    "typed_so_far",
    "unexplained",
    "warning_codes",
    "withdraw",
    "withdrawal",
]
