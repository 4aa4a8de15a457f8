"""What every test may use: people, organisations, periods, a fixed clock."""

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations

from stp.core import clock, periods, triggers
from stp.core.models import Organisation, ReportingPeriod
from stp.core.templatetags import parts
from stp.dashboards.overview import published

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's sync API runs a loop
DEMO_MOMENT = dt.datetime(2017, 7, 24, 10, tzinfo=periods.LONDON)
SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


@pytest.fixture
def shared() -> Path:
    """The reference folder beside the project; tests that need it skip where it is absent."""
    if not SHARED.exists():
        pytest.skip("no ../shared here: reference vectors and real files not tried")
    return SHARED


@pytest.fixture
def demo_clock() -> Iterator[dt.datetime]:
    """24 July 2017, 10:00 London."""
    moment = DEMO_MOMENT
    with clock.at(moment):
        yield moment


@pytest.fixture
def ngh(db: None) -> Organisation:
    return Organisation.objects.create(
        id="ngh", name="Northampton General Hospital NHS Trust", short="NGH",
        kind="acute_trust", ods="RNS", sends_finance_return=True,
    )  # fmt: skip


@pytest.fixture
def kgh(db: None) -> Organisation:
    return Organisation.objects.create(
        id="kgh", name="Kettering General Hospital NHS Foundation Trust", short="KGH",
        kind="acute_foundation_trust", ods="RNQ", sends_finance_return=True,
    )  # fmt: skip


def make_period(code: str, state: str = "open") -> ReportingPeriod:
    """A period with its usual dates: opens on the 1st after, due WD12, hold and close after."""
    period = periods.parse(code)
    due = periods.due_at(period)
    return ReportingPeriod.objects.create(
        code=code,
        sort_key=period.sort_key,
        year=period.year,
        state=state,
        opens_at=dt.datetime.combine(
            period.ends_on + dt.timedelta(days=1), dt.time(9), periods.LONDON
        ),
        due_at=due,
        hold_at=due + dt.timedelta(days=6),
        closes_at=due + dt.timedelta(days=10),
    )


@pytest.fixture
def june(db: None) -> ReportingPeriod:
    return make_period("2017-06")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test that needs a server which is not there says so; under CI that is a failure."""
    for mark, name, there in (
        ("postgres", "PostgreSQL", connection.vendor == "postgresql"),
        ("redis", "Redis", bool(os.environ.get("REDIS_URL"))),
    ):
        if item.get_closest_marker(mark) and not there:
            message = f"NOT RUN: no {name} here"
            if os.environ.get("CI"):
                pytest.fail(message, pytrace=False)
            pytest.skip(message)


@pytest.fixture(scope="session", autouse=True)
def _flush_past_the_audit_triggers() -> Iterator[None]:
    """Between tests with real transactions the trail is emptied, which its triggers refuse."""
    flush = BaseDatabaseOperations.execute_sql_flush

    def unguarded(self: Any, sql_list: list[str]) -> None:
        triggers.drop(self.connection)
        try:
            flush(self, sql_list)
        finally:
            triggers.install(self.connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", unguarded)
        yield


@pytest.fixture(autouse=True)
def _parts_of_pages_fail_aloud(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page's part that breaks is a card in service; in a test it is a failure."""
    monkeypatch.setattr(parts, "CONTAINED", ())


@pytest.fixture(autouse=True)
def _nothing_kept_of_another_test_s_versions() -> None:
    """Tests publish the same version at the same frozen moment, each in a database of its own."""
    published.cache_clear()


@pytest.fixture
def redis_url(worker_id: str) -> str:
    """A Redis database of this xdist worker's own."""
    number = int(worker_id.removeprefix("gw")) + 1 if worker_id.startswith("gw") else 0
    return f"{os.environ['REDIS_URL'].rpartition('/')[0]}/{number}"
