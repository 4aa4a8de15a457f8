"""The measures run, at the smallest sizes and without a glance at the clock, so that none rots."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import __main__ as command
from bench import report, servers
from bench.lines import Result, at_most, heard, plain, tell
from bench.timing import Timed, in_turn, percentile, timed


@pytest.fixture(scope="module")
def place() -> Iterator[servers.Place]:
    with servers.place(real=False) as found:
        yield found


@pytest.mark.parametrize("measure", ["recompute", "reading", "commit", "pages"])
def test_a_measure_runs_and_gives_its_lines(place: servers.Place, measure: str) -> None:
    found = command.measured(measure, place.own(measure), seconds=300, tiny=True)
    assert found, f"{measure} gave no line"
    assert "not finished" not in [line.what for line in found], found
    assert all(line.bound for line in found)


def test_a_measure_that_fails_says_so_and_keeps_the_lines_it_had(tmp_path: Path) -> None:
    (tmp_path / "bench").mkdir()
    line = json.dumps({"group": "G", "what": "w", "found": "1", "bound": "≤ 2", "met": True})
    program = tmp_path / "bench" / "child.py"
    program.write_text(f"print({line!r}, flush=True)\nraise SystemExit(3)\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(servers, "ROOT", tmp_path)
        found = command.measured("anything", {"PYTHONPATH": str(tmp_path)}, seconds=60)
    assert [(r.what, r.met) for r in found] == [("w", True), ("not finished", None)]
    assert found[1].note == "ended with status 3"


def test_a_measure_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    (tmp_path / "bench").mkdir()
    (tmp_path / "bench" / "child.py").write_text("import time\ntime.sleep(600)\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(servers, "ROOT", tmp_path)
        (found,) = command.measured("anything", {"PYTHONPATH": str(tmp_path)}, seconds=0.2)
    assert (found.what, found.note) == ("not finished", "ended after 0.2 s")


def test_a_bound_is_met_up_to_it_and_not_beyond() -> None:
    assert at_most("G", "w", 1.5, 1.5, unit=" ×").met is True
    assert at_most("G", "w", 1.5001, 1.5).met is False
    assert at_most("G", "w", 2, 3, unit=" s", says="≤ three").bound == "≤ three"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0"),
        (0.04213, "0.042"),
        (1.324, "1.32"),
        (17.44, "17.4"),
        (431.2, "431"),
        (12000, "12,000"),
    ],
)
def test_figures_are_short(value: float, said: str) -> None:
    assert plain(value) == said


def test_medians_spreads_and_percentiles() -> None:
    found = Timed((0.3, 0.1, 0.2), (0.2, 0.1, 0.1))
    assert (found.median, round(found.spread, 3)) == (0.2, 0.2)
    assert found.note == "median of 3, 200 ms apart; processor 100 ms"
    assert Timed((0.1, 0.1)).note == "median of 2, 0 ms apart"
    assert [percentile(range(1, 101), p) for p in (50, 95, 100)] == [50, 95, 100]
    assert percentile([], 95) == 0.0


def test_what_is_timed_runs_as_often_as_said() -> None:
    ran: list[str] = []
    found = timed(
        lambda: ran.append("work"), repeats=3, warm=2, before=lambda: ran.append("before")
    )
    assert (len(found.seconds), ran.count("work"), ran.count("before")) == (3, 5, 5)
    ran.clear()
    in_turn([lambda: ran.append("a"), lambda: ran.append("b")], repeats=2, warm=1)
    assert ran == ["a", "a", "b", "b", "a", "b"], "turn and turn about after one untimed each"


def test_the_file_names_machine_code_and_command_and_counts_what_is_met() -> None:
    lines = [
        Result("Pages", "overview", "12 queries", "≤ 15 queries", True),
        Result("Pages", "list", "3 ×", "≤ 2.5 ×", False, "slower"),
        Result("Load (L1)", "not finished", "", "", None, "ended after 1 s"),
    ]
    text = report.text(lines, note="The machine was busy.", seconds=61)
    assert "1 of 2 bounds are met; 1 could not be measured." in text
    assert "| list | 3 × | ≤ 2.5 × | not met | slower |" in text
    year = str(dt.datetime.now(dt.UTC).year)
    for wanted in (report.COMMAND, "processors", "Python", year, "The machine was busy.", "1 min"):
        assert wanted in text, wanted


def test_lines_come_back_as_they_were_told(capsys: pytest.CaptureFixture[str]) -> None:
    line = Result("G", "w", "1", "≤ 2", True, "n")
    tell(line)
    assert heard(capsys.readouterr().out) == [line]


def test_an_unknown_measure_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(["no-such"])
    assert "no-such" in capsys.readouterr().err


def test_every_measure_has_its_module() -> None:
    assert {f"{name}.py" for name in command.MEASURES} <= {
        path.name for path in (servers.ROOT / "bench").iterdir()
    }
