"""Each filter of the schemes list keeps what it says and nothing else."""

import datetime as dt

import pytest

from finance.filters import QUARTER_MILLION_PENCE, Schemes
from finance.queries import scheme_lines, totals
from stp.core import snapshots
from stp.core.models import ReportingPeriod, SnapshotLine
from tests.programme import JUNE, MAY, lay_out_programme

pytestmark = pytest.mark.django_db


@pytest.fixture
def programme(demo_clock: dt.datetime) -> None:
    lay_out_programme()


def kept(**asked: str) -> set[str]:
    june, may = (snapshots.view(ReportingPeriod.objects.get(pk=code)) for code in (JUNE, MAY))
    return {line.subject_id for line in Schemes(asked, queryset=scheme_lines(june, may)).qs}


def test_without_filters_every_scheme_is_there(programme: None) -> None:
    assert len(kept()) == 13


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({"organisation": "ngh"}, {"ngh/UC-01", "ngh/CC-01", "ngh/CIP-1", "ngh/ASC-1"}),
        ({"workstream": "EFF"}, {"ngh/CIP-1", "kgh/CIP-1", "nhft/CIP-1"}),
        ({"line": "ASC"}, {"ngh/ASC-1", "kgh/ASC-1", "nhft/ASC-1"}),
        ({"line": "CC", "organisation": "kgh"}, {"kgh/CC-01", "kgh/CC-09"}),
        ({"missing": "true"}, {"nhft/UC-01", "nhft/CC-01", "nhft/CIP-1", "nhft/ASC-1"}),
        ({"maturity": "Opportunity"}, set()),
    ],
)
def test_what_a_filter_keeps(programme: None, asked: dict[str, str], wanted: set[str]) -> None:
    assert kept(**asked) == wanted


def test_the_gap_leaves_adult_social_care_out(programme: None) -> None:
    assert kept() - kept(gap="true") == {"ngh/ASC-1", "kgh/ASC-1", "nhft/ASC-1"}


@pytest.mark.parametrize("name", ["gap", "large", "changed", "missing"])
@pytest.mark.parametrize("value", ["false", ""])
def test_a_box_not_ticked_keeps_everything(programme: None, name: str, value: str) -> None:
    assert kept(**{name: value}) == kept()


def test_changed_is_new_or_differs(programme: None) -> None:
    changed = kept(changed="true")
    assert {"ngh/UC-01", "kgh/CC-09"} <= changed, "a lower forecast and a new scheme"
    assert "kgh/UC-01" not in changed, "as in May"


@pytest.mark.parametrize(("plan", "there"), [(0, True), (-1, False)])
def test_large_starts_at_a_quarter_million(programme: None, plan: int, there: bool) -> None:
    line = SnapshotLine.objects.get(period=JUNE, subject_id="ngh/UC-01", to_version=None)
    line.detail["years"]["2017/18"]["plan"] = QUARTER_MILLION_PENCE + plan
    line.save()
    assert ("ngh/UC-01" in kept(large="true")) is there


def test_totals_of_nothing_are_unknown_not_zero(programme: None) -> None:
    view = snapshots.view(ReportingPeriod.objects.get(pk=JUNE))
    nothing = scheme_lines(view, None).filter(subject_id="none")
    assert set(totals(nothing).values()) == {None}
