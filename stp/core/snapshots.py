"""Reading one published state of a period, and publishing the next one (DESIGN §4, steps 6-8)."""

from dataclasses import dataclass

from stp.core.lines import Subject
from stp.core.models import PeriodChange, ReportingPeriod, Snapshot, SnapshotLine
from stp.core.models.snapshots import SnapshotLineQuerySet


@dataclass(frozen=True)
class View:
    """One version of one period: what a page shows, and nothing else."""

    period: ReportingPeriod
    snapshot: Snapshot | None

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
