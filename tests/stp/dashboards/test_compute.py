"""A snapshot worked out by hand, and what each kind of line says."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from finance.rag import Carried, DeliveryRisk, LineCode, Maturity
from stp.core.lines import Line, Subject
from stp.core.rag import Rag, Rating
from stp.core.standing import Code, Standing
from stp.dashboards.compute import compute
from stp.dashboards.compute.facts import (
    Baseline,
    Facts,
    IndicatorFacts,
    MilestoneFacts,
    MilestoneReport,
    PlanValue,
    Previous,
    Reading,
    RiskFacts,
    RiskReport,
    TargetFacts,
)
from tests.plain_facts import (
    DUE,
    JUNE,
    LATE,
    LONG_AGO,
    RECEIVED,
    K,
    make_facts,
    make_organisation,
    make_position,
    make_scheme,
    make_targets,
)


def lines(facts: Facts) -> dict[tuple[str, str], Line]:
    return {(x.subject.value, x.subject_id): x for x in compute(facts)}


def example(**changes: Any) -> Facts:
    """rag-rules' own: urgent care 2020/21, target 12.0; schemes A, B and C."""
    million = 1_000 * K
    no_year: dict[str, Any] = {
        "plan_by_month": {}, "actual_by_month": {}, "forecast_by_month": {},
    }  # fmt: skip
    a = make_scheme(
        ref="A",
        plan_by_year={"2020/21": 4 * million},
        forecast_by_year={"2020/21": 4 * million},
        fye_secured=4 * million,
        **no_year,
    )
    b = make_scheme(
        ref="B",
        risk=DeliveryRisk.MEDIUM,
        plan_by_year={"2020/21": 5 * million},
        forecast_by_year={"2020/21": 4 * million},
        fye_secured=1 * million,
        **no_year,
    )
    c = make_scheme(
        ref="C",
        risk=DeliveryRisk.HIGH,
        maturity=Maturity.OPPORTUNITY,
        plan_by_year={"2020/21": 2 * million},
        forecast_by_year={"2020/21": 2 * million},
        **no_year,
    )
    targets = {(x, "2020/21", ""): 0 for x in ("CC", "SC", "PR", "PD", "EFF")}
    position = make_position("ngh", a, b, c)
    given: dict[str, Any] = {
        "targets": make_targets(targets | {("UC", "2020/21", ""): 12 * million})
    }
    return make_facts([make_organisation(position)], **given | changes)


def test_the_example_of_the_rules_to_the_penny() -> None:
    row = lines(example())["bridge", "2020/21:UC:all"]
    millions = [
        Decimal(pence or 0) / (1_000 * K)
        for pence in (
            row.delivered_pence, row.secure_pence, row.at_risk_pence, row.slippage_pence,
            row.unidentified_pence, row.target_pence,
        )
    ]  # fmt: skip
    assert [str(m) for m in millions] == ["5", "2.75", "2.25", "1", "1", "12"]
    assert row.developed_pence == 9 * 1_000 * K, "the opportunity is not developed"
    assert (row.detail["schemes"], row.detail["fye_not_stated"]) == (3, 1)


def test_the_position_says_what_has_no_answer() -> None:
    programme = lines(example(previous=Previous("May 2017", 3)))["programme", "programme"]
    assert programme.detail["position"] == (
        "0 of 5 delivery areas are red (3 in May 2017). No savings plan is approved for 2017/18. "
        "£4.2m of the £12.0m gap for 2020/21 has no secure answer."
    )


@pytest.mark.parametrize(
    ("standing", "period", "reason"),
    [
        (RECEIVED, "2017-06", "Received on time."),
        (Standing(Code.RECEIVED_LATE, 1), "2017-06", "Received 1 day late."),
        (LATE, "2017-05", "Late by 6 days; May 2017 figures used."),
        (LATE, "", "Late by 6 days; plan used, nothing reported."),
        (DUE, "2017-05", "Not sent yet, and not late; May 2017 figures used."),
        (Standing(Code.NOT_DUE), "", "Not due yet; plan used, nothing reported."),
        (Standing(Code.NOT_REQUIRED), "2017-05", "No return is required; May 2017 figures used."),
    ],
)
def test_an_organisation_says_how_its_return_stands(
    standing: Standing, period: str, reason: str
) -> None:
    position = make_position("ngh", make_scheme(reported=bool(period)), period=period)
    line = lines(make_facts([make_organisation(position, standing)]))["organisation", "ngh"]
    assert (line.rag, line.code, line.reason) == (Rag.NOT_APPLICABLE, standing.code, reason)
    assert line.detail["carried_plan"] == (0 if period == "2017-06" else 120 * K)
    assert line.carried_from == ("" if period == "2017-06" else period)


