"""Lines over months: gaps stay gaps, what was due and is missing carries a mark."""

from collections.abc import Iterator

from django.utils.safestring import SafeString

from stp.core.charts import Chart, Series
from stp.core.svg.marks import (
    DASHES,
    TEXT,
    Scale,
    canvas,
    element,
    gridlines,
    line,
    marker,
    px,
    scale,
    text,
)

HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 320, 48, 506, 48, 262
Point = tuple[float, float]


def draw_lines(chart: Chart) -> SafeString:
    """Lines with markers, names at their right end, the as-at line and the missing marks."""
    values = [v for s in chart.series for v in s.values if v is not None]
    marks = scale([*values, *(t.value for t in chart.targets)], TOP, BOTTOM)
    parts = gridlines(chart.axis, marks, LEFT, RIGHT)
    parts += _months(chart)
    parts += _as_at(chart)
    for target in chart.targets:
        y = marks.y(target.value)
        parts += [line(LEFT, y, RIGHT, y, "target"), text(LEFT + 4, y - 5, target.label)]
    for number, series in enumerate(chart.series, start=1):
        parts += _series(chart, series, number, marks)
    parts += _names(chart, marks)
    return canvas(chart, HEIGHT, parts)


def x_of(chart: Chart, position: int) -> float:
    """The middle of a category's slot."""
    return LEFT + (RIGHT - LEFT) / len(chart.categories) * (position + 0.5)


def _months(chart: Chart) -> Iterator[SafeString]:
    """Names of the months: every one while there is room, else every second or third."""
    longest = max(len(name) for name in chart.categories) * 8 + 8
    every = max(1, -(-len(chart.categories) * longest // (RIGHT - LEFT)))
    for n, name in enumerate(chart.categories):
        if n % every == 0:
            yield text(x_of(chart, n), BOTTOM + 20, name, "middle", "axis")


def _as_at(chart: Chart) -> list[SafeString]:
    if not chart.as_at:
        return []
    x = (
        x_of(chart, chart.categories.index(chart.as_at))
        + (RIGHT - LEFT) / len(chart.categories) / 2
    )
    return [
        line(x, TOP - 8, x, BOTTOM, "as-at"),
        text(x + 4, TOP - 14, f"As at end of {chart.as_at}"),
    ]


def _series(chart: Chart, series: Series, number: int, marks: Scale) -> Iterator[SafeString]:
    for run in _runs(chart, series, marks):
        if len(run) > 1:
            path = "M" + "L".join(f"{px(x)} {px(y)}" for x, y in run)
            attrs = {
                "class": f"app-chart__line app-chart__line--{series.look.value} s{number}",
                "d": path,
                "fill": "none",
            }
            if DASHES[series.look]:
                attrs["stroke-dasharray"] = DASHES[series.look]
            yield element("path", attrs)
        for x, y in run:
            yield marker(x, y, series.look, number)
    for position in sorted(series.missing):
        yield text(x_of(chart, position), BOTTOM - 8, "?", "middle", "missing")


def _runs(chart: Chart, series: Series, marks: Scale) -> Iterator[list[Point]]:
    """Points in a row without a gap between them."""
    run: list[Point] = []
    for position, value in enumerate(series.values):
        if value is not None:
            run.append((x_of(chart, position), marks.y(value)))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _names(chart: Chart, marks: Scale) -> Iterator[SafeString]:
    """Each series' name beside its last point, pushed apart where they would touch."""
    ends: list[tuple[float, int, str]] = []
    for number, series in enumerate(chart.series, start=1):
        stated = [v for v in series.values if v is not None]
        last = marks.y(stated[-1]) if stated else BOTTOM
        name = series.name if stated else f"{series.name}: none"
        ends.append((last, number, name))
    lowest = float("-inf")
    placed = []
    for y, number, name in sorted(ends):
        lowest = max(y, lowest + TEXT + 3)
        placed.append((lowest, number, name))
    overflow = max(0.0, (placed[-1][0] if placed else 0) - BOTTOM)
    for y, number, name in placed:
        yield text(RIGHT + 18, y - overflow + 4, name, kind=f"series s{number}")
        yield _sample(chart, number, y - overflow)


def _sample(chart: Chart, number: int, y: float) -> SafeString:
    """The series' own marker beside its name."""
    return marker(RIGHT + 9, y, chart.series[number - 1].look, number)
