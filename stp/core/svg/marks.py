"""The small parts every drawing is made of: elements, scale, gridlines, markers, hatching.

Coordinates are in CSS pixels at the smallest width a chart is shown at (WIDTH), so text is never
smaller than its size here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, floor, log10
from typing import Any

from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from stp.core.charts import Axis, Chart, Look

WIDTH = 600
TEXT = 13  # px
DASHES = {Look.ACTUAL: "", Look.FORECAST: "7 4", Look.PLAN: "2 3", Look.OTHER: "12 4"}


def element(name: str, attrs: dict[str, Any], *inner: Any) -> SafeString:
    """One element, everything escaped."""
    body = format_html_join("", "{}", ((part,) for part in inner))
    return format_html("<{}{}>{}</{}>", name, flatatt(attrs), body, name)


def text(x: float, y: float, words: str, anchor: str = "start", kind: str = "") -> SafeString:
    """Horizontal text; `kind` picks a class."""
    classes = f"app-chart__text app-chart__text--{kind}" if kind else "app-chart__text"
    attrs = {"x": px(x), "y": px(y), "text-anchor": anchor, "font-size": TEXT, "class": classes}
    return element("text", attrs, words)


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> SafeString:
    attrs = {"x1": px(x1), "y1": px(y1), "x2": px(x2), "y2": px(y2), "class": f"app-chart__{kind}"}
    return element("line", attrs)


def px(value: float) -> str:
    """A coordinate with at most one decimal."""
    return f"{value:.1f}".rstrip("0").rstrip(".")


def canvas(chart: Chart, height: int, parts: Iterable[Any]) -> SafeString:
    """The <svg> element: one image with one name."""
    attrs = {
        "class": f"app-chart__svg app-chart__svg--{chart.kind.value}",
        "viewBox": f"0 0 {WIDTH} {height}",
        "width": WIDTH,
        "height": height,
        "role": "img",
        "aria-label": chart.label,
        "focusable": "false",
        "xmlns": "http://www.w3.org/2000/svg",
    }
    return element("svg", attrs, hatching(chart), *parts)


def hatching(chart: Chart) -> SafeString:
    """A pattern for what is not certain, named after the chart so that two do not clash."""
    stroke = element("path", {"d": "M0 8L8 0", "class": "app-chart__hatch"})
    size = {"width": 8, "height": 8, "patternUnits": "userSpaceOnUse"}
    ground = element("rect", {"width": 8, "height": 8, "class": "app-chart__hatch-ground"})
    pattern = element("pattern", {"id": f"{chart.name}-hatch", **size}, ground, stroke)
    return element("defs", {}, pattern)


@dataclass(frozen=True, slots=True)
class Scale:
    """Values to pixels, top down; `ticks` are round values that hold all the data and zero."""

    ticks: tuple[Decimal, ...]
    top: float
    bottom: float

    def y(self, value: Decimal) -> float:
        low, high = self.ticks[0], self.ticks[-1]
        share = float((value - low) / (high - low))
        return self.bottom - share * (self.bottom - self.top)


def scale(values: Sequence[Decimal], top: float, bottom: float) -> Scale:
    """A scale from zero (or below) to a round number, with four to six steps."""
    low, high = min([Decimal(0), *values]), max([Decimal(0), *values])
    span = float(high - low) or 1.0
    size = 10.0 ** floor(log10(span / 4))
    step = next(s * size for s in (1, 2, 2.5, 5, 10) if span / (s * size) <= 6)
    first, last = floor(float(low) / step), max(ceil(float(high) / step), 1)
    exact = Decimal(str(step)).normalize()
    return Scale(tuple(exact * n for n in range(first, last + 1)), top, bottom)


def gridlines(axis: Axis, marks: Scale, left: float, right: float) -> list[SafeString]:
    """Unit in words at the top, a line and a value a tick, zero drawn stronger."""
    parts = [text(0, marks.top - 14, axis.words, kind="axis")]
    for tick in marks.ticks:
        y = marks.y(tick)
        parts.append(line(left, y, right, y, "zero" if tick == 0 else "grid"))
        words = f"{'−' if tick < 0 else ''}{abs(tick):,f}"
        parts.append(text(left - 6, y + 4, words, "end", "axis"))
    return parts


def wrapped(x: float, y: float, words: str, width: int, kind: str = "") -> list[SafeString]:
    """Centred text in lines of about `width` characters."""
    lines: list[str] = []
    for word in words.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return [text(x, y + n * (TEXT + 2), part, "middle", kind) for n, part in enumerate(lines)]


def marker(x: float, y: float, look: Look, number: int) -> SafeString:
    """A point of a series: the shape tells the series, filled tells what has happened."""
    attrs: dict[str, Any] = {
        "class": f"app-chart__marker app-chart__marker--{look.value} s{number}"
    }
    if look is Look.PLAN:
        return element("rect", {**attrs, "x": px(x - 3), "y": px(y - 3), "width": 6, "height": 6})
    if look is Look.OTHER:
        points = f"{px(x)},{px(y - 5)} {px(x + 5)},{px(y + 4)} {px(x - 5)},{px(y + 4)}"
        return element("polygon", {**attrs, "points": points})
    return element("circle", {**attrs, "cx": px(x), "cy": px(y), "r": 4})
