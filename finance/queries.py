"""What the scheme pages read: snapshot lines, and the live history of one scheme."""

from collections.abc import Mapping
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery

from finance.models import SavingsScheme, SchemeState
from stp.core import words
from stp.core.lines import Subject
from stp.core.models import AuditEvent, Organisation, SnapshotLine
from stp.core.snapshots import View


def scheme_lines(view: View, against: View | None) -> QuerySet[SnapshotLine]:
    """Schemes of a published state with variance, risk-adjusted forecast and what they were."""
    lines = view.lines(Subject.SCHEME).annotate(
        organisation_short=Subquery(
            Organisation.objects.filter(pk=OuterRef("organisation")).values("short")
        ),
        variance_pence=F("forecast_pence") - F("plan_pence"),
        risk_adjusted_pence=F("delivered_pence") + F("secure_pence"),
    )
    before = (against or view).lines(Subject.SCHEME).filter(subject_id=OuterRef("subject_id"))
    return lines.annotate(
        rag_before=Subquery(before.values("rag")[:1]),
        forecast_before=Subquery(before.values("forecast_pence")[:1]),
    )


def scheme_line(view: View | None, organisation: str, ref: str) -> SnapshotLine | None:
    """One scheme's line in a published state."""
    if view is None or view.snapshot is None:
        return None
    return view.lines(Subject.SCHEME).filter(subject_id=f"{organisation}/{ref}").first()


def facts_of(line: SnapshotLine) -> list[tuple[str, str]]:
    """What the return says of a scheme beside its money, as pairs of words; blanks left out."""
    detail: Mapping[str, Any] = line.detail
    found = [
        ("Lead", detail["lead"]),
        ("Type", detail["type"]),
        ("Release", detail["release"]),
        ("Starts", words.period_name(detail["start_month"])),
        ("Ends", words.period_name(detail["end_month"]) if detail["end_month"] else ""),
        ("Quality impact assessment", detail["qia"]),
        ("Evidence", detail["evidence"]),
        ("Supports", detail["supports"]),
        ("Gross, this year", _money(detail["gross"])),
        ("Investment, this year", _money(detail["investment"])),
        ("Full-year effect secured", _money(detail["fye_secured"])),
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


def events(scheme: SavingsScheme) -> list[Any]:
    """Changes of the scheme itself and of the returns that speak of it."""
    returns = scheme.states.values("return_of_id")
    about = AuditEvent.objects.filter(return_id__in=returns)
    itself = AuditEvent.objects.filter(
        object_type=SavingsScheme._meta.verbose_name, object_id=str(scheme.pk)
    )
    return list((about | itself).order_by("-pk")[:20])
