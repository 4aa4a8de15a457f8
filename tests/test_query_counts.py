"""A page asks the database as often for 30 rows as for 3, and not often."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.programme import add_indicator, add_milestone, add_risk, lay_out_programme, reader
from tests.small_system import Row

pytestmark = pytest.mark.django_db

# Address and how many queries are allowed: overview and details 15, lists 12 (session, person
# and roles included).
BUDGET = {
    "/overview/": 15,
    "/workstreams/": 12,
    "/workstreams/UC/": 15,
    "/workstreams/EFF/": 15,
    "/gap/": 15,
    "/finance/schemes/": 12,
    "/finance/schemes/ngh/UC-01/": 15,
    "/milestones/": 12,
    "/risks/": 14,  # the map and the register, two lists in one page
    "/indicators/": 12,
    "/changes/": 12,
}


_WRITES = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", 'UPDATE "accounts_session"')


def queries(client: Client, address: str) -> list[str]:
    client.get(address)  # what is read once a process is read
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(address).status_code == 200, address
    sql = [query["sql"] for query in asked.captured_queries]
    # the session's own write on each request is no reading of the page's
    return [s for s in sql if not s.startswith(_WRITES)]


def lay_out(rows: int) -> Client:
    lay_out_programme(*(Row(f"UC-{n:02d}") for n in range(10, 10 + rows)))
    for n in range(rows):
        add_risk(f"RK{n}")
        add_milestone(f"M-{n}")
        add_indicator(f"I-{n}")
    return reader()


@pytest.fixture
def few(demo_clock: dt.datetime) -> Client:
    return lay_out(3)


@pytest.fixture
def many(demo_clock: dt.datetime) -> Client:
    return lay_out(30)


def test_pages_of_three_rows_keep_their_budget(few: Client) -> None:
    asked = {address: queries(few, address) for address in BUDGET}
    over = {a: (len(sql), sql) for a, sql in asked.items() if len(sql) > BUDGET[a]}
    assert not over, over


def test_pages_of_thirty_rows_ask_no_more(many: Client) -> None:
    asked = {address: len(queries(many, address)) for address in BUDGET}
    over = {a: n for a, n in asked.items() if n > BUDGET[a]}
    assert not over, over
