"""Charts over time: what is drawn for a value, for a day not worn, and for a day of which nothing came in."""

import re

import pytest

from commonweal.ui.series import BARS, DOTS, LINE, NONE, OFF, SPANS, STACK, Point, draw
from commonweal.ui.series_svg import svg


def test_a_day_not_worn_is_neither_zero_nor_nothing():
    drawn = draw([Point("Mon", (0,)), Point("Tue", (), OFF), Point("Wed", (), NONE), Point("Thu", (8000,))])
    assert [(mark.kind, mark.x) for mark in drawn.marks] == [("off", 1.14), ("bar", 3.14)]
    assert drawn.states == {"off", "none"}


def test_bars_begin_at_zero_and_the_rules_are_round_numbers():
    drawn = draw([Point("a", (7115,)), Point("b", (12019,))])
    assert drawn.ticks == ["15,000", "10,000", "5,000", "0"]
    assert sorted(drawn.grid) == [0, 33.33, 66.67, 100]
    last = drawn.marks[-1]
    assert last.y + last.height == pytest.approx(100)
    assert last.height == pytest.approx(100 * 12019 / 15000, abs=0.01)


def test_parts_of_a_stack_stand_on_one_another():
    drawn = draw([Point("a", (60, None, 30))], STACK)
    bottom, top = drawn.marks
    assert (bottom.series, top.series) == (1, 3)
    assert bottom.y == pytest.approx(top.y + top.height)


def test_a_line_has_a_gap_where_there_is_no_value_and_a_lone_value_is_a_dot():
    drawn = draw([Point("", (1,)), Point("", (2,)), Point("", (), NONE), Point("", (3,))], LINE, from_zero=False)
    assert re.fullmatch(r"M0\.5 \S+L1\.5 \S+M3\.5 \d\S*h0", drawn.lines[0][0])


def test_the_reference_range_is_drawn_to_scale_also_with_an_open_end():
    closed = draw([Point("", (110,))], DOTS, band=(70, 99), from_zero=False)
    assert closed.band[0] > 0
    assert closed.band[1] > 0
    opened = draw([Point("", (110,))], DOTS, band=(None, 99), from_zero=False)
    assert opened.band[0] + opened.band[1] == pytest.approx(100)
    assert draw([Point("", (110,))], DOTS).band is None


def test_a_span_of_one_value_is_still_seen():
    assert draw([Point("", (60.0, 60.0)), Point("", (40.0, 90.0))], SPANS).marks[0].height >= 1.5


@pytest.mark.parametrize(
    "points", [[], [Point("a", (), NONE)], [Point("a", (0,))], [Point("a", (5,)), Point("b", (5,))]]
)
@pytest.mark.parametrize("shape", [BARS, STACK, SPANS, DOTS, LINE])
def test_nothing_and_one_value_can_be_drawn(points, shape):
    drawn = draw(points, shape)
    assert len(drawn.ticks) == len(drawn.grid) >= 2
    assert svg(drawn).endswith("</svg>")


def test_a_long_series_names_its_ends():
    drawn = draw([Point(str(n), (n,)) for n in range(30)])
    assert drawn.places == ["0", "15", "29"]


def test_words_in_a_drawing_on_paper_are_escaped():
    assert "&lt;b&gt;" in svg(draw([Point("<b>", (1,))]))
