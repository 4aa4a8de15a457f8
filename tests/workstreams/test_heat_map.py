"""The map of risks: twenty-five places, each counted once."""

from hypothesis import given
from hypothesis import strategies as st

from stp.core.models import SnapshotLine
from workstreams.heat_map import heat_map

scores = st.tuples(st.integers(1, 5), st.integers(1, 5)) | st.none()


def line(n: int, place: tuple[int, int] | None, is_open: bool) -> SnapshotLine:
    likelihood, impact = place or (None, None)
    return SnapshotLine(
        subject_id=f"RK{n}",
        score=place[0] * place[1] if place else None,
        detail={"likelihood": likelihood, "impact": impact, "open": is_open},
    )


@given(st.lists(st.tuples(scores, st.booleans()), max_size=40))
def test_every_open_risk_stands_in_one_place(
    risks: list[tuple[tuple[int, int] | None, bool]],
) -> None:
    lines = [line(n, place, is_open) for n, (place, is_open) in enumerate(risks)]
    drawn = heat_map(lines)
    shown = [ref for _, cells in drawn.rows for cell in cells for ref in cell.refs]
    wanted = [x.subject_id for x in lines if x.detail["open"]]
    assert sorted([*shown, *drawn.unscored]) == sorted(wanted)
    assert [len(cells) for _, cells in drawn.rows] == [5] * 5
    assert sorted(r for c in drawn.by_score for r in c.refs) == sorted(shown)


def test_depth_runs_from_one_to_five_with_the_score() -> None:
    cells = [cell for _, row in heat_map([]).rows for cell in row]
    depths = {cell.score: cell.depth for cell in cells}
    assert (depths[1], depths[5], depths[6], depths[15], depths[16], depths[25]) == (
        1,
        1,
        2,
        3,
        4,
        5,
    )
    assert [likelihood for likelihood, _ in heat_map([]).rows] == [5, 4, 3, 2, 1]
