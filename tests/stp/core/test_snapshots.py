"""Publishing: only what differs is written, versions only go forward, old ones stay whole."""

import datetime as dt
from dataclasses import replace

import pytest

from stp.core import clock, faults, snapshots
from stp.core.lines import Line, Subject
from stp.core.models import ReportingPeriod, Snapshot, SnapshotLine
from stp.core.rag import Rag
from stp.core.snapshots import Overtaken, difference, pin, prune, publish, stored, view
from tests.conftest import make_period
from tests.rounds import rounds
from tests.together import together

JUNE = "2017-06"
NOW = dt.datetime(2017, 7, 24, 9, tzinfo=dt.UTC)
ONE = Line(
    Subject.SCHEME, "ngh/UC-01", label="One", organisation="ngh", line="UC", rag=Rag.GREEN,
    code="on_plan", reason="As planned.", plan_pence=100, due_on=dt.date(2017, 6, 30),
    returns=("RET-1",), detail={"months": [{"month": "2017-04", "plan": 1}], "none": None},
)  # fmt: skip
TWO = replace(ONE, subject_id="ngh/UC-02", label="Two")


def put(lines: list[Line], *, expected: int, data_version: int = 0) -> Snapshot:
    return publish(
        period=JUNE,
        expected=expected,
        data_version=data_version,
        known_at=NOW,
        changed=difference(stored(JUNE, expected), lines),
        trust={"expected": 2},
    )


def at(version: int) -> list[Line]:
    return sorted((row.line for row in stored(JUNE, version)), key=lambda line: line.subject_id)


