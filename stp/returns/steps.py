"""Where in the wizard a return is: one step cannot be skipped by its address (UX A-28)."""

from django.urls import reverse

from stp.core.models import Return
from stp.returns import states
from stp.returns.actions import unexplained

CHECKING, PROBLEMS, PREVIEW, RECEIPT = "checking", "problems", "preview", "receipt"
COUNT = 6  # template, file, checking, problems, changes, receipt
State = Return.State


def allowed(return_: Return) -> frozenset[str]:
    """Pages of the wizard this return has now."""
    state = return_.state
    if state in states.EVER_COMMITTED:
        return frozenset({CHECKING, RECEIPT})
    if state in (State.PROBLEMS, State.UNREADABLE):
        return frozenset({CHECKING, PROBLEMS})
    if state == State.READY:
        warned = {PROBLEMS} if return_.warning_count else set()
        explained = set() if unexplained(return_, return_.reasons) else {PREVIEW}
        return frozenset({CHECKING} | warned | explained)
    return frozenset({CHECKING} if state in states.UNDER_WAY else ())


def address(return_: Return) -> str:
    """The page a return's sender should see next."""
    pages = allowed(return_)
    for page in (RECEIPT, PREVIEW, PROBLEMS):
        if page in pages:
            return reverse(f"returns:return-{page}", args=[return_.pk])
    if CHECKING in pages:
        return reverse("returns:return-checking", args=[return_.pk])
    return reverse("returns:return-history", args=[return_.organisation_id])


def waits_at(return_: Return) -> str:
    """The step that waits for the sender, in words; "" where none does."""
    if return_.state == State.PROBLEMS:
        return "step 4, what to correct"
    if return_.state != State.READY:
        return ""
    return "step 5, check the changes" if PREVIEW in allowed(return_) else "step 4, the reasons"
