"""Risk lines. Pure."""

from collections.abc import Iterable
from typing import Any

from stp.core.lines import Line, Subject
from stp.dashboards.compute.facts import Facts, RiskFacts, RiskReport
from workstreams.rag import RiskInput, rate_risk, risk_score


def risk_lines(facts: Facts) -> list[Line]:
    """One line a risk, as the latest report up to the period scores it."""
    return [_line(r, facts) for r in facts.risks]


def _line(risk: RiskFacts, facts: Facts) -> Line:
    reports = [r for r in risk.reports if r.sort_key <= facts.period.sort_key]
    report = reports[-1] if reports else None
    likelihood = report.likelihood if report else None
    impact = report.impact if report else None
    review_on = report.review_on if report else None
    rating = rate_risk(likelihood, impact, as_of=facts.as_of, review_on=review_on)
    return Line(
        subject=Subject.RISK,
        subject_id=risk.ref,
        label=risk.title,
        rag=rating.rag,
        code=rating.code,
        reason=rating.reason,
        score=risk_score(likelihood, impact),
        detail={
            "likelihood": likelihood,
            "impact": impact,
            "workstreams": list(risk.workstreams),
            "owner": risk.owner,
            "review_on": review_on.isoformat() if review_on else None,
            "review_overdue": review_on is not None and review_on < facts.as_of,
            **_said(risk, report),
        },
    )


def _said(risk: RiskFacts, report: RiskReport | None) -> dict[str, Any]:
    return {
        "open": report.open if report else True,
        "next_action": report.next_action if report else "",
        "illustrative": "illustrative" in risk.flags or bool(report and report.illustrative),
        "flags": list(risk.flags),
        "source": risk.source,
    }


def as_input(line: Line) -> RiskInput:
    """A risk line as the Risk rule takes it."""
    detail = line.detail
    return RiskInput(line.label, detail["likelihood"], detail["impact"], open=detail["open"])


def workstream_counts(lines: Iterable[Line]) -> dict[str, int | None]:
    """{"open", "highest"} of one workstream's risks; highest None when no open one is scored."""
    open_ones = [r for r in lines if r.detail["open"]]
    return {
        "open": len(open_ones),
        "highest": max((r.score for r in open_ones if r.score is not None), default=None),
    }
