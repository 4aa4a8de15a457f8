"""Groups of bars from zero, one colour and one texture a series, values above the bars."""

from collections.abc import Iterator
from decimal import Decimal

from django.utils.safestring import SafeString

from stp.core.charts import Chart, Look
from stp.core.svg.marks import (
    WIDTH,
    Scale,
    canvas,
    element,
    gridlines,
    line,
    px,
    scale,
    text,
    wrapped,
)

HEIGHT, LEFT, TOP, BOTTOM = 340, 52, 64, 270


def draw_bars(chart: Chart) -> SafeString:
    """Bars side by side; a missing value is a question mark, never a bar of nought."""
    values = [v for s in chart.series for v in s.values if v is not None]
    marks = scale([*values, *(t.value for t in chart.targets)], TOP, BOTTOM)
    parts = gridlines(chart.axis, marks, LEFT, WIDTH)
    slot = (WIDTH - LEFT) / len(chart.categories)
    for n, name in enumerate(chart.categories):
        parts += _group(chart, n, LEFT + slot * n, slot, marks)
        parts += wrapped(LEFT + slot * (n + 0.5), BOTTOM + 20, name, max(5, int(slot / 7.5)))
    for target in chart.targets:
        y = marks.y(target.value)
        parts += [line(LEFT, y, WIDTH, y, "target"), text(LEFT + 4, y - 5, target.label)]
    return canvas(chart, HEIGHT, [*parts, *_key(chart)])


def _group(chart: Chart, n: int, x: float, slot: float, marks: Scale) -> Iterator[SafeString]:
    """One category's bars."""
    width = slot * 0.8 / len(chart.series)
    for number, series in enumerate(chart.series, start=1):
        left = x + slot * 0.1 + width * (number - 1)
        value = series.values[n]
        if value is None:
            if n in series.missing:
                yield text(left + width / 2, BOTTOM - 8, "?", "middle", "missing")
            continue
        top, bottom = sorted((marks.y(value), marks.y(Decimal(0))))
        yield element("rect", _bar(chart, number, left, width - 2, top, bottom))
        yield text(left + width / 2, top - 5, chart.axis.text(value), "middle", "value")


def _bar(
    chart: Chart, number: int, x: float, width: float, top: float, bottom: float
) -> dict[str, str]:
    """A rectangle's attributes; every series but the actual ones is hatched."""
    look = chart.series[number - 1].look
    attrs = {
        "class": f"app-chart__bar app-chart__bar--{look.value} s{number}",
        "x": px(x),
        "y": px(top),
        "width": px(width),
        "height": px(max(bottom - top, 1)),
    }
    if look is Look.FORECAST:
        attrs["fill"] = f"url(#{chart.name}-hatch)"
    return attrs


def _key(chart: Chart) -> Iterator[SafeString]:
    """Which bar is which, above the drawing; none for a single series."""
    if len(chart.series) < 2:
        return
    x = float(LEFT)
    for number, series in enumerate(chart.series, start=1):
        yield element("rect", _bar(chart, number, x, 12, 8, 20))
        yield text(x + 18, 19, series.name)
        x += 40 + 8 * len(series.name)
