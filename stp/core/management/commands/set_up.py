"""`manage.py set_up`: the database as `start.py` needs it, in one process.

Migrates, loads the plan, then the illustrative data. Each step does nothing when it is done
already, so a second start keeps what people have entered.
"""

from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand

STEPS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("migrate", {"interactive": False, "verbosity": 0}),
    ("load_plan", {}),
    ("load_demo", {}),
)


class Command(BaseCommand):
    help = "Migrates the database and loads the plan and the illustrative data, once."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run each step this installation has; the demo only where a demo date is set."""
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        for name, keywords in STEPS:
            if name == "load_demo" and settings.DEMO_DATE is None:
                continue
            if name in get_commands():
                call_command(name, stdout=self.stdout, **keywords)
