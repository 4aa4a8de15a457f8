"""A chart says the same numbers four times: drawing, table, file, figure."""

import json
import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plotly import graph_objects

from stp.core import charts, explore, svg
from stp.core.charts import Chart, Kind, Look, Series, Target
from stp.core.svg import marks

# Drawing and Plotly take their time on a busy machine: fewer examples, no deadline.
few = settings(deadline=None, max_examples=40)
PENCE = st.integers(min_value=-50_000_000_000, max_value=50_000_000_000)
MONTHS = [f"2017-{m:02d}" for m in range(4, 13)] + [f"2018-{m:02d}" for m in (1, 2, 3)]
LABELS = ["Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb", "Mar"]


def the_bridge(**changes: int | None) -> Chart:
    """The plan's £230m as invented in UX 2.2: 58.3 + 81.5 + 31.4 + 15.2 + 43.6."""
    money: dict[str, int | None] = {
        "gap": 23_000_000_000, "delivered": 5_830_000_000, "secure": 8_150_000_000,
        "at_risk": 3_140_000_000, "slippage": 1_520_000_000, "unidentified": 4_360_000_000,
    }  # fmt: skip
    return charts.bridge(name="bridge", year="2020/21", **(money | changes))  # type: ignore[arg-type]  # gap and unidentified alone may be None


def months(actual: list[int | None], forecast: list[int | None]) -> Chart:
    return charts.months(
        name="months", subject="All savings", codes=MONTHS, labels=LABELS,
        plan=[1_000_000_000] * 12, actual=actual, forecast=forecast, as_at="2017-06",
        headline="Forecast savings are £1.2m below plan",
    )  # fmt: skip


def three_months() -> Chart:
    return months([900_000_000, None, 1_100_000_000] + [None] * 9, [None] * 3 + [950_000_000] * 9)


@st.composite
def any_chart(draw: st.DrawFn) -> Chart:
    """Bars, lines or a bridge with any values, some of them missing."""
    kind = draw(st.sampled_from(Kind))
    size = draw(st.integers(min_value=1, max_value=12))
    unknown = st.nothing() if kind is Kind.BRIDGE else st.none()
    value = st.one_of(unknown, PENCE.map(lambda p: charts.in_axis(p, charts.MILLIONS)))
    count = 1 if kind is Kind.BRIDGE else draw(st.integers(min_value=1, max_value=4))
    rows = [tuple(draw(st.lists(value, min_size=size, max_size=size))) for _ in range(count)]
    return Chart(
        name="any", kind=kind, title="Any", headline="Something was found",
        label="A chart of something", axis=charts.MILLIONS,
        categories=tuple(f"C{n}" for n in range(size)),
        series=tuple(
            Series(f"S{n}", row, look, frozenset(i for i, v in enumerate(row) if v is None))
            for n, (row, look) in enumerate(zip(rows, Look, strict=False))
        ),
        totals=frozenset(draw(st.sets(st.integers(0, size - 1)))),
    )  # fmt: skip


def number(text: str) -> Decimal | None:
    """A cell or label as a number; None for words."""
    plain = re.sub(r"[£m,]", "", text).replace("−", "-")
    return Decimal(plain) if re.fullmatch(r"-?\d+(\.\d+)?", plain) else None


def of_table(chart: Chart) -> list[list[Decimal | None]]:
    rows = charts.table_rows(chart)
    return [[number(row[n + 1]) for row in rows] for n in range(len(chart.series))]


def of_csv(chart: Chart) -> list[list[object]]:
    rows = charts.csv_rows(chart)[1:]
    return [[row[n + 1] for row in rows] for n in range(len(chart.series))]


def as_plotly(chart: Chart) -> graph_objects.Figure:
    """Plotly's own object, which refuses what plotly.js would ignore or draw as something else."""
    return graph_objects.Figure(explore.figure(chart))


