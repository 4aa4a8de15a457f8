"""What a return is checked against, as plain values; `finance.returns.gather` fills them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from finance.scheme_rows import Beside, SchemeRow, SchemeRows, outturn
from stp.core import periods


@dataclass(frozen=True, slots=True)
class Lists:
    """Code lists that are data: what a cell may name. Organisations map any code to the id."""

    types: tuple[str, ...] = ()
    workstreams: tuple[str, ...] = ()
    organisations: Mapping[str, str] = field(default_factory=dict)

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code of an organisation as people write it."""
        return tuple(code.upper() for code in self.organisations)


@dataclass(frozen=True, slots=True)
class Facts:
    """What stands before the return: rows in force, approved plan, what others claim.

    `approved` is by ref, then month or later year, in pence; None while the year's plan is
    not approved. `earlier_plan` is what the plan approved a year before gave this year.
    `claims` says by own ref who else counts the same saving.
    """

    kind: str
    period: periods.Period
    organisation: str
    organisation_name: str = ""
    organisation_code: str = ""  # as the template shows it: ODS code, else the id in capitals
    codes: frozenset[str] = frozenset()  # id and ODS code, case-folded
    before: SchemeRows = field(default_factory=dict)
    before_period: str = ""
    before_return: int | None = None
    # Forecast cells that blank due months are estimated from, by ref: for this return, and for
    # the one in force, which has one before it too.
    earlier: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    earlier_before: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    # Schemes the year's plan return names and no finance return has reported yet.
    only_planned: SchemeRows = field(default_factory=dict)
    approved: Mapping[str, Mapping[str, int]] | None = None
    earlier_plan: Mapping[str, int] = field(default_factory=dict)
    refs: Mapping[str, str] = field(default_factory=dict)  # case-folded -> as stored
    lists: Lists = field(default_factory=Lists)
    claims: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_plan(self) -> bool:
        return self.kind == "plan"

    @property
    def before_name(self) -> str:
        """'May 2017', the period the organisation last reported."""
        return periods.parse(self.before_period).name if self.before_period else ""

    @property
    def expected(self) -> SchemeRows:
        """Every scheme a file should name: of the return in force, or of the plan alone."""
        return {**self.only_planned, **self.before}

    def outturn(self, row: SchemeRow, year: str = "") -> int:
        """A row's forecast of a year once the return is in, in pence; by default of its own."""
        beside = Beside(self.earlier, self.approved or {})
        return outturn(row, self.period, year or self.period.year, beside)

    def outturn_before(self, row: SchemeRow, year: str = "") -> int:
        """The forecast of a row that is in force now."""
        then = periods.parse(self.before_period) if self.before_period else self.period
        beside = Beside(self.earlier_before, self.approved or {})
        return outturn(row, then, year or self.period.year, beside)

    def planned(self, ref: str) -> Mapping[str, int] | None:
        """The scheme's approved plan; None where it has none."""
        return self.approved.get(ref) if self.approved is not None else None
