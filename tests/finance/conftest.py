"""A return of NGH in the database, and people who may and may not change a plan."""

from collections.abc import Callable
from typing import Any

import pytest

from finance.models import SchemeTypeName
from stp.accounts.models import Grant, User
from stp.core import clock
from stp.core.models import Organisation, ReportingPeriod, Return

MakeReturn = Callable[..., Return]


@pytest.fixture
def lead(ngh: Organisation) -> User:
    """Finance lead of NGH."""
    user = User.objects.create(username="lead", email="lead@example.org")
    Grant.objects.create(user=user, role="finance_lead", organisation=ngh)
    return user


@pytest.fixture
def administrator(db: None) -> User:
    user = User.objects.create(username="admin", email="admin@example.org")
    Grant.objects.create(user=user, role="administrator")
    return user


@pytest.fixture
def scheme_types(db: None) -> None:
    for order, name in enumerate(("Pay", "Non-pay", "Income", "Demand", "Decommissioning")):
        SchemeTypeName.objects.create(name=name, order=order)


@pytest.fixture
def sent(lead: User) -> MakeReturn:
    """A return with checked rows, as `stp.returns` keeps it."""

    def make(
        organisation: Organisation, period: ReportingPeriod, rows: Any = (), **changes: Any
    ) -> Return:
        given: dict[str, Any] = {
            "kind": "finance", "scope": organisation.pk, "organisation": organisation,
            "period": period, "file_name": "june.xlsx", "file_path": "made", "file_size": 1,
            "sha256": "0" * 64, "received_at": clock.now(), "received_by": lead,
            "rows": list(rows), "choices": {"unit": "thousands", "control": {"schemes": len(rows)}},
        }  # fmt: skip
        return Return.objects.create(**given | changes)

    return make


@pytest.fixture
def commit(lead: User) -> Callable[..., Return]:
    """Put a return in force as the workflow's commit does: supersede, move, then apply."""
    from finance.returns import FINANCE, PLAN

    def do(return_: Return, missing: dict[str, str] | None = None, **changes: Any) -> Return:
        now = clock.now()
        same = Return.objects.filter(kind=return_.kind, scope=return_.scope, period=return_.period)
        same.filter(in_force=True).update(in_force=False, state="superseded", ended_at=now)
        return_.version = same.exclude(version=None).count() + 1
        return_.state, return_.in_force = "committed", True
        return_.committed_at, return_.committed_by = now, lead
        for name, value in changes.items():
            setattr(return_, name, value)
        return_.save()
        kind = {kind.kind: kind for kind in (PLAN, FINANCE)}[return_.kind]
        kind.apply(return_, missing=missing or {}, by=lead)
        return return_

    return do