def of_figure(chart: Chart) -> list[list[Decimal | None]]:
    traces = as_plotly(chart).data
    values = [t.customdata if chart.kind is Kind.BRIDGE else t.y for t in traces]
    return [
        [None if v is None else Decimal(str(v)).quantize(Decimal("0.1")) for v in row]
        for row in values
    ]


def of_svg(chart: Chart) -> list[Decimal]:
    """Values written on the drawing of bars and bridges, in drawing order."""
    labels = re.findall(r'app-chart__text--value"[^>]*>([^<]*)<', svg.draw(chart))
    return [Decimal(str(number(label))) for label in labels]


@few
@given(any_chart())
def test_the_four_forms_hold_the_same_numbers(chart: Chart) -> None:
    wanted = [list(s.values) for s in chart.series]
    assert of_table(chart) == wanted
    words = [[s.word(n) if v is None else v for n, v in enumerate(s.values)] for s in chart.series]
    assert of_csv(chart) == words, "a file says why there is no number, as the table does"
    assert of_figure(chart) == wanted
    if chart.kind is Kind.BRIDGE:
        assert of_svg(chart) == wanted[0]
    elif chart.kind is Kind.BAR:
        by_category = [row[n] for n in range(len(chart.categories)) for row in wanted]
        assert of_svg(chart) == [v for v in by_category if v is not None]


@few
@given(any_chart())
def test_plotly_knows_all_of_a_figure_and_draws_what_was_meant(chart: Chart) -> None:
    figure = explore.figure(chart)
    assert json.loads(json.dumps(figure, allow_nan=False)) == figure
    wanted = {Kind.BAR: "bar", Kind.LINE: "scatter", Kind.BRIDGE: "bar"}[chart.kind]
    assert {trace.type for trace in as_plotly(chart).data} == {wanted}


def test_a_figure_says_what_is_missing_and_where_the_forecast_begins() -> None:
    figure = explore.figure(three_months())
    assert [(note["x"], note["text"]) for note in figure["layout"]["annotations"]] == [("May", "?")]
    assert [line["x0"] for line in figure["layout"]["shapes"]] == ["Jun"]
    actual = figure["data"][1]
    assert actual["y"][1] is None
    assert actual["text"][:2] == ["£9.0m", "No data"]
    assert not actual["connectgaps"]


def test_not_known_not_due_and_not_applicable_are_three_things() -> None:
    """returns.md: kept apart in charts and exports; n/a is nil in sums only."""
    chart = charts.months(
        name="months", subject="UC-01", codes=["2017-04", "2017-05", "2017-06", "2017-07"],
        labels=["Apr", "May", "Jun", "Jul"], plan=[0, 0, 0, 0], actual=[0, None, 0, None],
        forecast=[None, None, None, 0], as_at="2017-06", headline="Nothing yet",
        not_applicable=["actual 2017-06", "forecast 2017-07", "forecast 2018/19", "gross"],
    )  # fmt: skip
    assert [row[2:] for row in charts.csv_rows(chart)[1:]] == [
        [Decimal(0), chart.series[2].blank],
        ["No data", chart.series[2].blank],
        ["Not applicable", chart.series[2].blank],
        [chart.series[1].blank, "Not applicable"],
    ]
    assert [row[2] for row in charts.table_rows(chart)] == [
        "0", "No data", "Not applicable", chart.series[1].blank,
    ]  # fmt: skip
    assert chart.series[1].blank not in ("No data", "Not applicable")


def test_a_figure_that_rounds_to_nothing_has_no_sign() -> None:
    assert str(charts.MILLIONS.rounded(Decimal("-0.04"))) == "0.0"


def test_no_words_of_people_reach_a_figure() -> None:
    """Plotly reads markup in text: a link in a scheme's title would become one."""
    planted = "<a href='https://elsewhere.example'>here</a>"
    chart = replace(three_months(), title=planted, headline=planted, source=planted, label=planted)
    assert "elsewhere" not in json.dumps(explore.figure(chart))


