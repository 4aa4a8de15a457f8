"""The pages beside the way through: originals, templates, approval and history."""

import io
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from stp.accounts.models import User
from stp.core import downloads
from stp.core.models import AuditEvent, ReportingPeriod, Return
from tests.conftest import make_period
from tests.stp.returns.fake import commit, file_bytes
from tests.stp.returns.pages import Ready, as_, let_go, page, text


def test_an_original_is_a_download_and_never_a_page(browser: Client, ready: Ready) -> None:
    return_ = ready(file_name="<b>june</b>\r\n.xlsx")
    response: Any = browser.get(page("original", return_))
    assert b"".join(response.streaming_content) == file_bytes()
    let_go(response)
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    from stp.returns import storage

    storage.path_of(return_).unlink()
    gone = browser.get(page("original", return_), follow=True)
    assert gone.redirect_chain[-1][0] == page("preview", return_)
    assert "is no longer where it was kept" in text(gone)


def test_the_template_is_made_for_what_was_chosen(browser: Client, june: ReportingPeriod) -> None:
    address = reverse("returns:return-template")
    assert "Get the template" in text(browser.get(address))
    query = {"organisation": "ngh", "kind": "finance", "period": "2017-06", "download": "xlsx"}
    response = browser.get(address, query)
    assert response.content == b"PK the template"
    plain = browser.get(address, {**query, "download": "csv"})
    assert plain.content == b"Scheme ref"
    assert "finance-return-2017-06-ngh.csv" in plain.headers["Content-Disposition"]
    assert plain.headers["Content-Type"].startswith("text/csv")
    assert "finance-return-2017-06-ngh.xlsx" in response.headers["Content-Disposition"]
    wrong = browser.get(address, query | {"period": ""})
    assert "Select the period the return is for" in text(wrong)


@pytest.mark.parametrize("name", ["return-send", "return-template"])
def test_without_an_open_period_there_is_nothing_to_fill_in(browser: Client, name: str) -> None:
    answer = browser.get(reverse(f"returns:{name}"))
    assert "No reporting period is open" in text(answer)
    assert 'name="period"' not in answer.content.decode()


def test_what_the_task_list_chose_is_not_asked_again(
    browser: Client, june: ReportingPeriod
) -> None:
    listed = browser.get(reverse("returns:return-list")).content.decode()
    query = "organisation=ngh&amp;period=2017-06&amp;kind=finance"
    assert query in listed
    form = browser.get(reverse("returns:return-send") + "?" + query.replace("&amp;", "&"))
    assert 'value="2017-06" selected' in form.content.decode()
    plain = browser.get(reverse("returns:return-send")).content.decode()
    assert 'value="2017-06" selected' not in plain, "the period was guessed"


def approval(return_: Return) -> str:
    return reverse("returns:plan-approve", args=[return_.pk])


def test_a_second_person_approves_a_plan(
    browser: Client, committed: Ready, director: User, lead: User, stranger: User
) -> None:
    plan = committed(kind="plan", period=make_period("2017-04"))
    assert "Who can: director" in text(browser.get(page("receipt", plan)))
    sender = browser.get(approval(plan))
    assert "You cannot approve this plan" in text(sender)
    assert browser.post(approval(plan)).status_code == 403
    assert as_(stranger).post(approval(plan)).status_code == 404
    approver = as_(director)
    assert "Approve this plan" in text(approver.get(approval(plan)))
    for _ in range(2):
        assert approver.post(approval(plan)).headers["Location"] == page("receipt", plan)
    assert AuditEvent.objects.filter(verb="signed off").count() == 1
    assert "Approved by director" in text(approver.get(approval(plan)))
    received = text(browser.get(page("receipt", plan)))
    assert "The plan is approved and does not change any more" in received
    assert "corrected version" not in received


def test_a_sender_who_may_approve_others_is_told_who_can(
    ready: Ready, director: User, lead: User
) -> None:
    plan = commit(ready(kind="plan", period=make_period("2017-04"), by=director), director)
    response = as_(director).post(approval(plan))
    assert "You sent this plan, so another person approves it" in text(response)


def test_only_plans_have_an_approval_page(browser: Client, committed: Ready) -> None:
    assert browser.get(approval(committed())).status_code == 404


def test_a_version_no_longer_in_force_says_so(
    browser: Client, committed: Ready, june: ReportingPeriod
) -> None:
    first = committed(file_bytes({"A": 1}))
    committed(file_bytes({"A": 2}))
    assert "This version is no longer in force: superseded on" in text(
        browser.get(page("receipt", first))
    )


def test_no_returns_yet(browser: Client) -> None:
    assert "No return is due" in text(browser.get(reverse("returns:return-list")))
    history = browser.get(reverse("returns:return-history", args=["ngh"]))
    assert "No returns yet for this organisation" in text(history)


def test_a_file_refused_whole_stands_in_the_history(ready: Ready, browser: Client) -> None:
    """It has no totals at all; the page once broke on that."""
    assert ready(b"REFUSE").state == "problems"
    history = browser.get(reverse("returns:return-history", args=["ngh"]))
    assert history.status_code == 200
    assert "Problems" in text(history)


def test_the_marked_up_copy(browser: Client, ready: Ready, stranger: User) -> None:
    return_ = ready(file_bytes(errors=["odd"]), file_name="Ü june.xlsx")
    response = browser.get(page("marked", return_))
    assert response["Content-Type"] == downloads.XLSX
    disposition = response["Content-Disposition"]
    assert disposition.startswith("attachment; ")
    assert "filename*=UTF-8''%C3%9C%20june-problems.xlsx" in disposition
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    # The fake file is no workbook at all: the list alone is what can be given.
    assert book.sheetnames == ["Problems"]
    assert "Bad odd" in [cell.value for cell in book["Problems"]["G"]]
    assert "problems marked" in text(browser.get(page("problems", return_)))
    assert as_(stranger).get(page("marked", return_)).status_code == 404
    clean = ready(file_bytes({"X": 1}))
    assert browser.get(page("marked", clean)).status_code == 404
