"""Shares of cells with little data are drawn to their kind's; of cells with much, they are their own."""

import numpy as np
import pytest

from commonweal.vault.planning.pooling import LEAST, MOST, UNTOLD, pool


def pooled(y, n, parent=None):
    return pool(np.array(y, float), np.array(n, float), np.zeros(len(y), int) if parent is None else np.array(parent))


def test_three_contacts_are_not_believed():
    found = pooled([3, 20, 40], [3, 1000, 1000])
    few, *_ = found.mean(np.array([0.03]))
    assert found.strength >= LEAST
    assert few < 0.13  # though all three said yes


def test_a_cell_with_much_data_is_its_own():
    found = pooled([30_000, 5], [100_000, 1000])
    assert found.mean(np.array([0.01]))[0] == pytest.approx(0.3, abs=0.01)


def test_a_cell_without_data_is_its_parents():
    assert pooled([0, 10, 30], [0, 500, 500]).mean(np.array([0.04]))[0] == pytest.approx(0.04)


def test_the_strength_by_hand():
    """Two cells of 1,000 at 1 % and 5 %: m = 0.03, S = 2 · 1000 · 0.02² = 0.8; S / m(1−m) = 27.49; Σ(1−w) = 1;
    Σ(1−w)(n−1) = 999; φ = 26.49 / 999 = 0.02652; M = 36.71.
    """
    assert pooled([10, 50], [1000, 1000]).strength == pytest.approx(36.71, abs=0.01)


def test_cells_that_are_alike_hang_together_and_lone_ones_take_the_default():
    assert pooled([30, 30, 30], [1000, 1000, 1000]).strength == MOST
    assert pooled([30], [1000]).strength == UNTOLD
    assert pooled([30, 90], [1000, 1000], parent=[0, 1]).strength == UNTOLD


def test_draws_lie_around_the_posterior_mean():
    found = pooled([10, 50, 0], [1000, 1000, 0])
    drawn = found.draw(np.full((20_000, 1), 0.03), np.random.default_rng(1))
    assert drawn.mean(axis=0) == pytest.approx(found.mean(np.array([0.03])), rel=0.03)
    assert drawn[:, 2].std() > 3 * drawn[:, 0].std()


def test_more_who_said_yes_than_were_asked_counts_as_all_of_them():
    assert pooled([5], [3]).mean(np.array([0.5]))[0] <= 1