@pytest.mark.django_db
class TestPublish:
    @pytest.fixture(autouse=True)
    def _june(self, june: ReportingPeriod) -> None:
        self.june = june

    def test_a_line_comes_back_as_it_was_given(self) -> None:
        put([ONE], expected=0)
        assert at(1) == [ONE]

    def test_an_equal_line_is_neither_closed_nor_inserted(self) -> None:
        put([ONE, TWO], expected=0)
        put([ONE, replace(TWO, plan_pence=200)], expected=1)
        rows = SnapshotLine.objects.filter(period=JUNE)
        assert rows.count() == 3
        assert rows.get(subject_id=ONE.subject_id).to_version is None

    def test_every_version_can_be_read_again(self) -> None:
        put([ONE, TWO], expected=0)
        put([TWO], expected=1)
        put([replace(ONE, label="Again"), TWO], expected=2)
        assert [at(v) for v in (1, 2, 3)] == [
            [ONE, TWO], [TWO], [replace(ONE, label="Again"), TWO],
        ]  # fmt: skip

    def test_a_line_whose_key_moves_is_another_line(self) -> None:
        put([ONE], expected=0)
        put([replace(ONE, line="CC")], expected=1)
        assert [line.line for line in at(2)] == ["CC"]

    def test_two_lines_of_one_key_are_refused(self) -> None:
        with pytest.raises(ValueError, match="two lines of one snapshot"):
            difference([], [ONE, ONE])

    def test_the_view_of_a_period_is_its_newest_version(self) -> None:
        assert view(self.june).version == 0
        put([ONE], expected=0)
        self.june.refresh_from_db()
        shown = view(self.june)
        assert (shown.version, shown.lines(Subject.SCHEME).count()) == (1, 1)
        assert shown.snapshot is not None
        assert shown.snapshot.trust == {"expected": 2}

    def test_an_older_expectation_is_overtaken_and_writes_nothing(self) -> None:
        put([ONE], expected=0, data_version=1)
        put([TWO], expected=1, data_version=2)
        with pytest.raises(Overtaken):
            put([ONE], expected=1, data_version=3)
        assert at(2) == [TWO]
        assert Snapshot.objects.filter(period=JUNE).count() == 2

    def test_fewer_changes_never_replace_more(self) -> None:
        put([ONE], expected=0, data_version=6)
        with pytest.raises(Overtaken):
            put([TWO], expected=1, data_version=5)
        assert at(1) == [ONE]

    def test_twin_without_the_condition_the_included_count_falls(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(snapshots, "_point", point_unconditionally)
        put([ONE], expected=0, data_version=6)
        put([TWO], expected=1, data_version=5)
        self.june.refresh_from_db()
        assert self.june.snapshot_data_version == 5

    def test_a_closed_period_takes_no_version(self) -> None:
        ReportingPeriod.objects.filter(pk=JUNE).update(state="closed")
        with pytest.raises(Overtaken):
            put([ONE], expected=0)

    def test_a_crash_between_lines_and_pointer_leaves_nothing(self) -> None:
        put([ONE], expected=0)

        def crash(name: str) -> None:
            raise RuntimeError(name)

        faults.install(crash)
        try:
            with pytest.raises(RuntimeError):
                put([TWO], expected=1)
        finally:
            faults.install(None)
        assert at(1) == [ONE]
        assert ReportingPeriod.objects.get(pk=JUNE).snapshot_version == 1


def point_unconditionally(period: str, expected: int, data_version: int) -> bool:
    ReportingPeriod.objects.filter(pk=period).update(
        snapshot_version=expected + 1, snapshot_data_version=data_version
    )
    return True


@pytest.mark.django_db
class TestPrune:
    @pytest.fixture(autouse=True)
    def _versions(self, june: ReportingPeriod) -> None:
        """Versions 1 and 2 of ten days ago, 3 of yesterday, 4 of now; each renames ONE."""
        for version, days in enumerate((10, 10, 1, 0), start=1):
            with clock.at(NOW - dt.timedelta(days=days)):
                put([replace(ONE, label=str(version)), TWO], expected=version - 1)

    def labels(self, version: int) -> list[str]:
        return [line.label for line in at(version)]

    def test_old_versions_go_and_newer_ones_stay_whole(self) -> None:
        with clock.at(NOW):
            assert prune(JUNE) == 2
        kept = Snapshot.objects.filter(period=JUNE).values_list("version", flat=True)
        assert sorted(kept) == [3, 4]
        assert [self.labels(3), self.labels(4)] == [["3", "Two"], ["4", "Two"]]
        assert SnapshotLine.objects.filter(period=JUNE).count() == 3

    def test_a_pinned_version_stays_whole(self) -> None:
        first = Snapshot.objects.get(period=JUNE, version=1)
        assert pin(first, why="pack", label="Board").pk == pin(first, why="pack", label="Board").pk
        with clock.at(NOW):
            assert prune(JUNE) == 1
        assert self.labels(1) == ["1", "Two"]

    def test_the_current_version_stays_however_old(self) -> None:
        with clock.at(NOW + dt.timedelta(days=99)):
            assert prune(JUNE) == 3
        assert self.labels(4) == ["4", "Two"]

    def test_nothing_of_a_closed_period_goes(self) -> None:
        ReportingPeriod.objects.filter(pk=JUNE).update(state="closed")
        with clock.at(NOW):
            assert prune(JUNE) == 0

    def test_nothing_old_nothing_done(self) -> None:
        with clock.at(NOW - dt.timedelta(days=5)):
            assert prune(JUNE) == 0


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_publishers_at_once_one_wins() -> None:
    make_period(JUNE)
    for version in range(rounds(long=50)):
        lines = [replace(ONE, label=f"{version} {n}") for n in "ab"]
        changed = [difference(stored(JUNE, version), [line]) for line in lines]
        outcomes = together(
            *[
                lambda one=one, version=version: publish(
                    period=JUNE, expected=version, data_version=version, known_at=NOW,
                    changed=one, trust={},
                )
                for one in changed
            ]
        )  # fmt: skip
        losers = [o for o in outcomes if isinstance(o, Exception)]
        assert [type(o) for o in losers] == [Overtaken], outcomes
        assert len(at(version + 1)) == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_twin_two_publishers_without_the_condition_break_on_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_period(JUNE)
    monkeypatch.setattr(snapshots, "_point", point_unconditionally)
    changed = [difference([], [replace(ONE, label=n)]) for n in "ab"]
    outcomes = together(
        *[
            lambda one=one: publish(
                period=JUNE, expected=0, data_version=0, known_at=NOW, changed=one, trust={}
            )
            for one in changed
        ]
    )
    losers = [o for o in outcomes if isinstance(o, Exception)]
    assert [type(o).__name__ for o in losers] == ["IntegrityError"], outcomes
