"""A worker that runs what is due and dies at a named point, as `kill -9` there would leave it.

python -m tests.races.dying_recompute recompute.lines [--in-pieces]
"""

import os
import sys
from contextlib import nullcontext
from typing import Any

import django


def main(point: str, *, in_pieces: bool) -> None:
    django.setup()
    from stp.core import faults, jobs, snapshots

    def die(name: str) -> None:
        if name == point:
            os._exit(137)

    if in_pieces:  # the twin: nothing holds lines and pointer together
        from stp.dashboards import actions

        for module in (snapshots, actions):
            vars(module)["transaction"] = _NotAtomic()
    faults.install(die)
    for job_id in jobs.due():
        jobs.run(job_id)


class _NotAtomic:
    def atomic(self, *_: Any) -> Any:
        return nullcontext()


if __name__ == "__main__":
    main(sys.argv[1], in_pieces="--in-pieces" in sys.argv)
