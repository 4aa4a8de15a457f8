"""What an organisation has reported at a period, as plain values. Pure: no models.

`finance.positions` fills these from the database; `stp.dashboards.compute` works from them.
"""

from dataclasses import dataclass, field

from finance.bridge import SchemeInput


@dataclass(frozen=True, slots=True)
class SchemeReport:
    """A scheme's figures and what else its return says of it; pages show the rest as it is."""

    scheme: SchemeInput
    lead: str = ""
    type: str = ""
    release: str = ""
    carried_from: str = ""  # period the row itself was carried from, '' if it was in the file
    reasons: tuple[str, ...] = ()  # typed reasons of the warnings about it
    # What was sent as "n/a", nil in every sum and yet no nil: "actual 2017-05", "gross", …
    not_applicable: tuple[str, ...] = ()

    @property
    def subject_id(self) -> str:
        """'ngh/UC-01'."""
        return f"{self.scheme.organisation}/{self.scheme.ref}"


@dataclass(frozen=True, slots=True)
class Position:
    """An organisation's position at a period: one return, whole (DESIGN §4, "The figures").

    `reported` is False when there is no finance return of the year, so that only the approved
    plan speaks. `carried_from` names the return's period when it is earlier than the one shown.
    """

    organisation: str
    period: str
    reported: bool = False
    plan_approved: bool = False
    return_reference: str = ""
    return_period: str = ""
    plan_reference: str = ""
    sources: tuple[str, ...] = ()  # every return it rests on, with its state
    schemes: tuple[SchemeReport, ...] = field(default=())

    @property
    def carried_from(self) -> str:
        return "" if self.return_period in ("", self.period) else self.return_period

    @property
    def references(self) -> tuple[str, ...]:
        """References of the returns the figures came from, the finance return first."""
        return tuple(r for r in (self.return_reference, self.plan_reference) if r)
