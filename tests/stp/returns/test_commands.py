"""The commands: their answer, their exit, and that nothing a script passes ends in a traceback."""

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command

from stp.accounts.models import User
from stp.core import faults, jobs
from stp.core.models import AuditEvent, Job, Organisation, ReportingPeriod, Return
from stp.core.permissions import Role
from stp.returns import actions
from stp.returns.actions import at_once
from tests.children import ROOT, environment
from tests.conftest import make_period
from tests.stp.returns.fake import Receive, applied, file_bytes, person

pytestmark = pytest.mark.usefixtures("lead", "june")


def run(name: str, *arguments: str) -> tuple[dict[str, Any], int]:
    """The JSON a command prints and its exit code."""
    out = StringIO()
    try:
        call_command(name, *arguments, "--json", stdout=out)
    except SystemExit as end:
        return json.loads(out.getvalue()), int(str(end.code))
    return json.loads(out.getvalue()), 0


@pytest.fixture
def file(tmp_path: Path) -> Any:
    def write(content: bytes | None = None, name: str = "june.xlsx") -> str:
        path = tmp_path / name
        path.write_bytes(file_bytes() if content is None else content)
        return str(path)

    return write


def check(path: str, *more: str, **changes: str) -> tuple[dict[str, Any], int]:
    options = {"organisation": "ngh", "period": "2017-06", **changes}
    named = [part for key, value in options.items() for part in (f"--{key}", value)]
    return run("check_return", "finance", path, *named, *more)


def commit(path: str, *more: str, **changes: str) -> tuple[dict[str, Any], int]:
    options = {"organisation": "RNS", "period": "2017-06", "by": "lead", **changes}
    named = [part for key, value in options.items() for part in (f"--{key}", value)]
    return run("commit_return", "finance", path, *named, *more)


def test_a_good_file_is_accepted_and_nothing_is_written(file: Any, settings: Any) -> None:
    answer, code = check(file(file_bytes({"A": 123456})))
    assert code == 0
    assert answer == {
        "outcome": "accepted",
        "rows": 1,
        "totals": {"schemes": 1, "forecast": "1234.56"},
        "issues": [],
    }
    assert not Return.objects.exists()
    assert not AuditEvent.objects.exists()
    assert not Path(settings.UPLOAD_ROOT).exists()


def test_warnings_are_accepted_by_name(file: Any) -> None:
    answer, code = check(file(file_bytes(warnings=["odd"])))
    assert (answer["outcome"], code) == ("accepted_with_warnings", 0)
    assert list(answer["issues"][0]) == [
        "severity", "code", "sheet", "cell", "row", "column", "found", "wanted", "message",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "code"), [(file_bytes(errors=["bad"]), "bad"), (b"REFUSE", "encrypted")]
)
def test_errors_refuse(file: Any, content: bytes, code: str) -> None:
    answer, status = check(file(content))
    assert (answer["outcome"], status) == ("refused", 1)
    assert [issue["code"] for issue in answer["issues"]] == [code]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"organisation": "nobody"}, "unknown_organisation"),
        ({"organisation": ""}, "unknown_organisation"),
        ({"organisation": " "}, "unknown_organisation"),
        ({"organisation": "ngh\x00"}, "unknown_organisation"),
        ({"organisation": "\udcff"}, "unknown_organisation"),
        ({"period": "June"}, "unknown_period"),
        ({"period": "2019-06"}, "unknown_period"),
        ({"period": "20/17"}, "unknown_period"),
        ({"period": "2017-07"}, "period_not_open"),
        ({"period": "2017-05"}, "period_closed"),
        ({"unit": "dollars"}, "unknown_unit"),
        ({"control": "schemes"}, "bad_control"),
        ({"control": "schemes=NaN"}, "bad_control"),
        ({"control": "profit=3"}, "bad_control"),
    ],
)
def test_bad_arguments_are_issues(file: Any, changes: dict[str, str], code: str) -> None:
    make_period("2017-07", "planned")
    make_period("2017-05", "closed")
    Organisation.objects.create(id="ncc", name="County Council", short="NCC", kind="council")
    answer, status = check(file(), **changes)
    assert (answer["outcome"], status) == ("refused", 1)
    assert [issue["code"] for issue in answer["issues"]] == [code]
    assert answer["issues"][0]["message"]


@pytest.mark.parametrize("organisation", ["ngh", "NGH", "rns", "RNS", " Rns "])
def test_an_organisation_by_id_or_code_in_any_case(file: Any, organisation: str) -> None:
    assert check(file(), organisation=organisation)[1] == 0


@pytest.mark.parametrize("path", ["/nowhere/june.xlsx", ".", "nul\x00.xlsx", ""])
def test_a_file_that_is_not_there(path: str) -> None:
    answer, status = check(path)
    assert (answer["issues"][0]["code"], status) == ("no_file", 1)


def test_files_too_large_or_empty(file: Any, settings: Any) -> None:
    assert check(file(b""))[0]["issues"][0]["code"] == "empty"
    settings.UPLOAD_MAX_BYTES = 5
    assert check(file())[0]["issues"][0]["code"] == "too_large"


