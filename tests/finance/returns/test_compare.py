"""Two versions side by side, and what withdrawing one does: held to what recompute then finds."""

import pytest
from django.db.models import Q

from finance.returns.compare import compare
from finance.returns.effect import effect_without
from finance.returns.kind import FINANCE
from stp.core import snapshots
from stp.core.lines import Subject
from stp.core.models import ReportingPeriod, Return
from stp.dashboards.actions import recompute
from tests.small_system import K, Row, lay_out, plan, send, withdraw

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def laid_out(demo_clock: object) -> None:
    lay_out()
    for org in ("ngh", "kgh"):
        plan(org, [Row("UC-01"), Row("CC-01", "CC")])
    send("kgh", "2017-06", [Row("UC-01"), Row("CC-01", "CC")])


def test_each_side_is_what_was_committed() -> None:
    first = send("ngh", "2017-06", [Row("UC-01"), Row("CC-01", "CC"), Row("UC-02")])
    changed = Row("UC-01", forecast=20 * K, words={"maturity": "Delivered"})
    second = send("ngh", "2017-06", [changed, Row("CC-01", "CC"), Row("UC-03")])
    found = compare(first, second)
    assert {c.ref: c.what for c in found.changes} == {
        "UC-01": "changed", "CC-01": "unchanged", "UC-02": "missing", "UC-03": "new",
    }  # fmt: skip
    (change,) = found.of("changed")
    assert change.after["Maturity"] == "Delivered"
    assert (change.before["Forecast Jul"], change.after["Forecast Jul"]) == ("£10k", "£20k")
    assert (change.forecast_before, change.forecast_after) == (120 * K, 3 * 10 * K + 9 * 20 * K)
    assert found.totals_before["forecast"] == 3 * 120 * K
    assert found.totals_after["schemes"] == 3
    back = compare(second, first)
    assert back.totals_before == found.totals_after
    assert {c.what for c in back.changes if c.ref == "UC-02"} == {"new"}


def test_two_months_and_nothing_at_all() -> None:
    may = send("ngh", "2017-05", [Row("UC-01")])
    june = send("ngh", "2017-06", [Row("UC-01")])
    (change,) = compare(may, june).changes
    assert change.after["Actual Jun"] == "£10k"
    assert change.before["Actual Jun"] == "blank"
    (gone,) = compare(june, None).changes
    assert (gone.what, gone.forecast_before) == ("missing", 120 * K)
    assert compare(june, None).totals_after["forecast"] is None
    (new,) = compare(None, june).changes
    assert (new.what, new.forecast_after) == ("new", 120 * K)


def test_plans_say_nothing_of_actuals_and_years_are_named(demo_clock: object) -> None:
    first = Return.objects.get(kind="plan", scope="ngh")
    second = plan("ngh", [Row("UC-01", month_plan=20 * K), Row("CC-01", "CC")])
    found = compare(first, second)
    assert found.totals_after == {
        "schemes": 2, "plan": 360 * K, "actual": None, "forecast": None,
    }  # fmt: skip
    Return.objects.filter(pk=second.pk).update(period=_other_year())
    second.refresh_from_db()
    (change,) = [c for c in compare(first, second).changes if c.ref == "UC-01"]
    assert any(name.startswith("Plan April 2017") for name in change.before), change.before


def _other_year() -> ReportingPeriod:
    from tests.conftest import make_period

    return make_period("2018-04")


def _bridge(what: str, year: str, period: ReportingPeriod) -> int | None:
    period.refresh_from_db()
    line = snapshots.view(period).lines(Subject.BRIDGE).get(year=year, line="", organisation="")
    risk_adjusted = (line.delivered_pence or 0) + (line.secure_pence or 0)
    gap = None if line.target_pence is None else line.target_pence - risk_adjusted
    return {
        "plan": line.plan_pence, "forecast": line.forecast_pence,
        "risk_adjusted": risk_adjusted, "gap_left": gap,
    }[what]  # fmt: skip


@pytest.mark.parametrize("earlier", ["a version", "a month", "nothing"])
def test_the_effect_is_what_recompute_finds_afterwards(earlier: str) -> None:
    june = ReportingPeriod.objects.get(code="2017-06")
    back = None
    if earlier == "a version":
        back = send("ngh", "2017-06", [Row("UC-01", blank=("2017-06",)), Row("PD-01", "PD")])
    if earlier != "nothing":
        send("ngh", "2017-05", [Row("UC-01", forecast=7 * K), Row("CC-01", "CC")])
    newest = send("ngh", "2017-06", [Row("UC-01", forecast=30 * K, words={"risk": "High"})])
    recompute(june.pk)
    june.refresh_from_db()
    newest.period = june
    found = effect_without(newest, back)
    assert {(e["what"], e["year"]) for e in found} >= {("gap_left", "2020/21")}
    for line in found:
        assert line["before"] == _bridge(line["what"], line["year"], june), line
    withdraw(newest)
    ReportingPeriod.objects.filter(Q(pk=june.pk)).update(data_version=june.data_version + 1)
    june.refresh_from_db()
    recompute(june.pk)
    after = {(e["what"], e["year"]): e["after"] for e in found}
    assert after == {(what, year): _bridge(what, year, june) for what, year in after}, (
        "the preview promised something else"
    )


def test_a_plan_changes_no_forecast() -> None:
    the_plan = Return.objects.get(kind="plan", scope="ngh")
    assert list(FINANCE.effect_without(the_plan, None)) == []
