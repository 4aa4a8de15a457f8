"""People and returns around the fake kind."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from stp.accounts.models import User
from stp.core.models import Organisation, ReportingPeriod, Return
from stp.core.permissions import Role
from stp.returns import actions, kinds
from stp.returns.actions import Received
from tests.stp.returns.fake import (
    FakeKind,
    Receive,
    commit,
    fake_read,
    file_bytes,
    person,
    run_checks,
)


@pytest.fixture(autouse=True)
def fake_kinds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any) -> None:
    settings.UPLOAD_ROOT = tmp_path / "uploads"
    monkeypatch.setattr(
        kinds, "KINDS", {"finance": FakeKind(), "plan": FakeKind("plan", "Plan return")}
    )
    monkeypatch.setattr("stp.returns.actions.checking.read", fake_read)


@pytest.fixture(autouse=True)
def july(demo_clock: Any) -> None:
    """Every test here lives at 24 July 2017."""


@pytest.fixture
def lead(ngh: Organisation) -> User:
    return person("lead", Role.FINANCE_LEAD, ngh)


@pytest.fixture
def director(ngh: Organisation) -> User:
    return person("director", Role.FINANCE_DIRECTOR, ngh)


@pytest.fixture
def stranger(kgh: Organisation) -> User:
    return person("stranger", Role.FINANCE_LEAD, kgh)


@pytest.fixture
def pmo(db: None) -> User:
    return person("pmo", Role.PMO)


@pytest.fixture
def board(db: None) -> User:
    return person("board", Role.BOARD)


@pytest.fixture
def receive(lead: User, ngh: Organisation, june: ReportingPeriod) -> Receive:
    """Receive a file of NGH for June, unless the test says otherwise."""

    def one(content: bytes | None = None, **changes: Any) -> Received:
        arguments: dict[str, Any] = {
            "by": lead,
            "kind": "finance",
            "organisation": ngh,
            "period": june,
            "file_name": "june.xlsx",
            "chunks": [file_bytes() if content is None else content],
            "choices": {"unit": "", "cumulative": False, "control": {}},
        }
        return actions.receive(**{**arguments, **changes})

    return one


@pytest.fixture
def ready(receive: Receive) -> Callable[..., Return]:
    """A return that was received and checked."""

    def one(content: bytes | None = None, **changes: Any) -> Return:
        return_ = receive(content, **changes).return_
        run_checks()
        return_.refresh_from_db()
        return return_

    return one


@pytest.fixture
def committed(ready: Callable[..., Return], lead: User) -> Callable[..., Return]:
    """A return in force."""

    def one(content: bytes | None = None, **changes: Any) -> Return:
        return_ = ready(content, **changes)
        return commit(return_, changes.get("by", lead), missing=changes.get("missing", {}))

    return one


@pytest.fixture
def browser(lead: User) -> Client:
    client = Client()
    client.force_login(lead)
    return client
