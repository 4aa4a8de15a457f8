"""The whole suite: on SQLite with the journeys, then on PostgreSQL and Redis without them.

    python -m tests.everything [--long]     (start.py test prepares the environment first)

--long runs the round counts the issues name, and measures which lines were run.
"""

import os
import signal
import subprocess
import sys
import time

from tests import servers
from tests.children import ROOT

NOT_FOR_CHILDREN = ("STP_MODE", "STP_DEMO_DATE", "DATABASE_URL", "REDIS_URL", "STP_DATA_DIR")


def suite(where: str, marks: str, env: dict[str, str], *, long: bool) -> bool:
    """Run pytest on two workers, each with its own database; True if all passed."""
    began = time.monotonic()
    print(f"\nTests on {where}", flush=True)
    measured = ["coverage", "run", "-m"] if long else []
    command = [sys.executable, "-m", *measured, "pytest", "-n", "2", "-m", marks]
    passed = subprocess.run(command, cwd=ROOT, env=env).returncode == 0
    print(f"Tests on {where}: {time.monotonic() - began:.0f} seconds", flush=True)
    return passed


def coverage(*arguments: str) -> bool:
    return subprocess.run([sys.executable, "-m", "coverage", *arguments], cwd=ROOT).returncode == 0


def main(arguments: list[str]) -> int:
    """0 if everything passed, and with --long enough lines were run; 1 otherwise."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are stopped
    long = "--long" in arguments
    bare = {k: v for k, v in os.environ.items() if k not in NOT_FOR_CHILDREN}
    bare["STP_TEST_ROUNDS"] = "long" if long else "short"
    if long:
        coverage("erase")
    passed = [suite("SQLite", "not postgres and not redis", bare, long=long)]
    with servers.both() as found:
        if "DATABASE_URL" in found:
            where = "PostgreSQL and Redis" if "REDIS_URL" in found else "PostgreSQL"
            passed.append(suite(where, "not journey", {**bare, **found}, long=long))
        else:
            print("\nNOT RUN: no PostgreSQL here (set DATABASE_URL to use one)")
            passed.append(not os.environ.get("CI"))
            if "REDIS_URL" in found:
                passed.append(suite("SQLite and Redis", "redis", {**bare, **found}, long=long))
    if long:
        passed.append(coverage("combine", "--quiet") and coverage("report"))
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
