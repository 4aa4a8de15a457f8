"""`manage.py show_snapshot [--period P] [--json]`: everything a page shows, for scripts."""

import json
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandParser

from stp.core import snapshots
from stp.core.models import ReportingPeriod
from stp.core.periods import BadPeriod
from stp.dashboards.inputs import known_period
from stp.dashboards.printout import printout


class Command(BaseCommand):
    help = "Prints the published state of a period: ratings, reasons, returns used, the bridge."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--period", help="such as 2017-06 (default: the newest open period)")
        parser.add_argument("--json", action="store_true", help="the whole snapshot as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            period = _chosen(options["period"])
        except BadPeriod as error:
            self._fail(str(error), as_json=options["json"])
        shown = printout(snapshots.view(period))
        if options["json"]:
            self.stdout.write(json.dumps(shown, indent=2))
            return
        programme = shown["programme"] or {"rag": "NOT_RATED", "reason": "Nothing published yet."}
        self.stdout.write(f"{shown['name']}, version {shown['version']}")
        self.stdout.write(f"{programme['rag']}: {programme['reason']}")

    def _fail(self, sentence: str, *, as_json: bool) -> NoReturn:
        if as_json:
            self.stdout.write(json.dumps({"error": sentence}))
        else:
            self.stderr.write(sentence)
        raise SystemExit(1)


def _chosen(code: str | None) -> ReportingPeriod:
    """The period named, or the newest open one, or the newest; BadPeriod if there is none."""
    if code:
        period = known_period(code)
        if period is None:
            raise BadPeriod(f"There is no reporting period {code}.")
        return period
    newest = ReportingPeriod.objects.newest_open() or ReportingPeriod.objects.last()
    if newest is None:
        raise BadPeriod("There is no reporting period yet.")
    return newest
