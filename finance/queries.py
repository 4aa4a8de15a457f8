"""What the scheme pages read: snapshot lines, and the live history of one scheme."""

from collections.abc import Mapping
from typing import Any

from django.db.models import BigIntegerField, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from finance.models import SavingsScheme, SchemeState, Target
from stp.core import words
from stp.core.compare import with_before
from stp.core.lines import Subject
from stp.core.models import AuditEvent, Organisation, SnapshotLine
from stp.core.snapshots import View

THAT_CHANGED = ("rag", "forecast_pence")
# Parts of a scheme's value in a year, as the snapshot holds them and as the list totals them.
PARTS = ("plan", "forecast", "delivered", "secure", "at_risk", "slippage")


def scheme_lines(view: View, against: View | None, year: str = "") -> QuerySet[SnapshotLine]:
    """Schemes of a published state, with what they were and their money in one plan year.

    `year_plan`, `year_forecast` … are pence of that year ('' means the period's own), None where
    the state has none; the ratings are always those of the period's own year.
    """
    year = year or view.period.year
    parts = {
        f"year_{part}": Cast(KT(f"detail__years__{year}__{part}"), BigIntegerField())
        for part in PARTS
    }
    return (
        with_before(view, against, Subject.SCHEME, THAT_CHANGED)
        .annotate(
            organisation_short=Subquery(
                Organisation.objects.filter(pk=OuterRef("organisation")).values("short")
            ),
            **parts,
        )
        .annotate(
            year_variance=F("year_forecast") - F("year_plan"),
            year_risk_adjusted=F("year_delivered") + F("year_secure"),
        )
    )


def totals(lines: QuerySet[SnapshotLine]) -> dict[str, int | None]:
    """Sums over every row of `scheme_lines`, by part, in pence; None where no row states one."""
    return lines.aggregate(**{part: Sum(f"year_{part}") for part in PARTS})


def doubtful_targets(year: str, reading: str) -> list[Target]:
    """Targets of a year, for all organisations, whose source leaves a doubt; by line.

    `reading` chooses between two printed values of one target ("116" or "82").
    """
    rows = Target.objects.filter(year=year, organisation=None, reading__in=("", reading))
    return [row for row in rows.order_by("line") if row.flags]


def returns_in_words(line: SnapshotLine) -> str:
    """'RET-2017-06-RNS-01', "plan PLAN-…" or both: the finance return always comes first."""
    plans = [ref for ref in line.returns if ref.startswith("PLAN-")]
    sent = [ref for ref in line.returns if ref not in plans]
    named = [*sent, *(f"approved plan {ref}" for ref in plans)]
    return ", ".join(named) or "None"


def scheme_line(view: View | None, organisation: str, ref: str) -> SnapshotLine | None:
    """One scheme's line in a published state."""
    if view is None or view.snapshot is None:
        return None
    return view.lines(Subject.SCHEME).filter(subject_id=f"{organisation}/{ref}").first()


def facts_of(line: SnapshotLine) -> list[tuple[str, str]]:
    """What the return says of a scheme beside its money, as pairs of words; blanks left out."""
    detail: Mapping[str, Any] = line.detail
    absent = detail.get("not_applicable", ())

    def money(name: str) -> str:
        return "Not applicable" if name in absent else _money(detail[name])

    found = [
        ("Lead", detail["lead"]),
        ("Type", detail["type"]),
        ("Release", detail["release"]),
        ("Starts", words.period_name(detail["start_month"])),
        ("Ends", words.period_name(detail["end_month"]) if detail["end_month"] else ""),
        ("Quality impact assessment", detail["qia"]),
        ("Evidence", detail["evidence"]),
        ("Supports", detail["supports"]),
        ("Gross, this year", money("gross")),
        ("Investment, this year", money("investment")),
        ("Full-year effect secured", money("fye_secured")),
        ("Same saving as", detail["same_as"]),
        ("Counterparty", detail["counterparty"]),
    ]
    return [(name, value) for name, value in found if value]


def _money(pence: int | None) -> str:
    return "" if pence is None else words.money_words(pence)


def history(scheme: SavingsScheme) -> list[SchemeState]:
    """What each committed return said of a scheme, newest first, with who sent it."""
    return list(
        scheme.states.filter(return_of__committed_at__isnull=False)
        .select_related("return_of__committed_by", "return_of__period")
        .order_by("-return_of__committed_at", "-pk")
    )


def events(scheme: SavingsScheme, user: Any) -> list[AuditEvent]:
    """Changes of the scheme itself and of the returns that speak of it, as far as `user` may."""
    returns = scheme.states.values("return_of_id")
    visible = AuditEvent.objects.visible_to(user)
    about = visible.filter(return_id__in=returns)
    itself = visible.filter(object_type=SavingsScheme._meta.verbose_name, object_id=str(scheme.pk))
    return list((about | itself).order_by("-pk")[:20])
