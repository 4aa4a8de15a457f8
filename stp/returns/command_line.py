"""What `check_return` and `commit_return` share: their arguments, and their answer as JSON.

Everything that is wrong with an argument is an issue of the answer, never a traceback.
"""

import argparse
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, OutputWrapper

from stp.core import clock, periods
from stp.core.models import Organisation, ReportingPeriod, Return
from stp.core.money import Unit, pounds_text
from stp.core.request import through
from stp.core.returns import Checked
from stp.core.sheets import Issue, Severity, visible
from stp.returns import actions, kinds, storage
from stp.returns.actions.checking import storable
from stp.returns.refusals import Refusal

logger = logging.getLogger(__name__)

CONTROLS = ("schemes", "plan", "actual", "forecast")
_CHUNK = 64 * 1024


class BadArgument(Refusal):
    """An argument that names nothing we know: `code` says which."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Asked:
    """The arguments, understood. `choices` is what Return.choices holds."""

    kind: str
    path: Path
    organisation: Organisation
    period: ReportingPeriod
    choices: Mapping[str, Any]

    def chunks(self) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk


class ReturnCommand(BaseCommand):
    """A command whose wrong usage is an answer too: a script that asked for JSON gets JSON."""

    # They take the database's write lock, so a long load elsewhere would end in a plain error.
    requires_system_checks = ()

    def run_from_argv(self, argv: list[str]) -> None:
        if "--json" in argv:
            parser = self.create_parser(argv[0], argv[1])
            parser.called_from_command_line = False  # it raises then
            try:
                parser.parse_args(argv[2:])
            except CommandError as error:
                write(
                    self.stdout,
                    refused("bad_arguments", str(error).removeprefix("Error: ")),
                    as_json=True,
                )
                sys.exit(1)
        super().run_from_argv(argv)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", metavar="KIND", help="finance or plan")
    parser.add_argument("file", metavar="FILE", help="an .xlsx or .csv file")
    parser.add_argument("--organisation", required=True, help="id or ODS code, any case")
    parser.add_argument("--period", required=True, help="2017-06, or 2017/18 for a plan")
    parser.add_argument("--unit", default="", help="pounds, thousands or millions")
    parser.add_argument("--cumulative", action="store_true", help="figures run from April on")
    parser.add_argument("--control", default="", help="schemes=N,plan=X,actual=X,forecast=X")
    parser.add_argument("--json", action="store_true", help="answer as JSON")


def asked(options: Mapping[str, Any]) -> Asked:
    """Understand the arguments; BadArgument, UnknownKind, FileRefused, PeriodClosed … else."""
    kinds.of(options["kind"])
    organisation = find_organisation(options["organisation"])
    period = find_period(options["period"], options["kind"])
    actions.check_open(options["kind"], period)
    return Asked(
        kind=options["kind"],
        path=_file(options["file"]),
        organisation=organisation,
        period=period,
        choices={
            "unit": _unit(options["unit"]),
            "default_unit": Unit.THOUSANDS.value,
            "cumulative": bool(options["cumulative"]),
            "control": control_totals(options["control"]),
        },
    )


def find_organisation(text: str) -> Organisation:
    """By id or ODS code, in any case; BadArgument otherwise."""
    # A database takes neither NUL nor half a surrogate pair for text.
    found = Organisation.objects.get_by_code(text) if text.isprintable() else None
    if found is None:
        raise BadArgument("unknown_organisation", f"“{visible(text)}” is no organisation we know.")
    return found


def find_period(text: str, kind: str = Return.Kind.PLAN) -> ReportingPeriod:
    """By code; a plan also by its financial year, which means its first month. BadArgument."""
    if "/" in text and kind != Return.Kind.PLAN:
        sentence = f"“{text}” is a year; this return is for a month. Write it as 2017-06."
        raise BadArgument("unknown_period", sentence)
    try:
        code = (periods.first_period(text) if "/" in text else periods.parse(text)).code
    except periods.BadPeriod as bad:
        raise BadArgument("unknown_period", str(bad)) from None
    found = ReportingPeriod.objects.select_related("closed_by").filter(pk=code).first()
    if found is None:
        raise BadArgument("unknown_period", f"There is no reporting period {code} here.")
    return found


def _file(name: str) -> Path:
    path = Path(name)
    try:
        size = path.stat().st_size if path.is_file() else None
    except (OSError, ValueError):  # a NUL in the name is a ValueError
        size = None
    if size is None:
        raise BadArgument("no_file", f"There is no file “{storage.shown_name(name)}”.")
    if not os.access(path, os.R_OK):
        sentence = f"The file “{path.name}” may not be read by the user who runs this command."
        raise BadArgument("no_file", sentence)
    if size == 0:
        raise storage.FileRefused("empty", "The selected file is empty")
    if size > settings.UPLOAD_MAX_BYTES:
        raise storage.too_large()
    return path


def _unit(text: str) -> str:
    if text and text not in tuple(Unit):
        wanted = ", ".join(Unit)
        raise BadArgument("unknown_unit", f"“{text}” is no unit. Wanted: {wanted}.")
    return text


def control_totals(text: str) -> dict[str, str]:
    """{"schemes": "12", "plan": "3400.5", …} in the file's unit; BadArgument if unreadable."""
    totals: dict[str, str] = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        name, _, value = part.partition("=")
        try:
            number = Decimal(value.strip())
        except InvalidOperation:
            number = Decimal("NaN")
        if name.strip() not in CONTROLS or not number.is_finite():
            wanted = ",".join(f"{c}={'N' if c == 'schemes' else 'X'}" for c in CONTROLS)
            raise BadArgument("bad_control", f"“{part}” is no control total. Wanted: {wanted}.")
        totals[name.strip()] = value.strip()
    return totals


