"""What a case of the corpus is, and what must become of it."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Case:
    """A named file: how it is made, what it is called, and its outcome.

    Exactly one outcome: `refused` is the code of a refusal of the whole file; `errors` the
    (code, cell) of each error in it; neither: accepted, with exactly these `warnings`. `value` is
    checked in the accepted row, by field.
    """

    name: str
    make: Callable[[], bytes]
    file_name: str = "return.xlsx"
    refused: str = ""
    errors: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    value: dict[str, object] = field(default_factory=dict)
    rows: int = 1
