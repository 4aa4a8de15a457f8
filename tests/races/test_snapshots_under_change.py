"""N1 to N3: figures change while a dashboard is worked out; two workers at it; one that dies."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from django.db import transaction

from stp.core import clock, faults, jobs, snapshots
from stp.core.lines import Line
from stp.core.models import Job, ReportingPeriod, Return, Snapshot, SnapshotLine
from stp.dashboards import actions, inputs
from stp.dashboards.actions import recompute
from stp.dashboards.compute import compute
from stp.dashboards.inputs import gather
from tests import children
from tests.rounds import rounds
from tests.sent_files import MONTH_PLAN, K, check, insist, lead, receive, scheme
from tests.small_system import Row, lay_out, plan
from tests.together import own_connection, together

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.race,
    pytest.mark.postgres,  # SQLite's one write lock lets no two overlap
    pytest.mark.usefixtures("quick_reader"),
]
JUNE = "2017-06"
FOUR = ["o0", "o1", "o2", "o3"]
PACE = 0.2  # seconds between two commits


def lay_out_four() -> None:
    lay_out(codes=("2017-04", JUNE), organisations=FOUR)
    for org in FOUR:
        plan(org, [Row(), Row("CC-01", "CC")])


def put_in(by: Any, org: str, number: int) -> Return:
    """A return sent, checked and confirmed, whose figures nobody else has."""
    rows = [scheme(actual=MONTH_PLAN + number * K), scheme("CC-01", line="CC")]
    return insist(by, check(receive(by, org, rows)))


def june() -> ReportingPeriod:
    return ReportingPeriod.objects.get(pk=JUNE)


Lines = dict[tuple[str, ...], Line]


def by_key(lines: Any) -> Lines:
    return {tuple(map(str, line.key)): line for line in lines}


@dataclass
class History:
    """Which returns counted at each count of June's changes."""

    counted: dict[int, list[tuple[int, str]]] = field(default_factory=dict)

    def note(self) -> None:
        in_force = Return.objects.in_force().values_list("pk", "state")
        self.counted[june().data_version] = list(in_force)

    def full_recompute_at(self, snapshot: Snapshot) -> Lines:
        """Every line, worked out anew from the returns that counted at the snapshot's version."""
        with transaction.atomic(), clock.at(snapshot.known_at):
            Return.objects.update(in_force=False)
            for pk, state in self.counted[snapshot.data_version]:
                Return.objects.filter(pk=pk).update(in_force=True, state=state)
            lines = by_key(compute(gather(JUNE, full=True).facts))
            transaction.set_rollback(True)
        return lines

    def untrue(self) -> list[str]:
        """What published snapshots say that is not so at their own data version."""
        wrong = []
        for snapshot in Snapshot.objects.filter(period=JUNE):
            shown = by_key(row.line for row in snapshots.stored(JUNE, snapshot.version))
            wanted = self.full_recompute_at(snapshot)
            at = f"v{snapshot.version} of {snapshot.data_version} changes"
            wrong += [
                f"{at}: {shown.get(key)} is shown, {wanted.get(key)} is so"
                for key in shown | wanted
                if shown.get(key) != wanted.get(key)
            ]
        return wrong


def test_every_published_snapshot_is_true_at_its_own_data_version() -> None:
    lay_out_four()
    people, history, over = {org: lead(org) for org in FOUR}, History(), threading.Event()
    history.note()
    count = rounds(short=12, long=100)

    def commits() -> None:
        try:
            for number in range(count):
                began = time.monotonic()
                org = FOUR[number % len(FOUR)]
                put_in(people[org], org, number)
                history.note()
                time.sleep(max(0, PACE - (time.monotonic() - began)))  # the pace of the case
        finally:
            over.set()

    def recomputes() -> None:
        while not over.is_set() or june().is_behind:
            recompute(JUNE)

    errors = [o for o in together(commits, recomputes) if isinstance(o, Exception)]
    assert not errors, errors
    versions = Snapshot.objects.filter(period=JUNE).count()
    print(f"N1: {count} commits, {versions} snapshots published meanwhile")
    assert versions > 1, "nothing was published while commits landed"
    wrong = history.untrue()
    assert not wrong, "\n".join([f"{len(wrong)} lines", *wrong[:5]])
    assert not june().is_behind