@few
@given(any_chart())
def test_a_line_stands_where_its_scale_puts_it(chart: Chart) -> None:
    """The points of a drawn line, read back through the scale, are the chart's numbers."""
    if chart.kind is not Kind.LINE:
        return
    values = [v for s in chart.series for v in s.values if v is not None]
    scale = marks.scale(values, 48, 262)
    drawn = svg.draw(chart)
    for n, series in enumerate(chart.series, start=1):
        if series.look not in (Look.ACTUAL, Look.FORECAST):
            continue
        found = re.findall(rf'marker--{series.look.value} s{n}" cx="[^"]*" cy="([^"]*)"', drawn)
        wanted = [marks.px(scale.y(v)) for v in series.values if v is not None]
        # the last marker is the sample beside the series' name
        assert found[: len(wanted)] == wanted
        assert len(found) == len(wanted) + 1


@few
@given(PENCE, PENCE, PENCE, PENCE, PENCE)
def test_a_bridge_ends_where_its_parts_say(d: int, s: int, r: int, sl: int, u: int) -> None:
    chart = the_bridge(
        gap=d + s + r + sl + u, delivered=d, secure=s, at_risk=r, slippage=sl, unidentified=u
    )
    bars = charts.bridge_bars(chart)
    assert len(bars) == 7
    assert bars[0].end == chart.series[0].values[0]
    # each rounded part may be off by half a tenth: the foot of the last bar is that near to zero
    assert abs(bars[-1].end) <= 3 * Decimal(1).scaleb(-chart.axis.places)
    figure = as_plotly(chart).data[0]
    for bar, base, length in zip(bars, figure.base, figure.y, strict=True):
        assert sorted((base, base + length)) == pytest.approx([float(bar.low), float(bar.high)])


def test_the_bridge_of_the_plan() -> None:
    chart = the_bridge()
    assert of_svg(chart) == [
        Decimal(v) for v in ("230.0", "58.3", "81.5", "90.2", "31.4", "15.2", "43.6")
    ]
    assert chart.headline == "£90.2m of £230.0m in 2020/21 has no secure answer yet"
    assert charts.bridge_bars(chart)[-1].end == 0
    assert charts.ROUNDING not in chart.footnotes
    assert "url(#bridge-hatch)" in svg.draw(chart)


def test_a_negative_step_goes_up_and_looks_different() -> None:
    chart = the_bridge(slippage=-200_000_000, unidentified=6_080_000_000)
    bar = charts.bridge_bars(chart)[5]
    assert bar.end - bar.low == Decimal("2.0")
    drawn = svg.draw(chart)
    assert "app-chart__bar--back" in drawn
    assert "−£2.0m" in drawn


def test_without_a_target_the_bridge_is_of_the_plan() -> None:
    chart = the_bridge(gap=None, unidentified=None)
    assert chart.categories[0] == "Approved plan"
    assert "Unidentified" not in chart.categories
    assert chart.series[0].values[0] == Decimal("186.4")


def test_rounded_parts_that_do_not_add_up_say_so() -> None:
    chart = the_bridge(gap=1_000_000_000, delivered=333_333_333, secure=333_333_333,
                       at_risk=333_333_334, slippage=0, unidentified=0)  # fmt: skip
    assert charts.ROUNDING in chart.footnotes


def test_missing_is_a_gap_with_a_mark_and_not_due_is_not_missing() -> None:
    chart = three_months()
    actual = chart.series[1]
    assert actual.missing == {1}
    rows = charts.table_rows(chart)
    assert rows[1][2] == "No data"
    assert rows[5][2] == "Not due yet"
    assert rows[0][3] == "Month has passed"
    drawn = svg.draw(chart)
    assert drawn.count("app-chart__text--missing") == 1
    # April and June are not joined across May
    assert "app-chart__line--actual" not in drawn


