"""Correcting an approved plan: who may, what it needs, and what it leaves behind."""

from collections.abc import Callable

import pytest

from finance.actions import PlanCorrectionDenied, PlanCorrectionRefused, correct_plan
from finance.models import PlanChange, SavingsScheme
from finance.plans import approved_plan
from finance.returns import PLAN
from stp.accounts.models import User
from stp.core import clock
from stp.core.models import AuditEvent, Organisation, PeriodChange, ReportingPeriod, Return

K = 100_000
pytestmark = pytest.mark.django_db
Sent = Callable[..., Return]


@pytest.fixture
def scheme(
    ngh: Organisation, sent: Sent, administrator: User, june: ReportingPeriod
) -> SavingsScheme:
    from tests.conftest import make_period

    cells = {"2017-06": 10 * K, "2017-07": None, "2017-08": "n/a", "2018/19": 120 * K}
    row = dict.fromkeys(
        ("title", "supports", "type", "release", "end_month", "lead", "eia", "consultation",
         "evidence", "data_status", "counterparty", "same_as", "comment"), "",
    ) | {
        "ref": "UC-01", "row": 2, "line": "UC", "recurrence": "R", "maturity": "In delivery",
        "risk": "Low", "start_month": "2017-04", "qia": "Approved", "counterparty_effect": None,
        "fye_secured": None, "gross": None, "investment": None, "wte_plan": None,
        "wte_actual": None, "plan": cells, "actual": {}, "forecast": {},
    }  # fmt: skip
    plan = sent(
        ngh, make_period("2017-04"), [row], kind="plan", state="signed_off", in_force=True,
        signed_off_at=clock.now(), signed_off_by=administrator, version=1,
        committed_at=clock.now(), committed_by=administrator,
    )  # fmt: skip
    PLAN.apply(plan, missing={}, by=administrator)
    return SavingsScheme.objects.get()


def test_the_approved_plan_by_ref(scheme: SavingsScheme) -> None:
    assert approved_plan(["ngh"], "2017/18") == {
        ("ngh", "UC-01"): {"2017-06": 10 * K, "2017-07": 0, "2017-08": 0, "2018/19": 120 * K}
    }
    assert approved_plan(["kgh"], "2017/18") == {}
    assert approved_plan(["ngh"], "2018/19") == {}


@pytest.mark.parametrize(("when", "before"), [("2017-06", 10 * K), ("2018/19", 120 * K)])
def test_a_correction_changes_the_plan_and_says_so(
    scheme: SavingsScheme, administrator: User, june: ReportingPeriod, when: str, before: int
) -> None:
    correct_plan(scheme=scheme, when=when, pence=7 * K, reason=" typed twice ", by=administrator)
    assert approved_plan(["ngh"], "2017/18")["ngh", "UC-01"][when] == 7 * K
    change = PlanChange.objects.get()
    assert (change.before_pence, change.after_pence) == (before, 7 * K)
    assert (change.reason, change.period) == ("typed twice", june)
    event = AuditEvent.objects.get(verb="corrected the plan of")
    assert event.by_name == str(administrator)
    assert event.after == {when: "£7000.00"}
    touched = PeriodChange.objects.filter(scope="organisation:ngh").values_list("period", flat=True)
    assert set(touched) == {"2017-04", "2017-06"}
    correct_plan(scheme=scheme, when=when, pence=8 * K, reason="again", by=administrator)
    assert approved_plan(["ngh"], "2017/18")["ngh", "UC-01"][when] == 8 * K


def test_closed_periods_do_not_move(
    scheme: SavingsScheme, administrator: User, june: ReportingPeriod
) -> None:
    ReportingPeriod.objects.filter(pk="2017-04").update(
        state="closed", closed_at=clock.now(), closed_by=administrator
    )
    correct_plan(scheme=scheme, when="2017-06", pence=0, reason="slip", by=administrator)
    assert set(PeriodChange.objects.values_list("period", flat=True)) == {"2017-06"}


def test_a_change_made_before_the_approval_is_inside_it(
    scheme: SavingsScheme, administrator: User
) -> None:
    correct_plan(scheme=scheme, when="2017-06", pence=0, reason="slip", by=administrator)
    Return.objects.filter(kind="plan").update(signed_off_at=clock.now())
    assert approved_plan(["ngh"], "2017/18")["ngh", "UC-01"]["2017-06"] == 10 * K


def test_only_an_administrator_may(scheme: SavingsScheme, lead: User) -> None:
    with pytest.raises(PlanCorrectionDenied, match="administrator"):
        correct_plan(scheme=scheme, when="2017-06", pence=0, reason="slip", by=lead)
    assert not PlanChange.objects.exists()
    assert not AuditEvent.objects.filter(verb="corrected the plan of").exists()


@pytest.mark.parametrize(
    ("when", "pence", "reason", "words"),
    [
        ("2017-06", 0, "  ", "why"),
        ("2017-06", 0, "\u200b\u3164", "why"),
        ("2017-06", 10 * K, "same", "already"),
        ("2018-06", 0, "later", "no approved plan"),
        ("2016/17", 0, "earlier", "no approved plan"),
        ("June", 0, "word", "2017-06"),
        ("2017-06", 10**13, "huge", "£1,000,000,000"),
    ],
)
def test_a_correction_that_cannot_be_made_says_why(
    scheme: SavingsScheme, administrator: User, when: str, pence: int, reason: str, words: str
) -> None:
    with pytest.raises(PlanCorrectionRefused, match=words):
        correct_plan(scheme=scheme, when=when, pence=pence, reason=reason, by=administrator)
    assert not PlanChange.objects.exists()


def test_without_an_open_period_nothing_is_corrected(
    scheme: SavingsScheme, administrator: User
) -> None:
    ReportingPeriod.objects.update(state="closed", closed_at=clock.now(), closed_by=administrator)
    with pytest.raises(PlanCorrectionRefused, match="open"):
        correct_plan(scheme=scheme, when="2017-06", pence=0, reason="slip", by=administrator)
