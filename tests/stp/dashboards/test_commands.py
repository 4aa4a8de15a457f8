"""`recompute` and `show_snapshot`: what scripts read, never a traceback."""

import datetime as dt
import io
import json
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from stp.core.models import ReportingPeriod
from stp.dashboards.actions import recompute
from tests.small_system import K, Row, lay_out, plan, send

pytestmark = pytest.mark.django_db
KEYS = {"year", "line", "organisation", "gap", "plan", "delivered", "secure", "at_risk",
        "slippage", "unidentified"}  # fmt: skip
LINES = {None, "UC", "CC", "SC", "PR", "PD", "EFF", "NONE"}


@pytest.fixture(autouse=True)
def _small(demo_clock: dt.datetime) -> None:
    lay_out(organisations=("ngh", "kgh"))
    plan("ngh", [Row(), Row("CIP-1", "CIP"), Row("ASC-1", "ASC")])
    send("ngh", "2017-06", [Row(), Row("CIP-1", "CIP"), Row("ASC-1", "ASC")])


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def shown(*arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("show_snapshot", "--json", *arguments))
    return found


def test_the_newest_open_period_is_shown() -> None:
    recompute("2017-06")
    found = shown()
    assert (found["period"], found["version"], found["behind"]) == ("2017-06", 1, False)
    assert found["known_at"].startswith("2017-07-24T09:00")
    assert found["data_version"] == ReportingPeriod.objects.get(pk="2017-06").data_version
    assert found["trust"]["expected"] == 2
    assert {s["id"] for s in found["schemes"]} == {"ngh/UC-01", "ngh/CIP-1", "ngh/ASC-1"}
    assert {w["id"] for w in found["workstreams"]} == {"UC", "CC", "SC", "PR", "PD", "EN1", "EFF"}
    assert found["programme"]["detail"]["position"]
    assert {x["line"] for x in found["lines"]} == LINES - {None}


def test_money_is_text_in_pounds_with_two_decimals() -> None:
    recompute("2017-06")
    scheme = next(s for s in shown()["schemes"] if s["id"] == "ngh/UC-01")
    assert (scheme["plan"], scheme["delivered"]) == ("120000.00", "30000.00")
    assert scheme["detail"]["months"][0]["plan"] == "10000.00"
    assert scheme["detail"]["years"]["2018/19"]["forecast"] == "120000.00"
    assert scheme["returns"] == ["FIN-2017-06-ngh-01", "PLA-2017-04-ngh-01"]


def test_the_bridge_has_its_rows_its_keys_and_adds_up() -> None:
    recompute("2017-06")
    bridge = shown()["bridge"]
    assert all(set(row) == KEYS for row in bridge)
    for year in ("2017/18", "2018/19", "2019/20", "2020/21"):
        of = [(r["line"], r["organisation"]) for r in bridge if r["year"] == year]
        assert len(of) == len(set(of))
        assert {line for line, org in of if org is None} == LINES
        assert {org for line, org in of if line is None} == {None, "ngh", "kgh"}
        assert {pair for pair in of if None not in pair} == {("UC", "ngh"), ("EFF", "ngh")}
    for row in bridge:
        parts = [Decimal(row[k]) for k in ("delivered", "secure", "at_risk", "slippage")]
        assert Decimal(row["plan"]) == sum(parts), row
        assert (row["gap"] is None) == (row["unidentified"] is None), row
        if row["gap"] is not None:
            assert Decimal(row["gap"]) == Decimal(row["plan"]) + Decimal(row["unidentified"]), row
    whole = next(
        r for r in bridge if (r["year"], r["line"], r["organisation"]) == ("2020/21", None, None)
    )
    assert whole["gap"] == f"{7 * 1_000 * K / 100:.2f}"


def test_a_period_without_a_snapshot_shows_nothing_rather_than_zeros() -> None:
    found = shown("--period", "2017-04")
    assert (found["version"], found["programme"], found["bridge"]) == (0, None, [])


@pytest.mark.parametrize("code", ["2031-01", "June", "2017-14", ""])
def test_a_period_there_is_not_is_a_sentence(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    if not code:
        ReportingPeriod.objects.all().update(state="planned")
        assert shown()["period"] == "2017-06", "no open period: the newest"
        return
    out = io.StringIO()
    with pytest.raises(SystemExit) as stop:
        call_command("show_snapshot", "--json", "--period", code, stdout=out)
    assert stop.value.code == 1
    assert "period" in json.loads(out.getvalue())["error"]


def test_for_people_it_prints_the_rating_and_why() -> None:
    recompute("2017-06")
    text = run("show_snapshot", "--period", "2017-06")
    assert "June 2017, version 1" in text


def test_for_people_a_wrong_period_is_a_sentence_too() -> None:
    errors = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("show_snapshot", "--period", "2031-01", stderr=errors)
    assert "There is no reporting period 2031-01." in errors.getvalue()


def test_recompute_says_what_it_published() -> None:
    text = run("recompute", "--period", "2017-06")
    assert "June 2017: version 1" in text
    assert "May 2017" not in text


def test_recompute_of_all_takes_the_open_periods_oldest_first() -> None:
    names = [line.split(":")[0] for line in run("recompute", "--all").splitlines()]
    assert names == ["April 2017", "May 2017", "June 2017"]
    assert run("recompute") == "", "nothing is behind any more"


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("2031-01", "There is no reporting period"),
        ("x", "Write it as 2017-06"),
        ("2017-04", "do not move"),
    ],
)
def test_recompute_refuses_with_a_sentence(code: str, sentence: str) -> None:
    ReportingPeriod.objects.filter(pk="2017-04").update(state="closed")
    with pytest.raises(CommandError, match=sentence):
        run("recompute", "--period", code)
