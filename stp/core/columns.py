"""Column types: each turns one cell into a value, or says what is wrong and what is wanted.

Values, by type (a blank cell is None in all of them; whether it may be blank is the column's
business, not the type's):

| type      | value                                                                  |
|-----------|------------------------------------------------------------------------|
| Text      | str                                                                    |
| Reference | str, signs that look the same made one (`stp.core.references`)         |
| Money     | int pence, or `Missing.NOT_APPLICABLE` for "n/a"; "nil" is 0           |
| Number    | Decimal                                                                |
| Choice    | whatever the options map the word to (by default the word itself)      |
| Month     | str, the month's code "2017-06"                                        |
| Date      | datetime.date                                                          |

So money has four states that never mix: an int, 0 among them; None, not known; and
NOT_APPLICABLE. "Not yet due" is not something a file can say.

Policies (reference/returns.md; RELIABILITY.md §3): a unit is never guessed for a cell, so "£1.2m"
and "34k" are refused; a comma separates thousands and a full stop decimals, nothing else;
brackets, a trailing minus and U+2212 make a number negative; a lone dash is refused since it may
mean nil or not known; 03/04/2017 is 3 April; "Jun-17" is the month June 2017 where a month is
wanted; a date is a date cell or text, never a plain number.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any

from stp.core import money, references
from stp.core.dates import BadDate, near_months, read_day, read_month
from stp.core.nearest import question, question_of
from stp.core.seen import is_unseen
from stp.core.sheets import Cell, CellKind, Cleaned, Context

MAX_REFERENCE = 20
_NOT_APPLICABLE = frozenset({"n/a", "na", "n.a.", "not applicable"})
# Digits are ASCII only: int() and Decimal() would take Arabic-Indic ones, and underscores.
_PLAIN = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?", re.ASCII)
_SPACES = "\u00a0\u2007\u2009\u202f"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# Longer than any real figure; bounds the work on a hostile one.
MAX_DIGITS = 40


class Missing(StrEnum):
    """Why there is no figure, where the file says so. Blank (not known) is None."""

    NOT_APPLICABLE = "n/a"


def _wrong_kind(cell: Cell, wanted: str) -> Cleaned | None:
    """The faults that are the same for every type: error cells and formulas without a value."""
    if cell.kind is CellKind.ERROR:
        return Cleaned(problem="error_cell", wanted=wanted)
    if cell.kind is CellKind.FORMULA_WITHOUT_VALUE:
        return Cleaned(
            problem="formula_without_value",
            wanted=f"{wanted}: open the file in Excel, let it calculate and save it",
        )
    return None


def read_number(text: str) -> Decimal | None:
    """Read a number as people write it; None if it is none.

    "1,234", "£1,234.50", "-1,234", "(1,234)", "1,234-" and a U+2212 minus are understood;
    exponents, underscores, "1.234,56", a percentage, "NaN" or "inf" are not.
    """
    body = text.strip().strip(_SPACES).replace("\u2212", "-")
    if len(body) > MAX_DIGITS:
        return None
    signs = 0
    if body.startswith("(") and body.endswith(")"):
        body, signs = body[1:-1].strip(), 1
    elif body.startswith("-"):
        body, signs = body[1:].strip(), 1
    body = body.removeprefix("£").strip()
    if body.startswith("(") and body.endswith(")"):
        body, signs = body[1:-1].strip(), signs + 1
    elif body.startswith("-"):
        body, signs = body[1:], signs + 1
    elif body.endswith("-"):
        body, signs = body[:-1].rstrip(), signs + 1
    if signs > 1 or not body or body == "." or not _PLAIN.fullmatch(body):
        return None
    value = Decimal(body.replace(",", ""))
    return -value if signs else value


@dataclass(frozen=True, slots=True)
class Text:
    """Words, up to `max` characters; line breaks are kept, other control characters refused."""

    max: int = 200

    @property
    def wanted(self) -> str:
        return f"text of up to {self.max:,} characters"

    def clean(self, cell: Cell, context: Context) -> Cleaned:
        if wrong := _wrong_kind(cell, self.wanted):
            return wrong
        if cell.kind in (CellKind.DATE, CellKind.BOOLEAN):
            return Cleaned(problem=f"{cell.kind.value}_not_text", wanted=self.wanted)
        text = cell.text.replace("\r\n", "\n").replace("\r", "\n").strip()
        if not text:
            return Cleaned()
        if _CONTROL.search(text):
            return Cleaned(problem="control_character", wanted="text without control characters")
        if len(text) > self.max:
            return Cleaned(problem="too_long", wanted=self.wanted)
        return Cleaned(text)


@dataclass(frozen=True, slots=True)
class Reference:
    """A short code that identifies the row, such as a scheme ref."""

    max: int = MAX_REFERENCE

    @property
    def wanted(self) -> str:
        return f"a reference of up to {self.max} characters"

    def clean(self, cell: Cell, context: Context) -> Cleaned:
        if wrong := _wrong_kind(cell, self.wanted):
            return wrong
        if _CONTROL.search(cell.text.strip()):
            return Cleaned(problem="control_character", wanted=self.wanted)
        ref = references.plain(cell.text)
        cleaned = Text(self.max).clean(replace(cell, text=ref), context)
        if cleaned.problem:
            return Cleaned(problem=cleaned.problem, wanted=self.wanted)
        if ref.isascii() and ref.isprintable():
            return cleaned
        if not ref.isprintable() or any(map(is_unseen, ref)):
            return Cleaned(problem="control_character", wanted="a reference that can all be seen")
        return self._latin(ref) or cleaned

    def _latin(self, ref: str) -> Cleaned | None:
        """The fault of a letter that looks Latin and is not: it would make another scheme."""
        found = references.lookalike(ref)
        if found is None:
            return None
        letter, script, latin = found
        return Cleaned(
            problem="lookalike_letter",
            wanted=f"the reference in Latin letters: {references.in_latin(ref)}",
            question=f"Its “{letter}” is a {script} letter that looks like the Latin {latin}.",
        )


def _figure(cell: Cell, wanted: str) -> Cleaned:
    """A cell as a finite Decimal, with a warning where the number was stored as text."""
    if wrong := _wrong_kind(cell, wanted):
        return wrong
    if cell.kind is CellKind.NUMBER and cell.number is not None:
        return Cleaned(cell.number)
    if cell.kind is not CellKind.TEXT:
        return Cleaned(problem="not_a_number", wanted=wanted)
    value = read_number(cell.text)
    if value is None:
        return Cleaned(problem="not_a_number", wanted=wanted)
    return Cleaned(value, warning="number_as_text")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the file's unit, as whole pence; `minimum` (pence) where a column has one."""

    minimum: int | None = None
    wanted: str = "a number in the file's unit"

    def clean(self, cell: Cell, context: Context) -> Cleaned:
        wanted = f"a number in {context.unit.symbol}"
        word = cell.text.strip().casefold() if cell.kind is CellKind.TEXT else ""
        if cell.kind is CellKind.BLANK or (cell.kind is CellKind.TEXT and not word):
            return Cleaned(wanted=wanted)
        if word in _NOT_APPLICABLE:
            return Cleaned(Missing.NOT_APPLICABLE)
        if word == "nil":
            return Cleaned(0)
        figure = _figure(cell, wanted)
        if figure.problem:
            return figure
        return self._pence(figure, context, wanted)

    def _pence(self, figure: Cleaned, context: Context, wanted: str) -> Cleaned:
        try:
            pence = money.to_pence(figure.value, context.unit)
        except money.MoneyTooLarge:
            return Cleaned(
                problem="too_large", wanted=f"{wanted}, less than £1,000,000,000 either way"
            )
        if self.minimum is not None and pence < self.minimum:
            least = money.words(self.minimum)
            return Cleaned(problem="too_small", wanted=f"{wanted}, {least} or more")
        return Cleaned(pence, warning=figure.warning)


