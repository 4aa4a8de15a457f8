"""The oracle itself: it finds nothing in a sound database, and each thing that can be wrong."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection

from stp.core import triggers
from stp.core.models import Return
from tests.children import database_url
from tests.crash import oracle
from tests.crash.conftest import World

pytestmark = [pytest.mark.race]


@pytest.fixture
def sound(world: World) -> World:
    """Three organisations: a .csv, a .xlsx, and a return superseded by another."""
    world.finish(world.file("first.csv", seed=1), "aaa")
    world.finish(world.file("second.xlsx", seed=2), "bbb")
    world.finish(world.file("third.csv", seed=3), "ccc")
    world.finish(world.file("fourth.csv", seed=4), "ccc")
    return world


@contextmanager
def broken(break_it: str, mend_it: str) -> Iterator[None]:
    """The database with one thing wrong; the trail of audit is open meanwhile."""
    triggers.drop(connection)
    try:
        with connection.cursor() as cursor:
            cursor.execute(break_it)
            assert cursor.rowcount == 1, break_it
        yield
        with connection.cursor() as cursor:
            cursor.execute(mend_it)
    finally:
        triggers.install(connection)


BREAKS = {
    "a penny": (
        "UPDATE finance_figure SET pence = pence + 1 WHERE id = (SELECT MAX(id) FROM "
        "finance_figure WHERE pence IS NOT NULL)",
        "UPDATE finance_figure SET pence = pence - 1 WHERE id = (SELECT MAX(id) FROM "
        "finance_figure WHERE pence IS NOT NULL)",
        "figures differ",
    ),
    "a figure row missing": (
        "UPDATE finance_figure SET return_of_id = (SELECT MIN(id) FROM core_return), "
        '"when" = \'2099-01\' WHERE id = (SELECT MAX(id) FROM finance_figure)',
        "UPDATE finance_figure SET return_of_id = (SELECT MAX(id) FROM core_return), "
        '"when" = \'2020/21\' WHERE id = (SELECT MAX(id) FROM finance_figure)',
        "1 figures differ",
    ),
    "no audit event": (
        "UPDATE core_auditevent SET verb = 'looked at' WHERE id = (SELECT MAX(id) FROM "
        "core_auditevent WHERE verb = 'committed')",
        "UPDATE core_auditevent SET verb = 'committed' WHERE verb = 'looked at'",
        "0 committed events",
    ),
    "two audit events": (
        "UPDATE core_auditevent SET verb = 'committed', object_label = 'twice' WHERE id = "
        "(SELECT MAX(id) FROM core_auditevent WHERE verb = 'checked')",
        "UPDATE core_auditevent SET verb = 'checked' WHERE object_label = 'twice'",
        "2 committed events",
    ),
    "a stale line": (
        "UPDATE core_snapshotline SET forecast_pence = forecast_pence - 1 WHERE id = "
        "(SELECT MAX(id) FROM core_snapshotline WHERE subject = 'scheme')",
        "UPDATE core_snapshotline SET forecast_pence = forecast_pence + 1 WHERE id = "
        "(SELECT MAX(id) FROM core_snapshotline WHERE subject = 'scheme')",
        "scheme lines differ",
    ),
    "a line nobody pointed to": (
        "UPDATE core_snapshotline SET from_version = 99 WHERE id = (SELECT MAX(id) FROM "
        "core_snapshotline WHERE subject = 'organisation')",
        "UPDATE core_snapshotline SET from_version = 4 WHERE from_version = 99",
        "versions not published",
    ),
    "a snapshot behind": (
        "UPDATE core_reportingperiod SET data_version = data_version + 1 WHERE code = '2017-06'",
        "UPDATE core_reportingperiod SET data_version = data_version - 1 WHERE code = '2017-06'",
        "1 changes are not in its snapshot",
    ),
    "a job left": (
        "UPDATE core_job SET state = 'running' WHERE id = (SELECT MAX(id) FROM core_job)",
        "UPDATE core_job SET state = 'done' WHERE id = (SELECT MAX(id) FROM core_job)",
        "is left running",
    ),
    "a fourth attempt": (
        "UPDATE core_job SET attempt = 4 WHERE id = (SELECT MAX(id) FROM core_job)",
        "UPDATE core_job SET attempt = 1 WHERE id = (SELECT MAX(id) FROM core_job)",
        "tried 4 times",
    ),
    "a return left half-way": (
        "UPDATE core_return SET state = 'ready' WHERE id = (SELECT MAX(id) FROM core_return)",
        "UPDATE core_return SET state = 'committed' WHERE id = (SELECT MAX(id) FROM core_return)",
        "is left ready",
    ),
    "nothing in force": (
        "UPDATE core_return SET in_force = (1 = 0) WHERE id = (SELECT MAX(id) FROM core_return)",
        "UPDATE core_return SET in_force = (1 = 1) WHERE id = (SELECT MAX(id) FROM core_return)",
        "in force of ('finance', 'ccc', '2017-06'): []",
    ),
}  # fmt: skip


def test_a_sound_database_is_equal_and_each_break_is_found(sound: World) -> None:
    began = time.monotonic()
    verdict = sound.must_be_right("Oracle")
    assert verdict.counted["applied"] == 4
    assert verdict.counted["rows"] == 48
    assert verdict.counted["figures"] == 48 * 42
    assert verdict.counted["scheme lines"] == 36
    for name, (break_it, mend_it, said) in BREAKS.items():
        with broken(break_it, mend_it):
            found = sound.verdict().faults
        assert any(said in fault for fault in found), f"{name} was not found: {found}"
    sound.must_be_right("Oracle, all mended")
    print(f"Oracle: {len(BREAKS)} breaks found, {time.monotonic() - began:.1f} s")


def test_files_are_compared_too(sound: World) -> None:
    orphan = sound.uploads / "nobody"
    orphan.write_bytes(b"whose?")
    assert any("files of no return: ['nobody']" in fault for fault in sound.verdict().faults)
    orphan.unlink()
    kept = sound.uploads / Return.objects.latest("pk").file_path
    content = kept.read_bytes()
    os.chmod(kept, 0o600)
    kept.write_bytes(content.replace(b"1", b"2", 1))
    assert any("its file was changed" in fault for fault in sound.verdict().faults)
    kept.unlink()
    assert any("its file is missing" in fault for fault in sound.verdict().faults)
    kept.write_bytes(content)
    sound.confirmed.add("another file")
    assert any("confirmed but not applied" in fault for fault in sound.verdict().faults)


def test_a_doubled_figure_is_found_where_the_database_would_let_it_in() -> None:
    """Both databases refuse it by a constraint, so the row is told to the oracle twice."""
    verdict = oracle.Verdict()

    class Twice:
        def rows(self, sql: str, *values: object) -> list[tuple[object, ...]]:
            return [("UC-01", "plan", "2017-04", 100, "")] * 2

    oracle._stored(Twice(), 1, verdict)  # type: ignore[arg-type] # a database of one answer
    assert verdict.faults == ["return 1: 1 figures doubled"]


def test_as_a_command_it_prints_and_answers(
    sound: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url())
    assert oracle.main([str(sound.uploads)]) == 0
    assert "4 applied" in capsys.readouterr().out
    assert oracle.main([str(sound.folder)]) == 1
    assert "file is missing" in capsys.readouterr().out


def test_the_oracle_imports_nothing_of_the_site() -> None:
    text = Path(oracle.__file__).read_text(encoding="utf-8")
    taken = [line for line in text.splitlines() if line.startswith(("import ", "from "))]
    ours = [line for line in taken if line.split()[1].split(".")[0] in OURS]
    assert not ours, ours


OURS = ("stp", "finance", "workstreams", "indicators", "tests", "django")
