"""The bridge: totals stand on zero, each step hangs where the last one ended."""

from decimal import Decimal

from django.utils.safestring import SafeString

from stp.core.charts import Bar, Chart, Step, bridge_bars
from stp.core.svg.marks import WIDTH, canvas, element, gridlines, line, px, scale, text, wrapped

HEIGHT, LEFT, TOP, BOTTOM = 340, 40, 44, 270
GAP = 0.24  # share of a slot that stays empty


def draw_bridge(chart: Chart) -> SafeString:
    """Bars with their values above them and their names below."""
    bars = bridge_bars(chart)
    marks = scale([v for bar in bars for v in (bar.low, bar.high)], TOP, BOTTOM)
    slot = (WIDTH - LEFT) / len(bars)
    parts = gridlines(chart.axis, marks, LEFT, WIDTH)
    for n, (bar, name) in enumerate(zip(bars, chart.categories, strict=True)):
        x, width = LEFT + slot * (n + GAP / 2), slot * (1 - GAP)
        top, bottom = marks.y(bar.high), marks.y(bar.low)
        parts.append(_bar(chart, bar, x, width, top, bottom))
        value = chart.series[0].values[n] or Decimal(0)
        parts.append(text(x + width / 2, top - 6, chart.axis.text(value), "middle", "value"))
        parts += wrapped(x + width / 2, BOTTOM + 20, name, 11)
        if n + 1 < len(bars):
            parts.append(_connector(marks.y(bar.end), x + width, slot * GAP))
    return canvas(chart, HEIGHT, parts)


def _bar(chart: Chart, bar: Bar, x: float, width: float, top: float, bottom: float) -> SafeString:
    """One bar; at least a pixel high, so that nought is seen as nought."""
    attrs = {
        "class": f"app-chart__bar app-chart__bar--{bar.step.value}",
        "x": px(x),
        "y": px(top),
        "width": px(width),
        "height": px(max(bottom - top, 1)),
    }
    if bar.step is Step.HOPED:
        attrs["fill"] = f"url(#{chart.name}-hatch)"
    return element("rect", attrs)


def _connector(y: float, x: float, width: float) -> SafeString:
    return line(x, y, x + width, y, "connector")
