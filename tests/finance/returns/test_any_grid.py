"""D7: any grid of cells ends in issues and rows, never in a crash; order decides nothing.

The reader's part (any bytes, spoilt workbooks) stands in tests/stp/core/test_reader_mutants.py;
here is all that comes after it.
"""

import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from finance.models import Figure, SavingsScheme, SchemeState
from finance.returns.columns import columns
from finance.returns.cover import SHEET as COVER
from finance.returns.cover import choices_of
from finance.returns.examine import examine
from finance.returns.facts import Facts
from finance.returns.preview import preview
from finance.scheme_rows import AMOUNTS, KINDS, SchemeRow
from stp.core import periods
from stp.core.models import Return
from stp.core.money import LIMIT_PENCE
from stp.core.returns import Checked
from stp.core.sheets import (
    BLANK,
    Cell,
    CellKind,
    Issue,
    Refused,
    Severity,
    Sheet,
    Workbook,
    visible,
)
from stp.returns import actions
from stp.returns.actions.checking import storable
from stp.returns.refusals import Refusal
from tests import sent_files
from tests.finance.returns.conftest import LISTS, make_book
from tests.rounds import rounds
from tests.small_system import Row as Planned
from tests.small_system import lay_out, plan, send

Row = Callable[..., SchemeRow]
MakeFacts = Callable[..., Facts]
Book = Callable[..., Workbook]
JUNE = periods.parse("2017-06")
COLUMNS = columns("finance", JUNE, LISTS)
HEADINGS = [column.heading for column in COLUMNS]
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)  # shrinking a grid takes minutes

# What a cell may hold: as any hand or program writes it, and as none would.
WORDS = st.sampled_from(
    ["", " ", "UC-01", "UC-02", "R", "NR", "UC", "CIP", "DEC", "Pay", "In delivery", "Closed",
     "Approved", "Apr-17", "2017-13", "31/02/2017", "n/a", "nil", "tbc", "-", "(5)", "1,234", "£5m",
     "1e999", "NaN", "Total", "Grand total", "RNQ/UC-01", "/", "..", "#REF!", "=1+1", "\u202e1",
     "9" * 41, "x" * 2_001, "1" * 5_000, "١٢", "\x00", "\ud800", "a\nb", "\ufeff", "Scheme ref"]
)  # fmt: skip
NUMBERS = st.one_of(
    st.sampled_from(["0", "-0", "1E+400", "-1E-400", "999999.99999", "1000000", "42826", "2017"]),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers(-(10**30), 10**30).map(str),
).map(lambda digits: Cell(CellKind.NUMBER, digits, Decimal(digits)))
CELLS = st.one_of(
    st.just(BLANK),
    WORDS.map(lambda words: Cell(CellKind.TEXT, words)),
    st.text(max_size=12).map(lambda words: Cell(CellKind.TEXT, words)),
    NUMBERS,
    st.dates().map(lambda day: Cell(CellKind.DATE, day.isoformat(), date=day)),
    st.booleans().map(lambda yes: Cell(CellKind.BOOLEAN, str(yes).upper())),
    st.sampled_from(["#N/A", "#REF!", "#DIV/0!"]).map(lambda e: Cell(CellKind.ERROR, e)),
    st.just(Cell(CellKind.FORMULA_WITHOUT_VALUE)),
)
HEADS = st.one_of(
    st.permutations(HEADINGS),  # the real ones
    st.lists(st.sampled_from([*HEADINGS, "", "Scheme  REF", "Plan\nApr", "Forcast Jul"]),
             max_size=80),
    st.lists(st.text(max_size=10), max_size=12),
)  # fmt: skip


def headed(names: Sequence[str]) -> list[Cell]:
    return [Cell(CellKind.TEXT, name) if name else BLANK for name in names]


def template_table(book: Book, rows: Sequence[SchemeRow]) -> list[list[Cell]]:
    """Cells of a return with nothing wrong, headings first."""
    return [list(cells) for _, cells in book(rows).sheets[0].rows]


