"""Reading the plan's side of a snapshot: targets, weights, milestones, risks, indicators.

Each function reads with a fixed number of queries and returns plain values.
"""

import datetime as dt

from django.db.models import Prefetch

from finance.bridge import DEFAULT_WEIGHTS, Weights
from finance.models import SavingsWeight, Target, TargetReading
from finance.rag import DeliveryRisk, Maturity
from indicators.models import Indicator
from stp.core.models import SourcedFact
from stp.dashboards.compute.facts import (
    Baseline,
    IndicatorFacts,
    MilestoneFacts,
    MilestoneReport,
    PlanValue,
    Reading,
    RiskFacts,
    RiskReport,
    TargetFacts,
    WorkstreamFacts,
)
from workstreams.models import Milestone, Risk, Workstream
from workstreams.models import MilestoneReport as MilestoneReportRow
from workstreams.models import RiskReport as RiskReportRow


def weights(day: dt.date) -> Weights:
    """The newest weight of each maturity and risk up to a day, else our default. One query."""
    rows = SavingsWeight.objects.filter(effective_on__lte=day).order_by("effective_on", "pk")
    dated = {(Maturity(r.maturity), DeliveryRisk(r.risk)): r.basis_points for r in rows}
    return {**DEFAULT_WEIGHTS, **dated}


def targets(day: dt.date) -> tuple[TargetFacts, ...]:
    """The newest target of each line, year, organisation and reading up to a day. One query."""
    newest: dict[tuple[str, str, str, str], TargetFacts] = {}
    for row in Target.objects.filter(effective_on__lte=day).order_by("effective_on", "pk"):
        organisation = row.organisation_id or ""
        newest[row.line, row.year, organisation, row.reading] = TargetFacts(
            line=row.line,
            year=row.year,
            organisation=organisation,
            reading=row.reading,
            pence=row.pence,
            effective_on=row.effective_on,
        )
    return tuple(newest[key] for key in sorted(newest))


def reading(day: dt.date) -> Reading:
    """The reading in force on a day. One query."""
    row = TargetReading.objects.filter(effective_on__lte=day).order_by("effective_on", "pk").last()
    return Reading(row.reading, row.sentence) if row else Reading()


def workstreams() -> tuple[WorkstreamFacts, ...]:
    """Every workstream in the order of the board's table. One query."""
    rows = Workstream.objects.order_by("order", "pk")
    return tuple(WorkstreamFacts(r.pk, r.kind, r.order, r.name, r.short) for r in rows)


def milestones() -> tuple[MilestoneFacts, ...]:
    """Every milestone with its baselines and reports, oldest first. Three queries."""
    rows = Milestone.objects.order_by("ref").prefetch_related(
        "baselines",
        Prefetch(
            "reports",
            MilestoneReportRow.objects.select_related("period").order_by("period__sort_key"),
        ),
    )
    return tuple(_milestone(row) for row in rows)


def _milestone(row: Milestone) -> MilestoneFacts:
    baselines = sorted(row.baselines.all(), key=lambda b: (b.approved_on, b.pk))
    return MilestoneFacts(
        ref=row.ref,
        title=row.title,
        workstream=row.workstream_id or "",
        project=row.project_id or "",
        critical=row.critical,
        origin=row.origin,
        owner=row.owner,
        baselines=tuple(
            Baseline(b.due_on, b.approved_on, b.as_printed, b.precision) for b in baselines
        ),
        reports=tuple(_milestone_report(r) for r in row.reports.all()),
        flags=_flags(row),
        source=row.source,
    )


def _milestone_report(row: MilestoneReportRow) -> MilestoneReport:
    return MilestoneReport(
        sort_key=row.period.sort_key,
        status=row.status,
        forecast_on=row.forecast_on,
        completed_on=row.completed_on,
        confirmed_on=row.confirmed_on,
        note=row.note,
        illustrative=row.illustrative,
    )


def risks() -> tuple[RiskFacts, ...]:
    """Every risk with its reports, oldest first. Three queries."""
    rows = Risk.objects.order_by("ref").prefetch_related(
        "workstreams",
        Prefetch(
            "reports", RiskReportRow.objects.select_related("period").order_by("period__sort_key")
        ),
    )
    return tuple(
        RiskFacts(
            ref=row.ref,
            title=row.title,
            owner=row.owner,
            workstreams=tuple(sorted(w.pk for w in row.workstreams.all())),
            reports=tuple(_risk_report(r) for r in row.reports.all()),
            flags=_flags(row),
            source=row.source,
        )
        for row in rows
    )


def _risk_report(row: RiskReportRow) -> RiskReport:
    return RiskReport(
        sort_key=row.period.sort_key,
        likelihood=row.likelihood,
        impact=row.impact,
        open=row.open,
        review_on=row.review_on,
        next_action=row.next_action,
        illustrative=row.illustrative,
    )


def indicators() -> tuple[IndicatorFacts, ...]:
    """Every indicator with the plan's values. Three queries."""
    rows = Indicator.objects.order_by("family", "order", "pk").prefetch_related(
        "workstreams", "plan_values"
    )
    return tuple(_indicator(row) for row in rows)


def _indicator(row: Indicator) -> IndicatorFacts:
    values = sorted(row.plan_values.all(), key=lambda v: (v.role, v.sex, v.pk))
    return IndicatorFacts(
        code=row.code,
        family=row.family,
        order=row.order,
        name=row.name,
        measure=row.measure,
        unit=row.unit,
        better=row.better,
        values=tuple(
            PlanValue(v.role, v.sex, v.as_printed, v.value, v.operator, v.tbc, v.year)
            for v in values
        ),
        workstreams=tuple(sorted(w.pk for w in row.workstreams.all())),
        flags=_flags(row),
        flag_note=row.flag_note,
        source=row.source,
    )


def _flags(row: SourcedFact) -> tuple[str, ...]:
    return tuple(str(flag) for flag in row.flags)
