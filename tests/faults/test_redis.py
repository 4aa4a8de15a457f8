"""F1, F2: Redis is gone, or there and silent, while people work."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.browsers import Browser
from tests.faults.conftest import SWEEP_SECONDS, Site, until
from tests.load import Load, Worker, faults, report
from tests.load_system import senders
from tests.rounds import rounds

pytestmark = [pytest.mark.redis, pytest.mark.postgres, pytest.mark.race]
FEW = 3  # on a busy machine the answers of many are slow without any fault
AT_MOST = 3.0  # seconds a request may take while Redis is silent: the promise of F2


def uploads_and_sign_in(site: Site, load: Load, wrong: list[str]) -> None:
    """What must go on while Redis is away: one upload by each person, and a new sign-in."""
    for worker in load.workers:
        with Browser(site.stack.url, cookies=worker.browser.cookies) as browser:
            own = Worker(browser, worker.organisation, worker.period, worker.chance,
                         worker.table, number=500)  # fmt: skip
            if own.send(len(worker.table) - 1, "upload") is None:
                wrong.append(f"an upload of {worker.organisation} was not accepted")
        worker.sent += own.sent
        worker.browser.answers += browser.answers
    with Browser(site.stack.url) as browser:
        if not browser.sign_in(*senders()[-1]):
            wrong.append("nobody could sign in")
    load.workers[0].browser.answers += browser.answers


def judge(site: Site, load: Load, within: float) -> float:
    """No 5xx, nothing lost, every job done `within` seconds; how long that took."""
    bad = faults(load.answers)
    assert not bad, f"{len(bad)} bad answers, the first: {bad[0]}"
    took = until(lambda: site.jobs_left() == 0, within, "jobs left")
    assert site.unfinished(load.sent) == []
    assert site.lost(load.sent) == []
    assert site.untrue() == []
    return took


def test_while_redis_is_down_people_work_and_afterwards_every_job_is_done(site: Site) -> None:
    down, wrong = rounds(short=5, long=120), list[str]()

    with site.people() as load:

        def redis_goes_and_comes() -> None:
            site.stack.stop("redis")
            began = time.monotonic()
            uploads_and_sign_in(site, load, wrong)
            time.sleep(max(0.0, down - (time.monotonic() - began)))  # the length of the fault
            site.stack.start("redis")

        load.run(down, meanwhile=redis_goes_and_comes)
    assert wrong == []
    took = judge(site, load, within=90)
    print(f"F1: Redis away {down} s; {len(load.sent)} uploads, all done {took:.0f} s after\n"
          f"{report(load)}")  # fmt: skip


@contextmanager
def silence(port: int) -> Iterator[None]:
    """A server on Redis's port that takes every connection and never says a word."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(200)
        held: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    held.append(listener.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for connection in held:
                connection.close()
            thread.join(timeout=10)


def test_a_silent_redis_keeps_nobody_waiting(site: Site) -> None:
    down, wrong = rounds(short=5, long=60), list[str]()
    with site.people(FEW, seed=1) as load:
        load.run(4)
        usual = max(a.seconds for a in load.answers)  # what a busy machine takes anyway
        load.forget()
        site.stack.stop("redis")

        def redis_is_silent() -> None:
            with silence(site.stack.ports["redis"]):
                began = time.monotonic()
                uploads_and_sign_in(site, load, wrong)
                time.sleep(max(0.0, down - (time.monotonic() - began)))  # the length of the fault

        try:
            load.run(down, meanwhile=redis_is_silent)
        finally:
            site.stack.start("redis")
    assert wrong == []
    slowest = max(load.answers, key=lambda a: a.seconds)
    took = judge(site, load, within=90)
    print(f"F2: Redis silent {down} s; the slowest answer {slowest.seconds:.2f} s, all done "
          f"{took:.0f} s after\n{report(load)}")  # fmt: skip
    allowed = AT_MOST if usual < 1 else AT_MOST + usual
    assert slowest.seconds < allowed, f"{slowest}; before the fault {usual:.1f} s at most"


def one_upload(site: Site, seed: int) -> float:
    """Seconds that one person's upload takes."""
    with site.people(1, seed=seed) as load:
        assert load.workers[0].send(5, "upload")
        return max(a.seconds for a in load.answers if a.kind == "upload")


def test_twin_a_patient_nudge_keeps_the_sender_waiting(site: Site) -> None:
    """The guard replaced in the web server: a nudge without its limits."""
    environment = site.stack.environment
    site.stack.stop("web")
    site.stack.stop("redis")
    environment["DJANGO_SETTINGS_MODULE"] = "tests.faults.patient"
    try:
        site.stack.start("web")
        with silence(site.stack.ports["redis"]):
            took = one_upload(site, seed=2)
    finally:
        site.stack.stop("web")
        environment["DJANGO_SETTINGS_MODULE"] = "stp.settings"
        site.stack.start("redis")
        site.stack.start("web")
    assert took > AT_MOST, f"{took:.1f} s: the silent server was no obstacle"


def test_twin_without_a_sweep_what_was_sent_meanwhile_stays(site: Site) -> None:
    """The guard taken away: beat is stopped, so nobody looks for what a lost nudge left behind."""
    until(lambda: site.jobs_left() == 0, 90, "jobs left before the twin")
    for member in ("beat", "worker", "redis"):
        site.stack.stop(member)
    one_upload(site, seed=3)
    try:
        site.stack.start("redis")
        site.stack.start("worker")
        time.sleep(5 * SWEEP_SECONDS)  # nothing is to happen, so there is nothing to wait for
        assert site.jobs_left() > 0, "it was done without a sweep: F1 proves nothing of it"
    finally:
        site.stack.start("beat")
    until(lambda: site.jobs_left() == 0, 90, "jobs left with beat back")
