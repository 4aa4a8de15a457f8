"""K3: twenty organisations send at once, then two people of one organisation different files."""

import hashlib
import threading
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Sum

from finance.models import Figure
from stp.core.models import AuditEvent, ReportingPeriod, Return
from stp.returns.actions import committing
from tests.rounds import rounds
from tests.sent_files import MONTH_PLAN, K, check, confirm, insist, lead, receive, scheme
from tests.small_system import Row, lay_out, plan
from tests.together import together

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.race,
    pytest.mark.postgres,  # SQLite's one write lock lets no two overlap
]
JUNE = "2017-06"
TWENTY = [f"o{n:02d}" for n in range(20)]


def lay_out_senders(*organisations: str) -> None:
    lay_out(codes=("2017-04", JUNE), organisations=organisations)
    for org in organisations:
        plan(org, [Row(), Row("CC-01", "CC")])


def sent(n: int) -> list[Any]:
    """Two schemes; the number of the sender shows in the first one's June."""
    return [scheme(actual=MONTH_PLAN + n * K), scheme("CC-01", line="CC")]


def june_actual(return_: Return) -> int | None:
    of_june = Figure.objects.filter(return_of=return_, kind="actual", when=JUNE)
    total: int | None = of_june.aggregate(sum=Sum("pence"))["sum"]
    return total


def check_all(returns: list[Return], workers: int = 4) -> None:
    """What several workers do at once with the checks that wait."""
    shares = [returns[n::workers] for n in range(workers)]
    outcomes = together(*[partial(lambda mine: [check(r) for r in mine], s) for s in shares])
    errors = [o for o in outcomes if isinstance(o, Exception)]
    assert not errors, errors


def good(outcomes: list[Any]) -> list[Return]:
    errors = [o for o in outcomes if isinstance(o, Exception)]
    assert not errors, errors
    return outcomes


def test_twenty_organisations_at_once_are_all_applied(uploads: Path) -> None:
    lay_out_senders(*TWENTY)
    before = ReportingPeriod.objects.get(pk=JUNE).data_version
    people = [lead(org) for org in TWENTY]
    works = [
        partial(receive, by, org, sent(n))
        for n, (by, org) in enumerate(zip(people, TWENTY, strict=True))
    ]
    returns = good(together(*works))
    check_all(returns)
    returns = [Return.objects.get(pk=r.pk) for r in returns]
    good(together(*[partial(insist, by, r) for by, r in zip(people, returns, strict=True)]))
    applied = Return.objects.in_force().filter(kind="finance", period=JUNE)
    print(f"K3: {applied.count()} of {len(TWENTY)} applied")
    assert {r.scope: june_actual(r) for r in applied} == {
        org: 2 * MONTH_PLAN + n * K for n, org in enumerate(TWENTY)
    }
    assert ReportingPeriod.objects.get(pk=JUNE).data_version == before + len(TWENTY)
    assert AuditEvent.objects.filter(verb="committed", period_id=JUNE).count() == len(TWENTY)
    kept = {hashlib.sha256((uploads / r.file_path).read_bytes()).hexdigest() for r in applied}
    assert kept == {r.sha256 for r in applied}


@pytest.mark.usefixtures("quick_reader")
def test_two_of_one_organisation_are_handled_in_the_order_they_came(uploads: Path) -> None:
    """Both click at once, time after time: versions follow each other, the last one counts."""
    lay_out_senders("ngh")
    people = [lead("ngh"), lead("ngh")]
    count = rounds(long=50)
    for number in range(count):
        pair = good(
            together(*[partial(receive, by, "ngh", sent(2 * number + n))
                       for n, by in enumerate(people)])
        )  # fmt: skip
        arrived = [int(pk) for pk in AuditEvent.objects.filter(verb="received").order_by("-pk")
                   .values_list("object_id", flat=True)[:2]][::-1]  # fmt: skip
        assert arrived == sorted(r.pk for r in pair), "rows and trail name another order"
        check_all(pair, workers=2)
        pair = [Return.objects.get(pk=r.pk) for r in pair]
        done = good(together(*[partial(insist, by, r) for by, r in zip(people, pair, strict=True)]))
        earlier, later = sorted(Return.objects.filter(pk__in=[r.pk for r in done]),
                                key=lambda r: r.version or 0)  # fmt: skip
        assert (earlier.version, later.version) == (2 * number + 1, 2 * number + 2)
        assert (earlier.state, later.state) == ("superseded", "committed")
        assert list(Return.objects.in_force().filter(kind="finance")) == [later]
        for kept in (earlier, later):
            original = (uploads / kept.file_path).read_bytes()
            assert hashlib.sha256(original).hexdigest() == kept.sha256
            assert june_actual(kept) is not None, "a version that was replaced lost its figures"
    print(f"K3: {count} pairs of one organisation, {2 * count} versions, one in force")


@pytest.mark.usefixtures("quick_reader")
def test_twin_without_the_period_s_lock_one_of_two_gets_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The guard replaced: the period is read and not held, so both work out the same version."""
    lay_out_senders("ngh")
    people = [lead("ngh"), lead("ngh")]
    pair = [check(receive(by, "ngh", sent(n))) for n, by in enumerate(people)]
    met = threading.Barrier(2)

    def unlocked(period_id: str) -> ReportingPeriod:
        return ReportingPeriod.objects.get(pk=period_id)

    def slow(return_: Return, version: int) -> str:
        met.wait(timeout=30)
        return f"RET-{version}"

    monkeypatch.setattr(committing, "lock_period", unlocked)
    monkeypatch.setattr(committing, "reference", slow)
    outcomes = together(*[partial(confirm, by, r) for by, r in zip(people, pair, strict=True)])
    errors = [type(o).__name__ for o in outcomes if isinstance(o, Exception)]
    assert errors == ["IntegrityError"], f"the race did not happen: {outcomes}"
