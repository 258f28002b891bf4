"""Plots: every point stands where its values say, inside the lines, whatever they are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bbwizard.scatter import bars, scatter, ticks


def said(value: float) -> str:
    return f"{value:g}"


POSITIVE = st.floats(1e-6, 1e12)


@given(
    st.dictionaries(st.sampled_from("abcdefghij"), st.tuples(POSITIVE, POSITIVE), min_size=1),
    st.integers(0, 120),
    st.integers(0, 40),
)
def test_every_point_is_seen_inside_the_picture(points, width, height):
    picture = scatter(points, width, height, said, said)
    assert all(len(line) <= width for line in picture.lines)
    if picture.lines:
        assert len(picture.lines) == height
        assert {sign: picture.lines[row][column] for sign, (row, column) in picture.places.items()} == {
            sign: sign for sign in points
        }
    else:
        assert not picture.places


def test_more_is_right_and_up():
    places = scatter({"a": (1e6, 0.01), "b": (1e7, 0.1), "c": (1e8, 0.02)}, 60, 20, said, said).places
    assert places["a"][1] < places["b"][1] < places["c"][1]
    assert places["b"][0] < places["c"][0] < places["a"][0]


def test_the_axes_say_round_numbers():
    lines = scatter({"a": (3, 12), "b": (80, 40)}, 60, 12, said, said).lines
    assert lines[-1].split() == ["5", "10", "20", "50"]
    assert [line.split()[0] for line in lines if "┤" in line] == ["40", "12"]  # where one is too few: the ends
    assert ticks([3, 80]) == [5, 10, 20, 50]
    assert ticks([3.1, 3.4]) == [3.1, 3.4]
    assert ticks([]) == []


def test_points_at_one_place_stand_beside_each_other():
    places = scatter(dict.fromkeys("abc", (5.0, 5.0)), 40, 12, said, said).places
    assert len(set(places.values())) == 3
    assert max(row for row, _ in places.values()) - min(row for row, _ in places.values()) <= 1


def test_bars_are_as_long_as_their_values():
    picture = bars([("a", 100.0), ("b", 50.0), ("c", 0.1)], 30, said)
    lengths = [line.count("█") for line in picture.lines]
    assert lengths[0] == 2 * lengths[1] == 24
    assert lengths[2] == 0
    assert [line.split()[0] for line in picture.lines] == ["a", "b", "c"]
    assert max(map(len, picture.lines)) <= 30


def test_nothing_is_drawn_where_there_is_no_room_or_nothing_to_draw():
    assert bars([("a", 1.0)], 7, said).lines == ()
    assert bars([], 80, said).lines == ()
    assert scatter({}, 80, 24, said, said).lines == ()
