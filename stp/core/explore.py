"""The same Chart as a Plotly figure, for the "Explore" button. Plotly is imported when asked."""

from decimal import Decimal
from typing import Any

from stp.core.charts import Chart, Kind, Look, Series, bridge_bars

COLOURS = ("#12436D", "#28A197", "#801650", "#F46A25")
DASH = {Look.ACTUAL: "solid", Look.FORECAST: "dash", Look.PLAN: "dot", Look.OTHER: "longdash"}
SYMBOL = {
    Look.ACTUAL: "circle",
    Look.FORECAST: "circle-open",
    Look.PLAN: "square",
    Look.OTHER: "triangle-up-open",
}


def figure(chart: Chart) -> Any:
    """A plotly.graph_objects.Figure with the numbers of the chart, None where there is none.

    The bridge is bars with a base: only bundles with every trace know `waterfall`.
    """
    from plotly import graph_objects

    draw = {Kind.BAR: _bars, Kind.LINE: _lines, Kind.BRIDGE: _bridge}[chart.kind]
    drawn = graph_objects.Figure(data=draw(chart, graph_objects))
    drawn.update_layout(
        title_text=chart.headline, yaxis_title_text=chart.axis.words, barmode="group"
    )
    for target in chart.targets:
        drawn.add_hline(y=float(target.value), annotation_text=target.label)
    return drawn


def _numbers(series: Series) -> list[float | None]:
    return [None if value is None else float(value) for value in series.values]


def _lines(chart: Chart, go: Any) -> list[Any]:
    return [
        go.Scatter(
            name=series.name,
            x=list(chart.categories),
            y=_numbers(series),
            mode="lines+markers",
            connectgaps=False,
            line={"dash": DASH[series.look], "color": colour},
            marker={"symbol": SYMBOL[series.look]},
        )
        for series, colour in zip(chart.series, COLOURS, strict=False)
    ]


def _bars(chart: Chart, go: Any) -> list[Any]:
    return [
        go.Bar(
            name=series.name,
            x=list(chart.categories),
            y=_numbers(series),
            marker={"color": colour},
        )
        for series, colour in zip(chart.series, COLOURS, strict=False)
    ]


def _bridge(chart: Chart, go: Any) -> list[Any]:
    """Each bar hangs from where it starts: base = start, length = what it takes away."""
    bars = bridge_bars(chart)
    values = [value or Decimal(0) for value in chart.series[0].values]
    lengths = [value if n in chart.totals else -value for n, value in enumerate(values)]
    return [
        go.Bar(
            name=chart.series[0].name,
            x=list(chart.categories),
            y=[float(length) for length in lengths],
            base=[float(bar.end - length) for bar, length in zip(bars, lengths, strict=True)],
            customdata=[float(value) for value in values],
            marker={"color": COLOURS[0]},
        )
    ]
