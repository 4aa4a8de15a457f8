"""Load the illustrative year on top of the plan. A second run changes nothing."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from stp.cycle.demo import load
from workstreams.models import Workstream


class Command(BaseCommand):
    """`manage.py load_demo`"""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("load_demo makes people with a known password: not in production.")
        if not Workstream.objects.exists():
            raise CommandError("Load the plan first: manage.py load_plan")
        if load.load():
            self.stdout.write("Loaded the illustrative year: April to June 2017.")
        else:
            self.stdout.write("Returns are here already: nothing changed.")
