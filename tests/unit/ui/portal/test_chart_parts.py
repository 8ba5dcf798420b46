"""Maps, funnels, ratios and matrices as values: what is drawn, what is said of it, and that what is withheld stays so."""

from math import log2

import pytest
from django.utils.translation import override

from commonweal.protocol.states import NAMES
from commonweal.ui import shades
from commonweal.ui.charts import percent, share
from commonweal.ui.dots import dots
from commonweal.ui.funnel import funnel
from commonweal.ui.matrix import matrix
from commonweal.ui.tilemap import ACROSS, DOWN, places, tilemap

HIDDEN = {"value": None, "suppressed": True}


@pytest.fixture(autouse=True)
def english():
    with override("en"):
        yield


def test_steps_are_fifths_with_round_limits():
    parts = shades.limits(range(101, 1101))
    assert parts == (300, 500, 700, 900)
    assert [shades.step(value, parts) for value in (0, 299, 300, 899, 900, 10**6)] == [1, 1, 2, 4, 5, 5]


@pytest.mark.parametrize(("values", "parts"), [([], ()), ([7], ()), ([7, 7, 7], ()), ([0, 0], ()), ([0, 12], (12,))])
def test_few_or_equal_values_have_fewer_limits(values, parts):
    assert shades.limits(values) == parts
    assert all(1 <= shades.step(value, parts) <= 5 for value in values)


def test_limits_keep_their_order_and_lie_within_the_values():
    for values in ([1, 2, 3], [0.011, 0.012, 0.5, 0.9, 1.0], [5, 50, 500, 5000, 50000], [-3, 0, 4]):
        parts = shades.limits(values)
        assert list(parts) == sorted(set(parts)) and all(min(values) < part <= max(values) for part in parts)


def test_a_legend_says_where_each_step_begins_and_what_has_no_value():
    cells = [{"value": 1}, HIDDEN, {"value": None}]
    told = shades.legend(cells, (10, 20, 30, 40))
    assert told[0] == ("under 10", "shade-1") and told[1] == ("10 to under 20", "shade-2")
    assert told[4] == ("40 or more", "shade-5") and [kind for _, kind in told[5:]] == ["withheld", "nothing"]
    assert [kind for _, kind in shades.legend(cells, ())] == ["withheld", "nothing"]
    assert shades.legend([{"value": 0.5}], (0.25,), share) == [("under 25%", "shade-1"), ("25% or more", "shade-5")]


def test_each_state_has_a_tile_of_its_own():
    assert places().keys() == NAMES.keys()
    assert len(set(places().values())) == len(NAMES)
    assert {(x < ACROSS, y < DOWN) for x, y in places().values()} == {(True, True)}
    assert max(places().values(), key=lambda p: p[0])[0] == ACROSS - 1
    assert max(y for _, y in places().values()) == DOWN - 1


def test_a_map_shades_names_and_ranks():
    rows = [{"code": "TX", "value": 1240, "url": "/tx"}, {"code": "OH", "value": 12}, {"code": "WY", **HIDDEN}]
    drawn = tilemap("Title", rows, "People", label="%(state)s: %(value)s people")
    tiles = {tile.code: tile for tile in drawn.tiles}
    assert (tiles["TX"].kind, tiles["TX"].label, tiles["TX"].url) == ("shade-5", "Texas: 1,240 people", "/tx")
    assert (tiles["OH"].kind, tiles["WY"].kind, tiles["AK"].kind) == ("shade-1", "withheld", "nothing")
    assert (tiles["WY"].label, tiles["AK"].label) == ("Wyoming: withheld", "Alaska: no figure")
    ranked = [(name[0], value[0]) for name, value in drawn.cells]
    assert ranked[:4] == [("Texas", "1,240"), ("Ohio", "12"), ("Wyoming", "withheld"), ("Alabama", "–")]
    assert len(ranked) == 56 and drawn.linked and not tilemap("", [], "People").linked


def test_zero_is_a_value_and_withheld_is_not_zero():
    drawn = tilemap(
        "", [{"code": "TX", "value": 0}, {"code": "OH", "value": 5}, {"code": "WY", "value": 0, "suppressed": True}], ""
    )
    tiles = {tile.code: tile for tile in drawn.tiles}
    assert (tiles["TX"].kind, tiles["TX"].text) == ("shade-1", "0")
    assert (tiles["WY"].kind, tiles["WY"].text) == ("withheld", "withheld")


def test_a_map_refuses_places_that_are_none():
    with pytest.raises(ValueError, match="XX"):
        tilemap("", [{"code": "XX", "value": 1}], "")


