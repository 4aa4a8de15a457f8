"""Illustrative periods, targets, milestones, risks and links: what the plan lost or never said."""

import datetime as dt
from typing import Any

from finance.models import BenefitLink, SavingsScheme, Target
from indicators.models import Indicator
from stp.accounts.models import User
from stp.core import clock, periods
from stp.core.models import ReportingPeriod
from stp.cycle.demo.sources import read
from workstreams.models import (
    Milestone,
    MilestoneBaseline,
    MilestoneReport,
    Project,
    Risk,
    RiskReport,
    Workstream,
)
from workstreams.rag import Precision, due_date

ILLUSTRATIVE = "Illustrative: made for the demonstration, in no source"
AGREED = dt.date(2017, 3, 31)
# Period -> opens, due, hold, closes (London). April's plan returns come in before its figures.
DATES = {
    "2017-04": ((2017, 4, 1), (2017, 5, 17), (2017, 5, 22), (2017, 5, 26)),
    "2017-05": ((2017, 6, 1), (2017, 6, 16), (2017, 6, 21), (2017, 6, 23)),
    "2017-06": ((2017, 7, 1), (2017, 7, 18), (2017, 7, 26), (2017, 7, 28)),
}


def london(day: tuple[int, int, int] | dt.date, hour: int = 17, minute: int = 0) -> dt.datetime:
    """A moment in London on a day."""
    date = day if isinstance(day, dt.date) else dt.date(*day)
    return dt.datetime.combine(date, dt.time(hour, minute), periods.LONDON)


def load_periods() -> None:
    """The first periods of 2017/18; the sweep opens each when its day comes."""
    for code, (opens, due, hold, closes) in DATES.items():
        period = periods.parse(code)
        ReportingPeriod.objects.get_or_create(
            code=code,
            defaults={
                "sort_key": period.sort_key,
                "year": period.year,
                "opens_at": london(opens, 9),
                "due_at": london(due),
                "hold_at": london(hold),
                "closes_at": london(closes),
            },
        )


def load_targets() -> None:
    """Targets of 2017/18 by organisation and line; the plan states 2020/21 alone."""
    for line, by_organisation in read("schemes")["targets_2017_18"].items():
        for organisation, thousands in by_organisation.items():
            Target.objects.get_or_create(
                line=line,
                year="2017/18",
                organisation_id=organisation,
                reading="",
                effective_on=AGREED,
                defaults={
                    "pence": thousands * 100_000,
                    "approver": "Operational plan (illustrative)",
                    "source": ILLUSTRATIVE,
                    "flags": ["illustrative"],
                },
            )


def load_milestones() -> None:
    """Milestones of the projects, and which workstream answers for the plan's own events."""
    source = read("milestones")
    for row in source["milestones"]:
        _milestone(row)
    for ref, workstream in source["events"].items():
        Milestone.objects.filter(ref=ref, workstream__isnull=True).update(workstream=workstream)


def _milestone(row: dict[str, Any]) -> None:
    project = Project.objects.get(pk=row["project"]) if "project" in row else None
    workstream = project.initiative.workstream_id if project else row["workstream"]
    milestone, created = Milestone.objects.get_or_create(
        ref=row["ref"],
        defaults={
            "title": row["title"],
            "project": project,
            "workstream_id": workstream,
            "critical": row.get("critical", False),
            "owner": row["owner"],
            "source": ILLUSTRATIVE,
            "flags": ["illustrative"],
        },
    )
    if created:
        printed = str(row["baseline"])
        precision = Precision.TBC if printed == "tbc" else Precision.DAY
        MilestoneBaseline.objects.create(
            milestone=milestone,
            as_printed=printed,
            precision=precision,
            due_on=due_date(printed, precision),
            approved_on=AGREED,
            source=ILLUSTRATIVE,
            flags=["illustrative"],
        )


def load_reports(period: str, *, by: User) -> None:
    """What was said of milestones and risks in one period's update."""
    source = read("milestones")
    said = [(m["ref"], r) for m in source["milestones"] for r in m.get("reports", [])]
    said += [(r["event"], r) for r in source["event_reports"]]
    for ref, report in said:
        if report["period"] == period:
            _milestone_report(ref, report, by)
    for risk in read("risks")["risks"]:
        for report in risk["reports"]:
            if report["period"] == period:
                _risk_report(risk["ref"], report, by)


def _milestone_report(ref: str, report: dict[str, Any], by: User) -> None:
    MilestoneReport.objects.get_or_create(
        milestone_id=ref,
        period_id=report["period"],
        defaults={
            "forecast_on": report.get("forecast"),
            "completed_on": report.get("completed"),
            "confirmed_on": report.get("confirmed"),
            "note": report.get("note", ""),
            "illustrative": True,
            "reported_at": clock.now(),
            "reported_by": by,
        },
    )


def _risk_report(ref: str, report: dict[str, Any], by: User) -> None:
    RiskReport.objects.get_or_create(
        risk_id=ref,
        period_id=report["period"],
        defaults={
            "likelihood": report["likelihood"],
            "impact": report["impact"],
            "review_on": report.get("review"),
            "next_action": report.get("action", ""),
            "illustrative": True,
            "reported_at": clock.now(),
            "reported_by": by,
        },
    )


def load_links() -> None:
    """Which workstreams answer for which risks and indicators: our reading, not the plan's."""
    source = read("risks")
    for row in source["risks"]:
        risk = Risk.objects.get(pk=row["ref"])
        risk.workstreams.add(*row["workstreams"])
        Risk.objects.filter(pk=risk.pk, owner="").update(owner=row["owner"])
    for workstream, codes in source["indicators"].items():
        found = Indicator.objects.filter(pk__in=codes)
        Workstream.objects.get(pk=workstream).indicators.add(*found)


def load_benefits() -> None:
    """Milestones that carry the benefit of a scheme."""
    for row in read("milestones")["benefits"]:
        scheme = SavingsScheme.objects.filter(
            organisation_id=row["organisation"], ref=row["scheme"]
        ).first()
        if scheme:
            BenefitLink.objects.get_or_create(
                milestone_id=row["milestone"], scheme=scheme, defaults={"illustrative": True}
            )
