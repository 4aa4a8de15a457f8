"""Who still owes which return: organisation by period by kind, in the words of DESIGN §4."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from stp.core import clock, periods, words
from stp.core.models import Organisation, ReportingPeriod, Return
from stp.core.permissions import Permission, organisations_for
from stp.core.standing import Code, Standing, standing
from stp.returns import queries, states, steps

Key = tuple[str, str, str]  # organisation, period, kind
State = Return.State
_STATE_WORDS: Mapping[str, str] = {
    State.RECEIVED: "Checking",
    State.CHECKING: "Checking",
    State.PROBLEMS: "Problems",
    State.UNREADABLE: "Could not be read",
    State.READY: "Ready",
    State.COMMITTED: "Committed",
    State.SIGNED_OFF: "Signed off",
}
# Not the colours of a rating: those belong to the rag component alone.
_TAGS: Mapping[str, str] = {
    "Not due": "grey",
    "Not required": "grey",
    "Due": "white",
    "Checking": "blue",
    "Problems": "purple",
    "Ready": "blue",
    "Committed": "aqua-green",
    "Signed off": "aqua-green",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One return that is expected: how it stands, and the return to open if there is one."""

    organisation: Organisation
    period: ReportingPeriod
    kind: str
    word: str
    hint: str
    return_: Return | None
    can_send: bool

    @property
    def tag(self) -> dict[str, str]:
        """The status as the task list draws it."""
        return {"text": self.word, "colour": _TAGS.get(self.word, "purple")}

    @property
    def href(self) -> str:
        """The return's own page, or the form that sends one; '' for who only watches."""
        if self.return_ is not None:
            return reverse("returns:return-detail", args=[self.return_.pk])
        if not self.can_send:
            return ""
        query = {
            "organisation": self.organisation.pk,
            "period": self.period.code,
            "kind": self.kind,
        }
        return reverse("returns:return-send", query=query)

    @property
    def text(self) -> str:
        if self.kind == Return.Kind.PLAN:
            return f"{self.organisation.short}: plan for {self.period.year}"
        return f"{self.organisation.short}: finance return"


@dataclass(frozen=True, slots=True)
class Month:
    """A period and its rows."""

    period: ReportingPeriod
    rows: tuple[Row, ...]


def months(user: Any) -> list[Month]:
    """The tracker a person sees, newest period first. A fixed number of queries."""
    shown = _periods()
    organisations = list(queries.senders(user))
    found = _by_key(queries.visible(user).filter(period__in=shown))
    may_send = organisations_for(user, Permission.SEND_RETURN)
    return [
        Month(
            period,
            tuple(
                _row(organisation, period, kind, found, may_send)
                for organisation in organisations
                for kind in _kinds(organisation, period, found)
            ),
        )
        for period in shown
    ]


def _periods() -> list[ReportingPeriod]:
    """Every open period, the closed ones of their years, and the next that will open."""
    every = list(ReportingPeriod.objects.order_by("sort_key"))
    years = {p.year for p in every if p.is_open}
    shown = [p for p in every if p.state != p.State.PLANNED and p.year in years]
    planned = [p for p in every if p.state == p.State.PLANNED]
    return [*planned[:1], *reversed(shown)]


def _by_key(returns: Iterable[Return]) -> dict[Key, list[Return]]:
    found: dict[Key, list[Return]] = {}
    for return_ in sorted(returns, key=lambda r: r.pk):
        key = (return_.organisation_id or "", return_.period_id, return_.kind)
        found.setdefault(key, []).append(return_)
    return found


def _kinds(
    organisation: Organisation, period: ReportingPeriod, found: Mapping[Key, Any]
) -> Iterable[str]:
    if period.code == periods.first_period(period.year).code:
        yield Return.Kind.PLAN
    # Month 1 is not required by default (returns.md, "When"), but may have been sent.
    yield Return.Kind.FINANCE


def _row(
    organisation: Organisation,
    period: ReportingPeriod,
    kind: str,
    found: Mapping[Key, list[Return]],
    may_send: frozenset[str] | None,
) -> Row:
    returns = found.get((organisation.pk, period.code, kind), [])
    current = _current(returns)
    stands = _standing(period, kind, returns)
    return Row(
        organisation=organisation,
        period=period,
        kind=kind,
        word=_STATE_WORDS[current.state] if current else _standing_word(stands),
        hint=_hint(current, stands),
        return_=current,
        can_send=(may_send is None or organisation.pk in may_send) and _takes(period, kind),
    )


def _takes(period: ReportingPeriod, kind: str) -> bool:
    if kind == Return.Kind.PLAN:
        return period.state != ReportingPeriod.State.CLOSED
    return period.is_open


def _current(returns: list[Return]) -> Return | None:
    """The newest that is under way or failed after the one in force; else the one in force."""
    in_force = next((r for r in returns if r.in_force), None)
    waiting = [r for r in returns if r.state in _STATE_WORDS and r.state not in states.COUNTING]
    newer = [r for r in waiting if in_force is None or r.pk > in_force.pk]
    return newer[-1] if newer else in_force


def _standing(period: ReportingPeriod, kind: str, returns: list[Return]) -> Standing:
    committed = [r.committed_at for r in returns if r.committed_at and r.state != State.WITHDRAWN]
    return standing(
        opens_at=period.opens_at,
        due_at=period.due_at,
        committed_at=min(committed, default=None),
        now=clock.now(),
        required=kind == Return.Kind.PLAN or period.period.month_number != 1,
    )


def _standing_word(stands: Standing) -> str:
    if stands.code is Code.LATE:
        return f"Late by {_days(stands.days_late)}"
    return {Code.NOT_DUE: "Not due", Code.DUE: "Due"}.get(stands.code, "Not required")


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _hint(current: Return | None, stands: Standing) -> str:
    """What else to know: which version counts, and whether it came late."""
    if current is None:
        return ""
    late = f", {_days(stands.days_late)} late" if stands.code is Code.RECEIVED_LATE else ""
    if current.state in states.COUNTING:
        return f"{current.reference}, {words.moment(current.committed_at)}{late}"
    waiting = f"{current.file_name}, received {words.moment(current.received_at)}"
    overdue = f"; late by {_days(stands.days_late)}" if stands.code is Code.LATE else ""
    return f"{waiting}{overdue}{_where_it_waits(current)}"


def _where_it_waits(return_: Return) -> str:
    """Where its sender goes on, and whose typing is kept."""
    step = steps.waits_at(return_)
    if not step:
        return ""
    kept = return_.draft
    typed = f"; what {kept['by']} entered is kept" if kept.get("by") else ""
    return f". Continue where you were: {step}{typed}"
