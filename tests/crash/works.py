"""What a program of the crash tests does: each is the site's own code, called as in service."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management import call_command

from stp.accounts.models import User
from stp.core import jobs
from stp.core.management.commands.run_jobs import drain
from stp.core.models import Organisation, ReportingPeriod, Return
from stp.returns import actions

CHOICES: dict[str, Any] = {"unit": "£000", "cumulative": False, "control": {}}
REASON = "It stands so in the ledger"


def receive(path: Path, organisation: str, period: str = "2017-06") -> Return:
    """Take a file in as the upload page does; its sender is the organisation's finance lead."""
    with path.open("rb") as file:
        return actions.receive(
            by=User.objects.get(username=f"lead.{organisation}"),
            kind="finance",
            organisation=Organisation.objects.get(pk=organisation),
            period=ReportingPeriod.objects.get(pk=period),
            file_name=path.name,
            chunks=iter(lambda: file.read(65_536), b""),
            choices=CHOICES,
            limited=False,
        ).return_


def confirm(pk: int) -> Return:
    """Confirm a checked return as its sender does on the preview page."""
    return_ = Return.objects.select_related("organisation", "period").get(pk=pk)
    return actions.commit(
        by=return_.received_by,
        return_=return_,
        digest=actions.preview(return_).digest,
        missing={},
        reasons=dict.fromkeys(actions.warning_codes(return_), REASON),
    )


def pipeline(path: str, organisation: str) -> None:
    """One file from upload to dashboard, web and worker in one program."""
    return_ = receive(Path(path), organisation)
    drain()
    return_.refresh_from_db()
    if return_.state == Return.State.READY:
        confirm(return_.pk)
    drain()


def commit_return(path: str, organisation: str) -> None:
    """`manage.py commit_return` for a file."""
    call_command(
        "commit_return", "finance", path, "--organisation", organisation, "--period", "2017-06",
        "--by", f"lead.{organisation}", "--reason", REASON, "--unit", "thousands", "--json",
    )  # fmt: skip


def run_one(job_id: int) -> None:
    """What a worker does with a message."""
    jobs.run(job_id)


WORKS: dict[str, Callable[..., object]] = {
    "run_jobs": lambda: call_command("run_jobs", skip_checks=True),
    "pipeline": pipeline,
    "commit_return": commit_return,
    "receive": lambda path, organisation: receive(Path(path), organisation),
    "confirm": confirm,
    "run_one": run_one,
}
