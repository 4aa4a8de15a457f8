"""`manage.py recompute [--period P | --all]`: work dashboards out again, in this process."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from stp.core import snapshots
from stp.core.models import ReportingPeriod
from stp.core.periods import BadPeriod
from stp.core.request import through
from stp.dashboards.actions import recompute, recompute_earlier
from stp.dashboards.inputs import known_period


class Command(BaseCommand):
    help = "Works out and publishes the dashboards of open periods, everything anew."

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--period", help="one period, such as 2017-06")
        which.add_argument("--all", action="store_true", help="every open period, oldest first")

    def handle(self, *args: Any, **options: Any) -> None:
        with through("command"):
            for period in self._periods(options["period"], everything=options["all"]):
                self._recompute(period)

    def _periods(self, code: str | None, *, everything: bool) -> list[ReportingPeriod]:
        """The periods meant: one named, all open ones, or the open ones that are behind."""
        if code is None:
            open_ones = ReportingPeriod.objects.open().order_by("sort_key")
            return [p for p in open_ones if everything or p.is_behind or not p.snapshot_version]
        try:
            period = known_period(code)
        except BadPeriod as error:
            raise CommandError(str(error)) from error
        if period is None:
            raise CommandError(f"There is no reporting period {code}.")
        if not period.is_open:
            raise CommandError(f"{period.name} is not open: its figures do not move.")
        return [period]

    def _recompute(self, period: ReportingPeriod) -> None:
        recompute_earlier(period)
        try:
            published = recompute(period.code, full=True, always=True)
        except snapshots.Overtaken as error:
            raise CommandError(f"{period.name}: others published meanwhile; try again.") from error
        if published is None:
            self.stdout.write(f"{period.name} has just been closed; nothing published.")
            return
        lines = snapshots.view(period, published.version).lines().count()
        self.stdout.write(
            f"{period.name}: version {published.version}, {lines} lines, "
            f"{published.data_version} changes included."
        )
