"""What a measure reports: lines of one table, each with its bound and whether it is met."""

import json
import sys
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Result:
    """One line: what was measured, how much it is, what was asked.

    `met` None means "not measured here": `note` says why.
    """

    group: str
    what: str
    found: str
    bound: str
    met: bool | None
    note: str = ""


def at_most(
    group: str, what: str, found: float, bound: float, *, unit: str = "", note: str = "",
    says: str = "",
) -> Result:  # fmt: skip
    """A line whose figure must not pass its bound; `says` puts the bound in other words."""
    limit = f"≤ {plain(bound)}{unit}"
    return Result(group, what, f"{plain(found)}{unit}", says or limit, found <= bound, note)


def plain(value: float) -> str:
    """Three figures that count, no exponent: 0.0421, 1.32, 17.4, 431, 12,000."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    if abs(value) >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if abs(value) >= 1 else f"{value:.3f}"


def ms(seconds: float) -> str:
    return f"{plain(seconds * 1000)} ms"


def tell(result: Result) -> None:
    """Hand a line to the process that asked, at once: JSON on standard output."""
    sys.stdout.write(json.dumps(asdict(result)) + "\n")
    sys.stdout.flush()


def heard(text: str) -> list[Result]:
    """The lines of a measure's output; ValueError where one is none of ours."""
    found = []
    for line in text.splitlines():
        values: dict[str, Any] = json.loads(line)
        found.append(Result(**values))
    return found
