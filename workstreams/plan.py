"""Loading the plan's skeleton: workstreams, events, risks, governance, and its other facts."""

from collections.abc import Mapping, Sequence
from typing import Any

from stp.core.plan import Outcome, Row, Tables, load
from workstreams.models import (
    GovernanceBody,
    Initiative,
    Milestone,
    MilestoneBaseline,
    OfficeHolder,
    PlanFact,
    Project,
    Risk,
    RiskMitigation,
    Specialty,
    Workstream,
)
from workstreams.rag import BadDate, Precision, due_date

TABLES = (
    "office_holders", "workstreams", "initiatives", "projects", "specialties", "events",
    "risks", "mitigations", "bodies", "facts",
)  # fmt: skip
# Kinds of dated events that are milestones (rag-rules, "Milestone"); the rest are context.
MILESTONE_KINDS = frozenset({"milestone", "decision_point", "impact", "plan_end"})
CONTEXT = "context"
PLAN_DATED_ON = "2016-10-21"  # a printed date was approved with the plan that prints it
_SOURCED = ("source", "flags", "flag_note")
_DATE = ("starts", "operator")
_EVENT = frozenset({"ref", "kind", "title", "workstream", "as_printed", "precision", "due"})


def load_tables(tables: Tables) -> list[Outcome]:
    """Every table of this app, parents first."""
    milestones = [r for r in tables["events"] if r.need("kind") in MILESTONE_KINDS]
    context = [r for r in tables["events"] if r.need("kind") not in MILESTONE_KINDS]
    return [
        load(OfficeHolder, ("organisation", "office"), tables["office_holders"]),
        load(Workstream, ("id",), tables["workstreams"]),
        load(Initiative, ("id",), tables["initiatives"]),
        load(Project, ("id",), tables["projects"]),
        load(Specialty, ("id",), tables["specialties"]),
        load(Milestone, ("ref",), [_milestone(r) for r in milestones]),
        load(MilestoneBaseline, ("milestone", "approved_on"), [_baseline(r) for r in milestones]),
        load(Risk, ("ref",), tables["risks"]),
        load(RiskMitigation, ("risk", "order"), tables["mitigations"]),
        load(GovernanceBody, ("id",), tables["bodies"]),
        load(PlanFact, ("section", "ref"), _facts(tables["facts"], context)),
    ]


def _facts(facts: Sequence[Row], context: Sequence[Row]) -> list[Row]:
    """Facts of all files in the order written, numbered within their section."""
    rows = [*facts, *(_context(r) for r in context)]
    seen: dict[str, int] = {}
    numbered = []
    for row in rows:
        section = str(row.need("section"))
        seen[section] = seen.get(section, 0) + 1
        numbered.append(row.with_values({**row.values, "order": seen[section]}))
    return numbered


def _take(row: Row, *names: str) -> dict[str, Any]:
    """The named fields a row has."""
    return {n: row.values[n] for n in names if n in row.values}


def _milestone(row: Row) -> Row:
    _only_known(row)
    values = {
        **_take(row, "ref", "title", "kind", "workstream", *_SOURCED),
        "origin": Milestone.Origin.PLAN.value,
    }
    return row.with_values(values)


def _baseline(row: Row) -> Row:
    """The printed date as the milestone's first baseline, approved with the plan."""
    values = {
        "milestone": row.need("ref"),
        **_take(row, "as_printed", "precision", *_SOURCED),
        "due_on": _due_on(row.values, row),
        "approved_on": PLAN_DATED_ON,
        "reason": "Printed in the plan",
    }
    return row.with_values(values)


def _due_on(values: Mapping[str, Any], row: Row) -> str | None:
    try:
        due = due_date(str(row.need("due")), Precision(str(row.need("precision"))))
    except (BadDate, ValueError) as error:
        raise row.wrong(f"“due”: {error}") from None
    return due.isoformat() if due else None


def _context(row: Row) -> Row:
    """An event that is no milestone: a fact of the section "context"."""
    _only_known(row)
    _due_on(row.values, row)
    values = {
        "section": CONTEXT,
        **_take(row, "ref", "title", "as_printed", *_SOURCED),
        "details": _take(row, "kind", "precision", "due", *_DATE),
    }
    return row.with_values(values)


def _only_known(row: Row) -> None:
    for name in row.values:
        if name not in _EVENT and name not in _DATE and name not in _SOURCED:
            raise row.wrong(f"there is no field “{name}”.")