@st.composite
def scratched(draw: st.DrawFn, good: list[list[Cell]]) -> list[list[Cell]]:
    """A good table with a handful of its cells replaced by any others."""
    table = [list(line) for line in good]
    for _ in range(draw(st.integers(0, 6))):
        line = draw(st.sampled_from(range(len(table))))
        table[line][draw(st.integers(0, len(table[line]) - 1))] = draw(CELLS)
    return table


WILD = st.builds(
    lambda banner, heads, body: [*banner, headed(heads), *body],
    st.lists(st.lists(CELLS, max_size=4), max_size=2),
    HEADS,
    st.lists(st.lists(CELLS, max_size=30), max_size=5),
)


@st.composite
def sheets(draw: st.DrawFn, tables: st.SearchStrategy[list[list[Cell]]]) -> Workbook:
    """A table as a sheet, some rows left out, hidden or merged; perhaps a cover of any cells."""
    lines = draw(tables)
    steps = draw(st.lists(st.integers(1, 3), min_size=len(lines), max_size=len(lines)))
    numbers = [sum(steps[: place + 1]) for place in range(len(steps))]
    is_csv = draw(st.booleans())
    corners = st.lists(st.integers(1, 30), min_size=4, max_size=4).map(
        lambda n: (min(n[0], n[2]), min(n[1], n[3]), max(n[0], n[2]), max(n[1], n[3]))
    )
    made = Sheet(
        "Schemes",
        list(zip(numbers, lines, strict=True)),
        from_csv=is_csv,
        hidden_rows=draw(st.frozensets(st.integers(1, 12), max_size=2)),
        hidden_columns=draw(st.frozensets(st.integers(1, 80), max_size=2)),
        merged=draw(st.lists(corners, max_size=1)),
    )
    labels = st.sampled_from(["Organisation code", "Period", "Unit", "Number of schemes",
                              "Plan for the year", "Actual figures"])  # fmt: skip
    cover = draw(st.lists(st.tuples(labels, CELLS), max_size=4))
    said = [(n, [Cell(CellKind.TEXT, k), v]) for n, (k, v) in enumerate(cover, start=1)]
    return Workbook([made] if is_csv else [Sheet(COVER, said), made], is_csv=is_csv)


CHOICES = st.fixed_dictionaries({
    "unit": st.sampled_from(["", "pounds", "thousands", "millions"]),
    "cumulative": st.booleans(),
    "control": st.dictionaries(st.sampled_from(["schemes", "plan"]), st.just("2"), max_size=2),
})  # fmt: skip


def figures_of(row: SchemeRow) -> Iterator[Any]:
    for kind in KINDS:
        yield from row[kind].values()
    yield from (row[name] for name in AMOUNTS)


def sound(checked: Checked, book: Workbook) -> None:
    """What holds for every check: nothing lost in silence, every value one we can keep."""
    for issue in checked.issues:
        assert issue.code, issue
        assert len(issue.message) > 10, issue
        assert visible(issue.message, len(issue.message)) == issue.message, (
            f"unseen marks: {issue.message!r}"
        )
    json.dumps(storable([issue.as_dict() for issue in checked.issues]))
    json.dumps(storable([list(checked.rows), dict(checked.totals)]), allow_nan=False)
    for row in checked.rows:
        for value in figures_of(row):
            whole = type(value) is int and abs(value) < LIMIT_PENCE
            assert whole or value in (None, "n/a", "not due"), value
    lines = {number for number, _ in (book.table("Schemes") or book.sheets[0]).rows}
    placed = {issue.row for issue in checked.issues if issue.sheet == "Schemes"} - {None}
    merged_or_hidden = {"merged_cells", "hidden_row"}
    if not {issue.code for issue in checked.issues} & merged_or_hidden:
        assert placed <= lines, f"issues about rows that are not there: {placed - lines}"


def outcome(book: Workbook, known: Facts, chosen: dict[str, Any]) -> Checked:
    """What the check says; the refusal of a whole file is an issue too, as a return keeps it."""
    try:
        return examine(book, known, choices_of(chosen))
    except Refused as refused:
        return Checked([], [Issue(Severity.ERROR, refused.code, refused.message)], {})


@settings(max_examples=rounds(short=120, long=800), deadline=None, phases=QUICK,
          suppress_health_check=[HealthCheck.too_slow])  # fmt: skip
