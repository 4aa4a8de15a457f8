"""The commit of a return of 18,000 figures on PostgreSQL, against a bare COPY of the same rows."""

import csv
import io
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from django.db import connection, transaction

from bench import seed
from bench.lines import Result, at_most, ms, plain
from bench.timing import Timed, timed, together
from finance.in_force import rows_of
from finance.models import Figure
from finance.scheme_rows import SchemeRow
from stp.core import clock
from stp.core.models import Return
from stp.core.permissions import Role
from stp.returns.actions import commit, preview
from stp.returns.actions.checking import compared_with

GROUP = "Commit of a return"
JUNE = "2017-06"
BESIDE = 0.3  # seconds allowed beside two bare COPYs
FIGURES = 18_000
_FIELDS = ("scheme_id", "kind", "when", "pence", "missing")
_STATEMENT = (
    'COPY finance_figure (return_of_id, scheme_id, kind, "when", pence, missing) '
    "FROM STDIN WITH (FORMAT csv)"
)


def run(*, tiny: bool) -> list[Result]:
    """New versions of one return, each committed; beside each a COPY of as many figures."""
    if connection.vendor != "postgresql":
        return [Result(GROUP, "18,000 figures", "", "≤ 2 × COPY + 0.3 s", None, "no PostgreSQL")]
    with clock.at(seed.NOW):
        seed.lay_out({"o01": 1})
        cells = len(list(seed.cells(Return(kind="finance", period_id=JUNE), 0, 0, 0)))
        seed.grow({"o01": 3 if tiny else -(-FIGURES // cells)})
        sender = seed.person(Role.FINANCE_LEAD, "o01")
        in_force = Return.objects.get(scope="o01", period=JUNE, in_force=True)
        rows = list(rows_of(in_force).values())
        copied = list(Figure.objects.filter(return_of=in_force).values_list(*_FIELDS))
        ours, bare = _in_turn(rows, copied, sender, repeats=1 if tiny else 9)
    bound = 2 * bare.median + BESIDE
    return [
        at_most(GROUP, f"{len(copied):,} figures", ours.median, bound, unit=" s",
                says=f"≤ 2 × {ms(bare.median)} + 0.3 s = {plain(bound)} s", note=ours.note),
    ]  # fmt: skip


def _in_turn(
    rows: Sequence[SchemeRow], copied: Sequence[tuple[Any, ...]], sender: Any, *, repeats: int
) -> tuple[Timed, Timed]:
    """Seconds of commits and of COPYs, turn and turn about, after one of each untimed."""
    found = []
    for number in range(repeats + 1):
        return_, digest = _previewed(rows, sender, shift=number + 1)
        ours = timed(partial(_commit, return_, digest, sender), repeats=1, warm=0)
        target = _received(sender, [])
        text = _as_csv(target, copied)
        bare = timed(partial(_copy, text), repeats=1, warm=0)
        Figure.objects.filter(return_of=target).delete()
        found.append((ours, bare))
    return together(o for o, _ in found[1:]), together(b for _, b in found[1:])


def _received(sender: Any, rows: list[SchemeRow]) -> Return:
    made = Return(
        kind="finance", scope="o01", organisation_id="o01", period_id=JUNE, state="ready",
        file_name="a.xlsx", file_path="a", file_size=1, sha256="0" * 64,
        received_at=clock.now(), received_by=sender, rows=rows, row_count=len(rows),
    )  # fmt: skip
    made.compared_with = compared_with(made)  # as its check would have left it
    made.save()
    return made


def _previewed(rows: Sequence[SchemeRow], sender: Any, *, shift: int) -> tuple[Return, str]:
    """A checked return whose forecasts moved, and the digest of the preview its sender saw."""
    moved = [
        {**row, "forecast": {when: pence + shift for when, pence in row["forecast"].items()}}
        for row in rows
    ]
    return_ = _received(sender, moved)
    return return_, preview(return_).digest


def _commit(return_: Return, digest: str, sender: Any) -> None:
    done = commit(by=sender, return_=return_, digest=digest, missing={})
    if not done.in_force:
        raise RuntimeError("the return is not in force, so no commit was measured")


def _as_csv(target: Return, rows: Iterable[tuple[Any, ...]]) -> io.StringIO:
    """The same figures as rows of another return, as a COPY takes them."""
    buffer = io.StringIO()
    csv.writer(buffer, quoting=csv.QUOTE_NOTNULL).writerows((target.pk, *row) for row in rows)
    buffer.seek(0)
    return buffer


def _copy(rows: io.StringIO) -> None:
    """A COPY in a transaction of its own: indexes, checks and the keys that are looked up last."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.copy_expert(_STATEMENT, rows)
