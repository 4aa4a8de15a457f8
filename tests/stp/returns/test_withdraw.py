"""Withdraw with its preview: every exit of the action, the page, and what it says."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from stp.accounts.models import User
from stp.core.models import AuditEvent, PeriodChange, ReportingPeriod, Return
from stp.returns import actions
from stp.returns.actions import (
    NotAllowed,
    NotInForce,
    PeriodClosed,
    ReasonsMissing,
    StalePreview,
)
from tests.conftest import make_period
from tests.stp.returns.fake import commit, file_bytes
from tests.stp.returns.pages import Ready, as_, page, text, upload

State = Return.State
WHY = "sent for the wrong month"


def withdraw(return_: Return, by: User, reason: str = WHY) -> Return | None:
    """Confirm what the preview shows."""
    digest = actions.withdrawal(return_).digest
    return actions.withdraw(by=by, return_=return_, reason=reason, digest=digest)


def test_withdraw_puts_the_newest_earlier_version_back(
    ready: Ready, lead: User, director: User
) -> None:
    first = commit(ready(file_bytes({"A": 1})), lead)
    second = commit(ready(file_bytes({"A": 2})), lead)
    third = commit(ready(file_bytes({"A": 3})), lead)
    back = withdraw(third, director, WHY)
    assert back == second
    assert Return.objects.in_force().get() == second
    states = {r.pk: (r.state, r.ended_at is None) for r in Return.objects.all()}
    assert states == {
        first.pk: (State.SUPERSEDED, False),
        second.pk: (State.COMMITTED, True),
        third.pk: (State.WITHDRAWN, False),
    }
    event = AuditEvent.objects.get(verb="withdrew")
    assert (event.reason, event.by) == (WHY, director.pk)
    assert PeriodChange.objects.latest("pk").what == "RET-2017-06-RNS-03 withdrawn"
    again = withdraw(third, director, WHY)
    assert again == second, "a second withdrawal went further back"
    assert commit(ready(file_bytes({"A": 4})), lead).version == 4, "a version number came twice"


def test_withdraw_the_only_version_leaves_none(
    committed: Ready, director: User, ready: Ready
) -> None:
    assert withdraw(committed(), director, WHY) is None
    assert not Return.objects.in_force().exists()
    assert ready().state == State.READY, "the same bytes may be sent again"


def test_who_and_what_cannot_withdraw(
    committed: Ready, ready: Ready, lead: User, director: User, june: ReportingPeriod
) -> None:
    return_ = committed()
    with pytest.raises(NotAllowed):
        withdraw(return_, lead, WHY)
    with pytest.raises(ReasonsMissing):
        withdraw(return_, director, " x" * 4)
    with pytest.raises(NotInForce, match="Only the version in force"):
        withdraw(ready(file_bytes({"UC-01": 2})), director, WHY)
    ReportingPeriod.objects.update(state="closed")
    with pytest.raises(PeriodClosed):
        withdraw(return_, director, WHY)
    return_.refresh_from_db()
    assert return_.in_force


def test_what_was_previewed_is_what_happens(
    committed: Ready, ready: Ready, lead: User, director: User
) -> None:
    first = committed(file_bytes({"A": 1}))
    shown = actions.withdrawal(commit(ready(file_bytes({"A": 2})), lead))
    assert shown.back == first
    third = commit(ready(file_bytes({"A": 3})), lead)
    with pytest.raises(StalePreview):
        actions.withdraw(by=director, return_=third, reason=WHY, digest=shown.digest)
    third.refresh_from_db()
    assert third.in_force
    assert not AuditEvent.objects.filter(verb="withdrew").exists()


def test_without_another_version_the_month_before_speaks(
    ready: Ready, lead: User, director: User, committed: Ready
) -> None:
    may = committed(file_bytes({"A": 1}), period=make_period("2017-05"))
    june = commit(ready(file_bytes({"A": 2})), lead)
    shown = actions.withdrawal(june)
    assert (shown.back, shown.stands) == (None, may)
    body = text(as_(director).get(page("withdraw", june)))
    assert "No other version of June 2017 was sent" in body
    assert "carry the figures of May 2017 (RET-2017-05-RNS-01) on" in body
    alone = actions.withdrawal(may)
    assert (alone.back, alone.stands) == (None, None)
    body = text(as_(director).get(page("withdraw", may)))
    assert "has no finance return for 2017/18" in body


def test_the_page_shows_what_would_happen_then_does_it(
    ready: Ready, lead: User, director: User
) -> None:
    first = commit(ready(file_bytes({"A": 100_00000, "B": 5})), lead)
    rows = file_bytes({"A": 300_00000, "C": 7})
    second = commit(ready(rows), lead, missing={"B": "close"})
    client = as_(director)
    address = page("withdraw", second)
    body = text(client.get(address))
    assert "RET-2017-06-RNS-01 comes in force again" in body
    assert "1 scheme would change, 1 would go, 1 would come back" in body
    assert "down £200k" in body
    assert "Gap that this forecast leaves open" in body
    assert "Comes back" in body
    assert "Goes" in body
    second.refresh_from_db()
    assert second.in_force, "reading the page changed something"
    digest = actions.withdrawal(second).digest
    short = client.post(address, {"digest": digest, "reason": "no"})
    assert "The reason must be 10 characters or more" in text(short)
    done = client.post(address, {"digest": digest, "reason": WHY}, follow=True)
    assert "RET-2017-06-RNS-02 is withdrawn. RET-2017-06-RNS-01 is in force again." in text(done)
    assert f"The reason given: {WHY} (director, 24 July 2017)" in text(done)
    first.refresh_from_db()
    assert first.in_force
    again = client.post(address, {"digest": digest, "reason": WHY}, follow=True)
    assert "is not in force, so there is nothing to withdraw" in text(again)
    assert AuditEvent.objects.filter(verb="withdrew").count() == 1
    assert WHY in text(client.get("/returns/history/ngh/"))


def test_a_preview_that_is_out_of_date_is_shown_again(
    ready: Ready, lead: User, director: User, committed: Ready
) -> None:
    return_ = committed()
    client = as_(director)
    stale = client.post(page("withdraw", return_), {"digest": "0" * 64, "reason": WHY})
    assert stale.status_code == 409
    assert WHY in stale.content.decode(), "what was typed is lost"
    assert actions.withdrawal(return_).digest in stale.content.decode()


def test_a_closed_period_says_why_and_takes_nothing(committed: Ready, director: User) -> None:
    return_ = committed()
    digest = actions.withdrawal(return_).digest
    ReportingPeriod.objects.update(state="closed")
    client = as_(director)
    body = text(client.get(page("withdraw", return_)))
    assert "June 2017 is closed" in body
    assert "Withdraw this return" not in body
    refused = client.post(page("withdraw", return_), {"digest": digest, "reason": WHY})
    assert "June 2017 is closed" in text(refused)
    return_.refresh_from_db()
    assert return_.in_force
    assert "withdrawing it" not in text(client.get(page("receipt", return_)))


def test_who_may_open_the_page(
    committed: Ready, lead: User, director: User, stranger: User
) -> None:
    return_ = committed()
    assert as_(lead).get(page("withdraw", return_)).status_code == 403
    assert as_(stranger).get(page("withdraw", return_)).status_code == 403
    assert "withdrawing it" in text(as_(director).get(page("receipt", return_)))
    assert "withdrawing it" not in text(as_(lead).get(page("receipt", return_)))


def test_a_superseded_file_sent_again_says_that_it_does_not_count(
    committed: Ready, ready: Ready, lead: User, director: User
) -> None:
    first = committed(file_bytes({"A": 1}))
    second = commit(ready(file_bytes({"A": 2})), lead)
    client = as_(lead)
    sent = upload(client, file=SimpleUploadedFile("june.xlsx", file_bytes({"A": 1})))
    assert sent.url == page("receipt", first)
    assert (
        f"Nothing changed. Its figures ({first.reference}) are not in force. "
        f"{second.reference} is, since it came later." in text(client.get(sent.url))
    )
    followed = text(as_(director).get(page("receipt", first)))
    assert f"{second.reference} is in force instead" in followed
    assert f"see what withdrawing {second.reference} would do" in followed
    assert "ask a finance director" in text(as_(lead).get(page("receipt", first)))
