"""Write fixtures/returns anew from fixtures/demo: the same files each time."""

from typing import Any

from django.core.management.base import BaseCommand

from stp.cycle.demo import files


class Command(BaseCommand):
    """`manage.py make_demo_returns`"""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        for path in files.write_all():
            self.stdout.write(str(path.relative_to(files.FOLDER.parent)))