def check(wanted: Asked) -> Checked:
    """Everything an upload of the file would find. Writes nothing."""
    return_ = Return(
        kind=wanted.kind,
        scope=wanted.organisation.pk,
        organisation=wanted.organisation,
        period=wanted.period,
        file_name=storage.shown_name(wanted.path.name),
        choices=dict(wanted.choices),
        received_at=clock.now(),
    )
    return actions.check(return_, wanted.path)


ISSUE_KEYS = ("severity", "code", "sheet", "cell", "row", "column", "found", "wanted", "message")
# Totals that count or say something; every other whole number of a check is pence.
NOT_MONEY = ("schemes", "rows", "blank_rows")


def answer(rows: int, totals: Mapping[str, Any], issues: list[dict[str, Any]]) -> dict[str, Any]:
    """The answer both commands give; money in pounds as text with two decimals."""
    errors = any(issue["severity"] == Severity.ERROR for issue in issues)
    warned = "accepted_with_warnings" if issues else "accepted"
    return {
        "outcome": "refused" if errors else warned,
        "rows": rows,
        "totals": {key: _total(key, value) for key, value in totals.items()},
        "issues": [{key: issue[key] for key in ISSUE_KEYS} for issue in issues],
    }


def _total(key: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _total(name, part) for name, part in value.items()}
    is_pence = isinstance(value, int) and not isinstance(value, bool) and key not in NOT_MONEY
    return pounds_text(value) if is_pence else value


def refused(code: str, message: str) -> dict[str, Any]:
    """The answer when the file was not even read, or not committed."""
    return answer(0, {}, [Issue(Severity.ERROR, code, message).as_dict()])


def run(
    out: OutputWrapper, *, as_json: bool, name: str, work: Callable[[], dict[str, Any]]
) -> None:
    """Do the work, print its answer, and exit 1 when it refused."""
    try:
        with through("command", name):
            result = work()
    except Refusal as refusal:
        result = refused(refusal.code, str(refusal))
    except Exception as error:
        # A script that reads our JSON must get JSON, whatever broke.
        logger.error("%s: %s: %s", name, type(error).__name__, error)
        result = refused("internal_error", f"The check broke off ({type(error).__name__}).")
    write(out, result, as_json=as_json)
    if result["outcome"] == "refused":
        raise SystemExit(1)


def write(out: OutputWrapper, result: Mapping[str, Any], *, as_json: bool) -> None:
    """Print an answer, whatever characters the terminal or pipe can take."""
    if as_json:
        out.write(json.dumps(storable(result)))
        return
    encoding = getattr(out, "encoding", None) or "utf-8"
    text = "\n".join(_lines(result))
    out.write(text.encode(encoding, "backslashreplace").decode(encoding))


def _lines(result: Mapping[str, Any]) -> Iterator[str]:
    if result.get("reference"):
        yield result["reference"]
    yield f"{result['outcome'].replace('_', ' ').capitalize()}: {result['rows']} rows"
    for issue in result["issues"]:
        where = " ".join(filter(None, (issue["sheet"], issue["cell"])))
        yield f"{issue['severity']} {issue['code']}{f' [{where}]' if where else ''}: " + str(
            issue["message"]
        )