@pytest.mark.parametrize(
    ("carried", "counted"), [(Rag.RED, "RED"), (Rag.GREEN, "AMBER"), (None, "AMBER")]
)
def test_a_late_scheme_counts_as_the_worse_of_its_carried_rating_and_amber(
    carried: Rag | None, counted: str
) -> None:
    was = {"ngh/UC-01": Carried(Rating(carried, "on_plan", "Was."), "2017-05")} if carried else {}
    position = make_position("ngh", make_scheme(), period="2017-05")
    found = lines(make_facts([make_organisation(position, LATE, carried=was)]))
    line = found["scheme", "ngh/UC-01"]
    assert (line.rag, line.code, line.detail["counted_as"]) == ("NOT_RATED", "no_return", counted)
    assert found["organisation", "ngh"].detail["schemes"] == {counted: 1}
    assert found["workstream", "UC"].detail["schemes"] == {counted: 1}


def test_money_on_late_returns_leaves_finance_unrated() -> None:
    here = make_organisation(make_position("ngh", make_scheme("ngh")))
    late = make_organisation(make_position("kgh", make_scheme("kgh"), period="2017-05"), LATE)
    stated = make_targets({("UC", "2017/18", ""): 250 * K, ("UC", "2020/21", ""): 250 * K})
    found = lines(make_facts([here, late], targets=stated))["dimension", "UC:finance"]
    assert (found.rag, found.code) == ("NOT_RATED", "late_returns")
    assert found.detail["current"]["late_plan"] == 120 * K
    assert found.detail["current"]["ratio"] == "96%"
    now = replace(late, standing=RECEIVED)
    found = lines(make_facts([here, now], targets=stated))["dimension", "UC:finance"]
    assert (found.rag, found.code) == ("GREEN", "year_on_target")


def test_adult_social_care_is_in_no_row_of_the_bridge() -> None:
    position = make_position("ncc", make_scheme("ncc", "ASC-1", line=LineCode.ASC))
    found = lines(make_facts([make_organisation(position)]))
    assert found["bridge", "2017/18:all:all"].plan_pence == 0
    assert found["scheme", "ncc/ASC-1"].workstream == ""
    assert found["organisation", "ncc"].detail["outside_gap"] == {
        "schemes": 1, "plan": 120 * K, "forecast": 120 * K, "delivered": 30 * K,
    }  # fmt: skip


def test_national_efficiency_is_one_row_by_organisation() -> None:
    position = make_position(
        "ngh",
        make_scheme(ref="CIP-1", line=LineCode.CIP, supports="UC"),
        make_scheme(ref="DEC-1", line=LineCode.DEC),
    )
    stated = make_targets({("EFF", "2017/18", "ngh"): 300 * K})
    found = lines(make_facts([make_organisation(position)], targets=stated))
    row = found["workstream", "EFF"]
    assert row.plan_pence == 240 * K
    assert [x["organisation"] for x in row.detail["by_organisation"]] == ["ngh"]
    assert row.detail["by_organisation"][0]["current"]["ratio"] == "80%"
    assert ("dimension", "EFF:delivery") not in found
    assert found["bridge", "2017/18:UC:all"].plan_pence == 0, "supporting UC counts once, here"


def test_only_the_reading_in_force_is_a_target() -> None:
    both = tuple(
        TargetFacts("EFF", "2020/21", "", reading, int(reading) * 1_000 * K, LONG_AGO)
        for reading in ("116", "82")
    )
    position = make_position("ngh", make_scheme())
    for reading, expected in (("", 116), ("116", 116), ("82", 82)):
        facts = make_facts(
            [make_organisation(position)], targets=both, reading=Reading(reading, "The other.")
        )
        assert lines(facts)["bridge", "2020/21:EFF:all"].target_pence == expected * 1_000 * K


@pytest.mark.parametrize("spelled", ["ngh/UC-01", "ngh/uc-01", "ngh/UC \u2013 01"])
def test_a_double_claim_is_disputed_once_at_its_smaller_side(spelled: str) -> None:
    one = make_scheme("ngh", "UC-01", same_as="kgh/UC-09")
    other = make_scheme(
        "kgh", "UC-09", same_as=spelled, counterparty_effect=-7 * K,
        plan_by_month={"2017-04": 50 * K},
    )  # fmt: skip
    facts = make_facts(
        [
            make_organisation(make_position("ngh", one)),
            make_organisation(make_position("kgh", other)),
        ]
    )
    detail = lines(facts)["programme", "programme"].detail
    assert (detail["disputed"], detail["counterparty_effect"]) == (50 * K, -7 * K)


def milestone(**changes: Any) -> MilestoneFacts:
    given: dict[str, Any] = {
        "ref": "M-1", "title": "Open the unit", "workstream": "UC", "project": "",
        "critical": False, "origin": "tracker", "owner": "A lead",
        "baselines": (
            Baseline(dt.date(2017, 5, 31), dt.date(2017, 1, 1), "May-17", "month"),
            Baseline(dt.date(2017, 6, 15), dt.date(2017, 6, 1), "15 June", "day"),
            Baseline(dt.date(2017, 9, 30), dt.date(2017, 7, 5), "Sep-17", "month"),
        ),
    }  # fmt: skip
    return MilestoneFacts(**given | changes)


