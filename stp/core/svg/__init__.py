"""Draws a Chart as SVG on the server: that SVG is the chart on every page, in print and in PDF.

Only presentation attributes and classes, no style attribute: the site's CSP forbids those.
"""

from functools import lru_cache

from django.utils.safestring import SafeString

from stp.core.charts import Chart, Kind
from stp.core.svg.bars import draw_bars
from stp.core.svg.bridge import draw_bridge
from stp.core.svg.lines import draw_lines

__all__ = ["draw"]

DRAWERS = {Kind.BAR: draw_bars, Kind.LINE: draw_lines, Kind.BRIDGE: draw_bridge}


@lru_cache(maxsize=64)
def draw(chart: Chart) -> SafeString:
    """The whole <svg role="img">, named by the chart's label.

    A chart is its values, so an equal one is the same drawing: it is kept for the next reader.
    """
    return DRAWERS[chart.kind](chart)