@dataclass(frozen=True, slots=True)
class Number:
    """A plain decimal number, such as whole-time equivalents; never money."""

    minimum: Decimal | None = Decimal(0)
    maximum: Decimal = Decimal(10_000_000)

    @property
    def wanted(self) -> str:
        low = "" if self.minimum is None else f"from {self.minimum:,} "
        return f"a number {low}up to {self.maximum:,}"

    def clean(self, cell: Cell, context: Context) -> Cleaned:
        if cell.kind is CellKind.BLANK or (cell.kind is CellKind.TEXT and not cell.text.strip()):
            return Cleaned()
        figure = _figure(cell, self.wanted)
        if figure.problem:
            return figure
        low = -self.maximum if self.minimum is None else self.minimum
        if not low <= figure.value <= self.maximum:
            return Cleaned(problem="out_of_range", wanted=self.wanted)
        return figure


def _key(word: str) -> str:
    return " ".join(word.casefold().replace("-", " ").split())


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a list of words; case, hyphens and repeated spaces do not matter.

    `options` maps each word as a person writes it to its value. Make one with `choice`.
    """

    options: Mapping[str, Any]
    _by_key: Mapping[str, Any] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_key = {_key(word): value for word, value in self.options.items()}
        object.__setattr__(self, "_by_key", by_key)

    @property
    def wanted(self) -> str:
        return "one of " + ", ".join(self.options)

    def clean(self, cell: Cell, context: Context) -> Cleaned:
        if wrong := _wrong_kind(cell, self.wanted):
            return wrong
        word = _key(cell.text)
        if not word:
            return Cleaned()
        if word in self._by_key:
            return Cleaned(self._by_key[word])
        asked = question(cell.text, self.options)
        return Cleaned(problem="unknown_word", wanted=self.wanted, question=asked)


def choice(options: type[Enum] | Mapping[str, Any] | Iterable[str]) -> Choice:
    """A Choice from an enum (its values are the words), a mapping of word to value, or words."""
    if isinstance(options, type):
        return Choice({str(member.value): member for member in options})
    if isinstance(options, Mapping):
        return Choice(dict(options))
    return Choice({word: word for word in options})


@dataclass(frozen=True, slots=True)
class Date:
    """A day, written day first, or a date cell."""

    wanted: str = "a date, day first, such as 18/07/2017"

    def clean(self, cell: Cell, context: Context) -> Cleaned:
        if wrong := _wrong_kind(cell, self.wanted):
            return wrong
        if not cell.text.strip() and cell.date is None:
            return Cleaned()
        try:
            return Cleaned(read_day(cell))
        except BadDate as bad:
            return Cleaned(problem=bad.code, wanted=bad.wanted or self.wanted)


@dataclass(frozen=True, slots=True)
class Month:
    """A month with its year, as the code "2017-06"."""

    wanted: str = "a month with its year, such as Jun-17 or 2017-06"

    def clean(self, cell: Cell, context: Context) -> Cleaned:
        if wrong := _wrong_kind(cell, self.wanted):
            return wrong
        if not cell.text.strip() and cell.date is None:
            return Cleaned()
        try:
            return Cleaned(read_month(cell))
        except BadDate as bad:
            asked = question_of(near_months(cell.text))
            return Cleaned(problem=bad.code, wanted=bad.wanted or self.wanted, question=asked)
