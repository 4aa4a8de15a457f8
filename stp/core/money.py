"""The only converter between money as people write it and whole pence as we store it.

Pence are `int`; pounds are `Decimal`. Rounding is half-even, once, at the edge.
"""

from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from functools import lru_cache

# A stored figure stays below £1,000,000,000 either way (returns.md).
LIMIT_PENCE = 1_000_000_000 * 100


class Unit(StrEnum):
    """The unit a file's money is written in. Never guessed per cell."""

    POUNDS = "pounds"
    THOUSANDS = "thousands"
    MILLIONS = "millions"

    @property
    def pence(self) -> int:
        return _PENCE[self]

    @property
    def symbol(self) -> str:
        return _SYMBOLS[self]


_PENCE = {Unit.POUNDS: 100, Unit.THOUSANDS: 100_000, Unit.MILLIONS: 100_000_000}
_SYMBOLS = {Unit.POUNDS: "£", Unit.THOUSANDS: "£000", Unit.MILLIONS: "£m"}


class MoneyTooLarge(ValueError):
    """A figure of £1,000,000,000 or more either way."""


def half_even(value: Decimal) -> int:
    """Round a Decimal to a whole number, half to even."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def to_pence(value: Decimal, unit: Unit = Unit.POUNDS) -> int:
    """Convert a finite Decimal in `unit` to whole pence; MoneyTooLarge beyond the range."""
    if not value.is_finite() or value.adjusted() > 12:
        raise MoneyTooLarge(value)
    pence = half_even(value * unit.pence)
    if abs(pence) >= LIMIT_PENCE:
        raise MoneyTooLarge(value)
    return pence


def to_pounds(pence: int) -> Decimal:
    """Whole pence as Decimal pounds with two places."""
    return Decimal(pence).scaleb(-2).quantize(Decimal("0.01"))


def in_unit(pence: int, unit: Unit) -> Decimal:
    """Whole pence as an exact Decimal in `unit`."""
    return Decimal(pence) / unit.pence


MINUS = "\u2212"


def _signed(value: Decimal, places: int) -> tuple[str, str]:
    rounded = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)
    return (MINUS if rounded < 0 else "", f"{abs(rounded):,}")


def pounds_text(pence: int) -> str:
    """A plain machine-readable string in pounds with two decimals: '1234.50'."""
    return str(to_pounds(pence))


def millions_text(pence: int, places: int = 1) -> str:
    """'£12.0m', with a true minus sign before the pound sign."""
    sign, digits = _signed(in_unit(pence, Unit.MILLIONS), places)
    return f"{sign}£{digits}m"


def thousands_text(pence: int) -> str:
    """'1,240' for a column headed £000."""
    sign, digits = _signed(in_unit(pence, Unit.THOUSANDS), 0)
    return f"{sign}{digits}"


@lru_cache(maxsize=8_192)  # a preview says the same figures again and again
def words(pence: int) -> str:
    """Money the way a person says it, so that a slip of a thousand shows: £1.2m, £340k, £12.50."""
    size = abs(pence)
    if size >= 99_950_000:
        return millions_text(pence, 2 if size < 1_000_000_000 else 1)
    if size >= 100_000:
        sign, digits = _signed(in_unit(pence, Unit.THOUSANDS), 0)
        return f"{sign}£{digits}k"
    sign, digits = _signed(to_pounds(pence), 0 if pence % 100 == 0 else 2)
    return f"{sign}£{digits}"
