"""One of several processes that write whatever there is to write, in random order (K7).

python -m tests.races.hunter SEED SECONDS       (one line of JSON at the end)
"""

import json
import logging
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import django

PERIODS = ("2017-04", "2017-05", "2017-06")
ORGANISATIONS = ("ngh", "kgh", "nhft")


def main(seed: int, seconds: float) -> None:
    django.setup()
    logging.disable(logging.INFO)
    from tests.races import writes

    chance = random.Random(seed)  # noqa: S311 - no secret
    done: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    reached: list[str] = []
    again = count_second_tries()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        name, write = chance.choice(writes.EVERY)
        try:
            write(chance)
            done[name] += 1
        except writes.ANTICIPATED as refusal:
            refused[type(refusal).__name__] += 1
        except Exception as error:
            code = getattr(error.__cause__, "pgcode", None)
            reached.append(f"{name}: {type(error).__name__} {code}: {error}"[:300])
    print(json.dumps({"done": done, "refused": refused, "reached": reached, "again": again()}))


def count_second_tries() -> Callable[[], int]:
    """How often an action ran again because the database had ended it."""
    lines: list[Any] = []

    class Counting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record)

    logging.getLogger("stp.core.again").addHandler(Counting())
    return lambda: len(lines)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
