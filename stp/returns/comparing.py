"""Two versions, or a return and what is left without it, as pages and files show them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.core.paginator import Paginator

from stp.core.exports import Export, Value
from stp.core.models import Return
from stp.core.money import to_pounds
from stp.core.returns import Preview
from stp.core.words import moment
from stp.returns import changes_page, kinds, queries
from stp.returns.actions import Withdrawal
from stp.returns.actions.committing import CLOSE, LEAVE
from stp.returns.actions.drafting import EVERY
from stp.returns.changes_page import Between, Difference

HEADINGS = (
    "Scheme", "Title", "What happened", "Forecast before (£)", "Forecast after (£)",
    "Reason given", "Column", "Before", "After",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Compared:
    """Two committed versions and what changed from the first to the second."""

    before: Return
    after: Return
    preview: Preview

    @property
    def differences(self) -> list[Difference]:
        """Biggest change of the forecast first, with the reasons the later version gave."""
        return changes_page.differences(
            self.preview, self.after.issues, self.after.explanations, Between.VERSIONS
        )

    def context(self, page: str | None) -> dict[str, Any]:
        """What the page draws."""
        return {
            "before": self.before,
            "after": self.after,
            "before_label": self.before.reference,
            "after_label": self.after.reference,
            **_shown(self.preview, self.differences, page),
        }


def compare(before: Return, after: Return) -> Compared:
    """Put two versions of one kind and organisation side by side. Reads, never writes."""
    return Compared(before, after, kinds.of(after.kind).compare(before, after))


@dataclass(frozen=True, slots=True)
class Answered:
    """A preview with what was answered so far about schemes the file leaves out."""

    preview: Preview
    sentence: str  # what its totals count of them, '' where the file leaves none out


def answered(return_: Return, shown: Preview, answers: Mapping[str, str]) -> Answered:
    """Totals, differences and effect as the answers would make them; reads, never writes.

    `answers` is scheme ref, or EVERY -> leave | close; anything else is no answer. The digest
    stays that of `shown`: it is what a commit is compared with, whatever the answers are.
    """
    given = {c.ref: answers.get(c.ref, answers.get(EVERY)) for c in shown.of("missing")}
    missing = {ref: fate for ref, fate in given.items() if fate in (LEAVE, CLOSE)}
    sentence = _counted(len(given), len(given) - len(missing))
    if not missing:
        return Answered(shown, sentence)
    decided = kinds.of(return_.kind).plan(return_, missing)
    return Answered(replace(decided, digest=shown.digest), sentence)


def _counted(left_out: int, undecided: int) -> str:
    if not left_out:
        return ""
    if not undecided:
        return "Schemes that the file leaves out are counted as answered below."
    one = undecided == 1
    schemes, it = ("1 scheme", "it") if one else (f"{undecided:,} schemes", "them")
    return (
        f"{schemes} that the file leaves out {'is' if one else 'are'} counted as last reported "
        f"until it is decided what becomes of {it}; closing {it} changes these totals."
    )


def withdrawn(return_: Return, shown: Withdrawal, page: str | None) -> dict[str, Any]:
    """The same for a return and what is left once it is withdrawn."""
    left = shown.back or shown.stands
    found = changes_page.differences(shown.preview, between=Between.WITHDRAWAL)
    return {
        "before_label": return_.reference,
        "after_label": left.reference if left else "Nothing",
        "effect": changes_page.effect(shown.effect),
        "behind": queries.changes_not_included(return_),
        **_shown(shown.preview, found, page),
    }


def _shown(preview: Preview, found: list[Difference], page: str | None) -> dict[str, Any]:
    return {
        "page": Paginator(found, changes_page.PAGE).get_page(page),
        "counts": changes_page.counts(preview),
        "totals": list(changes_page.totals(preview)),
    }


def export(compared: Compared) -> Export:
    """Every difference, a row a cell; a new scheme or one that is gone has one row."""
    before, after = compared.before, compared.after
    return Export(
        title=f"{after.reference} compared with {before.reference}",
        notes=[
            f"From: {before.reference}, {before.period.name}, sent {moment(before.committed_at)}",
            f"To: {after.reference}, {after.period.name}, sent {moment(after.committed_at)}",
            *(f"{t.label}: {t.before} to {t.after}" for t in changes_page.totals(compared.preview)),
        ],
        headings=HEADINGS,
        rows=[row for difference in compared.differences for row in _rows(difference)],
        sheet="Compare",
    )


def _rows(difference: Difference) -> Iterator[list[Value]]:
    change = difference.change
    forecasts = (change.forecast_before, change.forecast_after)
    start: list[Value] = [
        change.ref,
        change.title,
        difference.word,
        *(None if pence is None else to_pounds(pence) for pence in forecasts),
        "; ".join(difference.reasons),
    ]
    cells = difference.cells if change.what == "changed" else [("", "", "")]
    for heading, before, after in cells:
        yield [*start, heading, str(before), str(after)]
