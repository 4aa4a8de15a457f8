"""What a return would change, in words and in pence, and the digest of what was shown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from finance.actions import CLOSE, LEAVE, digest
from finance.returns.columns import heading
from finance.returns.effect import effect
from finance.returns.facts import Facts
from finance.scheme_rows import (
    AMOUNTS,
    KINDS,
    NOT_APPLICABLE,
    NOT_DUE,
    NUMBERS,
    ONLY_PLANNED,
    WORDS,
    Money,
    SchemeRow,
    actual_to_date,
    approved_year_plan,
    as_closed,
    is_closed,
    year_plan,
)
from stp.core.models import ReportingPeriod
from stp.core.money import words
from stp.core.returns import Change, Preview

HEADINGS = {
    "title": "Scheme title", "line": "Programme line", "supports": "Workstream",
    "recurrence": "Recurrent", "type": "Type", "release": "Release", "maturity": "Maturity",
    "risk": "Delivery risk", "start_month": "Start month", "end_month": "End month",
    "lead": "Lead", "qia": "QIA status", "eia": "EIA status", "consultation": "Consultation",
    "evidence": "Evidence", "data_status": "Data status", "counterparty": "Income counterparty",
    "counterparty_effect": "Counterparty effect", "same_as": "Same saving as",
    "comment": "Comment", "fye_secured": "FYE secured", "gross": "Gross",
    "investment": "Investment", "wte_plan": "WTE plan", "wte_actual": "WTE actual",
}  # fmt: skip
OUTTURN = "Forecast for the year"
NOT_KNOWN = "not known"
# Changes are led by what a reader must decide, then the biggest.
ORDER = {"missing": 0, "changed": 1, "new": 2, "unchanged": 3}


def preview(
    rows: Sequence[SchemeRow], facts: Facts, period: ReportingPeriod, missing: Mapping[str, str]
) -> Preview:
    """Compare a file's rows with what is in force; nothing is written."""
    changes = [_change(row, facts) for row in rows] + _missing(rows, facts, missing)
    changes.sort(key=lambda c: (ORDER[c.what], -_size(c), c.ref))
    after = _after(rows, facts, missing)
    return Preview(
        changes=changes,
        totals_before=_totals(_now(facts), facts, facts.outturn_before),
        totals_after=_totals(after, facts, facts.outturn),
        effect=effect(after, facts, period),
        digest=digest(_decisive(rows, facts, period, changes, missing)),
    )


def _decisive(
    rows: Sequence[SchemeRow],
    facts: Facts,
    period: ReportingPeriod,
    changes: Sequence[Change],
    missing: Mapping[str, str],
) -> dict[str, Any]:
    """All that decides what a commit writes: if any of it moved, the preview is stale."""
    return {
        "rows": list(rows),
        "base": facts.before_return,
        "period": [period.code, period.state],
        "approved": facts.approved,
        "changes": [asdict(change) for change in changes],
        "missing": dict(missing),
    }


def _size(change: Change) -> int:
    return abs((change.forecast_after or 0) - (change.forecast_before or 0))


def _forecast(row: SchemeRow, facts: Facts) -> int:
    return year_plan(row, facts.period, facts.period.year) if facts.is_plan else facts.outturn(row)


def _forecast_before(row: SchemeRow, facts: Facts) -> int:
    if facts.is_plan:
        return year_plan(row, facts.period, facts.period.year)
    return facts.outturn_before(row)


def _change(row: SchemeRow, facts: Facts) -> Change:
    before = facts.before.get(row["ref"])
    return between(
        row,
        None if before is None else in_words(before),
        in_words(row),
        None if before is None else _forecast_before(before, facts),
        _forecast(row, facts),
    )


def between(
    row: SchemeRow,
    old: Mapping[str, str] | None,
    new: Mapping[str, str],
    forecast_before: int | None,
    forecast_after: int | None,
) -> Change:
    """What differs of one scheme; `old` is None where it was not there. Forecasts in pence."""
    if old is None:
        return Change("new", row["ref"], row["title"], {}, new, None, forecast_after)
    differing = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return Change(
        what="changed" if differing else "unchanged",
        ref=row["ref"],
        title=row["title"],
        before={name: old.get(name, "blank") for name in differing},
        after={name: new.get(name, "blank") for name in differing},
        forecast_before=forecast_before,
        forecast_after=forecast_after,
    )


