"""What a chart says, before anything draws it. Pure: SVG, table, CSV and Plotly read the same.

The contract of every chart is UX 1.5 (UX-C1 to UX-C7); what can be checked of it is checked when
a Chart is made. Values are Decimals in the axis' unit, rounded once, here; None is "not there".
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from stp.core.money import MINUS, Unit, in_unit

MAX_SERIES = 4
MAX_HEADLINE_WORDS = 20
MAX_LABEL = 150
NO_DATA = "No data"
NOT_APPLICABLE = "Not applicable"
ROUNDING = "Figures may not add up because of rounding."


class Kind(StrEnum):
    BAR = "bar"  # one group of bars a category, from zero
    LINE = "line"  # one line a series over the categories
    BRIDGE = "bridge"  # one series: totals from zero, steps from where the last one ended


class Look(StrEnum):
    """How a series is told apart without colour: its dash and its marker."""

    ACTUAL = "actual"  # solid line, filled circle
    FORECAST = "forecast"  # dashed line, hollow circle
    PLAN = "plan"  # dotted line, filled square
    OTHER = "other"  # long dashes, hollow triangle


class BadChart(ValueError):
    """A chart that breaks the contract: the sentence says which part."""


@dataclass(frozen=True, slots=True)
class Axis:
    """The unit in words ("£ million"), its symbols round a value, and the places shown."""

    words: str
    before: str = ""
    after: str = ""
    places: int = 0

    def text(self, value: Decimal) -> str:
        """'−£15.2m': the value as the chart, the table and the screen reader say it."""
        sign = MINUS if value < 0 else ""
        return f"{sign}{self.before}{abs(value):,.{self.places}f}{self.after}"

    def rounded(self, value: Decimal) -> Decimal:
        # Plus nought: what is rounded away from below is no "-0.0".
        return value.quantize(Decimal(1).scaleb(-self.places), rounding=ROUND_HALF_EVEN) + 0


MILLIONS = Axis("£ million", "£", "m", 1)
THOUSANDS = Axis("£ thousand", "£", "k", 0)


@dataclass(frozen=True, slots=True)
class Series:
    """Values by category. `missing` are the positions where a value was due and is not there;
    any other None is what `blank` says ("Not due yet").
    """

    name: str
    values: tuple[Decimal | None, ...]
    look: Look = Look.ACTUAL
    missing: frozenset[int] = frozenset()
    blank: str = NOT_APPLICABLE
    absent: frozenset[int] = frozenset()  # said to be not applicable: nil in sums, and no nil

    def word(self, position: int) -> str:
        """What table and file say where there is no value."""
        if position in self.absent:
            return NOT_APPLICABLE
        return NO_DATA if position in self.missing else self.blank


@dataclass(frozen=True, slots=True)
class Target:
    """A horizontal line with its own label."""

    label: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything a chart shows and says. BadChart if it breaks the contract.

    `name` is the id in the page and in `?chart=`; `headline` the finding; `label` what a screen
    reader says (type, subject, finding); `totals` the positions of a bridge that start at zero;
    `as_at` a category: what comes after it is forecast.
    """

    name: str
    kind: Kind
    title: str
    headline: str
    label: str
    axis: Axis
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    category_heading: str = "Month"
    totals: frozenset[int] = frozenset()
    targets: tuple[Target, ...] = ()
    as_at: str = ""
    period: str = ""
    source: str = ""
    footnotes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        problems = [
            (len(self.headline.split()) > MAX_HEADLINE_WORDS, "the headline has over 20 words"),
            (not self.headline, "there is no headline"),
            (not 0 < len(self.label) <= MAX_LABEL, "the label has no or over 150 characters"),
            (not 0 < len(self.series) <= MAX_SERIES, "one to four series are wanted"),
            (
                any(len(s.values) != len(self.categories) for s in self.series),
                "a series has not one value a category",
            ),
            (self.kind is Kind.BRIDGE and len(self.series) != 1, "a bridge has one series"),
            (
                self.kind is Kind.BRIDGE and any(v is None for s in self.series for v in s.values),
                "a bridge has no gaps",
            ),
            (bool(self.as_at) and self.as_at not in self.categories, "as-at is no category"),
        ]
        wrong = [text for is_wrong, text in problems if is_wrong]
        if wrong:
            raise BadChart(f"Chart {self.name}: {'; '.join(wrong)}.")


