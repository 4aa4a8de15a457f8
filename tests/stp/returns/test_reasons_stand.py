"""A reason answers the warnings its author read: no others of a later check or another tab."""

import pytest
from django.test import Client

from stp.accounts.models import User
from stp.core.models import AuditEvent, Return
from stp.returns import actions, kinds, warned
from stp.returns.actions import OtherWarnings, OutOfDate, ReasonsMissing
from tests.stp.returns.fake import FakeKind, commit, file_bytes, run_checks
from tests.stp.returns.pages import Ready, page, text, typed

MAY = ("restated", "UC-01 of May went from £15k to £14k")
OTHER = ("restated", "QIPP-01 of May went from £240k to £60k")
FALL = ("forecast moved", "QIPP-01 went from £1.12m to £784k")
WHOLE = "One invoice of May was credited"


@pytest.fixture
def kind() -> FakeKind:
    """Whose checks find what the test says."""
    kind = kinds.KINDS["finance"]
    assert isinstance(kind, FakeKind)
    kind.found = [MAY]
    return kind


@pytest.fixture
def explained(kind: FakeKind, ready: Ready, lead: User) -> Return:
    """The warning about UC-01 has its reason, saved at step 4."""
    return_ = ready(file_bytes())
    said = {"restated": WHOLE}
    return actions.explain(by=lead, return_=return_, reasons=said, digest=warned.digest(return_))


def checked_again(return_: Return, kind: FakeKind, lead: User, *found: tuple[str, str]) -> Return:
    """Something it was compared with has changed, and a second check finds these warnings."""
    kind.found, kind.beside = found, (kind.beside,)
    assert actions.check_again(by=lead, return_=return_)
    run_checks()
    return Return.objects.get(pk=return_.pk)


@pytest.mark.parametrize(
    ("found", "stands"),
    [
        ([MAY], True),
        ([], True),
        ([MAY, MAY], True),
        ([OTHER], False),
        ([MAY, OTHER], False),
        ([(MAY[0], MAY[1].replace("£14k", "£13k"))], False),
    ],
)
def test_a_reason_stands_while_no_other_warning_of_its_group_is_found(
    explained: Return, kind: FakeKind, lead: User, found: list[tuple[str, str]], stands: bool
) -> None:
    again = checked_again(explained, kind, lead, *found)
    assert again.reasons == ({"restated": WHOLE} if stands else {})
    assert again.said.keys() == again.reasons.keys()
    if stands:
        assert commit(again, lead).state == "committed"
        return
    with pytest.raises(ReasonsMissing):
        commit(again, lead)
    assert again.draft["reasons"] == {"restated": WHOLE}, "no word is lost"


def test_it_is_asked_again_with_the_words_in_place(
    browser: Client, explained: Return, kind: FakeKind, lead: User
) -> None:
    again = checked_again(explained, kind, lead, MAY, OTHER)
    assert browser.get(page("preview", again)).headers["Location"] == page("problems", again)
    shown = browser.get(page("problems", again)).content.decode()
    assert WHOLE in shown
    assert "QIPP-01 of May" in shown
    browser.post(page("problems", again), typed(again, restated=f"{WHOLE}; QIPP-01 was twice"))
    again.refresh_from_db()
    assert again.reasons == {"restated": f"{WHOLE}; QIPP-01 was twice"}
    assert again.draft == {}


def test_a_warning_of_another_group_asks_for_itself_alone(
    explained: Return, kind: FakeKind, lead: User
) -> None:
    again = checked_again(explained, kind, lead, MAY, FALL)
    assert again.reasons == {"restated": WHOLE}
    assert actions.unexplained(again, again.reasons) == ["forecast moved"]


