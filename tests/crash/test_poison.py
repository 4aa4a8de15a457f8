"""Q1: a file that kills every process that reads it: three attempts, then set apart and shown."""

import time

import pytest
from django.test import Client

from stp.accounts.models import User
from stp.core.models import AuditEvent, Job, Return
from stp.core.permissions import Role
from tests.crash.conftest import ORGANISATIONS, World, until
from tests.crash.nursery import Child
from tests.programme import reader, words

pytestmark = [pytest.mark.race]
GOOD = 20
WITHIN = 60  # seconds, RELIABILITY.md Q1
State = Return.State


class Supervisor:
    """What keeps a worker running in service: a new one as soon as one ends."""

    def __init__(self, world: World, **env: str) -> None:
        self.world, self.env = world, env
        self.deaths = 0
        self.worker: Child = world.start("run_jobs", **env)

    def look(self) -> None:
        if self.worker.poll() is not None:
            self.deaths += 1
            self.worker = self.world.start("run_jobs", **self.env)


def states(returns: list[Return]) -> set[str]:
    found = Return.objects.filter(pk__in=[r.pk for r in returns])
    return set(found.values_list("state", flat=True))


def test_a_poison_file_is_given_up_and_the_others_are_checked(world: World) -> None:
    supervisor = Supervisor(world, CRASH_POISON="poison.csv")
    began = time.monotonic()
    poison = world.receive(world.file("poison.csv", seed=99), "jjj")
    good = [
        world.receive(world.file(f"good{n}.csv", seed=n, rows=3), ORGANISATIONS[n % 9])
        for n in range(GOOD)
    ]

    def over() -> bool:
        supervisor.look()
        poison.refresh_from_db()
        return states(good) == {State.READY} and poison.state == State.UNREADABLE

    until(over, lambda: f"good ones: {states(good)}, poison: {poison.state}", WITHIN)
    took = time.monotonic() - began
    job = Job.objects.get(key=str(poison.pk))
    assert (job.state, job.attempt, supervisor.deaths) == (Job.State.QUARANTINED, 3, 3)
    assert set(Job.objects.exclude(pk=job.pk).filter(kind="check_return").values_list(
        "state", flat=True)) == {Job.State.DONE}  # fmt: skip
    assert AuditEvent.objects.get(verb="gave up reading").return_id == poison.pk
    print(f"Q1: 3 attempts, 3 deaths, quarantined; {GOOD} good files checked within {took:.0f} s")
    shown_to_sender_and_office(poison)


def shown_to_sender_and_office(poison: Return) -> None:
    """Its page says what happened and what to do; the list of returns leads there."""
    sender = Client()
    sender.force_login(User.objects.get(username="lead.jjj"))
    for person in (sender, reader(Role.PMO)):
        page = person.get(f"/returns/{poison.pk}/", follow=True)
        assert page.status_code == 200
        assert "could not be read after 3 attempts" in words(page)
        listed = person.get("/returns/")
        assert f'href="/returns/{poison.pk}/"' in listed.content.decode()
        assert "Could not be read" in words(listed)


def test_twin_without_a_count_of_attempts_it_kills_for_ever(world: World) -> None:
    supervisor = Supervisor(world, CRASH_POISON="poison.csv", CRASH_TWIN="count no attempts")
    poison = world.receive(world.file("poison.csv", seed=99), "jjj")

    def fourth_death() -> bool:
        supervisor.look()
        return supervisor.deaths > 3

    until(fourth_death, lambda: "the twin gave up too: the guard is elsewhere")
    poison.refresh_from_db()
    assert poison.state == State.CHECKING