@given(book=sheets(WILD), chosen=CHOICES)
def test_any_grid_ends_in_issues(
    row: Row, facts: MakeFacts, book: Workbook, chosen: dict[str, Any]
) -> None:
    checked = outcome(book, facts([row()], [row()]), chosen)
    sound(checked, book)
    assert checked.rows or any(issue.severity == "error" for issue in checked.issues)


@settings(max_examples=rounds(short=60, long=400), deadline=None, phases=QUICK,
          suppress_health_check=[HealthCheck.too_slow])  # fmt: skip
@given(data=st.data(), chosen=CHOICES, kind=st.sampled_from(["finance", "plan"]))
def test_a_return_with_any_cells_in_it_ends_in_issues(
    row: Row, facts: MakeFacts, book: Book, data: st.DataObject, chosen: dict[str, Any], kind: str
) -> None:
    rows = [row(), row("UC-02")]
    given_book = data.draw(sheets(scratched(template_table(book, rows))))
    known = facts(rows, rows if kind == "finance" else None, kind=kind)
    sound(outcome(given_book, known, chosen), given_book)


def test_a_mark_that_turns_text_round_is_shown_and_not_obeyed(
    row: Row, facts: MakeFacts, book: Book
) -> None:
    """In what an issue quotes, a code of this file or a title of an earlier one."""
    turned = "\u202ekgh/1"
    table = template_table(book, [row()])
    table[1][HEADINGS.index("Same saving as")] = Cell(CellKind.TEXT, turned)
    known = facts([row(), row("UC-02", title=f"Plain{turned}\nwords")], [row()])
    issues = check_table(table, known, is_csv=True).issues
    marked = {issue.code for issue in issues if "[U+202E]" in issue.message}
    assert marked >= {"unknown_code", "missing_scheme"}
    for issue in issues:
        assert visible(issue.message, len(issue.message)) == issue.message


PLACE = re.compile(r"(cell )?[A-Z]{1,3}\d+|[Ll]ine \d+|row \d+|rows [\d and,]+")


def unplaced(checked: Checked) -> list[Any]:
    """Issues and all they say, apart from where it stands."""
    return sorted(
        json.dumps({**asdict(issue), "cell": "", "row": 0,
                    "message": PLACE.sub("HERE", issue.message)}, default=str, sort_keys=True)
        for issue in checked.issues
    )  # fmt: skip


def changes(checked: Checked, known: Facts) -> Any:
    """The plan of changes, as the preview shows it; the programme's part needs a database."""
    period: Any = SimpleNamespace(code=JUNE.code, state="open")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("finance.returns.preview.effect", lambda *_: [])
        # As stored: no database holds half a surrogate pair, which a grid of any text has.
        shown = preview(storable(list(checked.rows)), known, period, {})
    return shown.changes, shown.totals_before, shown.totals_after


@settings(max_examples=rounds(short=40, long=250), deadline=None, phases=QUICK,
          suppress_health_check=[HealthCheck.too_slow])  # fmt: skip
@given(data=st.data(), seed=st.integers(0, 99_999), is_csv=st.booleans())
def test_the_order_of_rows_and_columns_moves_cells_and_nothing_else(
    row: Row, facts: MakeFacts, book: Book, data: st.DataObject, seed: int, is_csv: bool
) -> None:
    """Faulty files too: the same issues in the same words, the same plan of changes."""
    rows = [row(), row("UC-02", title="Two"), row("UC-03", maturity="Delivered"), row("UC-07")]
    table = template_table(book, rows)
    for _ in range(data.draw(st.integers(0, 5))):
        # Neither headings nor refs: a second row of the same ref is named by which comes second,
        # and a word for "total" is one only where it leads its row.
        cell = data.draw(CELLS.filter(lambda cell: "total" not in cell.text.casefold()))
        table[data.draw(st.integers(1, 4))][data.draw(st.integers(1, len(HEADINGS) - 1))] = cell
    known = facts([row(), row("UC-03"), row("UC-04")], rows[:3])
    shuffle = random.Random(seed)  # noqa: S311 - a shuffle, no secret
    order = shuffle.sample(range(len(HEADINGS)), len(HEADINGS))
    body = shuffle.sample(table[1:], len(table) - 1)
    mixed_table = [[line[place] for place in order] for line in [table[0], *body]]
    straight, mixed = (check_table(t, known, is_csv=is_csv) for t in (table, mixed_table))
    assert unplaced(straight) == unplaced(mixed)
    assert straight.totals == mixed.totals
    assert changes(straight, known) == changes(mixed, known)


