"""Days late are as of now on a page of an open period, and as counted on a closed one's."""

import datetime as dt

import pytest

from stp.core import clock
from stp.core.models import ReportingPeriod, SnapshotLine
from stp.core.periods import LONDON
from stp.dashboards import lateness

pytestmark = pytest.mark.django_db
DUE = dt.datetime(2017, 7, 18, 17, tzinfo=LONDON)


def period(state: str) -> ReportingPeriod:
    opens = dt.datetime(2017, 7, 1, tzinfo=LONDON)
    return ReportingPeriod(pk="2017-06", state=state, opens_at=opens, due_at=DUE)


def line(code: str, reason: str) -> SnapshotLine:
    return SnapshotLine(code=code, reason=reason, detail={"days_late": 2})


@pytest.mark.parametrize(
    ("state", "now", "said"),
    [
        ("open", dt.datetime(2017, 7, 24, 9, tzinfo=LONDON), "Late by 6 days; May used."),
        ("open", dt.datetime(2017, 7, 19, 9, tzinfo=LONDON), "Late by 1 day; May used."),
        ("open", dt.datetime(2017, 7, 18, 16, tzinfo=LONDON), "Late by 2 days; May used."),
        ("closed", dt.datetime(2017, 9, 1, 9, tzinfo=LONDON), "Late by 2 days; May used."),
    ],
)
def test_late_is_late_as_of_now_while_the_period_is_open(
    state: str, now: dt.datetime, said: str
) -> None:
    with clock.at(now):
        assert lateness.sentence(line("late", "Late by 2 days; May used."), period(state)) == said
        (entry,) = lateness.missing([{"short": "NGH", "days_late": 2}], period(state))
        assert f"{entry['days_late']} day" in said
        assert entry["short"] == "NGH"


def test_what_came_stays_as_it_was_said() -> None:
    with clock.at(dt.datetime(2017, 7, 24, 9, tzinfo=LONDON)):
        received = line("received_late", "Received 1 day late.")
        assert lateness.sentence(received, period("open")) == "Received 1 day late."
