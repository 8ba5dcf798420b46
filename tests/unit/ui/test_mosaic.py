"""The mosaic: drawn from a number alone, always the same, growing."""

import re

import pytest

from commonweal.ui import mosaic

PLACES = mosaic.SIDE**2


def drawn(people: int) -> int:
    return sum(len(re.findall("M", path)) for colour, path in mosaic.draw(people).paths if colour)


@pytest.mark.parametrize(("people", "unit"), [(0, 1), (1, 1), (200, 1), (2000, 10), (100_000, 500), (1_000_000, 5000)])
def test_one_tile_is_a_round_number_of_people(people, unit):
    assert mosaic.draw(people).unit == unit


@pytest.mark.parametrize("people", [0, 1, 19, 20, 240, 2000, 99_980])
def test_as_many_tiles_as_the_number_asks(people):
    shown = mosaic.draw(people)
    assert drawn(people) == shown.tiles == -(-people // shown.unit)
    assert shown.tiles <= 0.9 * PLACES + 1


def test_every_place_is_drawn_once_and_one_waits():
    shown = mosaic.draw(100)
    taken, free = drawn(100), sum(path.count("M") for colour, path in shown.paths if colour == 0)
    assert taken + free + 1 == PLACES


def test_growing_only_adds():
    """What is drawn for 100 people is drawn for 101 too: nobody's tile moves."""
    fewer = {c: set(re.findall(r"M[^M]+", p)) for c, p in mosaic.draw(100).paths if c}
    more = {c: set(re.findall(r"M[^M]+", p)) for c, p in mosaic.draw(101).paths if c}
    assert all(fewer[colour] <= more[colour] for colour in fewer)
    assert sum(map(len, more.values())) == 101


def test_it_is_the_same_everywhere():
    mosaic.draw.cache_clear()
    mosaic._places.cache_clear()
    before = mosaic.draw(500)
    mosaic.draw.cache_clear()
    mosaic._places.cache_clear()
    assert mosaic.draw(500) == before
