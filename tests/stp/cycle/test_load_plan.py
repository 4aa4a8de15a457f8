"""Loading the plan: everything once, nothing twice, people's edits kept, faults in a sentence."""

import datetime as dt
import json
import shutil
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from finance.models import (
    FinanceFact,
    ProgrammeLine,
    SavingsWeight,
    SchemeTypeName,
    Target,
    TargetReading,
)
from finance.rag import SchemeType
from indicators.models import Indicator, PlanValue
from stp.accounts.models import User
from stp.core import clock
from stp.core.models import AuditEvent, Job, Organisation, PeriodChange, ReportingPeriod
from stp.core.plan import BadFixture, Outcome
from stp.cycle.plan import FOLDER, load_plan
from workstreams.models import (
    GovernanceBody,
    Initiative,
    Milestone,
    MilestoneBaseline,
    OfficeHolder,
    PlanFact,
    Project,
    Risk,
    RiskMitigation,
    Specialty,
    Workstream,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the fixtures that a test may change."""
    copy = tmp_path / "plan"
    shutil.copytree(FOLDER, copy)
    return copy


@pytest.fixture
def loaded() -> list[Outcome]:
    return load_plan(folder=FOLDER, by=None)


def edit(folder: Path, file: str, table: str, name: str, **values: Any) -> None:
    """Change the row of a fixture called `name`; a value of None takes the field away."""
    path = folder / f"{file}.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    keys = ("id", "ref", "code", "line", "indicator")
    row = next(r for r in content[table] if name in [r.get(k) for k in keys])
    row.update(values)
    for key in [k for k, v in row.items() if v is None]:
        del row[key]
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def drop(folder: Path, file: str, table: str, name: str) -> None:
    path = folder / f"{file}.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content[table] = [r for r in content[table] if name not in [r.get("id"), r.get("ref")]]
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def run(*args: Any) -> str:
    out = StringIO()
    call_command("load_plan", *args, stdout=out, skip_checks=True)
    return out.getvalue()


COUNTS: list[tuple[type[Any], dict[str, Any], int]] = [
    (Organisation, {}, 19),
    (Organisation, {"plan_signatory": True}, 11),
    (Organisation, {"sends_finance_return": True}, 6),
    (OfficeHolder, {}, 11),
    (Workstream, {"kind": "delivery_area"}, 5),
    (Workstream, {"kind": "enabler"}, 9),
    (Workstream, {"kind": "national_efficiency"}, 1),
    (Initiative, {}, 14),
    (Project, {}, 78),
    (Specialty, {}, 10),
    (Specialty, {"resourcing_status": "resourced"}, 3),
    (Specialty, {"resourcing_status": "agreed_single_service"}, 2),
    (Specialty, {"resourcing_status": "awaiting_resources"}, 5),
    (Milestone, {"origin": "plan"}, 17),
    (MilestoneBaseline, {}, 17),
    (PlanFact, {"section": "context"}, 20),
    (Risk, {}, 7),
    (RiskMitigation, {}, 19),
    (GovernanceBody, {}, 15),
    (PlanFact, {"section": "cadence"}, 7),
    (PlanFact, {"section": "status_statement"}, 19),
    (PlanFact, {"section": "ldr_capability"}, 15),
    (PlanFact, {"section": "milestone_phase"}, 7),
    (PlanFact, {"section": "next_step"}, 7),
    (Indicator, {"family": "health_wellbeing"}, 20),
    (Indicator, {"family": "care_quality"}, 9),
    (Indicator, {"family": "other_target"}, 10),
    (PlanValue, {"role": "baseline"}, 9),
    (FinanceFact, {}, 47),
    (ProgrammeLine, {}, 9),
    (Target, {}, 9),
    (TargetReading, {}, 1),
    (SavingsWeight, {}, 15),
    (SchemeTypeName, {}, 5),
]


def test_every_table_holds_what_the_plan_states(loaded: list[Outcome]) -> None:
    found = {(m.__name__, *where.items()): m._default_manager.filter(**where).count()
             for m, where, _ in COUNTS}  # fmt: skip
    assert found == {(m.__name__, *where.items()): n for m, where, n in COUNTS}


def test_every_row_has_a_source_and_a_digest(loaded: list[Outcome]) -> None:
    models = {m for m, _, _ in COUNTS if m is not SchemeTypeName}
    bare = [row for m in models for row in m._default_manager.all()
            if not row.source or not row.loaded_digest]  # fmt: skip
    assert bare == [], "a fact without a source cannot be checked by anybody"


def test_dated_events_become_milestones_with_the_printed_date_as_baseline(
    loaded: list[Outcome],
) -> None:
    due = {
        b.milestone_id: (b.as_printed, b.due_on.isoformat() if b.due_on else "")
        for b in MilestoneBaseline.objects.all()
    }
    assert due["E15"] == ("December 2016", "2016-12-31")
    assert due["E16"] == ("December 2016 to February 2017", "2017-02-28")
    assert due["E19"] == ("1 April 2017", "2017-04-01")
    assert due["E20"] == ("2017/18", "2018-03-31")
    assert due["E21"] == ("2017/18 and 2018/19", "2019-03-31")
    assert due["E26"] == ("by 2020", "2020-12-31")
    assert due["E30"] == ("year 2 onward", "2018-03-31"), "plan year 1 is 2016/17"
    assert due["E31"] == ("17-19", "2019-03-31")
    assert set(MilestoneBaseline.objects.values_list("approved_on", flat=True)) == {
        dt.date(2016, 10, 21)
    }
    context = PlanFact.objects.get(section="context", ref="E33")
    assert context.flags == ["inferred"]
    assert context.details["due"] == "2016-10-01"


@pytest.mark.parametrize("reading", ["116", "82"])
def test_targets_add_up_to_the_gap_under_both_readings(loaded: list[Outcome], reading: str) -> None:
    rows = Target.objects.filter(year="2020/21", reading__in=["", reading])
    assert {r.line for r in rows} == {"UC", "CC", "SC", "PR", "PD", "EFF", "NONE"}
    assert sum(r.pence for r in rows) == 230 * 10**8


def test_thirty_four_million_is_inferred_and_never_a_target(loaded: list[Outcome]) -> None:
    fact = FinanceFact.objects.get(pk="F21")
    assert (fact.value, fact.flags) == (Decimal(34), ["inferred"])
    assert not Target.objects.filter(pence=34 * 10**8).exists()
    assert TargetReading.objects.get().reading == "116"


def test_adult_social_care_is_in_no_bridge_row(loaded: list[Outcome]) -> None:
    lines = dict(ProgrammeLine.objects.values_list("code", "bridge_line"))
    assert [c for c, bridge in lines.items() if not bridge] == ["ASC"]
    assert [c for c, bridge in lines.items() if bridge == "EFF"] == ["CIP", "QIPP", "DEC"]


def test_scheme_types_are_the_defaults_of_the_rules(loaded: list[Outcome]) -> None:
    assert set(SchemeTypeName.objects.values_list("name", flat=True)) == {
        t.value for t in SchemeType
    }


def test_loading_twice_changes_nothing(loaded: list[Outcome]) -> None:
    events = AuditEvent.objects.count()
    again = load_plan(folder=FOLDER, by=None)
    assert [o.table for o in again if o.is_change or o.kept or o.gone] == []
    assert sum(o.unchanged for o in again) == sum(len(o.created) for o in loaded)
    assert AuditEvent.objects.count() == events
    assert run() == "Nothing changed.\n"


def test_loading_writes_one_event_and_asks_for_a_recompute(june: ReportingPeriod) -> None:
    run()
    event = AuditEvent.objects.get(verb="loaded the plan")
    assert (event.by, event.how, event.object_label) == (None, "command", "The plan")
    assert event.after["projects"] == "78 new, 0 changed"
    assert PeriodChange.objects.filter(period=june).count() == 1
    assert Job.objects.filter(kind="recompute", key="2017-06").count() == 1


def test_a_changed_fixture_updates_its_row_and_only_that(
    loaded: list[Outcome], folder: Path
) -> None:
    Milestone.objects.filter(pk="E15").update(workstream="CC")
    edit(folder, "events", "events", "E15", title="Another title", due="2017-01",
         as_printed="January 2017")  # fmt: skip
    outcomes = {o.table: o for o in load_plan(folder=folder, by=None)}
    assert outcomes["milestones"].updated == ["E15"]
    assert len(outcomes["milestone baselines"].updated) == 1
    assert sum(len(o.updated) + len(o.created) for o in outcomes.values()) == 2
    milestone = Milestone.objects.get(pk="E15")
    assert milestone.title == "Another title"
    assert milestone.workstream_id == "CC", "a link set in the tracker stays"
    assert milestone.baselines.get().due_on == dt.date(2017, 1, 31)


def test_a_field_taken_out_of_a_fixture_goes_back_to_its_default(
    loaded: list[Outcome], folder: Path
) -> None:
    edit(folder, "indicators", "indicators", "HWB05", flags=None, flag_note=None)
    load_plan(folder=folder, by=None)
    row = Indicator.objects.get(pk="HWB05")
    assert (row.flags, row.flag_note) == ([], "")


def test_a_row_a_person_edited_is_left_and_named(loaded: list[Outcome], folder: Path) -> None:
    person = User.objects.create_user(username="pmo", password="a long enough password")
    Risk.objects.filter(pk="RK3").update(
        title="Money runs out", edited_at=clock.now(), edited_by=person
    )
    edit(folder, "risks", "risks", "RK3", title="Changed in the fixture")
    edit(folder, "risks", "risks", "RK4", title="Changed too")
    said = run("--folder", folder)
    assert "Left as edited in the tracker, risks: RK3" in said
    assert "Risks: 0 new, 1 changed" in said
    assert Risk.objects.get(pk="RK3").title == "Money runs out"
    assert Risk.objects.get(pk="RK4").title == "Changed too"


def test_a_row_gone_from_the_fixtures_is_named_and_never_deleted(
    loaded: list[Outcome], folder: Path
) -> None:
    drop(folder, "specialties", "specialties", "SP10")
    said = run("--folder", folder)
    assert said == "Nothing changed.\nIn no fixture any more, specialties: SP10\n"
    assert Specialty.objects.filter(pk="SP10").exists()


def test_a_row_added_in_the_tracker_is_not_called_gone(loaded: list[Outcome]) -> None:
    Risk.objects.create(ref="RK99", title="Ours", source="Board, June 2017")
    assert [o.gone for o in load_plan(folder=FOLDER, by=None) if o.gone] == []


def test_json_says_what_happened(folder: Path) -> None:
    first = json.loads(run("--json"))
    assert first["outcome"] == "loaded"
    assert {"table": "projects", "created": 78, "updated": [], "unchanged": 0, "kept": [],
            "gone": []} in first["tables"]  # fmt: skip
    assert json.loads(run("--json"))["outcome"] == "nothing_changed"


BROKEN = [
    ("events", "events", "E15", {"due": "2016-13"}, "events.yaml: events, row 15 (E15): “due”"),
    ("events", "events", "E15", {"precision": "fortnight"}, "row 15 (E15): “due”"),
    ("events", "events", "E15", {"kind": None}, "“kind” is missing"),
    ("events", "events", "E15", {"colour": "red"}, "there is no field “colour”"),
    ("events", "events", "E01", {"colour": "red"}, "there is no field “colour”"),
    ("risks", "risks", "RK1", {"source": None}, "“source” is missing"),
    ("risks", "risks", "RK1", {"edited_at": "2017-01-01"}, "there is no field “edited_at”"),
    ("risks", "risks", "RK1", {"title": "x" * 201}, "risks.yaml: risks, row 1 (RK1): “title”"),
    ("risks", "risks", "RK2", {"ref": "RK1"}, "“RK1” stands in the fixtures twice"),
    ("workstreams", "projects", "UC1.1", {"initiative": "UC9"}, "“UC9”, which does not exist"),
    ("indicators", "indicators", "HWB01", {"better": "up"}, "“better”"),
    ("indicators", "plan_values", "HWB01", {"value": "many"}, "“value”"),
    ("finance", "targets", "UC", {"pence": "12m"}, "whole number of pence"),
    ("finance", "targets", "UC", {"pence": 1100000000}, "add up to £229.0m; wanted is £230.0m"),
    ("finance", "finance_facts", "F01", {"id": "F99"}, "F01, the gap of 2020/21, is missing"),
]


@pytest.mark.parametrize(("file", "table", "name", "values", "sentence"), BROKEN)
def test_a_broken_fixture_is_refused_with_its_file_and_row(
    folder: Path, file: str, table: str, name: str, values: dict[str, Any], sentence: str
) -> None:
    edit(folder, file, table, name, **values)
    with pytest.raises(CommandError) as refusal:
        run("--folder", folder)
    assert str(refusal.value).startswith("Nothing was loaded. ")
    assert sentence in str(refusal.value)
    assert Organisation.objects.count() == 0, "all or nothing"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"risks: [", ": this is not YAML"),
        (b"- one\n- two\n", "risks.yaml: wanted are tables"),
        (b"risks: none\n", "risks.yaml: “risks” must be a list of rows"),
        (b"risks:\n- just words\n", "risks.yaml: risks, row 1: wanted are fields and values"),
        (b"hazards: []\n", "risks.yaml: there is no table “hazards”"),
        (b"risks: \xff\n", "risks.yaml: this is no UTF-8 text"),
        (b"risks: \x07\n", "risks.yaml: this is not YAML"),
    ],
)
def test_a_file_that_is_no_fixture_is_refused(folder: Path, text: bytes, sentence: str) -> None:
    (folder / "risks.yaml").write_bytes(text)
    with pytest.raises(BadFixture) as refusal:
        load_plan(folder=folder, by=None)
    assert sentence in str(refusal.value)


def test_a_folder_without_fixtures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"No \.yaml file stands in"):
        run("--folder", tmp_path)


def test_a_refusal_in_json_exits_with_1(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "risks.yaml").write_text("risks: [", encoding="utf-8")
    out = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("load_plan", "--json", "--folder", folder, stdout=out, skip_checks=True)
    assert end.value.code == 1
    assert json.loads(out.getvalue())["outcome"] == "refused"


def test_loading_again_reads_a_fixed_number_of_queries(loaded: list[Outcome]) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        load_plan(folder=FOLDER, by=None)
    assert len(queries) < 60, "one query a table and a link, not one a row"


def test_a_fault_of_the_database_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two loads at once: the second meets rows of the first."""

    def meets_another(**_: Any) -> list[Outcome]:
        raise IntegrityError("UNIQUE constraint failed")

    monkeypatch.setattr("stp.cycle.management.commands.load_plan.load_plan", meets_another)
    with pytest.raises(CommandError, match=r"the database refused .* Is another load running\?"):
        run()
