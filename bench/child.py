"""The process of one measure: `python -m bench.child recompute [--tiny]`, lines out as JSON."""

import importlib
import os
import signal
import sys
import warnings

import django

from bench.lines import tell


def ready() -> None:
    """Load the site's settings and apps; say plainly what is missing where it cannot be done."""
    if "STP_DATA_DIR" not in os.environ:
        sys.exit(
            "Run `python -m bench`: it starts the servers and gives each measure its own data."
        )
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stp.settings")
    os.environ.setdefault("STP_LOG_LEVEL", "WARNING")
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    django.setup()


def main(measure: str, *, tiny: bool) -> None:
    """Run one measure; each module has `run(tiny)`, which gives its lines one by one."""
    signal.signal(signal.SIGTERM, _asked_to_end)
    ready()
    for result in importlib.import_module(f"bench.{measure}").run(tiny=tiny):
        tell(result)


def _asked_to_end(*_: object) -> None:
    """Leave by the way that stops what was started."""
    sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1], tiny="--tiny" in sys.argv)
