"""`python -m bench [MEASURE …]`: every measure in turn, then docs/bench.md; a part of them shows only."""

import subprocess
import sys
import time

from bench import servers
from bench.lines import Result, heard

MEASURES = ("recompute", "reading")


def measured(measure: str, environment: dict[str, str], *, tiny: bool = False) -> list[Result]:
    command = [sys.executable, "-m", "bench.child", measure, *(["--tiny"] if tiny else [])]
    ended = subprocess.run(command, cwd=servers.ROOT, env=environment, check=False,
                           stdout=subprocess.PIPE, text=True, timeout=600)  # fmt: skip
    return heard(ended.stdout)


def main(wanted: list[str]) -> None:
    with servers.place() as place:
        for measure in wanted or MEASURES:
            start = time.monotonic()
            for r in measured(measure, place.own(measure)):
                print(r)
            print(measure, time.monotonic() - start)


if __name__ == "__main__":
    main(sys.argv[1:])
