"""A half-done return: what was typed is kept on the server, for the sender's organisation alone."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from stp.accounts.models import User
from stp.core.models import AuditEvent, Organisation, Return
from stp.core.permissions import Role
from stp.returns import actions
from stp.returns.actions import NotAllowed, NotReady
from stp.returns.warned import digest
from tests.stp.returns.fake import commit, file_bytes, person
from tests.stp.returns.pages import Ready, as_, page, text, typed

SHORT, WHOLE = "Ward 6", "Ward 6 opened two weeks late"
LIST = "/returns/"


@pytest.fixture
def warned(ready: Ready) -> Return:
    return ready(file_bytes(warnings=["odd_one", "odd_two"]))


def test_save_and_come_back_keeps_what_was_typed(
    browser: Client, warned: Return, lead: User
) -> None:
    sent = typed(warned, odd_one=SHORT, odd_two="") | {"later": "1"}
    response = browser.post(page("problems", warned), sent, follow=True)
    assert response.redirect_chain[-1][0] == reverse("returns:return-list")
    body = text(response)
    assert "What you entered is kept" in body
    assert "Continue where you were: step 4, the reasons; what lead entered is kept" in body
    other_device = as_(lead)
    assert SHORT in other_device.get(page("problems", warned)).content.decode()
    warned.refresh_from_db()
    assert (warned.reasons, warned.draft["reasons"]) == ({}, {"odd_one": SHORT, "odd_two": ""})
    assert not AuditEvent.objects.filter(verb__startswith="explained").exists()
    assert browser.get(page("preview", warned)).status_code == 302, "a draft explains nothing"


def test_a_fault_loses_no_word_and_saving_ends_the_draft(browser: Client, warned: Return) -> None:
    sent = typed(warned, odd_one=WHOLE, odd_two="no")
    assert "10 characters or more" in text(browser.post(page("problems", warned), sent))
    warned.refresh_from_db()
    assert warned.draft["reasons"] == {"odd_one": WHOLE, "odd_two": "no"}
    both = typed(warned, odd_one=WHOLE, odd_two=WHOLE)
    again: Any = browser.post(page("problems", warned), both)
    assert again.url == page("preview", warned)
    warned.refresh_from_db()
    assert warned.draft == {}
    assert "step 5, check the changes" in text(browser.get(LIST))


def test_what_a_script_keeps_while_somebody_types(browser: Client, warned: Return) -> None:
    response = browser.post(page("draft", warned), typed(warned, odd_two=SHORT))
    assert (response.status_code, response.content) == (204, b"")
    assert browser.post(page("draft", warned), typed(warned, odd_one=WHOLE)).status_code == 204
    warned.refresh_from_db()
    assert warned.draft["reasons"] == {"odd_one": WHOLE, "odd_two": SHORT}
    body = browser.get(page("problems", warned)).content.decode()
    assert f'hx-post="{page("draft", warned)}"' in body
    assert SHORT in body
    assert browser.get(page("draft", warned)).status_code == 405


def test_choices_of_missing_schemes_are_kept(
    browser: Client, ready: Ready, lead: User, director: User
) -> None:
    commit(ready(file_bytes({"A": 1, "B": 2, "C": 3})), lead)
    waiting = ready(file_bytes({"A": 5}))
    browser.post(page("preview", waiting), {"missing_C": "close", "later": "1"})
    waiting.refresh_from_db()
    assert waiting.draft["missing"] == {"C": "close"}
    body = as_(director).get(page("preview", waiting)).content.decode()
    [chosen] = [part for part in body.split("<input") if "checked" in part]
    assert 'name="missing_C"' in chosen
    assert 'value="close"' in chosen
    assert waiting.missing == {}, "a choice that was not confirmed counts for nothing"


def totals_of(browser: Client, waiting: Return) -> str:
    """The totals of a preview and the sentence under them, as a person reads them."""
    return text(browser.get(page("preview", waiting))).split("Totals before and after")[1][:600]


def test_totals_follow_the_answers_that_were_kept(
    browser: Client, ready: Ready, lead: User, pmo: User
) -> None:
    commit(ready(file_bytes({"A": 100_00, "B": 20_000_00, "C": 3_000_00})), lead)
    waiting = ready(file_bytes({"A": 100_00}))
    undecided = totals_of(browser, waiting)
    assert "2 schemes that the file leaves out are counted as last reported until" in undecided
    assert "no change" in undecided
    browser.post(page("preview", waiting), {"missing_B": "close", "later": "1"})
    half = totals_of(browser, waiting)
    assert "down £20k" in half
    assert "1 scheme that the file leaves out is counted as last reported until" in half
    browser.post(page("preview", waiting), {"missing_B": "close", "missing_C": "leave", "later": 1})
    assert "Schemes that the file leaves out are counted as answered below." in totals_of(
        browser, waiting
    )
    # A draft is for the organisation's own people: to others nothing is decided yet.
    assert totals_of(as_(pmo), waiting) == undecided


def test_an_answer_that_is_none_decides_nothing(browser: Client, ready: Ready, lead: User) -> None:
    commit(ready(file_bytes({"A": 100_00, "B": 20_000_00})), lead)
    waiting = ready(file_bytes({"A": 100_00}))
    said = text(browser.post(page("preview", waiting), {"missing_B": "both"}))
    assert "1 scheme that the file leaves out is counted as last reported until" in said
    closed = browser.post(page("preview", waiting), {"missing_B": "close"})
    assert "down £20k" in text(closed), "the word that the figures agree was not given"


def test_what_was_kept_can_be_confirmed(browser: Client, ready: Ready, lead: User) -> None:
    """The digest on a page whose totals follow the answers is the one a commit asks for."""
    commit(ready(file_bytes({"A": 100_00, "B": 20_000_00})), lead)
    waiting = ready(file_bytes({"A": 100_00}))
    browser.post(page("preview", waiting), {"missing_B": "close", "later": "1"})
    form = browser.get(page("preview", waiting)).context["form"]
    sent = {"digest": form["digest"].value(), "missing_B": "close", "confirmed": "on"}
    response = browser.post(page("preview", waiting), sent)
    assert response.status_code == 302, text(response)
    waiting.refresh_from_db()
    assert waiting.missing == {"B": "close"}


def test_nobody_else_sees_it(
    warned: Return, lead: User, stranger: User, pmo: User, ngh: Organisation
) -> None:
    actions.keep_draft(by=lead, return_=warned, reasons={"odd_one": WHOLE})
    assert as_(stranger).get(page("problems", warned)).status_code == 404
    assert as_(stranger).post(page("draft", warned), typed(warned, odd_one="x")).status_code == 404
    assert WHOLE not in as_(pmo).get(page("problems", warned)).content.decode()
    colleague = person("colleague", Role.FINANCE_LEAD, ngh)
    assert WHOLE in as_(colleague).get(page("problems", warned)).content.decode()


def test_the_action_keeps_only_what_the_return_asks(warned: Return, lead: User) -> None:
    kept = actions.keep_draft(
        by=lead, return_=warned, reasons={"odd_one": "x" * 5_000, "other": "y"},
        missing={"A": "leave", "B": "burn"},
    ).draft  # fmt: skip
    assert set(kept["reasons"]) == {"odd_one"}
    assert len(kept["reasons"]["odd_one"]) == 1_000
    assert kept["missing"] == {"A": "leave"}


def test_who_and_what_keeps_none(
    warned: Return, lead: User, stranger: User, pmo: User, browser: Client
) -> None:
    given: dict[str, Any] = {"return_": warned, "reasons": {"odd_one": WHOLE}}
    for nobody in (stranger, pmo):
        with pytest.raises(NotAllowed):
            actions.keep_draft(by=nobody, **given)
    actions.abandon(by=lead, return_=warned)
    with pytest.raises(NotReady):
        actions.keep_draft(by=lead, **given)
    refused = browser.post(page("draft", warned), typed(warned, odd_one=WHOLE))
    assert refused.status_code == 409
    warned.refresh_from_db()
    assert warned.draft == {}


def test_who_gave_a_reason_and_when_is_kept(
    warned: Return, lead: User, director: User, browser: Client
) -> None:
    actions.explain(
        by=lead, return_=warned, reasons={"odd_one": WHOLE, "odd_two": WHOLE}, digest=digest(warned)
    )
    both = {"odd_one": WHOLE, "odd_two": "Agreed with the director"}
    actions.explain(by=director, return_=warned, reasons=both, digest=digest(warned))
    warned.refresh_from_db()
    assert {code: who["by"] for code, who in warned.said.items()} == {
        "odd_one": "lead", "odd_two": "director",
    }  # fmt: skip
    done = commit(warned, lead)
    assert done.explanations["odd_two"] == (
        "Agreed with the director (director, 24 July 2017, RET-2017-06-RNS-01)"
    )
    for address in (page("receipt", done), "/returns/history/ngh/"):
        assert done.explanations["odd_one"] in text(browser.get(address))
