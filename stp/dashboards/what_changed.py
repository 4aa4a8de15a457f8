"""What changed between two published states: worst first, old value beside new (UX-G2)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, NamedTuple

from stp.core import words
from stp.core.lines import Subject
from stp.core.rag import Rag, severity
from stp.core.snapshots import View

SUBJECTS = (Subject.WORKSTREAM, Subject.SCHEME, Subject.MILESTONE, Subject.RISK)
# A forecast that moves by less than this, in pence, is no news for a board.
NEWS_PENCE = 1_000_000


class How(StrEnum):
    """Three different words, and whether a change is for the better or the worse."""

    ADDED = "Added"
    REMOVED = "Removed"
    CHANGED = "Changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One change in words, with the subject it links to. `weight` sorts, worst first.

    `worse` is None where neither word fits: it came, it went, or it is no longer known.
    """

    subject: Subject
    subject_id: str
    label: str
    how: How
    what: str
    before: str
    after: str
    worse: bool | None
    weight: tuple[int, int]
    workstream: str = ""
    whose: str = ""  # short name of a scheme's organisation

    @property
    def organisation(self) -> str:
        """Of a scheme: the organisation in "ngh/UC-01"."""
        return self.subject_id.partition("/")[0]

    @property
    def ref(self) -> str:
        """What people call it: a scheme's own reference, else the subject's."""
        return self.subject_id.partition("/")[2] or self.subject_id


class Brief(NamedTuple):
    """As much of a line as a comparison looks at: a programme has thousands of them."""

    subject: str
    subject_id: str
    label: str
    workstream: str
    rag: str
    score: int | None
    forecast_pence: int | None


Values = tuple[Any, ...]  # of a Brief, as the database hands them over
Briefs = dict[str, dict[str, Brief]]  # by subject and subject id


def what_changed(view: View, against: View | None, names: Mapping[str, str]) -> list[Change]:
    """Every change of a workstream, scheme, milestone or risk, worst first. Two queries.

    `names` are the organisations' short ones, by id.
    """
    if against is None or against.snapshot is None:
        return []
    now, then = _rows(view), _rows(against)
    same = now & then  # most of a programme, most months
    return compare(_briefs(now - same), _briefs(then - same), names)


def _rows(view: View) -> set[Values]:
    lines = view.lines().filter(subject__in=[s.value for s in SUBJECTS])
    return set(lines.order_by().values_list(*Brief._fields))


def _briefs(rows: Iterable[Values]) -> Briefs:
    found: Briefs = {subject.value: {} for subject in Subject}
    for values in rows:
        line = Brief(*values)
        found[line.subject][line.subject_id] = line
    return found


def compare(now: Briefs, then: Briefs, names: Mapping[str, str]) -> list[Change]:
    """The changes between two sets of lines."""
    found: list[Change] = []
    for subject in SUBJECTS:
        old, new = then[subject.value], now[subject.value]
        for key in old.keys() | new.keys():
            found.extend(_of(subject, old.get(key), new.get(key)))
    named = [replace(change, whose=names.get(change.organisation, "")) for change in found]
    return sorted(named, key=lambda change: (change.weight, change.subject_id))


def _of(subject: Subject, old: Brief | None, new: Brief | None) -> Iterable[Change]:
    if old is None or new is None:
        yield _came_or_went(subject, old, new)
        return
    if old.rag != new.rag:
        yield _rating(subject, old, new)
    if subject is Subject.SCHEME and (moved := _moved(old, new)):
        yield moved
    if subject is Subject.RISK and old.score != new.score:
        yield _score(old, new)


def _came_or_went(subject: Subject, old: Brief | None, new: Brief | None) -> Change:
    line = new or old
    assert line is not None  # noqa: S101  one of the two is there: the caller walked their union
    how = How.ADDED if new else How.REMOVED
    return Change(
        subject, line.subject_id, line.label, how, "", "", Rag(line.rag).word, None, (2, 0),
        line.workstream,
    )  # fmt: skip


def _rating(subject: Subject, old: Brief, new: Brief) -> Change:
    before, after = Rag(old.rag), Rag(new.rag)
    worse = _worse(before, after)
    first = {True: 0, None: 2, False: 3}[worse]
    weight = (first, severity(after) * 10 + SUBJECTS.index(subject))
    return Change(
        subject, new.subject_id, new.label, How.CHANGED, "rating",
        before.word, after.word, worse, weight, new.workstream,
    )  # fmt: skip


def _worse(before: Rag, after: Rag) -> bool | None:
    """Whether a rating fell; None where red or amber became unknown, which is no good news."""
    if after is Rag.NOT_RATED and severity(after) > severity(before):
        return None
    return severity(after) < severity(before)


def _moved(old: Brief, new: Brief) -> Change | None:
    if old.forecast_pence is None or new.forecast_pence is None:
        return None
    by = new.forecast_pence - old.forecast_pence
    if abs(by) < NEWS_PENCE:
        return None
    return Change(
        Subject.SCHEME, new.subject_id, new.label, How.CHANGED, "forecast",
        words.money_words(old.forecast_pence), words.money_words(new.forecast_pence),
        by < 0, (1 if by < 0 else 4, -abs(by)), new.workstream,
    )  # fmt: skip


def _score(old: Brief, new: Brief) -> Change:
    before, after = old.score or 0, new.score or 0
    return Change(
        Subject.RISK, new.subject_id, new.label, How.CHANGED, "score",
        str(old.score or "not scored"), str(new.score or "not scored"),
        after > before, (0 if after > before else 3, -after),
    )  # fmt: skip
