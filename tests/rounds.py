"""How often a race or a crash is tried: five times by hand, the issue's count with --long."""

import os


def rounds(*, short: int = 5, long: int) -> int:
    """The number of rounds of this run (STP_TEST_ROUNDS, set by start.py)."""
    return long if os.environ.get("STP_TEST_ROUNDS") == "long" else short
