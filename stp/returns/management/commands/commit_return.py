"""manage.py commit_return: check and commit a file in this process, and print the reference."""

from typing import Any

from django.core.management.base import CommandParser

from stp.returns import actions, command_line, queries
from stp.returns.actions.checking import storable


class Command(command_line.ReturnCommand):
    help = "Check and commit a return file; requests the recompute and does not wait for it."

    def add_arguments(self, parser: CommandParser) -> None:
        command_line.add_arguments(parser)
        parser.add_argument("--by", required=True, help="username of the sender")
        parser.add_argument("--reason", default="", help="reason given for every warning")
        parser.add_argument(
            "--missing", default="refuse", help="schemes the file leaves out: leave, close, refuse"
        )

    def handle(self, **options: Any) -> None:
        command_line.run(
            self.stdout,
            as_json=options["json"],
            name="commit_return",
            work=lambda: _commit(options),
        )


def _commit(options: dict[str, Any]) -> dict[str, Any]:
    asked = command_line.asked(options)
    by = queries.person(options["by"])
    if by is None:
        raise command_line.BadArgument("unknown_person", f"Nobody is called “{options['by']}”.")
    if options["missing"] not in ("leave", "close", "refuse"):
        raise command_line.BadArgument(
            "bad_missing", f"“{options['missing']}” is not leave, close or refuse."
        )
    reason = options["reason"]
    if len(reason) > actions.REASON_LIMIT or storable(reason) != reason:
        raise command_line.BadArgument(
            "bad_reason", f"Give a reason of at most {actions.REASON_LIMIT:,} plain characters."
        )
    try:
        received = actions.send(
            by=by,
            kind=asked.kind,
            organisation=asked.organisation,
            period=asked.period,
            file_name=asked.path.name,
            chunks=asked.chunks(),
            choices=asked.choices,
            reason=reason,
            missing=options["missing"],
        )
    except actions.Faulty as faulty:
        found = faulty.return_
        return command_line.answer(found.row_count, found.totals, found.issues)
    return_ = received.return_
    result = command_line.answer(return_.row_count, return_.totals, return_.issues)
    again = {"again": received.again, "state": return_.state, "version": return_.version}
    return {"reference": return_.reference, **again, **result}
