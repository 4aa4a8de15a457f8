"""The approved plan: the signed-off plan return of a year, and the plan changes made since.

Only approved values are P (returns.md, "The year's plan"). Money in pence.
"""

from collections.abc import Iterable

from django.db.models import QuerySet

from finance.models import Figure, PlanChange
from stp.core import periods
from stp.core.models import Return

ApprovedPlan = dict[
    tuple[str, str], dict[str, int]
]  # (organisation, ref) -> month or year -> pence


def approved_returns(organisation_ids: Iterable[str], year: str) -> QuerySet[Return]:
    """The signed-off plan returns in force of a year."""
    return Return.objects.in_force().filter(
        kind=Return.Kind.PLAN,
        state=Return.State.SIGNED_OFF,
        period__year=year,
        organisation__in=list(organisation_ids),
    )


def approved_plan(organisation_ids: Iterable[str], year: str) -> ApprovedPlan:
    """Approved plan by (organisation, ref): the year's months and every later plan year.

    A scheme that is absent has no approved plan; "n/a" counts as nil. Three queries.
    """
    signed_off = {r.organisation_id: r for r in approved_returns(organisation_ids, year)}
    plan: ApprovedPlan = {}
    figures = Figure.objects.filter(
        return_of__in=list(signed_off.values()), kind=Figure.Kind.PLAN
    ).values_list("scheme__organisation_id", "scheme__ref", "when", "pence")
    for organisation_id, ref, when, pence in figures:
        plan.setdefault((organisation_id, ref), {})[when] = pence or 0
    cells = (*periods.year_months(year), *periods.later_years(year))
    changes = PlanChange.objects.filter(
        scheme__organisation__in=list(signed_off), when__in=cells
    ).select_related("scheme")
    for change in changes:
        approval = signed_off[change.scheme.organisation_id].signed_off_at
        # A change made before this plan was approved is already inside it.
        if approval is None or change.changed_at >= approval:
            key = (change.scheme.organisation_id, change.scheme.ref)
            plan.setdefault(key, {})[change.when] = change.after_pence
    return plan
