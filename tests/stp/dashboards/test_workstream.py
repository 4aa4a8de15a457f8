"""The page of a workstream shows what most needs attention, and says of how many."""

import datetime as dt

import pytest

from stp.core import snapshots
from stp.core.lines import Subject
from stp.core.models import ReportingPeriod
from stp.dashboards.workstream import TOP, WorkstreamPage, workstream_page
from tests.programme import (
    JUNE,
    add_indicator,
    add_line,
    add_milestone,
    add_risk,
    lay_out_programme,
    links,
    reader,
    words,
)

pytestmark = pytest.mark.django_db


def page_of(workstream: str) -> WorkstreamPage:
    view = snapshots.view(ReportingPeriod.objects.get(pk=JUNE))
    page = workstream_page(view, None, workstream)
    assert page is not None
    return page


@pytest.fixture
def programme(demo_clock: dt.datetime) -> None:
    lay_out_programme()


def test_the_worst_come_first_then_the_first_due(programme: None) -> None:
    dates = {"A": dt.date(2017, 6, 30), "B": dt.date(2017, 5, 31), "C": None}
    for name, due_on in dates.items():
        add_milestone(f"{name}-green", due_on=due_on)
        add_milestone(f"{name}-red", due_on=due_on, rag="RED")
    add_milestone("D-not-rated", rag="NOT_RATED")
    add_milestone("D-amber", rag="AMBER")
    add_milestone("D-complete", rag="COMPLETE")
    add_milestone("elsewhere", workstream="CC", rag="RED")
    assert [line.subject_id for line in page_of("UC").milestones.lines] == [
        "B-red", "A-red", "C-red", "D-amber", "D-not-rated", "B-green", "A-green", "C-green",
        "D-complete",
    ]  # fmt: skip


def test_of_schemes_the_worst_then_the_largest(programme: None) -> None:
    for ref, plan, rag in (
        ("s", 1, "RED"),
        ("l", 9, "RED"),
        ("n", None, "RED"),
        ("g", 99, "GREEN"),
    ):
        add_line(Subject.SCHEME, f"ngh/{ref}", organisation="ngh", workstream="PD",
                 plan_pence=plan, rag=rag, detail={"ref": ref, "years": {}})  # fmt: skip
    assert [line.detail["ref"] for line in page_of("PD").schemes.lines] == ["l", "s", "n", "g"]


@pytest.mark.parametrize("many", [TOP, TOP + 1])
def test_more_than_ten_are_counted_and_a_link_away(programme: None, many: int) -> None:
    for number in range(many):
        add_milestone(f"M-{number}")
        add_risk(f"RK{number}")
        add_indicator(f"I{number}")
    page = page_of("UC")
    for worst in (page.milestones, page.risks, page.indicators):
        assert (len(worst.lines), worst.of) == (TOP, many)
    answer = reader().get("/workstreams/UC/", {"period": JUNE})
    said = words(answer)
    for noun in ("milestone", "risk", "indicator"):
        cut = f"The {TOP} {noun}s that most need attention, of {many}." in said
        assert cut == (many > TOP), noun
    if many > TOP:
        (address,) = links(answer, f"All {many} milestones")
        assert f"Download these {many} milestones" in words(reader().get(address))


def test_nothing_is_nothing_and_says_so(programme: None) -> None:
    page = page_of("EN1")
    assert (page.milestones.lines, page.milestones.of) == ([], 0)
    assert "No milestone is recorded" in words(reader().get("/workstreams/EN1/"))
