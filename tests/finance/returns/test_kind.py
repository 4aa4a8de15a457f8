"""The finance return against the database: check reads, plan compares, apply writes once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.db.models import Model
from pytest_django import DjangoAssertNumQueries

from finance.actions import MissingUndecided
from finance.in_force import base, rows_of
from finance.models import Figure, SavingsScheme, SchemeState
from finance.plans import approved_plan
from finance.returns import FINANCE, PLAN
from finance.returns.gather import gather
from finance.scheme_rows import SchemeRow
from stp.accounts.models import User
from stp.core import clock, faults
from stp.core.lines import Subject
from stp.core.models import (
    AuditEvent,
    Organisation,
    ReportingPeriod,
    Return,
    Snapshot,
    SnapshotLine,
)
from stp.core.reading import read
from stp.core.sheets import Severity, Workbook

K = 100_000
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scheme_types", "demo_clock")]
Row = Callable[..., SchemeRow]
Book = Callable[..., Workbook]
Sent = Callable[..., Return]
Commit = Callable[..., Return]


@pytest.fixture
def april(db: None) -> ReportingPeriod:
    return period("2017-04")


@pytest.fixture
def may(db: None) -> ReportingPeriod:
    return period("2017-05")


def period(code: str) -> ReportingPeriod:
    from tests.conftest import make_period

    return make_period(code)


@pytest.fixture
def planned(
    ngh: Organisation, april: ReportingPeriod, row: Row, sent: Sent, commit: Commit,
    administrator: User,
) -> Return:  # fmt: skip
    """NGH's approved plan of UC-01 and UC-02."""
    rows = [row(ref) | {"actual": {}, "forecast": {}} for ref in ("UC-01", "UC-02")]
    plan = sent(ngh, april, rows, kind="plan")
    return commit(plan, state="signed_off", signed_off_at=clock.now(), signed_off_by=administrator)


def counts() -> dict[str, int]:
    every: list[type[Model]] = [*apps.get_app_config("finance").get_models(), AuditEvent]
    return {model.__name__: model._default_manager.count() for model in every}


def stored(return_: Return) -> dict[str, SchemeRow]:
    return rows_of(return_)


def plain(row: SchemeRow) -> SchemeRow:
    return {**row, "row": 0, "carried_from": "", "closed_in": ""}


def test_apply_then_read_back_equals_the_rows(
    ngh: Organisation, june: ReportingPeriod, row: Row, sent: Sent, commit: Commit, planned: Return
) -> None:
    rows = [
        row(actual={"2017-05": None, "2017-06": "n/a"}, gross="n/a", investment=5 * K,
            wte_plan="2.50", fye_secured=0, comment='a "quoted"\nline'),
        row("UC-02", forecast={"2017-08": -12345, "2019/20": "n/a"}),
    ]  # fmt: skip
    return_ = commit(sent(ngh, june, rows))
    assert [plain(r) for r in stored(return_).values()] == [plain(r) for r in rows]
    missing = Figure.objects.filter(return_of=return_, scheme__ref="UC-01", kind="actual")
    assert dict(missing.values_list("when", "missing"))["2017-05"] == "unknown"
    assert dict(missing.values_list("when", "missing"))["2017-06"] == "n/a"
    assert dict(missing.values_list("when", "missing"))["2017-07"] == "not due"
    event = AuditEvent.objects.get(verb="recorded the figures of", return_id=return_.pk)
    assert event.after["schemes"] == 2


def test_schemes_live_across_returns(
    ngh: Organisation, may: ReportingPeriod, june: ReportingPeriod, row: Row, sent: Sent,
    commit: Commit, planned: Return,
) -> None:  # fmt: skip
    for at in (may, june):
        commit(sent(ngh, at, [row(), row("UC-02"), row("PR-07")]))
    assert SavingsScheme.objects.count() == 3
    assert SavingsScheme.objects.get(ref="UC-01").created_in == planned
    assert SchemeState.objects.count() == 2 + 3 + 3


@pytest.fixture
def in_may(
    ngh: Organisation, may: ReportingPeriod, planned: Return, row: Row, sent: Sent, commit: Commit
) -> Return:
    rows = [row(), row("UC-02")]
    for made in rows:
        made["actual"] = {m: 10 * K if m < "2017-06" else "not due" for m in made["actual"]}
    return commit(sent(ngh, may, rows))


def test_a_missing_scheme_is_left_with_its_last_figures(
    ngh: Organisation, june: ReportingPeriod, row: Row, sent: Sent, commit: Commit, in_may: Return
) -> None:
    return_ = commit(sent(ngh, june, [row()]), {"UC-02": "leave"})
    carried, was = stored(return_)["UC-02"], stored(in_may)["UC-02"]
    assert carried["carried_from"] == "2017-05"
    assert carried["plan"] == was["plan"]
    assert carried["forecast"] == was["forecast"]
    assert carried["actual"]["2017-05"] == 10 * K
    assert carried["actual"]["2017-06"] is None  # June is due by now, and nobody said
    assert carried["actual"]["2017-07"] == "not due"


