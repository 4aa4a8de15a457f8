"""manage.py correct_plan: one figure, by an administrator, and a sentence for every slip."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from finance.models import PlanChange
from finance.plans import approved_plan
from stp.accounts.models import User
from stp.core.models import AuditEvent
from stp.core.permissions import OF_ONE_ORGANISATION, Role
from tests.small_system import Row, lay_out, person, plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator() -> User:
    """Of an organisation whose plan is approved: £10,000 a month."""
    lay_out()
    plan("ngh", [Row()])
    return person(Role.ADMINISTRATOR)


def correct(who: User, **changes: str) -> str:
    said = {
        "organisation": "NGH", "scheme": "uc-01", "when": "2017-09", "pounds": "70000.50",
        "reason": "Counted twice in the plan", "by": who.username,
    } | changes  # fmt: skip
    out = StringIO()
    options = [part for name, value in said.items() for part in (f"--{name}", value)]
    call_command("correct_plan", *options, stdout=out)
    return out.getvalue().strip()


@pytest.mark.parametrize(
    ("when", "pounds", "pence"),
    [
        ("2017-09", "70000.50", 7_000_050),
        ("2018/19", "0", 0),
        ("2017-09", "-1", -100),
        ("2017-09", "999999999.99", 99_999_999_999),
    ],
)
def test_one_figure_of_the_plan_is_another(
    administrator: User, when: str, pounds: str, pence: int
) -> None:
    said = correct(administrator, when=when, pounds=pounds)
    assert said.startswith(f"UC-01 of NGH, plan of {when}: ")
    assert approved_plan(["ngh"], "2017/18")["ngh", "UC-01"][when] == pence
    change = PlanChange.objects.get()
    assert (change.changed_by, change.reason) == (administrator, "Counted twice in the plan")
    assert AuditEvent.objects.get(verb="corrected the plan of").how.startswith("command")


def test_what_was_and_what_is_are_said(administrator: User) -> None:
    assert correct(administrator).endswith("£70000.50 instead of £10000.00.")


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("organisation", "XX", "“XX” is no organisation we know."),
        ("scheme", "UC-02", "has no scheme “UC-02”."),
        ("scheme", "UC\x00-01", "has no scheme"),
        ("by", "ghost", "Nobody is called “ghost”."),
        ("when", "June", "June"),
        ("when", "2030-01", "no approved plan that covers 2030-01"),
        ("reason", " ", "Say why the plan is corrected."),
        ("reason", "half \ud800 a letter", "one line of text"),
        ("pounds", "10000", "already is £10000.00"),
        *(
            ("pounds", value, "is no amount in pounds")
            for value in ("", "70,000", "£7", "1.005", "1e9", "nan", "inf", "1000000000")
        ),
    ],
)
def test_a_slip_is_a_sentence_and_nothing_is_written(
    administrator: User, option: str, value: str, said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        correct(administrator, **{option: value})
    assert not PlanChange.objects.exists()


@pytest.mark.parametrize("role", sorted({*Role} - OF_ONE_ORGANISATION - {Role.ADMINISTRATOR}))
def test_nobody_else_may(administrator: User, role: Role) -> None:
    with pytest.raises(CommandError, match="Only an administrator"):
        correct(person(role))
    assert not PlanChange.objects.exists()
