"""Reading one published state of a period, and publishing the next one (DESIGN §4, steps 6-8).

A recompute reads `stored` lines, works out the new ones outside any transaction, and calls
`publish`, which writes only the difference. The period row points at the newest version and
moves by one conditional UPDATE that can only go forward.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import batched
from typing import Any

from django.db import transaction
from django.db.models import Q

from stp.core import clock, faults
from stp.core.lines import Key, Line, Subject
from stp.core.models import PeriodChange, ReportingPeriod, Snapshot, SnapshotLine, SnapshotPin
from stp.core.models.snapshots import SnapshotLineQuerySet
from stp.core.rag import Rag

# An unpinned version of an open period is kept this long, so that a page read a moment ago can
# still be opened again (DESIGN §4, "Periods, versions, snapshots").
KEPT = dt.timedelta(days=7)
# Rows written by one statement: below SQLite's limit of bound values.
BATCH = 500

_COLUMNS = tuple(f.name for f in fields(Line))


class Overtaken(Exception):
    """Another state was published meanwhile, or the period closed; nothing was written."""


@dataclass(frozen=True)
class View:
    """One version of one period: what a page shows, and nothing else.

    Two views are equal when their lines are: a published version never changes, so what is read
    of it may be kept by its view (ADR 0017). The moment of publishing tells a version from the
    one of the same number in a database put back from a backup. Of the period itself, which goes
    on, nothing may be kept.
    """

    period: ReportingPeriod = field(compare=False)
    snapshot: Snapshot | None = field(compare=False)
    _of: tuple[str, int, dt.datetime | None] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        moment = self.snapshot.published_at if self.snapshot else None
        object.__setattr__(self, "_of", (self.period.pk, self.version, moment))

    @property
    def version(self) -> int:
        return self.snapshot.version if self.snapshot else 0

    def lines(self, subject: Subject | None = None) -> SnapshotLineQuerySet:
        lines = SnapshotLine.objects.at(self.period.pk, self.version)
        return lines.filter(subject=subject.value) if subject else lines

    @property
    def changes_not_included(self) -> int:
        """How many changes came in since this state was worked out."""
        included = self.snapshot.data_version if self.snapshot else 0
        return PeriodChange.objects.filter(period=self.period, data_version__gt=included).count()


def view(period: ReportingPeriod, version: int | None = None) -> View:
    """The newest published state of a period, or a given version of it."""
    wanted = period.snapshot_version if version is None else version
    return View(period, Snapshot.objects.filter(period=period, version=wanted).first())


@dataclass(frozen=True, slots=True)
class StoredLine:
    """A line as it stands in the database, and its row."""

    pk: int
    line: Line


def stored(
    period: str, version: int, *, schemes_of: Iterable[str] | None = None
) -> list[StoredLine]:
    """Lines of one version of a period, as plain values, in one query.

    All of them; or, of the many lines of schemes, those of the organisations named alone.
    """
    lines = SnapshotLine.objects.at(period, version)
    if schemes_of is not None:
        of = Q(organisation__in=list(schemes_of))
        lines = lines.filter(~Q(subject=Subject.SCHEME.value) | of)
    rows = lines.values_list("pk", *_COLUMNS)
    return [StoredLine(pk, _line(values)) for pk, *values in rows.iterator(chunk_size=2000)]


def _line(values: Sequence[Any]) -> Line:
    by_name = dict(zip(_COLUMNS, values, strict=True))
    by_name["subject"] = Subject(by_name["subject"])
    by_name["rag"] = Rag(by_name["rag"])
    by_name["returns"] = tuple(by_name["returns"])
    return Line(**by_name)


@dataclass(frozen=True, slots=True)
class Difference:
    """What a new version changes: rows to close and lines to insert."""

    closed: tuple[int, ...]
    inserted: tuple[Line, ...]


def difference(before: Iterable[StoredLine], after: Iterable[Line]) -> Difference:
    """Compare two states by key; a line equal in every value is neither closed nor inserted.

    A line that is in neither stands as it is: `before` need not hold what `after` cannot change.
    """
    new: dict[Key, Line] = {}
    for line in after:
        if line.key in new:
            raise ValueError(f"two lines of one snapshot have the key {line.key}")
        new[line.key] = line
    closed = []
    for row in before:
        if new.get(row.line.key) == row.line:
            del new[row.line.key]
        else:
            closed.append(row.pk)
    return Difference(tuple(closed), tuple(new.values()))


def publish(
    *,
    period: str,
    expected: int,
    data_version: int,
    known_at: dt.datetime,
    changed: Difference,
    trust: Mapping[str, Any],
) -> Snapshot:
    """Publish the version after `expected`, in one short write.

    `changed` is the difference from version `expected`; `data_version` is the count of changes
    the facts were read with. Raises Overtaken, having written nothing, when the period no
    longer stands at `expected`, already includes more changes, or has closed.
    """
    version = expected + 1
    with transaction.atomic():
        faults.here("recompute.pointing")
        if not _point(period, expected, data_version):
            raise Overtaken(f"{period}: version {version} of {data_version} changes is overtaken")
        faults.here("recompute.pointed")
        for pks in batched(changed.closed, BATCH):
            SnapshotLine.objects.filter(pk__in=pks).update(to_version=version)
        for lines in batched(changed.inserted, BATCH):
            SnapshotLine.objects.bulk_create([_row(period, version, line) for line in lines])
        faults.here("recompute.lines")
        return Snapshot.objects.create(
            period_id=period,
            version=version,
            known_at=known_at,
            data_version=data_version,
            published_at=clock.now(),
            trust=dict(trust),
        )


def _point(period: str, expected: int, data_version: int) -> bool:
    """Move the period to its next version; False if somebody else was faster.

    The first statement of the write: it takes the row's lock, so that a second publisher waits
    here and then finds the version moved on.
    """
    return bool(
        ReportingPeriod.objects.filter(
            pk=period,
            state=ReportingPeriod.State.OPEN,
            snapshot_version=expected,
            snapshot_data_version__lte=data_version,
        ).update(snapshot_version=expected + 1, snapshot_data_version=data_version)
    )


def _row(period: str, version: int, line: Line) -> SnapshotLine:
    values = {name: getattr(line, name) for name in _COLUMNS}
    values["subject"] = line.subject.value
    values["rag"] = line.rag.value
    values["returns"] = list(line.returns)
    values["detail"] = dict(line.detail)
    return SnapshotLine(period_id=period, from_version=version, **values)


def pin(snapshot: Snapshot, *, why: str, label: str) -> SnapshotPin:
    """Keep a version for ever: `why` is close, receipt or pack. Asking twice pins once."""
    row, _ = SnapshotPin.objects.get_or_create(snapshot=snapshot, why=why, label=label)
    return row


def prune(period: str) -> int:
    """Drop the unpinned versions of an open period that are older than a week; returns how many.

    Never the current version, a pinned one, or anything of a closed period. A line goes when no
    version that is kept shows it.
    """
    with transaction.atomic():
        current = (
            ReportingPeriod.objects.open()
            .filter(pk=period)
            .values_list("snapshot_version", flat=True)
            .first()
        )
        if current is None:
            return 0
        old = Snapshot.objects.filter(
            period=period,
            version__lt=current,
            published_at__lt=clock.now() - KEPT,
            pins__isnull=True,
        )
        dropped = list(old.values_list("version", flat=True))
        if not dropped:
            return 0
        Snapshot.objects.filter(period=period, version__in=dropped).delete()
        _drop_unseen_lines(period)
    return len(dropped)


def _drop_unseen_lines(period: str) -> None:
    """Delete closed lines that no remaining version shows."""
    ended = SnapshotLine.objects.filter(period=period, to_version__isnull=False)
    spans = set(ended.values_list("from_version", "to_version"))
    kept = sorted(Snapshot.objects.filter(period=period).values_list("version", flat=True))
    for first, end in spans:
        if end is not None and not any(first <= version < end for version in kept):
            ended.filter(from_version=first, to_version=end).delete()
