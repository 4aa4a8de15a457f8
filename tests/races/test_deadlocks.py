"""K7: four processes write whatever there is to write; no deadlock reaches a person."""

import json
import os
import random
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, transaction

from stp.core import again
from stp.core.models import Organisation, ReportingPeriod
from stp.core.permissions import Role
from tests import children
from tests.races.hunter import ORGANISATIONS
from tests.rounds import rounds
from tests.sent_files import lead
from tests.small_system import Row, lay_out, person, plan
from tests.together import together

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.race,
    pytest.mark.postgres,  # SQLite has one writer at a time, so no deadlock
]
PROCESSES = 4


def hunt(seed: int, seconds: int, uploads: Path) -> list[dict[str, Any]]:
    """What each process did and what reached it."""
    env = children.environment(STP_UPLOAD_DIR=str(uploads), STP_JOB_LEASE_GRACE="30")
    hunters = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.races.hunter", str(seed + n), str(seconds)],
            cwd=children.ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for n in range(PROCESSES)
    ]  # fmt: skip
    reports = []
    for hunter in hunters:
        out, err = hunter.communicate(timeout=seconds + 120)
        assert hunter.returncode == 0, err[-2000:]
        reports.append(json.loads(out.splitlines()[-1]))
    return reports


def test_no_deadlock_reaches_anybody(uploads: Path) -> None:
    lay_out(organisations=ORGANISATIONS)
    for org in ORGANISATIONS:
        plan(org, [Row(), Row("CC-01", "CC")])
        lead(org)
    for role in (Role.PMO, Role.ADMINISTRATOR, Role.AUDITOR):
        person(role)
    seed = int(os.environ.get("STP_TEST_SEED") or random.SystemRandom().randrange(10**6))
    seconds = rounds(short=8, long=60)
    reports = hunt(seed, seconds, uploads)
    done = sum((Counter(r["done"]) for r in reports), Counter[str]())
    refused = sum((Counter(r["refused"]) for r in reports), Counter[str]())
    reached = [error for r in reports for error in r["reached"]]
    print(f"K7: seed {seed}, {PROCESSES} processes, {seconds} s: {dict(done)}; refused "
          f"{dict(refused)}; second tries {sum(r['again'] for r in reports)}")  # fmt: skip
    assert not reached, f"{len(reached)} errors reached somebody: {Counter(reached).most_common(5)}"
    assert done["confirm"], "nothing was confirmed: nothing was hunted"


def crosswise(times: int, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Two actions that lock two rows in opposite order and meet; what came of them."""
    monkeypatch.setattr(again, "TIMES", times)
    lay_out(codes=("2017-06",), organisations=("ngh",))
    met, first = threading.Barrier(2), {"a": True, "b": True}

    def period() -> Any:
        return ReportingPeriod.objects.select_for_update().get()

    def organisation() -> Any:
        return Organisation.objects.select_for_update().get()

    def action(name: str, *locks: Any) -> str:
        @again.retried
        @transaction.atomic
        def both() -> str:
            locks[0]()
            if first[name]:
                first[name] = False
                met.wait(timeout=30)
            locks[1]()
            return name

        return both()

    return together(
        lambda: action("a", period, organisation), lambda: action("b", organisation, period)
    )


def test_who_was_ended_by_a_deadlock_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert crosswise(again.TIMES, monkeypatch) == ["a", "b"]


def test_twin_without_a_second_try_the_deadlock_reaches_the_person(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    outcomes = crosswise(1, monkeypatch)
    errors = [o for o in outcomes if isinstance(o, OperationalError)]
    assert [e.__cause__.pgcode for e in errors if e.__cause__] == ["40P01"], outcomes  # type: ignore[attr-defined]  # psycopg2's


def test_inside_a_callers_transaction_and_for_any_other_error_once() -> None:
    tries: list[int] = []

    @again.retried
    def breaks() -> None:
        tries.append(1)
        raise OperationalError("the disk is full")

    with pytest.raises(OperationalError):
        breaks()
    with transaction.atomic(), pytest.raises(OperationalError):
        breaks()
    assert len(tries) == 2
