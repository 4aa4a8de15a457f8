"""Loading the plan's money: facts, programme lines, targets in both readings, weights."""

from collections.abc import Sequence

from finance.models import (
    FinanceFact,
    ProgrammeLine,
    SavingsWeight,
    SchemeTypeName,
    Target,
    TargetReading,
)
from stp.core import money
from stp.core.plan import BadFixture, Outcome, Row, Tables, load

TABLES = (
    "finance_facts", "programme_lines", "targets", "target_readings", "savings_weights",
    "scheme_types",
)  # fmt: skip
LAST_YEAR = "2020/21"
GAP_FACT = "F01"  # the gap of 2020/21 if nothing is done, in GBP million


def load_tables(tables: Tables) -> list[Outcome]:
    """Every table of this app; BadFixture if the targets of a reading miss the gap."""
    _targets_meet_the_gap(tables["targets"], tables["finance_facts"])
    return [
        load(FinanceFact, ("id",), tables["finance_facts"]),
        load(ProgrammeLine, ("code",), tables["programme_lines"]),
        load(
            Target, ("line", "year", "organisation", "reading", "effective_on"), tables["targets"]
        ),
        load(TargetReading, ("reading", "effective_on"), tables["target_readings"]),
        load(SavingsWeight, ("maturity", "risk", "effective_on"), tables["savings_weights"]),
        _scheme_types(tables["scheme_types"]),
    ]


def _targets_meet_the_gap(targets: Sequence[Row], facts: Sequence[Row]) -> None:
    """Under each reading the targets of 2020/21 add up to the stated gap (rag-rules, Targets)."""
    gap = next((r for r in facts if r.values.get("id") == GAP_FACT), None)
    if gap is None:
        raise BadFixture(f"finance.yaml: the fact {GAP_FACT}, the gap of {LAST_YEAR}, is missing.")
    wanted = int(gap.need("value")) * money.Unit.MILLIONS.pence
    last = [r for r in targets if r.values.get("year") == LAST_YEAR]
    for reading in sorted({str(r.values["reading"]) for r in last if "reading" in r.values}):
        total = sum(_pence(r) for r in last if r.values.get("reading", reading) == reading)
        if total != wanted:
            raise BadFixture(
                f"finance.yaml: targets of {LAST_YEAR} under the reading {reading} add up to "
                f"{money.millions_text(total)}; wanted is {money.millions_text(wanted)}."
            )


def _pence(row: Row) -> int:
    pence = row.need("pence")
    if type(pence) is not int:
        raise row.wrong(f"“pence” is “{pence}”; wanted is a whole number of pence.")
    return pence


def _scheme_types(rows: Sequence[Row]) -> Outcome:
    """Names a return may use: new ones are added; the list is edited in the tracker afterwards."""
    outcome = Outcome(str(SchemeTypeName._meta.verbose_name_plural))
    have = set(SchemeTypeName.objects.values_list("name", flat=True))
    for row in rows:
        name = str(row.need("name"))
        if name in have:
            outcome.unchanged += 1
            continue
        SchemeTypeName.objects.create(name=name, order=row.need("order"))
        outcome.created.append(name)
    return outcome