def test_carried_twice_still_names_the_first_period(
    ngh: Organisation, june: ReportingPeriod, row: Row, sent: Sent, commit: Commit, in_may: Return
) -> None:
    commit(sent(ngh, june, [row()]), {"UC-02": "leave"})
    july = commit(sent(ngh, period("2017-07"), [row()]), {"UC-02": "leave"})
    assert stored(july)["UC-02"]["carried_from"] == "2017-05"


def test_a_missing_scheme_is_closed_with_its_known_actuals(
    ngh: Organisation, june: ReportingPeriod, row: Row, sent: Sent, commit: Commit, in_may: Return
) -> None:
    return_ = commit(sent(ngh, june, [row()]), {"UC-02": "close"})
    closed = stored(return_)["UC-02"]
    assert closed["maturity"] == "Closed"
    assert closed["closed_in"] == "2017/18"
    assert closed["actual"]["2017-05"] == 10 * K
    assert closed["forecast"]["2017-07"] == closed["forecast"]["2020/21"] == 0
    later = commit(sent(ngh, period("2017-07"), [row()]), {})
    assert stored(later)["UC-02"]["maturity"] == "Closed"


def test_a_scheme_of_the_plan_alone_is_left_to_the_plan(
    ngh: Organisation, june: ReportingPeriod, row: Row, sent: Sent, commit: Commit, planned: Return
) -> None:
    left = commit(sent(ngh, june, [row()]), {"UC-02": "leave"})
    assert list(stored(left)) == ["UC-01"]
    closed = commit(sent(ngh, june, [row()]), {"UC-02": "close"})
    assert stored(closed)["UC-02"]["maturity"] == "Closed"
    assert stored(closed)["UC-02"]["closed_in"] == "2017/18"


def test_nobody_said_what_becomes_of_it_and_nothing_is_written(
    ngh: Organisation, june: ReportingPeriod, row: Row, sent: Sent, commit: Commit, in_may: Return
) -> None:
    return_ = sent(ngh, june, [row()])
    before = counts()
    with pytest.raises(MissingUndecided) as refused, transaction.atomic():
        commit(return_)
    assert refused.value.refs == ["UC-02"]
    assert counts() == before


@pytest.mark.parametrize("point", ["apply.before_first", "apply.mid"])
def test_a_crash_in_the_middle_leaves_nothing(
    ngh: Organisation, june: ReportingPeriod, row: Row, sent: Sent, commit: Commit,
    planned: Return, point: str,
) -> None:  # fmt: skip
    def crash(name: str) -> None:
        if name == point:
            raise RuntimeError(name)

    return_ = sent(ngh, june, [row(), row("UC-02"), row("PR-07")])
    before = counts()
    faults.install(crash)
    try:
        with pytest.raises(RuntimeError, match=point):
            FINANCE.apply(return_, missing={}, by=return_.received_by)
    finally:
        faults.install(None)
    assert counts() == before
    FINANCE.apply(return_, missing={}, by=return_.received_by)
    assert len(stored(return_)) == 3


def test_a_corrected_return_is_compared_with_the_one_it_replaces(
    ngh: Organisation, june: ReportingPeriod, row: Row, sent: Sent, commit: Commit, in_may: Return
) -> None:
    first = commit(sent(ngh, june, [row(), row("UC-02"), row("PR-07")]))
    second = sent(ngh, june, [row(), row("UC-02")])
    assert base(second) == first
    assert [c.ref for c in FINANCE.plan(second, {}).of("missing")] == ["PR-07"]
    commit(second, {"PR-07": "leave"})
    assert stored(second)["PR-07"]["carried_from"] == "2017-06"


def test_check_finds_the_approved_plan_and_never_writes(
    ngh: Organisation, june: ReportingPeriod, row: Row, sent: Sent, book: Book, in_may: Return
) -> None:
    return_ = sent(ngh, june, [row(), row("UC-02")])
    before = counts()
    good = FINANCE.check(book([row(), row("UC-02")]), return_)
    assert [i.code for i in good.issues if i.severity is Severity.ERROR] == []
    differs = FINANCE.check(book([row(plan={"2017-04": K}), row("UC-02")]), return_)
    assert [i.code for i in differs.issues] == ["plan_differs"]
    FINANCE.plan(return_, {})
    assert counts() == before
    assert Return.objects.get(pk=return_.pk).rows == return_.rows