def report(code_key: int, **changes: Any) -> MilestoneReport:
    given: dict[str, Any] = {
        "sort_key": code_key, "status": "active", "forecast_on": None, "completed_on": None,
        "confirmed_on": None, "note": "", "illustrative": False,
    }  # fmt: skip
    return MilestoneReport(**given | changes)


def test_a_milestone_stands_on_the_baseline_in_force_and_the_latest_report() -> None:
    earlier, later = JUNE.previous.sort_key, JUNE.next.sort_key
    said = (
        report(earlier, confirmed_on=dt.date(2017, 6, 10), note="May"),
        report(later, completed_on=dt.date(2017, 6, 20), note="July"),
    )
    line = lines(make_facts([], milestones=(milestone(reports=said),)))["milestone", "M-1"]
    assert line.due_on == dt.date(2017, 6, 15), "the baseline of July is not approved yet in June"
    assert (line.rag, line.code) == ("RED", "overdue_no_new_date")
    assert (line.detail["note"], line.detail["as_printed"]) == ("May", "15 June")
    assert line.detail["slip_days_original"] == 30
    assert line.detail["confirmed_on"] == "2017-06-10"


def test_a_red_milestone_holds_its_scheme_at_amber() -> None:
    position = make_position("ngh", make_scheme())
    facts = make_facts(
        [make_organisation(position)],
        milestones=(milestone(),),
        benefits=frozenset({("M-1", "ngh/UC-01")}),
    )
    found = lines(facts)
    assert found["scheme", "ngh/UC-01"].code == "milestone_at_risk"
    assert found["dimension", "UC:delivery"].rag == Rag.AMBER
    assert found["dimension", "UC:delivery"].detail == {
        "total": 1, "overdue": 1, "red": 1, "amber": 0
    }  # fmt: skip
    assert found["programme", "programme"].detail["milestones"] == {
        "total": 1, "overdue": 1, "due_30": 0, "done_this_month": 0, "unconfirmed": 0
    }  # fmt: skip


def test_milestones_done_and_due_are_counted() -> None:
    done = milestone(ref="M-2", reports=(report(JUNE.sort_key, completed_on=dt.date(2017, 6, 2)),))
    soon = milestone(ref="M-3", reports=(report(JUNE.sort_key, forecast_on=dt.date(2017, 7, 30)),))
    quiet = milestone(ref="M-4", baselines=(), origin="plan")
    counts = lines(make_facts([], milestones=(done, soon, quiet)))["programme", "programme"].detail[
        "milestones"
    ]
    assert (counts["done_this_month"], counts["due_30"], counts["total"]) == (1, 1, 3)


def test_a_risk_stands_on_its_latest_report() -> None:
    said = tuple(
        RiskReport(key, score, 5, True, dt.date(2017, 6, 1), "Recruit", False)
        for key, score in ((JUNE.previous.sort_key, 4), (JUNE.next.sort_key, 1))
    )
    risks = (
        RiskFacts("R-1", "Workforce", "A lead", ("UC",), said),
        RiskFacts("R-2", "Estates", "", ("UC",)),
    )
    found = lines(make_facts([], risks=risks))
    line = found["risk", "R-1"]
    assert (line.rag, line.score, line.detail["review_overdue"]) == ("RED", 20, True)
    assert found["risk", "R-2"].code == "unscored"
    assert found["dimension", "UC:risk"].rag == "RED"
    assert found["dimension", "UC:risk"].detail == {"open": 2, "highest": 20}


def test_indicators_show_the_plan_and_are_not_rated() -> None:
    values = (
        PlanValue("target", "men", "80.1", Decimal("80.10"), "", tbc=False),
        PlanValue("target", "women", "tbc", None, "", tbc=True),
        PlanValue("do_nothing", "", "79", Decimal(79), "", tbc=False),
    )
    given: dict[str, Any] = {
        "family": "health_wellbeing", "order": 1, "measure": "years", "unit": "years",
        "better": "higher", "workstreams": ("UC",),
    }  # fmt: skip
    indicators = (
        IndicatorFacts("I-1", name="Life expectancy", values=values, **given),
        IndicatorFacts("I-2", name="No target", **given),
    )
    found = lines(make_facts([], indicators=indicators))
    line = found["indicator", "I-1"]
    assert (line.rag, line.code) == ("NOT_RATED", "no_trajectory")
    assert line.detail["values"]["target"][0]["value"] == "80.1"
    assert line.detail["values"]["target"][1] == {
        "sex": "women", "as_printed": "tbc", "value": None, "tbc": True
    }  # fmt: skip
    assert found["indicator", "I-2"].code == "no_target"
    assert found["programme", "programme"].detail["indicators"] == {"NOT_RATED": 2, "total": 2}


def test_enablers_carry_no_money() -> None:
    found = lines(make_facts([]))
    assert found["dimension", "EN1:finance"].rag == Rag.NOT_APPLICABLE
    assert found["workstream", "EN1"].plan_pence is None


def test_every_line_has_its_own_key() -> None:
    keys = [line.key for line in compute(example())]
    assert len(keys) == len(set(keys))
    assert keys[0][0] == Subject.PROGRAMME.value