def check_table(table: list[list[Cell]], known: Facts, *, is_csv: bool) -> Checked:
    sheet = Sheet("Schemes", list(enumerate(table, start=1)), from_csv=is_csv)
    chosen = choices_of({"unit": "thousands", "control": {"schemes": str(len(table) - 1)}})
    return examine(Workbook([sheet], is_csv=is_csv), known, chosen)


def test_twin_a_swapped_pair_of_cells_is_no_matter_of_order(
    row: Row, facts: MakeFacts, book: Book
) -> None:
    """Values that change their column, headings left where they are: seen as changes."""
    table = template_table(book, [row(), row("UC-02", actual={"2017-06": 5})])
    known = facts([row(), row("UC-02")], [row(), row("UC-02")])
    moved = [[*line] for line in table]
    first, second = (HEADINGS.index(name) for name in ("Actual May", "Actual Jun"))
    moved[2][first], moved[2][second] = moved[2][second], moved[2][first]
    straight, mixed = (check_table(t, known, is_csv=True) for t in (table, moved))
    assert changes(straight, known) != changes(mixed, known)


# --- Through the database: a refusal writes no figure. ------------------------------------------


def kept() -> list[Any]:
    """All figures and schemes there are, and which versions count."""
    counting = Return.objects.filter(in_force=True).order_by("pk").values_list("pk", "state")
    tables = (Figure, SchemeState, SavingsScheme)
    return [list(counting), *(list(t._default_manager.order_by("pk").values()) for t in tables)]


SENT = [sent_files.scheme("UC-01"), sent_files.scheme("UC-02", plan={})]
GOOD = template_table(make_book, SENT)
UNTOUCHED = Workbook([Sheet("Schemes", list(enumerate(GOOD, start=1)), from_csv=True)], is_csv=True)


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_clock")
@settings(
    max_examples=rounds(short=8, long=40), deadline=None, phases=QUICK,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(given_book=sheets(scratched(GOOD) | WILD))
@example(given_book=UNTOUCHED)
def test_a_refusal_writes_no_figure(given_book: Workbook, tmp_path: Any) -> None:
    """Sent, checked, confirmed as well as may be: figures change if and only if it is committed."""
    with pytest.MonkeyPatch.context() as patch, transaction.atomic():
        patch.setattr("django.conf.settings.UPLOAD_ROOT", tmp_path)
        patch.setattr("stp.returns.actions.checking.read", lambda *_, **__: given_book)
        lay_out(codes=("2017-04", "2017-06"), organisations=("ngh", "kgh"))
        plan("ngh", [Planned()])
        send("ngh", "2017-06", [Planned(actual=5)])
        lead, before = sent_files.lead("ngh"), kept()
        return_ = sent_files.check(sent_files.receive(lead, "ngh", SENT))
        assert kept() == before, "a check wrote figures"
        assert return_.state in ("ready", "problems")
        assert bool(return_.error_count) == (return_.state == "problems")
        committed = try_to_commit(lead, return_)
        assert committed == (return_.state == "ready")
        assert committed or given_book is not UNTOUCHED, f"the good file too: {return_.issues}"
        assert (kept() != before) is committed, "figures and outcome disagree"
        transaction.set_rollback(True)


def try_to_commit(by: Any, return_: Return) -> bool:
    """Confirm with a reason for every warning; whether it went through."""
    missing, digest = {}, ""
    if return_.state == "ready":
        shown = actions.preview(return_)
        missing, digest = {change.ref: "leave" for change in shown.of("missing")}, shown.digest
    try:
        actions.commit(
            by=by, return_=return_, missing=missing, digest=digest,
            reasons=dict.fromkeys(actions.warning_codes(return_), sent_files.REASON),
        )  # fmt: skip
    except Refusal:
        return False
    return True