@pytest.mark.parametrize("found", [[FALL], [OTHER], [MAY, FALL]])
def test_a_page_made_before_the_second_check_explains_nothing(
    browser: Client, kind: FakeKind, ready: Ready, lead: User, found: list[tuple[str, str]]
) -> None:
    """Two tabs: the one with the old warnings is sent after the other had the file checked."""
    return_ = ready(file_bytes())
    old_tab = typed(return_, restated=WHOLE)
    again = checked_again(return_, kind, lead, *found)
    answer = browser.post(page("problems", again), old_tab, follow=True)
    assert "has other warnings now" in text(answer)
    again.refresh_from_db()
    assert again.reasons == {}
    assert not AuditEvent.objects.filter(verb__startswith="explained").exists()
    if any(code == "restated" for code, _ in found):
        assert WHOLE in answer.content.decode(), "what was typed is there to be looked at"


def test_a_check_between_the_page_and_its_saving(kind: FakeKind, ready: Ready, lead: User) -> None:
    return_ = ready(file_bytes())
    read = warned.digest(return_)
    again = checked_again(return_, kind, lead, OTHER)
    with pytest.raises(OtherWarnings):
        actions.explain(by=lead, return_=again, reasons={"restated": WHOLE}, digest=read)


def test_what_others_say_makes_a_check_out_of_date_too(
    kind: FakeKind, ready: Ready, lead: User
) -> None:
    """Another organisation claims the same saving between the check and the word."""
    kind.found = []
    return_ = ready(file_bytes())
    kind.beside = ("claimed",)
    with pytest.raises(OutOfDate):
        commit(return_, lead)


def test_a_choice_kept_from_an_old_page_is_of_the_scheme_it_was_made_for(
    browser: Client, ready: Ready, lead: User
) -> None:
    commit(ready(file_bytes({"A": 1, "OLD": 1})), lead)
    waiting = ready(file_bytes({"A": 2}))
    commit(ready(file_bytes({"A": 1, "BIG": 900, "OLD": 1})), lead)
    browser.post(page("preview", waiting), {"missing_OLD": "close", "later": "1"})
    waiting.refresh_from_db()
    assert waiting.draft["missing"] == {"OLD": "close"}
    shown = browser.get(page("preview", waiting)).content.decode()
    [chosen] = [part for part in shown.split("<input") if "checked" in part.partition(">")[0]]
    assert 'name="missing_OLD"' in chosen


@pytest.mark.parametrize("ref", ["UC 01/ä", "all", " every", 'q"<>&', "ＵＣ"])
def test_any_ref_has_a_question_of_its_own(
    browser: Client, ready: Ready, lead: User, ref: str
) -> None:
    commit(ready(file_bytes({"A": 1, ref: 1})), lead)
    waiting = ready(file_bytes({"A": 2}))
    shown = browser.get(page("preview", waiting))
    [field] = shown.context["form"].missing_fields
    sent = {"digest": actions.preview(waiting).digest, "confirmed": "on"}
    browser.post(page("preview", waiting), sent | {field.html_name: "close"})
    waiting.refresh_from_db()
    assert waiting.missing == {ref: "close"}


@pytest.mark.parametrize("name", ["draft", "problems"])
def test_a_nul_among_the_words_is_no_fault_of_ours(
    browser: Client, kind: FakeKind, ready: Ready, name: str
) -> None:
    return_ = ready(file_bytes())
    answer = browser.post(page(name, return_), typed(return_, restated="a\x00b and so on"))
    assert answer.status_code in (200, 204)
    return_.refresh_from_db()
    assert return_.draft["reasons"] == {"restated": "a\ufffdb and so on"}
    assert return_.reasons == {}


def test_another_word_in_a_reason_leaves_the_choices_as_they_were_kept(
    browser: Client, kind: FakeKind, ready: Ready, lead: User
) -> None:
    kind.found = []
    commit(ready(file_bytes({"A": 1, "OLD": 1})), lead)
    kind.found = [MAY]
    waiting = ready(file_bytes({"A": 2}))
    actions.keep_draft(by=lead, return_=waiting, missing={"OLD": "close"})
    browser.post(page("problems", waiting), typed(waiting, restated=WHOLE))
    waiting.refresh_from_db()
    assert waiting.reasons == {"restated": WHOLE}
    assert waiting.draft["missing"] == {"OLD": "close"}
    assert "reasons" not in waiting.draft