def test_an_unknown_kind_and_a_check_that_breaks(file: Any) -> None:
    answer, status = run(
        "check_return", "poetry", file(), "--organisation", "ngh", "--period", "2017-06"
    )
    assert (answer["issues"][0]["code"], status) == ("unknown_kind", 1)
    answer, status = check(file(b"CRASH"))
    assert (answer["issues"][0]["code"], status) == ("internal_error", 1)


def test_choices_reach_the_check(file: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, Any]] = []
    real = actions.check

    def watching(return_: Return, path: Path) -> Any:
        seen.append(dict(return_.choices))
        return real(return_, path)

    monkeypatch.setattr(actions, "check", watching)
    check(file(), "--cumulative", unit="millions", control="schemes=2, plan=1.5")
    check(file())
    assert seen[0]["unit"] == "millions"
    assert seen[0]["cumulative"] is True
    assert seen[0]["control"] == {"schemes": "2", "plan": "1.5"}
    assert (seen[1]["unit"], seen[1]["default_unit"]) == ("", "thousands")


def test_people_can_read_the_answer(file: Any) -> None:
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command(
            "check_return", "finance", file(file_bytes(errors=["bad"])),
            "--organisation", "ngh", "--period", "2017-06", stdout=out,
        )  # fmt: skip
    assert out.getvalue() == "Refused: 1 rows\nerror bad [Schemes H14]: Bad bad\n"


def test_commit_prints_the_reference(file: Any) -> None:
    out = StringIO()
    call_command(
        "commit_return", "finance", file(), "--organisation", "ngh",
        "--period", "2017-06", "--by", "lead", stdout=out,
    )  # fmt: skip
    assert out.getvalue().startswith("RET-2017-06-RNS-01\n")
    return_ = Return.objects.get()
    assert (return_.state, return_.in_force, applied(return_)) == ("committed", True, 1)
    assert Job.objects.get(kind="check_return").state == Job.State.DONE
    assert Job.objects.get(kind="recompute").state == Job.State.WAITING, "it waited"
    assert AuditEvent.objects.get(verb="committed").how == "command"


def test_the_same_file_again_has_no_new_effect(file: Any) -> None:
    first, _ = commit(file())
    second, status = commit(file(name="renamed.xlsx"))
    assert (second["reference"], second["again"], status) == (first["reference"], True, 0)
    assert Return.objects.count() == 1
    assert applied(Return.objects.get()) == 1


def test_faults_are_answered_as_a_check_answers(file: Any) -> None:
    answer, status = commit(file(file_bytes(errors=["bad"])))
    assert (answer["outcome"], answer["issues"][0]["code"], status) == ("refused", "bad", 1)
    assert Return.objects.get().state == "problems"


@pytest.mark.parametrize(("reason", "status"), [("", 1), ("seen with the ledger", 0)])
def test_warnings_take_the_one_reason(file: Any, reason: str, status: int) -> None:
    answer, code = commit(file(file_bytes(warnings=["odd", "strange"])), reason=reason)
    assert code == status
    return_ = Return.objects.get()
    if status:
        assert answer["issues"][0]["code"] == "reason_missing"
        assert return_.state == "abandoned"
    else:
        assert return_.reasons == {"odd": reason, "strange": reason}


@pytest.mark.parametrize("reason", ["x" * 1_001, "half a pair \udcff", "a nul \x00 in it"])
def test_a_reason_that_cannot_be_kept(file: Any, reason: str) -> None:
    answer, code = commit(file(file_bytes(warnings=["odd"])), reason=reason)
    assert (answer["issues"][0]["code"], code) == ("bad_reason", 1)
    assert not Return.objects.exists()


@pytest.mark.parametrize(
    ("missing", "status"), [("refuse", 1), ("leave", 0), ("close", 0), ("lose", 1)]
)
def test_missing_schemes(file: Any, missing: str, status: int) -> None:
    commit(file(file_bytes({"A": 1, "B": 2})))
    answer, code = commit(file(file_bytes({"A": 1})), missing=missing)
    assert code == status
    if status:
        expected = "bad_missing" if missing == "lose" else "missing_schemes"
        assert answer["issues"][0]["code"] == expected
    else:
        assert Return.objects.latest("pk").missing == {"B": missing}


@pytest.mark.parametrize(
    ("by", "code"),
    [
        ("ghost", "unknown_person"),
        ("", "unknown_person"),
        ("\udcff", "unknown_person"),
        ("guest", "not_allowed"),
    ],
)
def test_who_may_commit(file: Any, by: str, code: str) -> None:
    person("guest", Role.BOARD)
    answer, status = commit(file(), by=by)
    assert (answer["issues"][0]["code"], status) == (code, 1)
    assert not Return.objects.exists()


def test_a_return_that_an_upload_left_waiting_is_finished(receive: Receive, file: Any) -> None:
    """The same bytes wait for their check: the command takes the job and goes on."""
    waiting = receive().return_
    answer, status = commit(file())
    assert (answer["again"], status) == (True, 0)
    waiting.refresh_from_db()
    assert waiting.reference == answer["reference"]


