"""Z5: whose a row is, is read from what is stored; a file that says otherwise learns nothing.

The named files of RELIABILITY.md §3 "whose", sent through the form by NGH's finance lead. Each is
sent twice: KGH has the schemes it speaks of, with words and figures nobody else may see; then
again in a world where KGH never had any. Every answer must be the same, word for word.
"""

import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from finance.models import Figure, SavingsScheme, SchemeState
from finance.plans import approved_plan
from finance.returns.template import write_csv, write_xlsx
from finance.scheme_rows import SchemeRow
from stp.core.models import AuditEvent, Job, Return
from tests import sent_files
from tests.access_world import files_in, values_of_all_tables
from tests.sent_files import scheme
from tests.small_system import K, Row, lay_out, plan, send

CANARY = "Zzcanary"
FIGURE = 77_700 + 7 * K  # £7,777 a month: in no file that is sent
PERIOD = "2017-06"
# What the sending of a file may touch: itself, its check, its trail, and who is here.
TOUCHED = {"core_return", "core_auditevent", "core_job", "django_session", "accounts_session"}


@dataclass(frozen=True)
class Case:
    """A file, the faults it must have, and how each names its place."""

    name: str
    make: Callable[[], bytes]
    codes: frozenset[str]
    refs: frozenset[str] = field(default_factory=frozenset)  # rows that are named


def book(rows: Sequence[SchemeRow], organisation: str) -> Callable[[], bytes]:
    return lambda: write_xlsx(rows, period=PERIOD, cover={"organisation": organisation})


def with_organisations(rows: Sequence[SchemeRow], codes: Sequence[str]) -> bytes:
    """A `.csv` with a column of its own that says whose each row is."""
    lines = write_csv(rows, period=PERIOD).decode("utf-8-sig").splitlines()
    return "\n".join(
        f"{code},{line}" for code, line in zip(("Organisation", *codes), lines, strict=True)
    ).encode()  # fmt: skip


THEIRS = [scheme("KG-01"), scheme("KG-02")]
MIXED = [scheme("UC-01", actual=5 * K), scheme("KGH/KG-01"), scheme("KG-02")]
CASES = (
    Case("other-org-rows.xlsx", book(THEIRS, "KGH"),
         frozenset({"cover_mismatch", "plan_differs"}), frozenset({"KG-01", "KG-02"})),
    Case("mixed-org-rows.xlsx", book(MIXED, "NGH"),
         frozenset({"bad_ref", "plan_differs"}), frozenset({"KGH/KG-01", "KG-02"})),
    Case("mixed-org-rows.csv", lambda: with_organisations(MIXED, ["NGH", "KGH", "KGH"]),
         frozenset({"bad_ref", "plan_differs"}), frozenset({"KGH/KG-01", "KG-02"})),
    # A slip in the ref, and their scheme named as the same saving: nothing near is offered.
    Case("own-code-other-scheme.xlsx",
         book([scheme("UC-01"), scheme("KG-0I", same_as="KGH/KG-02"),
               scheme("KG-02", same_as="KHG/KG-0")], "NGH"),
         frozenset({"plan_differs", "unknown_code"}), frozenset({"KG-0I", "KG-02"})),
)  # fmt: skip


@pytest.fixture
def lead_ngh(db: None, demo_clock: Any, settings: Any, tmp_path: Path) -> Client:
    """NGH's finance lead, signed in; NGH has an approved plan and May's return."""
    settings.UPLOAD_ROOT = tmp_path / "uploads"
    lay_out(organisations=("ngh", "kgh"))
    plan("ngh", [Row()])
    send("ngh", "2017-05", [Row()])
    browser = Client()
    browser.force_login(sent_files.lead("ngh"))
    return browser


def plant() -> None:
    """KGH's schemes, planned, reported and in force, with its own words and figures."""
    rows = [
        Row(ref, month_plan=FIGURE, words={"title": f"{CANARY} {ref}", "lead": CANARY,
                                           "comment": CANARY})
        for ref in ("KG-01", "KG-02")
    ]  # fmt: skip
    plan("kgh", rows)
    send("kgh", PERIOD, rows)


