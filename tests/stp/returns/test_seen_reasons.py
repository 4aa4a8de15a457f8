"""A reason that nobody can see is none: on a page and in the actions."""

import pytest

from stp.accounts.models import User
from stp.core.models import Return
from stp.returns import actions
from stp.returns.forms import Reasons, Withdraw
from stp.returns.refusals import REASON_LENGTH, ReasonsMissing
from tests.stp.returns.pages import Ready

ENOUGH = ["x" * REASON_LENGTH, "Agreed now", "  Agreed now\n", "理由" * 5]
TOO_LITTLE = [
    "", "x" * (REASON_LENGTH - 1), "\u200b" * 12, "\u3164" * 12, "  \u200b\u200b x  \u2800 ",
    "Agreed" + " " * 9 + "no", "\x07" * 12, "\u202e" * 12 + "short",
]  # fmt: skip
TABLE = [*((text, True) for text in ENOUGH), *((text, False) for text in TOO_LITTLE)]


@pytest.mark.parametrize(("reason", "enough"), TABLE)
def test_a_reason_of_a_warning(reason: str, enough: bool) -> None:
    return_ = Return(issues=[{"severity": "warning", "code": "odd", "message": "Odd."}])
    left = actions.unexplained(return_, {"odd": reason})
    assert left == ([] if enough else ["odd"]), ascii(reason)
    name = Reasons(codes=["odd"], given={}).field_of("odd").html_name
    form = Reasons({name: reason}, codes=["odd"], given={})
    assert form.is_valid() is enough, ascii(reason)
    if reason.strip() and not enough and "\x07" not in reason:
        said = form.errors[name]
        assert "must be 10 characters or more" in str(said)
        assert len(said) == len(set(said)), f"said twice: {said}"


@pytest.mark.parametrize(("reason", "enough"), TABLE)
def test_a_reason_of_a_withdrawal_on_its_page(reason: str, enough: bool) -> None:
    assert Withdraw({"digest": "x", "reason": reason}).is_valid() is enough, ascii(reason)


@pytest.mark.parametrize("reason", TOO_LITTLE)
def test_a_reason_of_a_withdrawal_by_itself(committed: Ready, director: User, reason: str) -> None:
    return_ = committed()
    with pytest.raises(ReasonsMissing):
        actions.withdraw(by=director, return_=return_, reason=reason, digest="x")