def test_a_check_that_another_process_holds(
    receive: Receive, file: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    waiting = receive().return_
    (job_id,) = jobs.due()
    assert jobs.claim(job_id)
    settings.JOBS = {**settings.JOBS, "check_return": (settings.JOBS["check_return"][0], 0)}
    settings.JOB_LEASE_GRACE = 0
    answer, status = commit(file())
    assert (answer["issues"][0]["code"], status) == ("still_checking", 1)
    waiting.refresh_from_db()
    assert waiting.state == "received"


def test_a_check_whose_holder_died_and_another_took_over(
    receive: Receive, file: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first attempt's lease runs out, a worker begins the second: longer than one lease."""
    waiting = receive().return_
    (job_id,) = jobs.due()
    assert jobs.claim(job_id)
    passed = 0.0  # seconds

    def time_passes(seconds: float) -> None:
        nonlocal passed
        passed += 50
        if 150 < passed <= 200:  # a worker sees the lease that ran out, and takes the job
            Job.objects.filter(pk=job_id).update(lease_until="2017-01-01T00:00:00Z")
            assert jobs.claim(job_id)
        elif 200 < passed <= 250:
            actions.run_check(Job.objects.get(pk=job_id))

    clock = SimpleNamespace(sleep=time_passes, monotonic=lambda: passed)
    monkeypatch.setattr(at_once, "time", clock)
    answer, status = commit(file())
    assert (answer["reference"], status) == (Return.objects.get().reference, 0)
    waiting.refresh_from_db()
    assert waiting.state == "committed"


def test_a_process_that_dies_leaves_a_job_a_worker_finishes(file: Any, settings: Any) -> None:
    def die(name: str) -> None:
        if name == "check.read":
            raise KeyboardInterrupt

    faults.install(die)
    try:
        with pytest.raises(KeyboardInterrupt):
            commit(file())
    finally:
        faults.install(None)
    assert Return.objects.get().state == "checking"
    Job.objects.update(lease_until="2017-01-01T00:00:00Z")
    for job_id in jobs.due():
        jobs.run(job_id)
    assert Return.objects.get().state == "ready"


def test_only_a_plan_may_name_a_year(file: Any, lead: User) -> None:
    make_period("2017-04")
    for kind, code in (("finance", "unknown_period"), ("plan", None)):
        answer, status = run(
            "check_return", kind, file(), "--organisation", "ngh", "--period", "2017/18"
        )
        codes = [issue["code"] for issue in answer["issues"] if issue["severity"] == "error"]
        assert (codes[:1] or [None])[0] == code, answer
        assert status == (1 if code else 0)


def approve(*, by: str = "director", year: str = "2017/18") -> tuple[dict[str, Any], int]:
    return run("approve_plan", "--organisation", "RNS", "--year", year, "--by", by)


def test_approve_a_plan(file: Any, director: User, ngh: Organisation) -> None:
    make_period("2017-04")
    assert approve()[0]["issues"][0]["code"] == "no_plan"
    run(
        "commit_return", "plan", file(), "--organisation", "ngh", "--period", "2017/18",
        "--by", "lead",
    )  # fmt: skip
    assert approve(by="ghost")[0]["issues"][0]["code"] == "unknown_person"
    assert approve(by="lead")[0]["issues"][0]["code"] == "not_allowed"
    assert approve(year="2030/31")[0]["issues"][0]["code"] == "unknown_period"
    answer, status = approve()
    assert (answer["reference"], answer["state"], status) == (
        "PLAN-2017-04-RNS-01",
        "signed_off",
        0,
    )
    assert ReportingPeriod.objects.get(pk="2017-06").data_version > 0


def run_in_a_process(*arguments: str, encoding: str = "utf-8") -> tuple[str, str, int]:
    """Standard output, standard error and exit of manage.py; arguments that touch no database."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        capture_output=True, cwd=ROOT, env=environment(PYTHONIOENCODING=encoding), timeout=60,
    )  # fmt: skip
    return done.stdout.decode(encoding), done.stderr.decode("utf-8", "replace"), done.returncode


@pytest.mark.parametrize("command", ["check_return", "commit_return", "approve_plan"])
def test_wrong_usage_is_answered_as_json_too(command: str) -> None:
    out, _, status = run_in_a_process(command, "--json")
    answer = json.loads(out)
    assert (answer["outcome"], answer["issues"][0]["code"], status) == (
        "refused",
        "bad_arguments",
        1,
    )
    assert "--organisation" in answer["issues"][0]["message"]


@pytest.mark.parametrize("more", [["--json"], []])
def test_a_terminal_that_knows_only_ascii_gets_its_answer(more: list[str]) -> None:
    out, err, status = run_in_a_process(
        "check_return", "£", "x.xlsx", "--organisation", "ngh", "--period", "2017-06", *more,
        encoding="ascii",
    )  # fmt: skip
    assert "unknown_kind" in out, err
    assert status == 1
    assert "Traceback" not in err


def test_a_file_that_may_not_be_read(file: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: False)
    answer, status = check(file())
    assert (answer["issues"][0]["code"], status) == ("no_file", 1)
    assert "may not be read" in answer["issues"][0]["message"]
