"""F4: PostgreSQL is restarted without a farewell while people work, again and again."""

import time

import pytest

from tests.browsers import Answer, Browser
from tests.faults.conftest import Site, until
from tests.load import report
from tests.rounds import rounds

pytestmark = [pytest.mark.redis, pytest.mark.postgres, pytest.mark.race]
RECOVERED = 10.0  # seconds after it answers again: the promise


def outside(answers: list[Answer], spans: list[tuple[float, float]]) -> list[Answer]:
    """Bad answers to requests that began and ended while the database was there."""
    return [
        a
        for a in answers
        if (a.status >= 500 or a.status == 0)
        and not any(start <= a.began + a.seconds and a.began <= end for start, end in spans)
    ]


def answers_again(site: Site) -> float:
    """Seconds until a page that reads the database is answered once more."""
    with Browser(site.stack.url) as browser:
        return until(
            lambda: browser.get("/sign-in/", "probe").status == 200, 60, "the site is not back"
        )


def test_only_503_while_it_is_away_and_all_is_well_afterwards(site: Site) -> None:
    times, spans, recoveries = rounds(short=2, long=5), [], list[float]()
    with site.people(seed=4) as load:

        def restarts() -> None:
            for _ in range(times):
                time.sleep(3)  # work between two faults
                began = time.monotonic()
                site.stack.restart("postgres")
                recoveries.append(answers_again(site))
                spans.append((began, time.monotonic()))

        load.run(0, meanwhile=restarts)
        load.run(5)
    statuses = {a.status for a in load.answers if a.status >= 500 or a.status == 0}
    print(f"F4: {times} restarts, recovered in {max(recoveries):.1f} s at most; bad statuses "
          f"{statuses}\n{report(load)}")  # fmt: skip
    assert statuses <= {503}, [a for a in load.answers if a.status in statuses - {503}][:5]
    assert outside(load.answers, spans) == [], "an error after it was back"
    assert max(recoveries) < RECOVERED, recoveries
    until(lambda: site.jobs_left() == 0, 120, "jobs left")
    assert site.unfinished(load.sent) == []
    assert site.lost(load.sent) == []
    assert site.untrue() == []


def test_twin_without_health_checks_a_stale_connection_answers_with_an_error(site: Site) -> None:
    """The guard replaced: connections are kept and not asked whether they live."""
    site.stack.stop("web")
    site.stack.environment["DJANGO_SETTINGS_MODULE"] = "tests.faults.unchecked"
    try:
        site.stack.start("web")
        with Browser(site.stack.url) as browser:
            for _ in range(20):  # every thread of the web server has a connection to keep
                assert browser.get("/sign-in/", "probe").status == 200
            site.stack.restart("postgres")
            statuses = [browser.get("/sign-in/", "probe").status for _ in range(20)]
    finally:
        site.stack.stop("web")
        site.stack.environment["DJANGO_SETTINGS_MODULE"] = "stp.settings"
        site.stack.start("web")
    assert {500, 503} & set(statuses), "no stale connection was used: F4 proves nothing of it"
