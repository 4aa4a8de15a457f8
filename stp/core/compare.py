"""Setting the lines of one published state beside those of another, in the database."""

from collections.abc import Iterable

from django.db.models import Case, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When

from stp.core.lines import Subject
from stp.core.models import SnapshotLine
from stp.core.rag import Rag, severity
from stp.core.snapshots import View


def with_before(
    view: View, against: View | None, subject: Subject, columns: Iterable[str]
) -> QuerySet[SnapshotLine]:
    """Lines of a subject, each column also as it was in `against` (`rag` → `rag_before`).

    Without a published state to compare with, a line is compared with itself: nothing changed.
    """
    other = against if against is not None and against.snapshot is not None else view
    before = other.lines(subject).filter(subject_id=OuterRef("subject_id"))
    return view.lines(subject).annotate(
        **{f"{name}_before": Subquery(before.values(name)[:1]) for name in columns}
    )


def severity_of(field: str = "rag") -> Case:
    """To order lines by a rating, worst first: the alphabet would put amber before red."""
    ranks = [When(**{field: rag.value}, then=Value(severity(rag))) for rag in Rag]
    return Case(*ranks, default=Value(len(ranks)), output_field=IntegerField())


def that_changed(lines: QuerySet[SnapshotLine], columns: Iterable[str]) -> QuerySet[SnapshotLine]:
    """Those of the lines of `with_before` that are new or differ in one of the columns."""
    same = Q()
    for name in columns:
        both_unknown = Q(**{f"{name}__isnull": True, f"{name}_before__isnull": True})
        same &= Q(**{name: F(f"{name}_before")}) | both_unknown
    return lines.exclude(pk__in=lines.filter(same).values("pk"))


def of_workstream(lines: QuerySet[SnapshotLine], workstream: str) -> QuerySet[SnapshotLine]:
    """Lines whose detail names a workstream among several; '' for those that name none.

    Read row by row, since only one of our databases looks inside a JSON list.
    """
    keys = []
    for pk, detail in lines.values_list("pk", "detail"):
        named = detail["workstreams"]
        if workstream in named or not (workstream or named):
            keys.append(pk)
    return lines.filter(pk__in=keys)