def in_axis(pence: int | None, axis: Axis) -> Decimal | None:
    """Pence in the unit of a money axis, rounded to its places."""
    if pence is None:
        return None
    unit = Unit.MILLIONS if axis.after == "m" else Unit.THOUSANDS
    return axis.rounded(in_unit(pence, unit))


def money_axis(pence: Iterable[int | None]) -> Axis:
    """£ million from £2m up, £ thousand below: so that the smallest programme still shows."""
    largest = max((abs(p) for p in pence if p is not None), default=0)
    return MILLIONS if largest >= 200_000_000 else THOUSANDS


class Step(StrEnum):
    """What a bar of a bridge is. What happened is solid, what is hoped for is hatched: told
    apart without colour.
    """

    TOTAL = "total"
    DONE = "step"
    HOPED = "hoped"
    BACK = "back"  # a negative step: it adds to what is still to be found


SOLID_STEPS = 1  # of a bridge, after its first total: "Delivered"


@dataclass(frozen=True, slots=True)
class Bar:
    """Where a bar of a bridge stands: from `low` to `high`, and where the next one starts."""

    low: Decimal
    high: Decimal
    end: Decimal
    step: Step


def bridge_bars(chart: Chart) -> tuple[Bar, ...]:
    """Stand the steps of a bridge: a total from zero, a step down by its value from the last end.

    A negative step goes up: it adds to what is still to be found.
    """
    bars: list[Bar] = []
    level = Decimal(0)
    for position, value in enumerate(chart.series[0].values):
        amount = value or Decimal(0)
        start = Decimal(0) if position in chart.totals else level
        end = amount if position in chart.totals else level - amount
        bars.append(Bar(min(start, end), max(start, end), end, _step(chart, position, amount)))
        level = end
    return tuple(bars)


def _step(chart: Chart, position: int, amount: Decimal) -> Step:
    if position in chart.totals:
        return Step.TOTAL
    if amount < 0:
        return Step.BACK
    return Step.HOPED if position > SOLID_STEPS else Step.DONE


def table_head(chart: Chart) -> list[str]:
    """Column heads with the unit in them."""
    return [chart.category_heading, *(f"{s.name}, {chart.axis.words}" for s in chart.series)]


def table_rows(chart: Chart) -> list[list[str]]:
    """The same numbers as words and figures, one row a category; targets as rows of their own."""
    rows = []
    for position, category in enumerate(chart.categories):
        cells = [
            s.word(position) if value is None else _plain(chart.axis, value)
            for s in chart.series
            for value in (s.values[position],)
        ]
        rows.append([category, *cells])
    return rows


def _plain(axis: Axis, value: Decimal) -> str:
    """A number under a head that holds the unit: no symbols, a true minus."""
    return f"{MINUS if value < 0 else ''}{abs(value):,.{axis.places}f}"


def csv_rows(chart: Chart) -> list[list[str | Decimal]]:
    """Head and rows for a file: numbers as numbers; where there is none the table's word, so
    that not known, not due and not applicable stay three things (returns.md).
    """
    rows: list[list[str | Decimal]] = [list(table_head(chart))]
    for position, category in enumerate(chart.categories):
        cells = ((s.values[position], s.word(position)) for s in chart.series)
        rows.append([category, *(word if value is None else value for value, word in cells)])
    return rows


def notes(chart: Chart) -> list[str]:
    """What stands under the chart and in the head of its file."""
    targets = [f"{t.label}: {chart.axis.text(t.value)}." for t in chart.targets]
    as_at = [f"As at {chart.as_at}: later months are forecast."] if chart.as_at else []
    source = [f"Source: {chart.source}."] if chart.source else []
    return [*targets, *as_at, *source, *chart.footnotes]


