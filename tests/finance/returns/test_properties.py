"""What holds for every return: good rows pass, order does not matter, a check ends in words."""

import random
from collections.abc import Callable
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from finance.returns.facts import Facts
from finance.scheme_rows import SchemeRow
from stp.core import periods
from stp.core.returns import Checked
from stp.core.sheets import Severity

MONTHS = periods.year_months("2017/18")
LATER = periods.later_years("2017/18")
Row = Callable[..., SchemeRow]
MakeFacts = Callable[..., Facts]
Check = Callable[..., Checked]

# A return of four schemes has hundreds of draws; shrinking one takes minutes and tells little.
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)

pence = st.integers(-99_999_999_999, 99_999_999_999)
money = st.one_of(pence, st.just("n/a"), st.just(0))
blankable = st.one_of(money, st.none())


def cells(when: tuple[str, ...], value: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(dict.fromkeys(when, value))


def valid(row: Row, ref: str) -> st.SearchStrategy[SchemeRow]:
    """A scheme that breaks no rule, whatever its figures."""
    return st.builds(
        lambda **given: row(ref, **given),
        title=st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=50),
        line=st.sampled_from(["UC", "CC", "SC", "PR", "PD", "CIP", "QIPP", "ASC"]),
        maturity=st.sampled_from(["Opportunity", "Fully developed", "In delivery", "Delivered"]),
        risk=st.sampled_from(["Low", "Medium", "High"]),
        recurrence=st.just("R"),
        end_month=st.sampled_from(["", "2018-03", "2020-12"]),
        plan=cells((*MONTHS, *LATER), money),
        actual=cells(MONTHS[:3], blankable),
        forecast=st.builds(
            lambda past, rest: past | rest,
            cells(MONTHS[:3], blankable),
            cells((*MONTHS[3:], *LATER), money),
        ),
        gross=blankable,
        fye_secured=blankable,
        wte_plan=st.sampled_from([None, "0.00", "12.50"]),
    )


@st.composite
def returns(draw: st.DrawFn, row: Row) -> list[SchemeRow]:
    refs = draw(st.lists(st.integers(1, 99), min_size=1, max_size=4, unique=True))
    return [draw(valid(row, f"UC-{n:02}")) for n in refs]


def found(checked: Checked) -> list[tuple[str, str, str]]:
    """Issues apart from where they stand."""
    return sorted((i.code, i.ref, i.column) for i in checked.issues)


def unplaced(checked: Checked) -> list[SchemeRow]:
    return sorted(({**row, "row": 0} for row in checked.rows), key=lambda row: str(row["ref"]))


@settings(max_examples=40, deadline=None, phases=QUICK)
@given(data=st.data())
def test_valid_rows_have_no_error_and_read_back(
    row: Row, facts: MakeFacts, check: Check, data: st.DataObject
) -> None:
    rows = data.draw(returns(row))
    checked = check(rows, facts(planned=rows))
    assert [i for i in checked.issues if i.severity is Severity.ERROR] == []
    assert unplaced(checked) == sorted(rows, key=lambda made: str(made["ref"]))


@settings(max_examples=25, deadline=None, phases=QUICK)
@given(data=st.data(), seed=st.integers(0, 10_000))
def test_the_order_of_rows_and_columns_does_not_matter(
    row: Row, facts: MakeFacts, check: Check, data: st.DataObject, seed: int
) -> None:
    rows = data.draw(returns(row))
    known = facts(rows[:1], planned=rows[1:])
    shuffle = random.Random(seed)  # noqa: S311 - a shuffle, no secret

    def edit(table: list[list[str]]) -> None:
        order = list(range(len(table[0])))
        shuffle.shuffle(order)
        body = table[1:]
        shuffle.shuffle(body)
        table[:] = [[line[i] for i in order] for line in [table[0], *body]]

    straight, mixed = check(rows, known), check(rows, known, edit=edit)
    assert found(straight) == found(mixed)
    assert unplaced(straight) == unplaced(mixed)
    assert straight.totals == mixed.totals


@settings(max_examples=60, deadline=None, phases=QUICK)
@given(
    place=st.integers(0, 67),
    text=st.one_of(
        st.text(max_size=30), st.sampled_from(["1e999", "=A1", "١٢", "--5", "1" * 5000])
    ),
)
def test_any_text_in_any_cell_ends_in_issues_never_in_a_crash(
    row: Row, facts: MakeFacts, check: Check, place: int, text: str
) -> None:
    def edit(table: list[list[str]]) -> None:
        table[1][place] = text

    checked = check([row(), row("UC-02")], facts(planned=[row(), row("UC-02")]), edit=edit)
    assert all(issue.message and issue.code for issue in checked.issues)
    assert len(checked.rows) == 2 or any(i.severity is Severity.ERROR for i in checked.issues)