def test_a_funnel_counts_of_the_first_of_the_one_before_and_what_is_lost():
    drawn = funnel("", [{"label": n, "value": v} for n, v in (("a", 1000), ("b", 800), ("c", 200), ("d", 250))])
    _, b, c, d = drawn.steps
    assert (b.of_first, b.of_before, b.lost, b.lost_share, b.length) == ("80%", "80%", "200", "20%", 80)
    assert (c.of_first, c.of_before, c.lost, c.lost_share) == ("20%", "25%", "600", "75%")
    assert (d.more, d.lost, d.of_before) == (True, "50", "125%")
    assert [cell for cell, _ in drawn.cells[0]] == ["a", "1,000", "–", "–", "–"]
    assert [cell for cell, _ in drawn.cells[3]] == ["d", "250", "25%", "125%", "+50"]


def test_beside_a_withheld_step_nothing_tells_it():
    rows = [
        {"label": "a", "value": 1000},
        {"label": "b", "value": 17, "suppressed": True},
        {"label": "c", "value": 100},
    ]
    _, b, c = funnel("", rows).steps
    assert (b.length, b.text, b.of_first, b.of_before, b.lost, b.lost_share) == (None, *["withheld"] * 4, "")
    assert (c.of_first, c.of_before, c.lost, c.lost_share) == ("10%", "withheld", "withheld", "")
    assert "17" not in str(funnel("", rows))
    first, second = funnel("", [{"label": "a", **HIDDEN}, {"label": "b", "value": 5}]).steps
    assert (first.text, second.of_first, second.lost) == ("withheld", "withheld", "withheld")


def test_a_funnel_of_nobody():
    first, second = funnel("", [{"label": "a", "value": 0}, {"label": "b", "value": 0}]).steps
    assert (first.length, second.of_first, second.lost) == (0, "–", "0")
    assert funnel("", []).steps == []


def test_half_and_double_lie_equally_far_from_one():
    drawn = dots("", [{"label": "a", "value": 0.5}, {"label": "b", "value": 2.0}, {"label": "c", "value": 1.0}])
    under, over, even = drawn.dots
    assert drawn.one == 50 == even.x and drawn.one - under.x == pytest.approx(over.x - drawn.one)
    assert (under.side, over.side, even.side) == ("under", "over", "even")
    assert drawn.ticks == ["0.5", "1", "2"] and len(drawn.rules) == 2


def test_the_axis_reaches_as_far_as_the_ratios_and_no_further_than_it_can_be_read():
    wide = dots("", [{"label": "a", "value": 0.3, "low": 0.1, "high": 0.7}])
    assert wide.ticks == ["0.0625", "0.125", "0.25", "0.5", "1", "2", "4", "8", "16"]
    (dot,) = wide.dots
    assert dot.low < dot.x < dot.high < wide.one
    for extreme in (0.0, 0.0001, 500.0):
        far = dots("", [{"label": "a", "value": extreme}])
        assert far.dots[0].beyond and 0 <= far.dots[0].x <= 100
    assert dots("", [{"label": "a", "value": 0.0}]).dots[0].text == "0.00"
    assert dots("", []).ticks == ["0.5", "1", "2"]
    assert log2(16) == 4


def test_a_withheld_ratio_is_not_told_by_its_table():
    row = {"label": "a", "value": 0.4242, "low": 0.3131, "high": 0.5252, "suppressed": True, "share": 0.2121}
    drawn = dots("", [row | {"population": 0.5}])
    assert drawn.dots[0].x is None and drawn.dots[0].text == "withheld"
    assert [cell for cell, _ in drawn.cells[0]] == ["a", "withheld", "50%", "withheld", "withheld"]
    assert not any(digits in str(drawn) for digits in ("0.42", "0.31", "21%"))


def test_a_matrix_says_and_shades_each_cell():
    drawn = matrix("", ["x", "y"], [("a", [{"value": 1}, {"value": 100}]), ("b", [HIDDEN, {"value": None}])], corner="")
    assert drawn.lines[0] == ("a", [("1", "shade-1"), ("100", "shade-5")])
    assert drawn.lines[1] == ("b", [("withheld", "withheld"), ("–", "nothing")])
    with pytest.raises(ValueError, match="1 cells, but 2 columns"):
        matrix("", ["x", "y"], [("a", [{"value": 1}])], corner="")


@pytest.mark.parametrize(
    ("part", "words"),
    [(0, "0%"), (0.0004, "<0.1%"), (0.034, "3.4%"), (0.12, "12%"), (0.996, "99.6%"), (0.9999, ">99.9%"), (1, "100%")],
)
def test_a_share_says_none_and_all_only_where_it_is(part, words):
    assert share(part) == words
    assert percent(1, 0) == "–"
