"""Confirming: every exit, one effect, and whose dashboards are behind afterwards."""

from collections.abc import Callable
from typing import Any

import pytest

from stp.accounts.models import User
from stp.core import clock, faults
from stp.core.models import AuditEvent, Job, Organisation, PeriodChange, ReportingPeriod, Return
from stp.returns import actions
from stp.returns.actions import (
    MissingUndecided,
    NotAllowed,
    NotReady,
    OutOfDate,
    PeriodClosed,
    ReasonsMissing,
    StalePreview,
)
from stp.returns.warned import digest
from tests.conftest import make_period
from tests.stp.returns.fake import applied, commit, file_bytes, run_checks

State = Return.State
Ready = Callable[..., Return]


def versions(*codes: str) -> list[int]:
    return [ReportingPeriod.objects.get(pk=code).data_version for code in codes]


def test_a_commit_puts_the_return_in_force(ready: Ready, lead: User) -> None:
    return_ = ready()
    digest = actions.preview(return_).digest
    done = commit(return_, lead)
    done.refresh_from_db()
    assert (done.state, done.in_force, done.version) == (State.COMMITTED, True, 1)
    assert done.reference == "RET-2017-06-RNS-01"
    assert (done.committed_at, done.committed_by) == (clock.now(), lead)
    assert done.plan_digest == digest
    assert applied(done) == 1
    event = AuditEvent.objects.get(verb="committed")
    assert event.after["Digest"] == digest
    assert event.object_label == "RET-2017-06-RNS-01"
    assert versions("2017-06") == [1]
    change = PeriodChange.objects.get()
    assert (change.scope, change.what) == ("organisation:ngh", "RET-2017-06-RNS-01 committed")
    assert Job.objects.filter(kind="recompute", key="2017-06", state="waiting").count() == 1


def test_an_organisation_without_a_code_is_named_by_its_id(
    ready: Ready, lead: User, ngh: Organisation
) -> None:
    ngh.ods = ""
    ngh.save()
    assert commit(ready(), lead).reference == "RET-2017-06-NGH-01"


def test_a_second_click_does_nothing(ready: Ready, lead: User) -> None:
    return_ = ready()
    digest = actions.preview(return_).digest
    first = actions.commit(by=lead, return_=return_, digest=digest, missing={})
    events = AuditEvent.objects.count()
    second = actions.commit(by=lead, return_=return_, digest=digest, missing={})
    assert second.pk == first.pk
    assert second.reference == first.reference
    assert (applied(first), AuditEvent.objects.count()) == (1, events)
    assert versions("2017-06") == [1]


def test_a_click_after_it_was_superseded_does_nothing(ready: Ready, lead: User) -> None:
    first = ready(file_bytes({"A": 1}))
    commit(first, lead)
    commit(ready(file_bytes({"A": 2})), lead)
    again = actions.commit(by=lead, return_=first, digest="any", missing={})
    assert again.state == State.SUPERSEDED
    assert applied(first) == 1


def test_a_corrected_return_supersedes_and_both_are_kept(ready: Ready, lead: User) -> None:
    first = commit(ready(file_bytes({"A": 1})), lead)
    second = commit(ready(file_bytes({"A": 2})), lead)
    first.refresh_from_db()
    assert (first.state, first.in_force, first.ended_at) == (
        State.SUPERSEDED,
        False,
        clock.now(),
    )
    assert (second.version, second.reference) == (2, "RET-2017-06-RNS-02")
    assert Return.objects.in_force().get() == second


def test_who_may_not_commit(ready: Ready, stranger: User, pmo: User) -> None:
    return_ = ready()
    for person in (stranger, pmo):
        with pytest.raises(NotAllowed):
            commit(return_, person)
    assert applied(return_) == 0


@pytest.mark.parametrize("content", [file_bytes(errors=["bad"]), b"REFUSE"])
def test_a_return_with_problems_is_not_committed(ready: Ready, lead: User, content: bytes) -> None:
    return_ = ready(content)
    with pytest.raises(NotReady, match="“Problems”"):
        actions.commit(by=lead, return_=return_, digest="", missing={})


def test_a_period_closed_meanwhile(ready: Ready, lead: User, june: Any, pmo: User) -> None:
    return_ = ready()
    ReportingPeriod.objects.update(state="closed", closed_at=clock.now(), closed_by=pmo)
    with pytest.raises(PeriodClosed, match="closed by pmo"):
        commit(return_, lead)
    return_.refresh_from_db()
    assert (return_.state, applied(return_)) == (State.READY, 0)


def test_a_preview_of_another_state_is_stale(ready: Ready, lead: User) -> None:
    mine, other = ready(file_bytes({"A": 1})), ready(file_bytes({"A": 2}))
    shown = actions.preview(mine).digest
    commit(other, lead)
    with pytest.raises(StalePreview, match="Read the changes below again"):
        actions.commit(by=lead, return_=mine, digest=shown, missing={})
    assert applied(mine) == 0