def in_words(row: SchemeRow, name: Callable[[str, str], str] = heading) -> dict[str, str]:
    """What a person reads of a row, by heading; blank and not-due cells are left out.

    `name` makes the heading of a kind of figure and its month or year.
    """
    shown = {HEADINGS[word]: row[word] for word in (*WORDS, *NUMBERS) if row[word]}
    shown |= {HEADINGS[word]: _money(row[word]) for word in AMOUNTS if row[word] is not None}
    for kind in KINDS:
        for when, value in row[kind].items():
            if value is not None and value != NOT_DUE:
                shown[name(kind, when)] = _money(value)
    return shown


def _money(value: Money) -> str:
    if value == NOT_APPLICABLE:
        return "n/a"
    return words(value) if isinstance(value, int) else NOT_KNOWN


def _missing(rows: Sequence[SchemeRow], facts: Facts, missing: Mapping[str, str]) -> list[Change]:
    """Schemes the file leaves out, with what was chosen for each; closed ones go on unasked."""
    sent = {row["ref"] for row in rows}
    made = []
    for ref, row in facts.expected.items():
        if ref in sent or is_closed(row):
            continue
        known = ref in facts.before
        before = _forecast_before(row, facts) if known else None
        after, words_after = _decided(row, facts, missing.get(ref, ""), before)
        shown = {OUTTURN: words(before) if before is not None else NOT_KNOWN}
        made.append(Change("missing", ref, row["title"], shown, words_after, before, after))
    return made


def _decided(
    row: SchemeRow, facts: Facts, choice: str, before: int | None
) -> tuple[int | None, dict[str, str]]:
    source = facts.before_name or f"the plan of {facts.period.year}"
    if choice == LEAVE:
        left = before if before is None else _forecast(row, facts)
        return left, {OUTTURN: f"left as in {source}"}
    if choice == CLOSE and facts.is_plan:
        return 0, {OUTTURN: "no longer planned"}
    if choice == CLOSE:
        actual = actual_to_date(row, facts.period)
        return actual, {"Maturity": "Closed", OUTTURN: f"{words(actual)}, its known actuals"}
    return None, {}


def _after(rows: Sequence[SchemeRow], facts: Facts, missing: Mapping[str, str]) -> list[SchemeRow]:
    """The organisation's rows once the return is in; an undecided scheme counts as left."""
    sent = {row["ref"] for row in rows}
    kept = []
    for ref, row in facts.expected.items():
        closing = missing.get(ref) == CLOSE and not is_closed(row)
        if ref in sent or (closing and facts.is_plan):
            continue
        unreported = {ONLY_PLANNED: True} if ref in facts.only_planned else {}
        kept.append(as_closed(row, facts.period) if closing else {**row, **unreported})
    return [*rows, *kept]


def _now(facts: Facts) -> list[SchemeRow]:
    """The organisation's rows as they count now; nothing where it has not reported yet."""
    planned = [{**row, ONLY_PLANNED: True} for row in facts.only_planned.values()]
    return [*facts.before.values(), *planned] if facts.before else []


def _totals(
    rows: Sequence[SchemeRow], facts: Facts, outturn: Callable[[SchemeRow], int]
) -> dict[str, int | None]:
    """Totals of the year in pence; a plan return says nothing of actual and forecast."""
    period, year = facts.period, facts.period.year
    approved = {} if facts.is_plan else facts.approved or {}
    known: dict[str, int | None] = {
        "schemes": len(rows),
        "plan": sum(approved_year_plan(row, period, year, approved) for row in rows),
    }
    if facts.is_plan or not rows:
        return known | {"actual": None, "forecast": None}
    return known | {
        "actual": sum(actual_to_date(row, period) for row in rows),
        "forecast": sum(outturn(row) for row in rows),
    }
