"""What makes a check out of date besides the sender's own returns."""

from collections.abc import Callable
from typing import Any

import pytest

from finance.models import PlanChange, SavingsScheme
from finance.returns import FINANCE, PLAN
from finance.returns.gather import gather
from stp.accounts.models import User
from stp.core import clock
from stp.core.models import Organisation, ReportingPeriod, Return

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scheme_types", "demo_clock")]
Sent = Callable[..., Return]


@pytest.mark.parametrize("named", ["ngh/UC-01", "NGH/uc-01", "ngh/UC \u2013 01", "ngh/UC\u201101"])
def test_another_organisations_claim_is_found(
    ngh: Organisation, kgh: Organisation, june: ReportingPeriod, row: Any, sent: Sent,
    commit: Any, named: str,
) -> None:  # fmt: skip
    commit(sent(kgh, june, [row("UC-77", same_as=named)]))
    facts = gather(sent(ngh, june, []))
    assert facts.claims == {"uc-01": "KGH UC-77"}


def test_a_claim_that_comes_or_goes(
    ngh: Organisation, kgh: Organisation, june: ReportingPeriod, row: Any, sent: Sent, commit: Any
) -> None:
    return_ = sent(ngh, june, [row()])
    nobody = FINANCE.compared_besides(return_)
    commit(sent(kgh, june, [row("UC-77")]))
    assert FINANCE.compared_besides(return_) == nobody, "it claims nothing of NGH's"
    commit(sent(kgh, june, [row("UC-77", same_as="ngh/UC-01")]))
    claimed = FINANCE.compared_besides(return_)
    assert claimed != nobody
    assert PLAN.compared_besides(sent(ngh, june, [row()], kind="plan")) == nobody
    commit(sent(kgh, june, [row("UC-77")]))
    assert FINANCE.compared_besides(return_) == nobody


def test_a_correction_of_ones_own_plan_alone(
    ngh: Organisation, kgh: Organisation, june: ReportingPeriod, row: Any, sent: Sent,
    commit: Any, administrator: User,
) -> None:  # fmt: skip
    return_ = sent(ngh, june, [row()])
    commit(sent(kgh, june, [row("KG-01")]))
    commit(sent(ngh, june, [row("UC-01")]))

    def correct(organisation: Organisation) -> object:
        scheme = SavingsScheme.objects.get(organisation=organisation)
        PlanChange.objects.create(
            scheme=scheme, kind="correction", when="2017-09", before_pence=1, after_pence=2,
            reason="slip", period=june, changed_at=clock.now(), changed_by=administrator,
        )  # fmt: skip
        return FINANCE.compared_besides(return_)

    before = FINANCE.compared_besides(return_)
    assert correct(kgh) == before
    assert correct(ngh) != before