@contextmanager
def taken_back() -> Iterator[None]:
    """A world of its own: what is written inside is gone afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def upload(browser: Client, case: Case) -> Return:
    """Send the file through the form and let it be checked."""
    rows = 2 if case.name.startswith("other") else 3
    control = {"control_schemes": rows} if case.name.endswith("csv") else {}
    answer = browser.post(reverse("returns:return-send"), {
        "organisation": "ngh", "kind": "finance", "period": PERIOD, "unit": "thousands",
        "basis": "in_month", "file": SimpleUploadedFile(case.name, case.make()), **control,
    })  # fmt: skip
    assert answer.status_code == 302, answer.content.decode()[:2_000]
    return sent_files.check(Return.objects.latest("pk"))


def told(browser: Client, return_: Return) -> dict[str, str]:
    """Address -> everything its answer says, without what is new at every answer."""
    of_it = ("detail", "checking", "progress", "problems", "preview", "receipt", "marked",
             "original")  # fmt: skip
    addresses = [reverse(f"returns:return-{name}", args=[return_.pk]) for name in of_it]
    addresses += [reverse("returns:return-history", args=["ngh"]), reverse("returns:return-list")]
    addresses += [addresses[3] + f"?page={page}" for page in (2, 3)]
    return {
        address.replace(f"/{return_.pk}/", "/N/"): words(browser.get(address), return_)
        for address in addresses
    }


def words(answer: Any, return_: Return) -> str:
    body: bytes = answer.getvalue() if answer.streaming else answer.content
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as copy:  # without the moment it was saved at
            names = sorted(name for name in copy.namelist() if name != "docProps/core.xml")
            body = b"\n".join(name.encode() + b"\n" + copy.read(name) for name in names)
    text = body.decode("utf-8", "replace").replace(answer.headers["X-Request-ID"], "")
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", text)
    text = re.sub(rf"/returns/{return_.pk}/", "/returns/N/", text)
    return f"{answer.status_code} {answer.headers.get('Location', '')} {text}".replace(
        f"/{return_.pk}/", "/N/"
    )


@dataclass(frozen=True)
class Learnt:
    """What the sender of a file is told, and what is kept of it."""

    state: str
    issues: list[dict[str, Any]]
    pages: dict[str, str]


def send_it(browser: Client, case: Case) -> Learnt:
    return_ = upload(browser, case)
    return Learnt(return_.state, return_.issues, told(browser, return_))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_other_organisation_s_schemes_might_as_well_not_exist(
    lead_ngh: Client, case: Case
) -> None:
    with taken_back():
        nothing_there = send_it(lead_ngh, case)
    with taken_back():
        plant()
        there = send_it(lead_ngh, case)
    assert there.state == nothing_there.state == "problems"
    assert there.issues == nothing_there.issues
    assert there.pages.keys() == nothing_there.pages.keys()
    for address, text in there.pages.items():
        differing = set(text.splitlines()) ^ set(nothing_there.pages[address].splitlines())
        assert not differing, f"{address}: {sorted(differing)[:6]}"
        assert CANARY not in text, address
        assert not re.search(r"7,?777|7\.8k|£8k", text), address


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_file_is_refused_by_row_and_nothing_of_it_is_taken(
    lead_ngh: Client, case: Case, settings: Any
) -> None:
    """Own rows neither: but for the return, its check and its trail, no table changes."""
    plant()
    before, kept = values_of_all_tables(), files_in(settings.UPLOAD_ROOT)
    trail, jobs = set(AuditEvent.objects.values_list("pk", flat=True)), Job.objects.count()
    return_ = upload(lead_ngh, case)
    errors = [issue for issue in return_.issues if issue["severity"] == "error"]
    assert {issue["code"] for issue in errors} == case.codes
    named = {issue["ref"] for issue in errors if issue["code"] != "cover_mismatch"}
    assert named == case.refs
    for issue in errors:
        assert issue["cell"], f"no place: {issue['message']}"
        asked = issue["message"].partition("Did you mean")[2]
        assert not re.search(r"KG-0[12]", asked), issue["message"]
    after = values_of_all_tables()
    changed = {table for table, rows in after.items() if rows != before[table]}
    assert changed <= TOUCHED, changed - TOUCHED
    assert set(before["core_return"]) < set(after["core_return"]), "an earlier return changed"
    assert len(after["core_return"]) == len(before["core_return"]) + 1
    assert Job.objects.count() == jobs + 1
    events = AuditEvent.objects.exclude(pk__in=trail)
    assert {event.verb for event in events} >= {"received"}
    assert {(e.object_id, e.organisation_id) for e in events} == {(str(return_.pk), "ngh")}
    assert len(files_in(settings.UPLOAD_ROOT)) == len(kept) + 1
    assert return_.organisation_id == "ngh"
    assert return_.sha256 == hashlib.sha256(case.make()).hexdigest()


def of_kgh() -> list[Any]:
    """All that is kept of KGH's schemes."""
    figures = Figure.objects.filter(scheme__organisation="kgh").order_by("pk").values_list()
    states = SchemeState.objects.filter(scheme__organisation="kgh").order_by("pk").values_list()
    schemes = SavingsScheme.objects.filter(organisation="kgh").order_by("pk").values_list()
    return [list(schemes), list(states), list(figures)]


