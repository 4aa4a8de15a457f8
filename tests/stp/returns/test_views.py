"""The pages: who may, the way through, and what a wrong form says."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from stp.accounts.models import Grant, User
from stp.core import changes, clock
from stp.core.models import AuditEvent, Organisation, ReportingPeriod, Return
from stp.core.permissions import Role
from stp.returns import actions
from tests.stp.returns.fake import Receive, applied, commit, file_bytes, person, run_checks
from tests.stp.returns.pages import OF_ONE, Ready, as_, let_go, page, text, typed, upload


@pytest.mark.usefixtures("june")
def test_the_whole_way_from_file_to_receipt(browser: Client, lead: User) -> None:
    sent = upload(browser, file=SimpleUploadedFile("june.xlsx", file_bytes(warnings=["odd"])))
    return_ = Return.objects.get()
    assert sent.headers["Location"] == page("checking", return_)

    waiting = browser.get(page("checking", return_))
    assert "Your return waits to be checked." in text(waiting)
    assert b'hx-trigger="every 2s"' in waiting.content
    assert b'role="status"' in waiting.content
    assert "Continue" not in text(waiting)
    assert browser.get(page("preview", return_)).headers["Location"] == page("checking", return_)

    run_checks()
    over = browser.get(page("checking", return_))
    assert over.status_code == 200, "the page moved on by itself"
    assert "no errors and 1 warning found" in text(over)
    assert b"hx-trigger" not in browser.get(page("progress", return_)).content
    assert f'action="{page("problems", return_)}"' in over.content.decode()

    assert browser.get(page("preview", return_)).headers["Location"] == page("problems", return_)
    return_.refresh_from_db()
    short = browser.post(page("problems", return_), typed(return_, odd="because"))
    assert "must be 10 characters or more" in text(short)
    assert "<title>Error: " in short.content.decode()
    given = browser.post(page("problems", return_), typed(return_, odd="agreed with the ledger"))
    assert given.headers["Location"] == page("preview", return_)

    shown = browser.get(page("preview", return_))
    return_.refresh_from_db()
    assert "1 new" in text(shown)
    assert "agreed with the ledger" in text(shown)
    digest = actions.preview(return_).digest
    unticked = browser.post(page("preview", return_), {"digest": digest})
    assert "Confirm that the figures agree with the ledger" in text(unticked)
    assert applied(return_) == 0
    answers = {"digest": digest, "confirmed": "on"}
    for _ in range(2):  # a double click
        done = browser.post(page("preview", return_), answers)
        assert done.headers["Location"] == page("receipt", return_)
    assert applied(return_) == 1

    receipt = text(browser.get(page("receipt", return_)))
    return_.refresh_from_db()
    assert "RET-2017-06-RNS-01" in receipt
    assert return_.sha256[:12] in receipt
    assert "do not include this return yet" in receipt
    assert browser.get(page("detail", return_)).headers["Location"] == page("receipt", return_)
    listed = text(browser.get(reverse("returns:return-list")))
    assert "NGH: finance return RET-2017-06-RNS-01, 24 July 2017, 10:00, 6 days late" in listed
    history = text(browser.get(reverse("returns:return-history", args=["ngh"])))
    assert "Odd: agreed with the ledger" in history
    assert AuditEvent.objects.get(verb="committed").how == "screen"


@pytest.mark.parametrize("name", OF_ONE)
def test_owner_colleague_and_stranger(
    ready: Ready, stranger: User, director: User, pmo: User, board: User, name: str
) -> None:
    return_ = ready(file_bytes(warnings=["odd"]))
    for reader in (director, pmo):  # a colleague, and who reads every return
        response: Any = as_(reader).get(page(name, return_))
        let_go(response)
        assert response.status_code in (200, 302), reader
    foreign = as_(stranger).get(page(name, return_))
    missing = as_(stranger).get(reverse(f"returns:return-{name}", args=[return_.pk + 999]))
    assert foreign.status_code == missing.status_code == 404
    assert as_(board).get(page(name, return_)).status_code == 403
    anonymous = Client().get(page(name, return_))
    assert anonymous.status_code == 302
    assert "sign-in" in anonymous.headers["Location"]


@pytest.mark.parametrize("name", ["problems", "preview", "abandon"])
def test_who_reads_but_does_not_send_changes_nothing(
    ready: Ready, pmo: User, stranger: User, name: str
) -> None:
    return_ = ready(file_bytes(warnings=[] if name == "preview" else ["odd"]))
    answers = {
        "digest": actions.preview(return_).digest,
        "confirmed": "on",
        "reason_odd": "looked at it twice",
    }
    assert as_(pmo).post(page(name, return_), answers).status_code == 403
    assert as_(stranger).post(page(name, return_), answers).status_code in (403, 404)
    return_.refresh_from_db()
    assert (return_.state, return_.reasons) == ("ready", {})


def test_only_a_role_that_views_returns_opens_an_organisations_returns(
    ready: Ready, lead: User, kgh: Organisation
) -> None:
    return_ = ready()
    colleague = person("colleague", Role.FINANCE_LEAD, kgh)
    Grant.objects.create(user=colleague, role=Role.WORKSTREAM_LEAD)  # of NGH's work too
    assert list(Return.objects.visible_to(lead)) == [return_]
    assert not Return.objects.visible_to(colleague).exists()
    assert as_(colleague).get(page("detail", return_)).status_code == 404
    assert not Return.objects.visible_to(person("board", Role.BOARD)).exists()


def test_an_only_organisation_is_there_already_and_a_choice_of_many_is_not(
    browser: Client, june: ReportingPeriod, lead: User, kgh: Organisation
) -> None:
    address = reverse("returns:return-send")
    assert 'value="ngh" selected' in browser.get(address).content.decode()
    Grant.objects.create(user=lead, role=Role.FINANCE_LEAD, organisation=kgh)
    assert 'value="ngh" selected' not in browser.get(address).content.decode()


def test_how_to_read_the_file_folds_away_until_it_matters(
    browser: Client, june: ReportingPeriod
) -> None:
    plain = browser.get(reverse("returns:return-send")).content.decode()
    assert '<details class="nhsuk-details" open' not in plain
    wrong = upload(browser, control_plan="much").content.decode()
    assert '<details class="nhsuk-details" open' in wrong


def test_a_history_of_another_organisation_is_not_there(stranger: User, ngh: Organisation) -> None:
    found = as_(stranger).get(reverse("returns:return-history", args=["ngh"]))
    missing = as_(stranger).get(reverse("returns:return-history", args=["nobody"]))
    assert found.status_code == missing.status_code == 404


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"file": None}, "Select a return"),
        ({"file": SimpleUploadedFile("a.xlsx", b"")}, "The selected file is empty"),
        ({"file": SimpleUploadedFile("a.pdf", b"%PDF")}, "must be an XLSX or CSV"),
        ({"file": SimpleUploadedFile("a.xlsx.exe", b"MZ")}, "must be an XLSX or CSV"),
        (
            {"file": SimpleUploadedFile("a.xls", bytes.fromhex("d0cf11e0a1b11ae1") + b"x")},
            "It is an old Excel file: save it as .xlsx",
        ),
        (
            {
                "file": SimpleUploadedFile(
                    "a.xlsx",
                    bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"),
                )
            },
            "is password protected. Remove the password",
        ),
        ({"period": ""}, "Select the period the return is for"),
        ({"kind": ""}, "Select the kind of return"),
        ({"organisation": ""}, "Select the organisation the return is for"),
        ({"organisation": "kgh"}, "Select an organisation from the list"),
        ({"basis": ""}, "Select whether the actual figures are in-month or cumulative"),
        ({"control_plan": "lots"}, "Plan for the year must be a number"),
        ({"control_plan": "NaN"}, "Plan for the year must be a number"),
        ({"kind": "plan"}, "The plan for 2017/18 is sent for April 2017"),
    ],
)
def test_a_wrong_upload_says_what_is_wanted(
    browser: Client, june: ReportingPeriod, kgh: Organisation, changes: Any, sentence: str
) -> None:
    file = changes.get("file")
    if file:
        file.seek(0)
    response = upload(browser, **changes)
    assert sentence in text(response)
    assert "<title>Error: " in response.content.decode()
    assert not Return.objects.exists()
    refused = AuditEvent.objects.filter(verb="refused a file of")
    # A form that names no return keeps nothing; a file, or a return that may not be, its attempt.
    assert refused.count() == (1 if file or changes.get("kind") else 0)


def test_a_file_over_the_limit_is_dropped_on_the_way_in(
    browser: Client, june: ReportingPeriod, settings: Any
) -> None:
    settings.UPLOAD_MAX_BYTES = 100
    large = SimpleUploadedFile("june.xlsx", b"x" * 101)
    assert "must be smaller than" in text(upload(browser, file=large))
    fits = SimpleUploadedFile("june.xlsx", b'{"rows": {}}')
    assert upload(browser, file=fits).status_code == 302


def test_choices_of_the_form_reach_the_return(browser: Client, june: ReportingPeriod) -> None:
    upload(browser, unit="millions", basis="cumulative", control_plan="£1,200.5")
    assert Return.objects.get().choices == {
        "unit": "millions",
        "cumulative": True,
        "control": {"plan": "1200.5"},
    }


def test_the_same_file_again_says_so(browser: Client, june: ReportingPeriod) -> None:
    first = upload(browser)
    second = browser.get(upload(browser).headers["Location"])
    assert "This is the same file as one you sent before" in text(second)
    assert first.status_code == 302
    assert Return.objects.count() == 1


def test_too_many_files_say_when_to_come_back(browser: Client, receive: Receive) -> None:
    for number in range(10):
        receive(file_bytes({"A": number}))
    response = upload(browser)
    assert (response.status_code, response.headers["Retry-After"]) == (429, "601")
    assert "10 files" in text(response)


def test_a_full_disk_says_so(
    browser: Client, june: ReportingPeriod, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr("os.fsync", full)
    response = upload(browser)
    assert response.status_code == 503
    assert "There is no room to keep the file" in text(response)


def test_a_permission_lost_between_form_and_file(
    browser: Client, june: ReportingPeriod, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**arguments: Any) -> None:
        raise actions.NotAllowed

    monkeypatch.setattr(actions, "receive", refuse)
    assert upload(browser).status_code == 403


def test_every_fault_stands_on_the_problems_page(browser: Client, ready: Ready) -> None:
    return_ = ready(file_bytes(errors=["tbc", "tbc", "bad_ref"], warnings=["odd"]))
    response = browser.get(page("problems", return_))
    content = text(response)
    assert "Your return has 3 errors and 1 warning" in content
    assert "Sheet “Schemes”, cell H14" in content
    assert "Found: “tbc”" in content
    assert "Tbc (2 places)" in content
    assert 'href="#error-2-1"' in response.content.decode()
    assert "Upload a corrected file" in content
    assert b'name="reason_' not in response.content, (
        "a reason is asked for before the errors are gone"
    )
    assert browser.get(page("receipt", return_)).headers["Location"] == page("problems", return_)


def test_past_twenty_places_fold_away(browser: Client, ready: Ready) -> None:
    return_ = ready(file_bytes(errors=["tbc"] * 25))
    assert "The same in 5 more places" in text(browser.get(page("problems", return_)))


def test_unreadable_says_so(browser: Client, receive: Receive) -> None:
    return_ = receive(b"CRASH").return_
    for _ in range(3):
        run_checks()
    assert "Your return could not be read" in text(browser.get(page("problems", return_)))
    assert "could not be read" in text(browser.get(page("checking", return_)))


def test_a_long_check_says_it_goes_on(browser: Client, receive: Receive) -> None:
    import datetime as dt

    return_ = receive().return_
    with clock.at(clock.now() + dt.timedelta(seconds=61)):
        assert "it goes on by itself" in text(browser.get(page("checking", return_)))
    assert "It goes on by itself" not in text(browser.get(page("checking", return_)))


def test_a_reason_whose_return_moved_on(
    browser: Client, ready: Ready, monkeypatch: pytest.MonkeyPatch
) -> None:
    return_ = ready(file_bytes(warnings=["odd"]))

    def moved(**arguments: Any) -> None:
        raise actions.NotReady(return_)

    monkeypatch.setattr(actions, "explain", moved)
    response = browser.post(page("problems", return_), typed(return_, odd="looked at it twice"))
    assert "cannot be confirmed" in text(response)


def test_missing_schemes_must_be_decided(browser: Client, ready: Ready, lead: User) -> None:
    commit(ready(file_bytes({"A": 1, "B": 2})), lead)
    return_ = ready(file_bytes({"A": 9}))
    shown = text(browser.get(page("preview", return_)))
    assert "Schemes the file leaves out" in shown
    assert "Forecast: 1 → 9" in shown
    answers = {"digest": actions.preview(return_).digest, "confirmed": "on"}
    assert "Select what becomes of scheme B" in text(
        browser.post(page("preview", return_), answers)
    )
    browser.post(page("preview", return_), answers | {"missing_B": "close"})
    return_.refresh_from_db()
    assert (return_.state, return_.missing) == ("committed", {"B": "close"})


def test_a_stale_preview_shows_the_new_one(browser: Client, ready: Ready, lead: User) -> None:
    mine, other = ready(file_bytes({"A": 1})), ready(file_bytes({"A": 2}))
    old = actions.preview(mine).digest
    commit(other, lead)
    response = browser.post(page("preview", mine), {"digest": old, "confirmed": "on"})
    assert response.status_code == 409
    assert "Read the changes below again" in text(response)
    assert actions.preview(mine).digest in response.content.decode()
    assert applied(mine) == 0


def test_a_preview_says_that_the_programmes_figures_are_behind(
    browser: Client, ready: Ready, director: User, june: ReportingPeriod
) -> None:
    return_ = ready(file_bytes({"A": 1}))
    said = "1 change not yet included"
    assert said not in text(browser.get(page("preview", return_)))
    changes.bump([june], scope=changes.ALL, what="somebody else's return came in")
    assert said in text(browser.get(page("preview", return_)))
    commit(return_, return_.received_by)
    assert "2 changes not yet included" in text(as_(director).get(page("withdraw", return_)))


def test_confirming_what_is_out_of_date_leads_back_to_the_check(
    browser: Client, ready: Ready, lead: User
) -> None:
    mine, other = ready(file_bytes({"A": 1})), ready(file_bytes({"A": 2}))
    commit(other, lead)
    answers = {"digest": actions.preview(mine).digest, "confirmed": "on"}
    response = browser.post(page("preview", mine), answers, follow=True)
    assert response.redirect_chain == [(page("checking", mine), 302)]
    assert "it is checked again" in text(response)
    run_checks()
    answers["digest"] = actions.preview(mine).digest
    browser.post(page("preview", mine), answers)
    mine.refresh_from_db()
    assert (mine.state, mine.version) == (Return.State.COMMITTED, 2)


def test_differences_are_paged(browser: Client, ready: Ready) -> None:
    return_ = ready(file_bytes({f"S{n:03}": n for n in range(120)}))
    first = text(browser.get(page("preview", return_)))
    assert "1 to 50 of 120" in first
    assert first.index("S119") < first.index("S118"), "the biggest first"
    assert "101 to 120 of 120" in text(browser.get(page("preview", return_) + "?page=3"))


def test_dropping_a_return(browser: Client, ready: Ready) -> None:
    return_ = ready()
    for _ in range(2):
        browser.post(page("abandon", return_))
    return_.refresh_from_db()
    assert return_.state == "abandoned"
    assert AuditEvent.objects.filter(verb="abandoned").count() == 1
    history = reverse("returns:return-history", args=["ngh"])
    assert browser.get(page("detail", return_)).headers["Location"] == history
    assert browser.get(page("checking", return_)).headers["Location"] == history


def test_what_was_committed_is_not_dropped(browser: Client, committed: Ready) -> None:
    return_ = committed()
    response = browser.post(page("abandon", return_), follow=True)
    assert "cannot be confirmed" in text(response)
    return_.refresh_from_db()
    assert return_.in_force
