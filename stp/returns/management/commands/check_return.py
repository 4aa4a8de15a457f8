"""manage.py check_return: what an upload of this file would find. Nothing is written."""

from typing import Any

from django.core.management.base import CommandParser

from stp.returns import command_line


class Command(command_line.ReturnCommand):
    help = "Check a return file and list every fault; writes nothing. Exit 1 when refused."

    def add_arguments(self, parser: CommandParser) -> None:
        command_line.add_arguments(parser)

    def handle(self, **options: Any) -> None:
        command_line.run(
            self.stdout,
            as_json=options["json"],
            name="check_return",
            work=lambda: _check(options),
        )


def _check(options: dict[str, Any]) -> dict[str, Any]:
    checked = command_line.check(command_line.asked(options))
    issues = [issue.as_dict() for issue in checked.issues]
    return command_line.answer(len(checked.rows), checked.totals, issues)