def test_a_ref_of_theirs_in_an_own_return_is_a_scheme_of_one_s_own(lead_ngh: Client) -> None:
    """Without plan figures nothing is wrong with the row: it is a new scheme, and NGH's."""
    plant()
    theirs = of_kgh()
    assert all(theirs), "KGH has nothing, so this proves nothing"
    rows = [scheme("UC-01"), scheme("KG-01", plan={}, title="Ours")]
    case = Case("own.xlsx", book(rows, "NGH"), frozenset())
    return_ = upload(lead_ngh, case)
    assert return_.state == "ready", return_.issues
    sent_files.confirm(return_.received_by, return_)
    assert of_kgh() == theirs
    (ours,) = SavingsScheme.objects.filter(ref="KG-01").exclude(organisation="kgh")
    assert (ours.organisation_id, ours.created_in_id) == ("ngh", return_.pk)
    figures = Figure.objects.filter(return_of=return_).values_list("scheme__organisation")
    assert set(figures) == {("ngh",)}


def test_a_file_for_another_organisation_is_not_taken_at_all(lead_ngh: Client) -> None:
    """Chosen in a form of the sender's own making: the same words as for no such organisation."""
    plant()

    def said(organisation: str) -> str:
        answer = lead_ngh.post(reverse("returns:return-send"), {
            "organisation": organisation, "kind": "finance", "period": PERIOD, "unit": "",
            "basis": "in_month", "file": SimpleUploadedFile("a.xlsx", CASES[0].make()),
        })  # fmt: skip
        assert answer.status_code == 200
        text = words(answer, Return(pk=0))
        assert "Select an organisation from the list" in text
        return text

    before = values_of_all_tables()["core_return"]
    assert said("kgh") == said("nobody")
    assert values_of_all_tables()["core_return"] == before


def test_twin_a_check_that_reads_every_plan_gives_it_away(
    lead_ngh: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def of_everybody(_: Any, year: str) -> Any:
        return approved_plan(["ngh", "kgh"], year)

    monkeypatch.setattr("finance.returns.gather.approved_plan", of_everybody)
    with taken_back():
        nothing_there = send_it(lead_ngh, CASES[1])
    with taken_back():
        plant()
        there = send_it(lead_ngh, CASES[1])
    assert there.issues != nothing_there.issues
    assert there.pages != nothing_there.pages
