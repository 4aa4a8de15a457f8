"""manage.py approve_plan: sign off an organisation's plan of a year, as a second person."""

from typing import Any

from django.core.management.base import CommandParser

from stp.returns import actions, command_line, queries


class Command(command_line.ReturnCommand):
    help = "Approve the plan return in force of an organisation and year, by its reference's name."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organisation", required=True, help="id or ODS code, any case")
        parser.add_argument("--year", required=True, help="2017/18")
        parser.add_argument("--by", required=True, help="username of the approver")
        parser.add_argument("--json", action="store_true", help="answer as JSON")

    def handle(self, **options: Any) -> None:
        command_line.run(
            self.stdout,
            as_json=options["json"],
            name="approve_plan",
            work=lambda: _approve(options),
        )


def _approve(options: dict[str, Any]) -> dict[str, Any]:
    organisation = command_line.find_organisation(options["organisation"])
    period = command_line.find_period(options["year"])
    by = queries.person(options["by"])
    if by is None:
        raise command_line.BadArgument("unknown_person", f"Nobody is called “{options['by']}”.")
    plan = queries.plan_in_force(organisation, period)
    if plan is None:
        raise command_line.BadArgument(
            "no_plan", f"{organisation} has no committed plan return for {period.year}."
        )
    approved = actions.approve_plan(by=by, return_=plan)
    result = command_line.answer(approved.row_count, approved.totals, [])
    return {"reference": approved.reference, "state": approved.state, **result}
