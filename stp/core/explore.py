"""The same Chart as a Plotly figure, for the "Explore" button: plain JSON, drawn by plotly.js.

The plotly package is not imported here: it costs a web process 11 MB and a quarter of a second
(ADR 0012). Tests build `plotly.graph_objects.Figure` from each figure, which refuses a name or a
value that Plotly does not know. Texts of people are left out: Plotly reads markup in text.
"""

from typing import Any

from stp.core.charts import Chart, Kind, Look, Series, Step, bridge_bars

BLUE, TEAL, PLUM, ORANGE = "#12436D", "#28A197", "#801650", "#F46A25"
INK, WHITE = "#212B32", "#FFFFFF"
# As chart.css colours them: what is planned apart from what is reported.
LINE_COLOURS = (ORANGE, BLUE, BLUE, PLUM)
BAR_COLOURS = (BLUE, ORANGE, PLUM, TEAL)
DASH = {Look.ACTUAL: "solid", Look.FORECAST: "dash", Look.PLAN: "dot", Look.OTHER: "longdash"}
SYMBOL = {
    Look.ACTUAL: "circle",
    Look.FORECAST: "circle-open",
    Look.PLAN: "square",
    Look.OTHER: "triangle-up-open",
}
POINTED_AT = "%{x}: %{text}"

type Json = dict[str, Any]


def figure(chart: Chart) -> Json:
    """{"data": traces, "layout": …} with the numbers of the chart, None where there is none.

    The bridge is bars with a base, as the drawing has them: the `waterfall` trace would work out
    totals of its own.
    """
    traces = {Kind.BAR: _bars, Kind.LINE: _lines, Kind.BRIDGE: _bridge}[chart.kind]
    return {"data": traces(chart), "layout": _layout(chart)}


def _layout(chart: Chart) -> Json:
    return {
        "barmode": "group",
        "font": {"family": "Arial, sans-serif", "size": 14, "color": INK},
        "paper_bgcolor": WHITE,
        "plot_bgcolor": WHITE,
        "margin": {"t": 48, "r": 16, "b": 48, "l": 72},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "showlegend": chart.kind is not Kind.BRIDGE,
        "hovermode": "closest" if chart.kind is Kind.BRIDGE else "x unified",
        "uniformtext": {"minsize": 12, "mode": "hide"},
        "xaxis": {
            "type": "category",
            "tickvals": list(chart.categories),
            # a word a line where the names are long
            "ticktext": [
                c.replace(" ", "<br>") if chart.kind is Kind.BRIDGE else c for c in chart.categories
            ],
            "automargin": True,
        },
        "yaxis": {
            "title": {"text": chart.axis.words},
            "rangemode": "tozero",
            "tickformat": f",.{chart.axis.places}~f",
            "gridcolor": "#D8DDE0",
            "zerolinecolor": INK,
            "automargin": True,
        },
        "shapes": [*(_target_line(float(t.value)) for t in chart.targets), *_as_at_line(chart)],
        "annotations": [
            *(_note(x=1, y=float(t.value), text=t.label, xref="paper") for t in chart.targets),
            *(_note(x=c, y=0, text="?") for c in _missing(chart)),
        ],
    }


def _target_line(level: float) -> Json:
    line = {"color": INK, "width": 1.5, "dash": "longdash"}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": level, "y1": level,
            "line": line}  # fmt: skip


def _as_at_line(chart: Chart) -> list[Json]:
    if not chart.as_at:
        return []
    here, line = chart.as_at, {"color": INK, "width": 1, "dash": "dash"}
    return [{"type": "line", "yref": "paper", "x0": here, "x1": here, "y0": 0, "y1": 1,
             "line": line}]  # fmt: skip


def _note(*, x: str | int, y: float, text: str, xref: str = "x") -> Json:
    return {"x": x, "y": y, "xref": xref, "text": text, "showarrow": False, "yshift": 10}


def _missing(chart: Chart) -> list[str]:
    """Categories where a value was due and is not there, each once."""
    positions = sorted(set().union(*(s.missing for s in chart.series)))
    return [chart.categories[position] for position in positions]


def _common(chart: Chart, series: Series, trace: str) -> Json:
    values = series.values
    return {
        "type": trace,
        "name": series.name,
        "x": list(chart.categories),
        "y": [None if v is None else float(v) for v in values],
        "text": [series.word(n) if v is None else chart.axis.text(v) for n, v in enumerate(values)],
        "hovertemplate": POINTED_AT if chart.kind is Kind.BRIDGE else "%{text}",
    }


def _lines(chart: Chart) -> list[Json]:
    return [
        _common(chart, series, "scatter")
        | {
            "mode": "lines+markers",
            "connectgaps": False,
            "line": {"dash": DASH[series.look], "color": colour, "width": 2.5},
            "marker": {"symbol": SYMBOL[series.look], "size": 9},
        }
        for series, colour in zip(chart.series, LINE_COLOURS, strict=False)
    ]


def _bars(chart: Chart) -> list[Json]:
    return [
        _common(chart, series, "bar") | {"textposition": "outside", "marker": {"color": colour}}
        for series, colour in zip(chart.series, BAR_COLOURS, strict=False)
    ]


FILL = {Step.TOTAL: BLUE, Step.DONE: TEAL, Step.HOPED: BLUE, Step.BACK: WHITE}
EDGE = {Step.TOTAL: BLUE, Step.DONE: TEAL, Step.HOPED: BLUE, Step.BACK: ORANGE}


def _bridge(chart: Chart) -> list[Json]:
    """Bars from their lower to their upper end; what is only hoped for is hatched."""
    (series,) = chart.series
    bars = bridge_bars(chart)
    return [
        _common(chart, series, "bar")
        | {
            "y": [float(bar.high - bar.low) for bar in bars],
            "base": [float(bar.low) for bar in bars],
            "customdata": [float(value or 0) for value in series.values],
            "textposition": "outside",
            "marker": {
                "color": [FILL[bar.step] for bar in bars],
                "line": {"color": [EDGE[bar.step] for bar in bars], "width": 1.5},
                "pattern": {
                    "shape": ["/" if bar.step is Step.HOPED else "" for bar in bars],
                    "bgcolor": WHITE,
                },
            },
            "hovertemplate": POINTED_AT + "<extra></extra>",
        }
    ]
