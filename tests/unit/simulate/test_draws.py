"""Draws belong to a person and a purpose, and have the distributions that they promise."""

import numpy as np
import pytest

from commonweal.simulate.draws import Draws

INDEX = np.arange(200_000)


def test_a_draw_does_not_depend_on_its_neighbours():
    draws = Draws(7)
    whole = draws.uniform("height", INDEX)
    assert (draws.uniform("height", INDEX[500:510]) == whole[500:510]).all()
    assert (draws.uniform("height", INDEX[::-1]) == whole[::-1]).all()


def test_seeds_purposes_and_keys_give_other_draws():
    one = Draws(7).uniform("height", INDEX)
    for other in (
        Draws(8).uniform("height", INDEX),
        Draws(7).uniform("weight", INDEX),
        Draws(7).uniform("height", INDEX, INDEX),
    ):
        assert (one != other).all()
        assert abs(np.corrcoef(one, other)[0, 1]) < 0.01


def test_neighbours_are_not_alike():
    for draw in (Draws(7).uniform("height", INDEX), Draws(8).normal("height", INDEX)):
        assert abs(np.corrcoef(draw[:-1], draw[1:])[0, 1]) < 0.01


def test_distributions():
    draws = Draws(1)
    uniform = draws.uniform("u", INDEX)
    assert uniform.min() >= 0 and uniform.max() < 1
    assert np.histogram(uniform, 20, (0, 1))[0] == pytest.approx(len(INDEX) / 20, rel=0.05)
    normal = draws.normal("n", INDEX)
    assert (normal.mean(), normal.std()) == (pytest.approx(0, abs=0.01), pytest.approx(1, abs=0.01))
    assert draws.exponential("e", INDEX).mean() == pytest.approx(1, abs=0.01)
    assert draws.chance("c", 0.2, INDEX).mean() == pytest.approx(0.2, abs=0.005)


@pytest.mark.parametrize("mean", [0.0, 0.3, 4.0, 60.0])
def test_counts_are_poisson(mean):
    counts = Draws(1).counts("visits", np.full(len(INDEX), mean), INDEX)
    assert counts.mean() == pytest.approx(mean, rel=0.02)
    assert counts.var() == pytest.approx(mean, rel=0.03)


def test_between_keeps_its_ends():
    found = Draws(1).between("slot", 3, 5, INDEX)
    assert set(found) == {3, 4, 5}
    assert (Draws(1).between("slot", 3, 1, INDEX) == 3).all()


def test_pick_follows_weights_by_list_and_by_row():
    found = Draws(1).pick("sort", [1, 0, 3], INDEX)
    assert np.bincount(found, minlength=3) / len(INDEX) == pytest.approx([0.25, 0, 0.75], abs=0.005)
    rows = np.zeros((len(INDEX), 3))
    rows[INDEX, INDEX % 3] = 2.0
    assert (Draws(1).pick("sort", rows, INDEX) == INDEX % 3).all()