def test_forecast_is_hollow_and_dashed_actual_solid_and_as_at_is_said() -> None:
    drawn = svg.draw(months([900_000_000] * 3 + [None] * 9, [None] * 3 + [950_000_000] * 9))
    lines = re.findall(r'<path class="app-chart__line app-chart__line--(\w+)[^>]*>', drawn)
    assert lines == ["plan", "actual", "forecast"]
    dash = dict(re.findall(r'app-chart__line--(\w+) [^>]*?stroke-dasharray="([^"]+)"', drawn))
    assert set(dash) == {"plan", "forecast"}
    assert len(set(dash.values())) == 2
    assert "As at end of Jun" in drawn


@few
@given(any_chart())
def test_what_every_drawing_promises(chart: Chart) -> None:
    drawn = svg.draw(chart)
    assert drawn.startswith("<svg")
    assert 'role="img"' in drawn
    assert f'aria-label="{chart.label}"' in drawn
    assert "style=" not in drawn
    assert set(re.findall(r'font-size="(\d+)"', drawn)) <= {str(marks.TEXT)}
    assert marks.TEXT >= 12
    assert "nan" not in drawn.lower().replace("nance", "")


def test_names_are_escaped() -> None:
    chart = replace(the_bridge(), label='"><script>alert(1)</script>', categories=("<b>",) * 7)
    drawn = svg.draw(chart)
    assert "<script" not in drawn
    assert "<b>" not in drawn


def test_a_target_is_a_line_with_its_label() -> None:
    chart = replace(three_months(), targets=(Target("Plan for the year", Decimal("12.0")),))
    assert "Plan for the year" in svg.draw(chart)
    assert "Plan for the year: £12.0m." in charts.notes(chart)
    assert len(as_plotly(chart).layout.shapes) == 2
    bars = replace(chart, kind=Kind.BAR, as_at="")
    assert "Plan for the year" in svg.draw(bars)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"headline": "word " * 21}, "over 20 words"),
        ({"headline": ""}, "no headline"),
        ({"label": "x" * 151}, "150 characters"),
        ({"label": ""}, "150 characters"),
        ({"series": ()}, "one to four"),
        ({"categories": ("one",)}, "one value a category"),
        ({"as_at": "Never"}, "no category"),
        ({"kind": Kind.BRIDGE}, "one series"),
    ],
)
def test_a_chart_that_breaks_the_contract_is_refused(
    changes: dict[str, object], sentence: str
) -> None:
    with pytest.raises(charts.BadChart, match=sentence):
        replace(three_months(), **changes)  # type: ignore[arg-type]  # each is one field


def test_a_bridge_with_an_unknown_part_is_refused() -> None:
    with pytest.raises(charts.BadChart, match="no gaps"):
        the_bridge(unidentified=None)


@pytest.mark.parametrize(("words", "labels"), [(20, 150)])
def test_the_limits_themselves_are_allowed(words: int, labels: int) -> None:
    replace(three_months(), headline="word " * words, label="x" * labels)


def test_small_money_is_shown_in_thousands() -> None:
    assert charts.money_axis([199_999_999]) is charts.THOUSANDS
    assert charts.money_axis([-200_000_000, None]) is charts.MILLIONS
    assert charts.in_axis(12_345_600, charts.THOUSANDS) == Decimal("123")
    assert charts.in_axis(None, charts.THOUSANDS) is None


@given(st.lists(PENCE.map(lambda p: Decimal(p) / 100_000_000), max_size=8))
def test_a_scale_holds_zero_and_every_value(values: list[Decimal]) -> None:
    scale = marks.scale(values, 40, 260)
    assert 0 in scale.ticks
    assert scale.ticks[0] <= min([Decimal(0), *values]) or min(values) >= scale.ticks[0]
    assert 2 <= len(scale.ticks) <= 9
    for value in values:
        assert 39.9 <= scale.y(value) <= 260.1
