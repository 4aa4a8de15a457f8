"""`python -m bench`: every measure in turn, then docs/bench.md written anew.

`python -m bench recompute reading` shows those alone and writes nothing.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence

from bench import report, servers
from bench.lines import Result, heard

# Each in a process of its own; seconds after which it is ended and said to be unfinished. The
# longest comes first: a busy machine then cuts short what can be run again by itself.
MEASURES = {"live": 420, "recompute": 150, "pages": 150, "reading": 150, "commit": 90}
# All of them together, servers and all: on a quiet machine they need two thirds of it.
SECONDS = 720


def measured(
    measure: str, environment: dict[str, str], *, seconds: float, tiny: bool = False
) -> list[Result]:
    """The lines of one measure; one that fails or takes too long keeps those it had."""
    command = [sys.executable, "-m", "bench.child", measure, *(["--tiny"] if tiny else [])]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        process = subprocess.Popen(  # noqa: S603 - our own module
            command, cwd=servers.ROOT, env=environment, stdout=said, start_new_session=True
        )
        why = _end_of(process, seconds)
        said.seek(0)
        found = heard(said.read())
    return [*found, Result(measure, "not finished", "", "", None, why)] if why else found


def _end_of(process: "subprocess.Popen[bytes]", seconds: float) -> str:
    """Why a measure ended as it should not have; '' when all is well."""
    try:
        status = process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        servers.end(process)
        return f"ended after {seconds:.3g} s"
    return f"ended with status {status}" if status else ""


def main(arguments: Sequence[str]) -> int:
    """0 when every measure ran to its end, whether or not its bounds are met."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("measures", nargs="*", help=f"of {', '.join(MEASURES)}; all if none")
    parser.add_argument("--note", default="", help="a sentence about this run, for the file")
    parser.add_argument("--tiny", action="store_true", help="smallest sizes: does it run at all?")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.measures) - MEASURES.keys():
        parser.error(f"no measure is called {', '.join(sorted(unknown))}")
    found: list[Result] = []
    began = time.monotonic()
    with servers.place(real=not asked.tiny) as place:
        for measure in asked.measures or MEASURES:
            left = max(SECONDS - (time.monotonic() - began), 1)
            allowed = min(MEASURES[measure], left)
            lines = measured(measure, place.own(measure), seconds=allowed, tiny=asked.tiny)
            found += lines
            report.show(lines)
    if not asked.measures and not asked.tiny:
        path = report.write(found, note=asked.note, seconds=time.monotonic() - began)
        print(f"\nWritten to {path}")
    return int(any(line.what == "not finished" for line in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
