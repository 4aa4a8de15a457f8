"""Loading the whole plan from `fixtures/plan`: all of it or none of it."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

import finance.plan
import indicators.plan
import workstreams.plan
from stp.core import audit, changes
from stp.core import plan as core
from stp.core.plan import Outcome
from workstreams.models import PlanFact

FOLDER = settings.BASE_DIR / "fixtures" / "plan"
# Parents first: rows of a later part point at rows of an earlier one.
PARTS: tuple[Any, ...] = (core, workstreams.plan, finance.plan, indicators.plan)


@transaction.atomic
def load_plan(*, folder: Path, by: Any) -> list[Outcome]:
    """Load every fixture of a folder; what each table came to. `by` is None for the tracker.

    Raises stp.core.plan.BadFixture with a sentence; then nothing was written.
    """
    tables = core.read(folder, [name for part in PARTS for name in part.TABLES])
    outcomes = [outcome for part in PARTS for outcome in part.load_tables(tables)]
    if any(outcome.is_change for outcome in outcomes):
        changes.bump_all_open(what="The plan was loaded")
        _record(outcomes, by)
    return outcomes


def _record(outcomes: list[Outcome], by: Any) -> None:
    """One event of the audit trail: which table gained or changed how many rows."""
    plan = PlanFact.objects.filter(section="plan").first() or PlanFact()
    audit.record(
        "loaded the plan",
        plan,
        by=by,
        label="The plan",
        after={
            o.table: f"{len(o.created)} new, {len(o.updated)} changed"
            for o in outcomes
            if o.is_change
        },
    )
