"""Z3: words planted in another organisation's unsent return are on no page, in no file, no event.

Nor is the name of somebody who was given a role, of one's own organisation even.
What is shared and what is not stands in docs/access.md. The same walk by somebody who reads every
return finds the words: else their absence would prove nothing.
"""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from stp.accounts.actions import give_grant
from stp.accounts.models import Grant, User
from stp.core import audit
from stp.core.models import Organisation, Return
from stp.core.permissions import Role
from stp.dashboards.actions import recompute
from tests.access_table import OWNED, TABLE
from tests.finance.returns.conftest import make_row
from tests.small_system import Row, lay_out, send

# One word a place, so that a leak names its place.
FILE, TITLE, REASON, ISSUE, EVENT, PERSON, SHARED = (
    f"Zzcanary{where}"
    for where in ("File", "Title", "Reason", "Issue", "Event", "Person", "Shared")
)
SECRET = (FILE, TITLE, REASON, ISSUE, EVENT, PERSON)
# What every list, download and filter is asked besides its bare address.
ASKED = ("", "?format=csv", "?format=xlsx", "?organisation=kgh", "?period=2017-06&vs=2017-05",
         "?chart=bridge", "?q=Zz", "?organisation=kgh&format=csv", "?about=gave+role")  # fmt: skip


def _unsent(committed: Return) -> Return:
    """A return of KGH that waits for its sender, with a word in every part a person writes."""
    words = dict.fromkeys(("message", "sheet", "column", "found", "wanted"), ISSUE)
    issue = {**words, "severity": "warning", "code": "odd", "cell": "A1", "row": 2, "ref": "UC-01"}
    return_ = Return.objects.create(
        kind="finance", scope="kgh", organisation_id="kgh", period_id="2017-06", state="ready",
        file_name=f"{FILE}.csv", file_path="theirs", file_size=12, sha256="3" * 64,
        received_at=committed.received_at, received_by=committed.received_by,
        checked_at=committed.received_at, warning_count=1, issues=[issue],
        rows=[make_row("UC-77", title=TITLE)], reasons={"odd": REASON},
    )  # fmt: skip
    for verb in ("received", "explained the warnings of", "found problems in"):
        audit.record(
            verb, return_, by=committed.received_by, after={"File": FILE, "Note": EVENT},
            reason=REASON, return_id=return_.pk, organisation="kgh", period="2017-06",
        )  # fmt: skip
    return return_


@pytest.fixture
def arguments(db: None, demo_clock: Any, settings: Any, tmp_path: Path) -> dict[str, list[Any]]:
    """What the routes may be asked about: NGH's own, and of KGH what is programme data."""
    settings.UPLOAD_ROOT = tmp_path
    (tmp_path / "a").write_bytes(b"Scheme ref,Title\nUC-01,Own\n")
    (tmp_path / "theirs").write_bytes(f"Scheme ref,Title\nUC-77,{TITLE}\n".encode())
    lay_out(organisations=("ngh", "kgh"))
    own = send("ngh", "2017-06", [Row()])
    waiting = Return.objects.create(
        kind="finance", scope="ngh", organisation_id="ngh", period_id="2017-06", state="ready",
        file_name="own.csv", file_path="a2", file_size=1, sha256="4" * 64,
        received_at=own.received_at, received_by=own.received_by, checked_at=own.received_at,
    )  # fmt: skip
    theirs = _unsent(send("kgh", "2017-06", [Row(ref="UC-02", words={"title": SHARED})]))
    colleague = User.objects.create_user("colleague", "colleague@example.org", first_name=PERSON)
    own_organisation = Organisation.objects.get(pk="ngh")
    give_grant(user=colleague, role=Role.FINANCE_LEAD, organisation=own_organisation, by=None)
    plan = send("ngh", "2017-04", [Row()], kind="plan")
    recompute("2017-05")
    recompute("2017-06")
    return {
        "workstream": ["UC"], "scheme": ["kgh", "UC-02"], "organisation": ["ngh"],
        "committed": [own.pk], "plan": [plan.pk], "ready": [waiting.pk], "warned": [waiting.pk],
        "theirs": [theirs.pk], "their organisation": ["kgh"],
    }  # fmt: skip


def _browser(role: str, organisation: str | None) -> Client:
    user = User.objects.create_user(role, f"{role}@example.org")
    Grant.objects.create(user=user, role=role, organisation_id=organisation)
    browser = Client()
    browser.force_login(user)
    return browser


def _addresses(arguments: dict[str, list[Any]]) -> Iterator[str]:
    """Every page with an address, asked in each way; own objects and the other organisation's."""
    for name, row in TABLE.items():
        if "/" in name or name.startswith(("admin:", "account", "core:health")):
            continue
        keys = [row.about] if row.about in arguments else []
        if row.about in OWNED:
            keys.append("their organisation" if row.about == "organisation" else "theirs")
        for key in keys or [""] * (not row.about):
            address = reverse(name, args=arguments[key] if key else [])
            yield from (address + asked for asked in ASKED)


def _text(answer: Any) -> str:
    """What an answer says and its headers say: a workbook's parts unpacked, all else as it is."""
    body: bytes = answer.getvalue() if answer.streaming else answer.content
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            body = b"".join(book.read(part) for part in book.namelist())
    return body.decode("utf-8", "replace") + str(dict(answer.headers))


def _found(browser: Client, arguments: dict[str, list[Any]]) -> dict[str, set[str]]:
    """Word -> the addresses whose answer holds it."""
    found: dict[str, set[str]] = {word: set() for word in (*SECRET, SHARED)}
    for address in _addresses(arguments):
        text = _text(browser.get(address))
        for word, where in found.items():
            if word in text:
                where.add(address)
    return found


def test_another_trust_s_finance_lead_reads_none_of_it(arguments: dict[str, list[Any]]) -> None:
    found = _found(_browser("finance_lead", "ngh"), arguments)
    assert found.pop(SHARED), "committed figures are programme data: its title is to be read"
    assert not any(found.values()), found


def test_a_board_member_reads_none_of_it(arguments: dict[str, list[Any]]) -> None:
    """Programme-wide, but no reader of returns: what nobody has sent is not theirs to know."""
    found = _found(_browser("board", None), arguments)
    assert found.pop(SHARED)
    assert not any(found.values()), found


def test_who_reads_every_return_finds_each_word(arguments: dict[str, list[Any]]) -> None:
    """The twin: the walk goes where the words are."""
    found = _found(_browser("pmo", None), arguments)
    missed = {word for word, where in found.items() if not where}
    assert not missed, f"the walk finds these nowhere, so it proves nothing: {missed}"


def test_a_refusal_does_not_repeat_what_it_refuses(arguments: dict[str, list[Any]]) -> None:
    """Forms sent to the other organisation's return, and one that asks for it by name."""
    browser = _browser("finance_lead", "ngh")
    sent = {"organisation": "kgh", "kind": "finance", "period": "2017-06", "reason_odd": "x" * 20}
    for name in ("return-problems", "return-preview", "return-abandon"):
        text = _text(browser.post(reverse(f"returns:{name}", args=arguments["theirs"]), sent))
        assert not [word for word in SECRET if word in text], name
    text = _text(browser.post(reverse("returns:return-send"), sent))
    assert not [word for word in SECRET if word in text]