def bridge(
    *,
    name: str,
    year: str,
    gap: int | None,
    delivered: int,
    secure: int,
    at_risk: int,
    slippage: int,
    unidentified: int | None,
    period: str = "",
    source: str = "",
    footnotes: Sequence[str] = (),
) -> Chart:
    """The bridge of a year, all in pence: gap = delivered + secure + at risk + slippage +
    unidentified. Without a target (`gap` None) it bridges the approved plan instead.

    BadChart if there is a gap and `unidentified` is not stated: unknown is never nought.
    """
    whole = delivered + secure + at_risk + slippage if gap is None else gap
    open_pence = whole - delivered - secure
    steps: list[tuple[str, int | None]] = [
        ("Approved plan" if gap is None else f"Gap {year}", whole),
        ("Delivered", delivered),
        ("Secure forecast", secure),
        ("Without a secure answer", open_pence),
        ("At risk", at_risk),
        ("Slippage", slippage),
    ]
    if gap is not None:
        steps.append(("Unidentified", unidentified))
    axis = money_axis([whole, *(pence for _, pence in steps)])
    values = tuple(in_axis(pence, axis) for _, pence in steps)
    finding = f"{axis.text(values[3] or Decimal(0))} of {axis.text(values[0] or Decimal(0))}"
    rounded = _adds_up(values)
    return Chart(
        name=name,
        kind=Kind.BRIDGE,
        title=f"How the {'plan' if gap is None else 'gap'} of {year} is to be closed",
        headline=f"{finding} in {year} has no secure answer yet",
        label=f"Waterfall chart, {year}: {finding} has no secure answer yet",
        axis=axis,
        categories=tuple(label for label, _ in steps),
        series=(Series("Amount", values),),
        category_heading="Part",
        totals=frozenset({0, 3}),
        period=period,
        source=source,
        footnotes=(*footnotes, *(() if rounded else (ROUNDING,))),
    )


def _adds_up(values: Sequence[Decimal | None]) -> bool:
    """Whether the rounded parts give the rounded totals of a bridge."""
    whole, delivered, secure, left, *parts = (v or Decimal(0) for v in values)
    return whole - delivered - secure == left and left == sum(parts)


def months(
    *,
    name: str,
    subject: str,
    codes: Sequence[str],
    labels: Sequence[str],
    plan: Sequence[int | None],
    actual: Sequence[int | None],
    forecast: Sequence[int | None],
    as_at: str,
    headline: str,
    not_applicable: Collection[str] = (),
    period: str = "",
    source: str = "",
    footnotes: Sequence[str] = (),
) -> Chart:
    """Plan, actual and forecast by month, in pence. `codes` are months (2017-06), `labels` their
    names, `as_at` the code of the last month that is due: an actual missing up to it is marked.
    `not_applicable` names values that are said to be so ("actual 2017-05") and are not drawn.
    """
    axis = money_axis([*plan, *actual, *forecast])

    def series(title: str, pence: Sequence[int | None], look: Look, blank: str) -> Series:
        absent = {i for i, c in enumerate(codes) if f"{look.value} {c}" in not_applicable}
        kept = {i for i in absent if pence[i] is not None}
        values = tuple(None if i in kept else in_axis(p, axis) for i, p in enumerate(pence))
        missing = {i for i in _wanted(look, codes, as_at) if pence[i] is None}
        return Series(title, values, look, frozenset(missing), blank, frozenset(kept))

    label = f"Line chart, {subject}, plan against actual and forecast by month: {headline}"
    return Chart(
        name=name,
        kind=Kind.LINE,
        title=f"{subject}: plan, actual and forecast by month",
        headline=headline,
        label=label if len(label) <= MAX_LABEL else label[: MAX_LABEL - 1] + "…",
        axis=axis,
        categories=tuple(labels),
        series=(
            series("Plan", plan, Look.PLAN, "Not planned"),
            series("Actual", actual, Look.ACTUAL, "Not due yet"),
            series("Forecast", forecast, Look.FORECAST, "Month has passed"),
        ),
        as_at=labels[list(codes).index(as_at)] if as_at in codes else "",
        period=period,
        source=source,
        footnotes=tuple(footnotes),
    )


def _wanted(look: Look, codes: Sequence[str], as_at: str) -> set[int]:
    """The months in which a series has a value to state: actuals up to as-at, forecasts after."""
    due = {i for i, code in enumerate(codes) if code <= as_at}
    every = set(range(len(codes)))
    return {Look.ACTUAL: due, Look.FORECAST: every - due}.get(look, every)
