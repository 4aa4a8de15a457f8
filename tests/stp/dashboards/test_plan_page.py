"""The plan as published: every fact is shown with its source and its doubts."""

from decimal import Decimal

import pytest
from django.core.management import call_command
from django.test import Client

from finance.models import FinanceFact
from stp.accounts.models import Grant, User
from stp.core.permissions import Role
from stp.dashboards import plan_page
from workstreams.models import GovernanceBody, OfficeHolder, PlanFact, Specialty

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(db: None) -> None:
    call_command("load_plan", verbosity=0)


@pytest.fixture
def reader(client: Client) -> Client:
    user = User.objects.create_user("amara", "amara@example.org")
    Grant.objects.create(user=user, role=Role.BOARD)
    client.force_login(user)
    return client


def test_every_loaded_fact_has_its_row(plan: None) -> None:
    rows = [row for section in plan_page.sections() for row in section.rows]
    kept = (FinanceFact, Specialty, GovernanceBody, OfficeHolder, PlanFact)
    assert len(rows) == sum(model._default_manager.count() for model in kept)
    assert all(row.what for row in rows)


def test_the_page_shows_the_doubts(plan: None, reader: Client) -> None:
    html = reader.get("/plan/").content.decode()
    for words in ("Inferred, not stated", "Missing in the source", "Needs confirmation"):
        assert words in html
    inferred = FinanceFact.objects.get(pk="F21")
    assert "inferred" in inferred.flags
    assert inferred.flag_note, "nobody may take £34m for a stated figure"
    assert inferred.flag_note in html


def test_weights_and_targets_say_who_set_them(plan: None, reader: Client) -> None:
    html = reader.get("/plan/").content.decode()
    assert "our defaults" in html.lower()
    assert "£116.0m" in html
    assert "if national efficiency is £82m" in html


def test_a_fact_without_a_figure_says_so() -> None:
    lost = FinanceFact(id="F03", what="The total gap", unit="GBP m")
    assert plan_page._figure(lost) == "No figure printed"
    ranged = FinanceFact(
        id="F31", what="Growth", low=Decimal("1.000"), high=Decimal("3.000"), unit="percent"
    )
    assert plan_page._figure(ranged) == "1 to 3 percent"


def test_before_the_plan_is_loaded_the_page_stands(reader: Client) -> None:
    assert reader.get("/plan/").status_code == 200


def test_short_names_keep_their_capitals(plan: None) -> None:
    names = {section.name for section in plan_page.sections()}
    assert {"MCP impact", "Local Digital Roadmap vision", "STP code", "Next step"} <= names
