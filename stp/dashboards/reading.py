"""A snapshot's lines, looked up by subject: one query a page for what it shows."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q

from stp.core.lines import Subject
from stp.core.models import SnapshotLine
from stp.core.snapshots import View


@dataclass(frozen=True)
class Lines:
    """Lines of one version by subject and subject id."""

    by_subject: Mapping[str, Mapping[str, SnapshotLine]]

    def all(self, subject: Subject) -> list[SnapshotLine]:
        return list(self.by_subject.get(subject.value, {}).values())

    def get(self, subject: Subject, subject_id: str) -> SnapshotLine | None:
        return self.by_subject.get(subject.value, {}).get(subject_id)

    @property
    def programme(self) -> SnapshotLine | None:
        return self.get(Subject.PROGRAMME, "programme")

    def bridge(self, year: str, line: str = "", organisation: str = "") -> SnapshotLine | None:
        """A row of the bridge; '' means all lines or all organisations."""
        return self.get(Subject.BRIDGE, f"{year}:{line or 'all'}:{organisation or 'all'}")


def read(view: View | None, *subjects: Subject, but: Q | None = None) -> Lines:
    """Read the lines of some subjects of a version; nothing where there is no version.

    `but` says which of them to leave in the database: of thousands a page shows a few.
    """
    found: dict[str, dict[str, SnapshotLine]] = {}
    if view is not None and view.snapshot is not None:
        wanted = view.lines().filter(subject__in=[s.value for s in subjects])
        if but is not None:
            wanted = wanted.exclude(but)
        for line in wanted.order_by("pk"):
            found.setdefault(line.subject, {})[line.subject_id] = line
    return Lines(found)