def test_what_was_checked_against_other_figures_is_checked_again(
    ready: Ready, lead: User, stranger: User
) -> None:
    """Its warnings were found against what is no longer in force: another may want a reason."""
    mine, other = ready(file_bytes({"A": 1})), ready(file_bytes({"A": 2}))
    commit(other, lead)
    with pytest.raises(OutOfDate, match="checked again"):
        commit(mine, lead)
    assert applied(mine) == 0
    with pytest.raises(NotAllowed):
        actions.check_again(by=stranger, return_=mine)
    assert actions.check_again(by=lead, return_=mine)
    mine.refresh_from_db()
    assert mine.state == State.RECEIVED
    run_checks()
    mine.refresh_from_db()
    assert not actions.check_again(by=lead, return_=mine), "nothing changed since"
    assert commit(mine, lead).version == 2


def test_a_withdrawal_makes_what_was_checked_before_it_out_of_date(
    ready: Ready, lead: User, director: User
) -> None:
    first = commit(ready(file_bytes({"A": 1})), lead)
    mine = ready(file_bytes({"A": 2}))
    actions.withdraw(
        by=director, return_=first, reason="sent for the wrong month",
        digest=actions.withdrawal(first).digest,
    )  # fmt: skip
    with pytest.raises(OutOfDate):
        commit(mine, lead)


@pytest.mark.parametrize(
    ("typed", "fine"), [("", False), ("x" * 9, False), ("x" * 10, True), ("  x    x  ", False)]
)
def test_every_warning_needs_its_reason(ready: Ready, lead: User, typed: str, fine: bool) -> None:
    return_ = ready(file_bytes(warnings=["odd", "strange", "odd"]))
    reasons = {"odd": "checked with the ledger", "strange": typed}
    if not fine:
        with pytest.raises(ReasonsMissing, match="strange") as refused:
            commit(return_, lead, reasons=reasons)
        assert refused.value.codes == ("strange",)
        return
    assert commit(return_, lead, reasons=reasons).reasons == reasons


def test_explained_reasons_are_kept_and_used(ready: Ready, lead: User) -> None:
    return_ = ready(file_bytes(warnings=["odd"]))
    with pytest.raises(ReasonsMissing):
        actions.explain(by=lead, return_=return_, reasons={"odd": "short"}, digest=digest(return_))
    reasons = {"odd": " looked at twice ", "not a warning": "dropped, dropped"}
    explained = actions.explain(by=lead, return_=return_, reasons=reasons, digest=digest(return_))
    assert explained.reasons == {"odd": "looked at twice"}
    actions.explain(by=lead, return_=return_, reasons=reasons, digest=digest(return_))
    assert AuditEvent.objects.filter(verb="explained the warnings of").count() == 1
    assert commit(return_, lead).reasons == {"odd": "looked at twice"}
    with pytest.raises(NotReady):
        actions.explain(by=lead, return_=return_, reasons=reasons, digest=digest(return_))


def test_only_the_senders_explain(ready: Ready, stranger: User) -> None:
    return_ = ready(file_bytes(warnings=["odd"]))
    with pytest.raises(NotAllowed):
        actions.explain(by=stranger, return_=return_, reasons={}, digest=digest(return_))


@pytest.mark.parametrize(
    ("missing", "fine"),
    [
        ({}, False),
        ({"B": "maybe"}, False),
        ({"B": "leave", "Z": "close"}, True),
        ({"B": "close"}, True),
    ],
)
def test_missing_schemes_are_decided(
    ready: Ready, lead: User, missing: dict[str, str], fine: bool
) -> None:
    commit(ready(file_bytes({"A": 1, "B": 2})), lead)
    return_ = ready(file_bytes({"A": 1}))
    if not fine:
        with pytest.raises(MissingUndecided, match="B") as refused:
            commit(return_, lead, missing=missing)
        assert refused.value.refs == ("B",)
        return
    assert commit(return_, lead, missing=missing).missing == {"B": missing["B"]}


def test_dashboards_up_to_the_next_return_but_one_are_behind(
    ready: Ready, lead: User, june: ReportingPeriod
) -> None:
    """The next return estimates its blank months from this one, so its period moves too."""
    codes = ("2017-04", "2017-05", "2017-06", "2017-07")
    april, may = make_period("2017-04"), make_period("2017-05")
    make_period("2017-07")
    make_period("2017-03")
    commit(ready(), lead)
    assert versions(*codes) == [0, 0, 1, 1]
    commit(ready(period=may), lead)
    assert versions(*codes) == [0, 1, 2, 2]
    commit(ready(period=april), lead)
    assert versions(*codes) == [1, 2, 2, 2], "June rests on May's return, not on April's"
    ReportingPeriod.objects.filter(pk="2017-07").update(state="closed")
    commit(ready(file_bytes({"UC-01": 2}), period=june), lead)
    assert versions("2017-03", "2017-06", "2017-07") == [0, 3, 2], "a closed period moved"


@pytest.mark.parametrize(
    ("point", "in_force"), [("commit.before", 0), ("commit.applied", 0), ("commit.after", 1)]
)
def test_a_crash_leaves_all_or_nothing(ready: Ready, lead: User, point: str, in_force: int) -> None:
    return_ = ready()

    def crash(name: str) -> None:
        if name == point:
            raise KeyboardInterrupt

    faults.install(crash)
    try:
        with pytest.raises(KeyboardInterrupt):
            commit(return_, lead)
    finally:
        faults.install(None)
    assert Return.objects.in_force().count() == in_force
    assert applied(return_) == in_force
    assert versions("2017-06") == [in_force]
    assert commit(return_, lead).version == 1, "the second try finds or makes the one effect"
    assert applied(return_) == 1
