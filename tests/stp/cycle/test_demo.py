"""The illustrative year: what the issue promises of it, and that a second load changes nothing."""

import datetime as dt
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.core.management.base import CommandError

from finance.rag import ROLLS_UP_TO as BRIDGE_LINE_OF
from finance.rag import BridgeLine, LineCode, Maturity
from stp.accounts.models import User
from stp.core import clock, periods, snapshots
from stp.core.lines import Subject
from stp.core.models import AuditEvent, Organisation, ReportingPeriod, Return, SnapshotPin
from stp.core.standing import Code
from stp.cycle.demo import bad, files, load, people, returns
from stp.cycle.demo.sources import organisations, schemes
from stp.dashboards.actions import recompute
from stp.returns import actions

PLANNED = {"UC": 12_000, "CC": 27_000, "SC": 11_000, "PR": 5_000, "PD": 33_000}  # £000, 2020/21


def _sums(*, developed: bool | None = None) -> Counter[str]:
    """Plan of 2020/21 by bridge line, £000; only developed or only opportunities if asked."""
    found: Counter[str] = Counter()
    for organisation in organisations():
        for scheme in schemes(organisation):
            is_developed = scheme["maturity"] != Maturity.OPPORTUNITY
            line = BRIDGE_LINE_OF[LineCode(scheme["line"])]
            if line and developed in (None, is_developed):
                found[line] += scheme["plan_2020_21"]
    return found


def test_the_five_areas_plan_their_targets() -> None:
    assert {line: _sums()[line] for line in PLANNED} == PLANNED


def test_national_efficiency_is_three_quarters_undeveloped() -> None:
    assert _sums(developed=True)[BridgeLine.EFF] == 28_000
    assert _sums(developed=False)[BridgeLine.EFF] == 3_000


@pytest.mark.parametrize("organisation", organisations())
@pytest.mark.parametrize("period", files.MONTHS)
def test_a_months_figures_keep_the_plan_and_the_outturn(organisation: str, period: str) -> None:
    made = returns.rows(organisation, "finance", period)
    for row, scheme in zip(made, schemes(organisation), strict=True):
        months = sum(v for k, v in row["plan"].items() if "/" not in k)
        assert months == scheme["plan_2017_18"] * returns.THOUSAND
        share = scheme[f"forecast_{returns._MONTH_WORDS[period]}"]
        outturn = sum(row["actual"].values()) + sum(
            v for k, v in row["forecast"].items() if "/" not in k
        )
        assert outturn == round(scheme["plan_2017_18"] * share) * returns.THOUSAND, row["ref"]


def test_every_file_of_the_story_is_there_and_is_what_the_rule_makes() -> None:
    for name in load.expected_files():
        assert (files.FOLDER / name).exists(), f"run manage.py make_demo_returns: {name}"
    made = files.content("ngh", "finance", "2017-06", "RNS")
    assert (files.FOLDER / "ngh-2017-06.xlsx").read_bytes() == made


def test_at_least_twenty_bad_files_one_fault_each() -> None:
    names = [name for name, _ in bad.files("RNS")]
    assert len(names) == len(set(names)) >= 20
    assert sorted(names) == sorted(p.name for p in (files.FOLDER / "bad").iterdir())


@pytest.fixture
def demo(transactional_db: None, settings: LazySettings) -> None:
    settings.DEMO_DATE = dt.date(2017, 7, 24)
    call_command("load_plan", verbosity=0)
    call_command("load_demo")


def _line(subject: Subject, subject_id: str) -> Any:
    period = ReportingPeriod.objects.get(pk="2017-06")
    return snapshots.view(period).lines(subject).get(subject_id=subject_id)


def test_the_demonstration_as_the_board_meets_it(demo: None) -> None:
    states = dict(ReportingPeriod.objects.values_list("code", "state"))
    assert states == {"2017-04": "closed", "2017-05": "closed", "2017-06": "open"}
    story = AuditEvent.objects.filter(how="demonstration").order_by("pk")
    moments = list(story.values_list("at", flat=True))
    assert len(moments) > 30
    assert moments == sorted(moments), "the story is loaded in order of date"
    pinned = SnapshotPin.objects.filter(why="close").values_list("snapshot__period_id", flat=True)
    assert sorted(pinned) == ["2017-04", "2017-05"]
    gap = _line(Subject.BRIDGE, "2020/21:all:all")
    assert gap.target_pence == 23_000_000_000
    assert gap.unidentified_pence == 11_100_000_000
    assert _line(Subject.BRIDGE, "2020/21:EFF:all").unidentified_pence == 8_500_000_000
    assert _line(Subject.BRIDGE, "2020/21:NONE:all").unidentified_pence == 2_600_000_000
    standing = {o: _line(Subject.ORGANISATION, o).code for o in organisations()}
    assert standing["kgh"] == Code.RECEIVED_LATE
    assert {o for o, code in standing.items() if code == Code.LATE} == {"ngh", "nhft"}

    # A second load changes nothing.
    before = (Return.objects.count(), AuditEvent.objects.count())
    call_command("load_demo")
    assert (Return.objects.count(), AuditEvent.objects.count()) == before

    # NGH's return alone moves urgent care's Finance from not rated to amber.
    assert _line(Subject.DIMENSION, "UC:finance").rag == "NOT_RATED"
    with clock.at(dt.datetime(2017, 7, 24, 11, tzinfo=periods.LONDON)):
        actions.send(
            by=User.objects.get(username="finance.ngh"),
            kind="finance",
            organisation=Organisation.objects.get(pk="ngh"),
            period=ReportingPeriod.objects.get(pk="2017-06"),
            file_name="ngh-2017-06.xlsx",
            chunks=[(files.FOLDER / "ngh-2017-06.xlsx").read_bytes()],
            choices={"unit": "thousands"},
            reason="Agreed by the divisional boards in July",
        )
        recompute("2017-06")
    finance = _line(Subject.DIMENSION, "UC:finance")
    assert finance.rag == "AMBER"
    ratio = Decimal(finance.detail["current"]["forecast"]) / finance.detail["current"]["target"]
    assert Decimal("0.90") <= ratio <= Decimal("0.94")
    nhft = _line(Subject.BRIDGE, "2017/18:UC:nhft").plan_pence
    assert nhft < _line(Subject.BRIDGE, "2017/18:UC:all").plan_pence / 10


def test_without_the_plan_there_is_no_demonstration(db: None) -> None:
    with pytest.raises(CommandError, match="load_plan"):
        call_command("load_demo")


def test_production_takes_no_demonstration(db: None, settings: LazySettings) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="not in production"):
        call_command("load_demo")


def test_sign_ins_are_printed_one_a_role(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("show_demo_sign_ins")
    assert "No demonstration people" in capsys.readouterr().out
    assert len({role for role, _, _ in people.sign_ins()}) == 10