def test_twin_facts_read_without_one_state_mix_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard replaced: the facts are read one after the other, and a commit lands between."""
    lay_out_four()
    by, history = lead("o0"), History()
    history.note()
    choose, once = vars(inputs)["choose"], threading.Event()

    def lands_between(*arguments: Any) -> Any:
        if not once.is_set():
            once.set()
            together(lambda: put_in(by, "o0", 7))
            history.note()
        return choose(*arguments)

    monkeypatch.setattr(inputs, "one_state", nullcontext)
    monkeypatch.setattr(inputs, "choose", lands_between)
    recompute(JUNE)
    assert history.untrue(), "the race did not happen: the test above proves nothing"


@contextmanager
def held_back(name: str) -> Iterator[tuple[threading.Event, threading.Event]]:
    """The thread of this name waits once its facts are read: (it does, it may go on)."""
    waits, go_on = threading.Event(), threading.Event()

    def handler(point: str) -> None:
        mine = threading.current_thread().name == name and not waits.is_set()
        if mine and point == "recompute.gathered":
            waits.set()
            go_on.wait(timeout=60)

    faults.install(handler)
    try:
        yield waits, go_on
    finally:
        go_on.set()
        faults.install(None)


def overtake(by: Any, number: int) -> list[Any]:
    """A reads its facts; a change lands; B publishes it; then A goes on. What A raised."""
    raised: list[Any] = []

    def older() -> None:
        try:
            recompute(JUNE, always=True)
        except Exception as error:
            raised.append(error)

    with held_back("A") as (waits, go_on):
        a = threading.Thread(target=own_connection(older), name="A")
        a.start()
        assert waits.wait(timeout=60)
        put_in(by, "o0", number)
        recompute(JUNE)
        go_on.set()
        a.join(timeout=60)
    return raised


def counts() -> list[int]:
    """Changes included by each published version, in order."""
    of_june = Snapshot.objects.filter(period=JUNE).order_by("version")
    return list(of_june.values_list("data_version", flat=True))


def test_an_older_recompute_is_refused_and_no_version_falls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lay_out_four()
    by, refused, count = lead("o0"), [], rounds(long=50)
    point = snapshots._point

    def watched(*arguments: Any) -> bool:
        moved = point(*arguments)
        if not moved:
            refused.append(arguments)
        return moved

    monkeypatch.setattr(snapshots, "_point", watched)
    for number in range(count):
        assert overtake(by, number) == []
        assert counts() == sorted(counts()), "a newer version includes fewer changes"
        assert june().snapshot_data_version == june().data_version
    print(f"N2: {count} rounds, {len(refused)} publishes refused")
    assert len(refused) == count, "A was not overtaken each time"
    shown = by_key(row.line for row in snapshots.stored(JUNE, june().snapshot_version))
    assert shown == by_key(compute(gather(JUNE, full=True).facts))


def test_twin_a_publish_that_asks_nothing_takes_the_dashboard_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The guard replaced: A writes over whatever stands there now, by the period's key alone."""
    lay_out_four()
    by, publish = lead("o0"), actions._publish
    recompute(JUNE)

    def writes_over(gathered: Any, *rest: Any) -> Any:
        version = june().snapshot_version
        stored = snapshots.stored(JUNE, version)
        return publish(replace(gathered, version=version, stored=stored), *rest)

    def unconditional(period: str, expected: int, data_version: int) -> bool:
        return bool(
            ReportingPeriod.objects.filter(pk=period).update(
                snapshot_version=expected + 1, snapshot_data_version=data_version
            )
        )

    monkeypatch.setattr(actions, "_publish", writes_over)
    monkeypatch.setattr(snapshots, "_point", unconditional)
    overtake(by, 1)
    assert counts() != sorted(counts()), "it did not fall: the test above proves nothing"


@dataclass
class Reader:
    """Somebody who reads the page again and again: each different state seen, in order."""

    seen: list[Any] = field(default_factory=list)

    @contextmanager
    def reading(self) -> Iterator[None]:
        over = threading.Event()

        def read() -> None:
            while not over.is_set():
                if (state := shown_to_a_reader()) not in self.seen:
                    self.seen.append(state)

        thread = threading.Thread(target=own_connection(read))
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(timeout=30)


def shown_to_a_reader() -> tuple[int, Any]:
    """The version a page would name, and every line of it."""
    view = snapshots.view(june())
    return view.version, sorted(view.lines().values_list("pk", "from_version"))


def dies(point: str, *more: str) -> None:
    with children.running("-m", "tests.races.dying_recompute", point, *more) as child:
        assert child.wait(timeout=60) == 137, "it did not die where it was told to"


def lease_is_over() -> None:
    """Time passes: the dead worker's lease ends."""
    running = Job.objects.filter(kind="recompute", state=Job.State.RUNNING)
    running.update(lease_until=jobs.database_now())


def behind_by_one() -> tuple[int, Any]:
    """A published June and one change it does not include; the published state."""
    lay_out_four()
    recompute("2017-04")
    recompute(JUNE)
    Job.objects.all().delete()
    before = shown_to_a_reader()
    put_in(lead("o0"), "o0", 3)
    return before


@pytest.mark.parametrize("point", ["recompute.lines", "recompute.published"])
def test_a_worker_killed_while_it_publishes_leaves_the_old_one_whole(point: str) -> None:
    before, reader = behind_by_one(), Reader()
    for _ in range(rounds(short=1, long=2)):
        with reader.reading():
            dies(point)
        assert reader.seen in ([], [before]), "readers saw something else than the old state"
        assert shown_to_a_reader() == before
        assert not SnapshotLine.objects.filter(from_version__gt=before[0], period=JUNE).exists()
        assert june().is_behind
        lease_is_over()
    for job_id in jobs.due():
        assert jobs.run(job_id)
    assert june().snapshot_version == before[0] + 1
    shown = by_key(row.line for row in snapshots.stored(JUNE, before[0] + 1))
    assert shown == by_key(compute(gather(JUNE, full=True).facts))
    print(f"N3: killed at {point}; the old version stood whole, the next run published")


def test_twin_published_in_pieces_a_reader_sees_half() -> None:
    """The guard replaced in the worker: lines and pointer in no common transaction."""
    before = behind_by_one()
    dies("recompute.lines", "--in-pieces")
    assert shown_to_a_reader() != before, "in pieces it was whole too: the tests prove nothing"