def test_the_number_of_queries_does_not_grow(
    ngh: Organisation, june: ReportingPeriod, row: Row, sent: Sent, commit: Commit,
    planned: Return, django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    many = [row(), row("UC-02"), *(row(f"PR-{n:02}") for n in range(20))]
    commit(sent(ngh, june, many))
    later = sent(ngh, period("2017-07"), many)
    with django_assert_max_num_queries(16):
        gather(later)


def test_another_organisations_schemes_stay_unknown(
    ngh: Organisation, kgh: Organisation, june: ReportingPeriod, row: Row, sent: Sent,
    commit: Commit, planned: Return, book: Book,
) -> None:  # fmt: skip
    """KGH's refs read in NGH's return exactly as refs that nobody has."""
    commit(sent(kgh, june, [row("KG-01")]))
    return_ = sent(ngh, june, [])

    def said(ref: str) -> list[tuple[str, str]]:
        issues = FINANCE.check(book([row(), row("UC-02"), row(ref)]), return_).issues
        return [(i.code, i.message.replace(ref, "REF")) for i in issues]

    assert said("KG-01") == said("XX-01")
    assert "plan_differs" in {code for code, _ in said("KG-01")}


@pytest.mark.parametrize("stands", ["\uff35\uff23-07", "UC - 07", "uc-07"])
def test_a_ref_stored_before_refs_were_made_plain_is_still_found(
    ngh: Organisation, stands: str, june: ReportingPeriod, row: Row, sent: Sent, book: Book
) -> None:
    SavingsScheme.objects.create(organisation=ngh, ref=stands, created_in=sent(ngh, june, []))
    return_ = sent(ngh, june, [])
    for typed in (stands, "UC-07"):
        assert FINANCE.check(book([row(typed)]), return_).rows[0]["ref"] == stands
    SavingsScheme.objects.create(organisation=ngh, ref="UC-08", created_in=return_)
    SavingsScheme.objects.create(organisation=ngh, ref="UC- 08", created_in=return_)
    assert FINANCE.check(book([row("UC-08")]), return_).rows[0]["ref"] == "UC-08"


def test_plan_and_preview(
    ngh: Organisation, june: ReportingPeriod, row: Row, sent: Sent, in_may: Return
) -> None:
    rows = [
        row(forecast={"2017-08": 4 * K}, maturity="Delivered"),
        row("PR-07", plan=dict.fromkeys(row()["plan"], None)),
    ]
    return_ = sent(ngh, june, rows)
    preview = FINANCE.plan(return_, {})
    assert [(c.what, c.ref) for c in preview.changes] == [
        ("missing", "UC-02"), ("changed", "UC-01"), ("new", "PR-07"),
    ]  # fmt: skip
    missing, changed, new = preview.changes
    assert changed.before == {
        "Maturity": "In delivery", "Actual Jun": "blank", "Forecast Aug": "£10k"}  # fmt: skip
    assert changed.after == {
        "Maturity": "Delivered", "Actual Jun": "£10k", "Forecast Aug": "£4k"}  # fmt: skip
    assert (changed.forecast_before, changed.forecast_after) == (120 * K, 114 * K)
    assert (missing.forecast_before, missing.forecast_after) == (120 * K, None)
    assert new.forecast_before is None
    assert preview.totals_before == {
        "schemes": 2, "plan": 240 * K, "actual": 40 * K, "forecast": 240 * K}  # fmt: skip
    assert preview.totals_after["schemes"] == 3
    assert FINANCE.plan(return_, {}).digest == preview.digest
    closing = FINANCE.plan(return_, {"UC-02": "close"})
    assert closing.digest != preview.digest
    assert closing.of("missing")[0].forecast_after == 20 * K
    leaving = FINANCE.plan(return_, {"UC-02": "leave"})
    assert leaving.of("missing")[0].after == {"Forecast for the year": "left as in May 2017"}


def test_an_unchanged_return_says_so(
    ngh: Organisation, may: ReportingPeriod, in_may: Return, sent: Sent
) -> None:
    again = sent(ngh, may, in_may.rows)
    assert [c.what for c in FINANCE.plan(again, {}).changes] == ["unchanged", "unchanged"]


def test_the_digest_goes_stale_when_another_version_lands(
    ngh: Organisation, june: ReportingPeriod, row: Row, sent: Sent, commit: Commit, in_may: Return
) -> None:
    return_ = sent(ngh, june, [row(), row("UC-02")])
    shown = FINANCE.plan(return_, {}).digest
    commit(sent(ngh, june, [row(), row("UC-02", title="Renamed")]))
    assert FINANCE.plan(return_, {}).digest != shown


def bridge_line(at: ReportingPeriod, year: str, organisation: str, **figures: int) -> None:
    SnapshotLine.objects.create(
        period=at, subject=Subject.BRIDGE.value, subject_id=f"{year}:all:{organisation or 'all'}",
        year=year, organisation=organisation, rag="NOT_APPLICABLE", from_version=1, **figures,
    )  # fmt: skip


def test_the_effect_replaces_the_organisations_part(
    ngh: Organisation, june: ReportingPeriod, row: Row, sent: Sent, planned: Return
) -> None:
    from finance.models import SavingsWeight

    SavingsWeight.objects.create(
        maturity="In delivery", risk="Low", basis_points=5_000, set_by="test",
        effective_on="2017-04-01",
    )  # fmt: skip
    return_ = sent(ngh, june, [row(forecast={"2017-07": 0}), row("UC-02", line="ASC")])
    unknown = FINANCE.plan(return_, {}).effect
    assert {(e["before"], e["after"]) for e in unknown} == {(None, None)}
    Snapshot.objects.create(
        period=june, version=1, known_at=clock.now(), data_version=1, published_at=clock.now()
    )
    ReportingPeriod.objects.filter(pk=june.pk).update(snapshot_version=1)
    figures = {"plan_pence": 900 * K, "forecast_pence": 800 * K,
               "delivered_pence": 100 * K, "secure_pence": 200 * K}  # fmt: skip
    own = {"plan_pence": 240 * K, "forecast_pence": 240 * K,
           "delivered_pence": 0, "secure_pence": 60 * K}  # fmt: skip
    bridge_line(june, "2017/18", "", **figures)
    bridge_line(june, "2017/18", "ngh", **own)
    return_ = Return.objects.get(pk=return_.pk)
    effect = {(e["what"], e["year"]): (e["before"], e["after"]) for e in
              FINANCE.plan(return_, {}).effect}  # fmt: skip
    # UC-02 is adult social care now, outside the bridge.
    assert effect["plan", "2017/18"] == (900 * K, 780 * K)
    assert effect["forecast", "2017/18"] == (800 * K, (800 - 240 + 110) * K)
    # Delivered 30, and half of the remaining 80.
    assert effect["risk_adjusted", "2017/18"] == (300 * K, (300 - 60 + 30 + 40) * K)
    assert effect["plan", "2020/21"] == (None, None)


def test_a_plan_return_and_its_second_version(
    ngh: Organisation, april: ReportingPeriod, row: Row, sent: Sent, commit: Commit, book: Book
) -> None:
    rows = [row(ref) | {"actual": {}, "forecast": {}} for ref in ("UC-01", "UC-02", "UC-03")]
    first = commit(sent(ngh, april, rows, kind="plan"))
    assert [plain(r) for r in stored(first).values()] == [plain(r) for r in rows]
    assert approved_plan(["ngh"], "2017/18") == {}
    second = sent(ngh, april, rows[:1], kind="plan")
    assert [c.ref for c in PLAN.plan(second, {}).of("missing")] == ["UC-02", "UC-03"]
    commit(second, {"UC-02": "leave", "UC-03": "close"})
    assert list(stored(second)) == ["UC-01", "UC-02"]
    checked = PLAN.check(
        book(rows, kind="plan", period=april.period), sent(ngh, april, kind="plan")
    )
    assert {i.code for i in checked.issues} <= {"control_total", "ref_not_known"}


def test_a_return_without_an_organisation_is_none_of_ours(
    ngh: Organisation, june: ReportingPeriod, sent: Sent, planned: Return
) -> None:
    return_ = sent(ngh, june, [])
    return_.organisation = None
    with pytest.raises(ValueError, match="no organisation"):
        gather(return_)


def test_the_columns_name_their_headings_and_help(april: ReportingPeriod) -> None:
    columns = FINANCE.columns(april)
    headings = [column.heading for column in columns]
    assert headings[0] == "Scheme ref"
    assert {"Plan Apr", "Actual Mar", "Forecast 2020/21", "Plan 2018/19"} <= set(headings)
    assert len(headings) == len(set(headings)) == 20 + 36 + 6 + 6
    assert all(column.help for column in columns)
    required = {c.heading for c in columns if c.required}
    assert {"Actual Apr", "Forecast May", "Forecast 2018/19", "QIA status"} <= required
    assert {"Actual May", "Forecast Apr", "Lead"}.isdisjoint(required)
    plan: Any = {c.heading for c in PLAN.columns(april) if c.required}
    assert "Plan Mar" in plan
    assert "Actual Apr" not in plan


def test_the_template_of_an_organisation_passes_its_own_check(
    ngh: Organisation, june: ReportingPeriod, in_may: Return, sent: Sent, tmp_path: Path
) -> None:
    path = tmp_path / "stored"
    path.write_bytes(FINANCE.template(ngh, june))
    return_ = sent(ngh, june, choices={})
    checked = FINANCE.check(read(path, file_name="june.xlsx"), return_)
    assert [(i.code, i.ref) for i in checked.issues] == [
        ("actual_blank", "UC-01"), ("actual_blank", "UC-02"),
    ]  # fmt: skip
