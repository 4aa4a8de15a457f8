"""The pages of returns, by where they stand in the work: sending, checked, versions."""

from stp.returns.views.checked import (
    return_abandon,
    return_checking,
    return_detail,
    return_draft,
    return_preview,
    return_problems,
    return_progress,
    return_receipt,
)
from stp.returns.views.sending import return_list, return_send, return_template
from stp.returns.views.versions import (
    plan_approve,
    return_compare,
    return_history,
    return_marked,
    return_original,
    return_withdraw,
)

__all__ = [
    "plan_approve",
    "return_abandon",
    "return_checking",
    "return_compare",
    "return_detail",
    "return_draft",
    "return_history",
    "return_list",
    "return_marked",
    "return_original",
    "return_preview",
    "return_problems",
    "return_progress",
    "return_receipt",
    "return_send",
    "return_template",
    "return_withdraw",
]
