"""R1: a web server alone takes thirty files and is killed in the middle; nothing is lost."""

import threading
import time

import pytest

from tests.browsers import NoAnswer
from tests.faults.conftest import Site, until
from tests.load import Worker

pytestmark = [pytest.mark.redis, pytest.mark.postgres, pytest.mark.race]
FILES, SENDERS = 30, 10
DONE_WITHIN = 120.0


def test_thirty_files_survive_the_death_of_the_web_server(site: Site) -> None:
    for member in ("beat", "worker", "redis"):
        site.stack.stop(member)
    with site.people(SENDERS, seed=5) as load:
        half, dead = threading.Semaphore(0), threading.Event()

        def send(worker: Worker) -> None:
            """Three files each; who gets no answer sends that file again once it is back."""
            for _ in range(FILES // SENDERS):
                while True:
                    try:
                        if worker.send(len(worker.table) - 1, "upload"):
                            half.release()
                            break
                    except NoAnswer:
                        dead.wait(timeout=60)

        threads = [threading.Thread(target=send, args=[w]) for w in load.workers]
        for thread in threads:
            thread.start()
        for _ in range(FILES // 2):
            assert half.acquire(timeout=60)
        site.stack.kill("web")
        received = len(load.sent)
        site.stack.start("web")
        dead.set()
        for thread in threads:
            thread.join(timeout=120)
    assert len(load.sent) == FILES
    began = time.monotonic()
    for member in ("redis", "worker", "beat"):
        site.stack.start(member)
    until(lambda: not site.unfinished(load.sent), DONE_WITHIN, "returns not yet checked")
    took = time.monotonic() - began
    lost = site.lost(load.sent)
    print(f"R1: killed after {received} of {FILES}; all checked {took:.0f} s after the start, "
          f"{FILES - len(lost)} SHA-256 match")  # fmt: skip
    assert lost == []
    until(lambda: site.jobs_left() == 0, DONE_WITHIN, "jobs left")
    assert site.untrue() == []
