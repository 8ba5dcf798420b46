"""Research ids and shifts: random, unique, never derived; the same for a person in every release."""

import numpy as np
import pyarrow as pa
import pytest

from commonweal.curation import crosswalk
from tests.curated import World


def test_ids_have_seven_digits_and_are_distinct():
    ids = crosswalk.fresh_ids(50_000, np.empty(0, np.int64))
    assert len(set(ids.tolist())) == 50_000 and ids.min() >= 1_000_000 and ids.max() <= 9_999_999


def test_taken_ids_are_not_given_again():
    taken = np.arange(1_000_000, 8_000_000)
    assert not np.isin(crosswalk.fresh_ids(20_000, taken), taken).any()


def test_ids_come_in_no_order():
    ids = crosswalk.fresh_ids(5_000, np.empty(0, np.int64))
    assert abs(np.corrcoef(np.arange(5_000), ids)[0, 1]) < 0.06  # 4 standard errors


def test_too_many_people_are_refused():
    from commonweal.errors import BadInput

    with pytest.raises(BadInput):
        crosswalk.fresh_ids(10, np.arange(1_000_000, 9_999_990))


def test_shifts_are_uniform_from_1_to_364():
    days = crosswalk.shifts(400_000)
    counts = np.bincount(days, minlength=365)
    assert counts[0] == 0 and len(counts) == 365
    expected = 400_000 / 364
    assert ((counts[1:] - expected) ** 2 / expected).sum() < 500  # chi-squared, 363 degrees of freedom


def test_shifts_keep_to_other_bounds():
    assert set(crosswalk.shifts(10_000, shortest=30, longest=33).tolist()) == {30, 31, 32, 33}


@pytest.fixture
def world(transactional_db, home):
    return World(home)


def test_made_once_and_unrelated_between_tiers(world):
    people = pa.array([world.add(f"p{n}").pk for n in range(30)])
    first = crosswalk.ensure(world.home, people)
    assert crosswalk.ensure(world.home, people).equals(first)
    assert first["registered"].to_pylist() != first["controlled"].to_pylist()
    more = pa.concat_arrays([people, pa.array([world.add("late").pk])])
    assert crosswalk.ensure(world.home, more).slice(0, 30).to_pydict() == first.to_pydict()


def test_a_seed_is_for_simulated_people_alone(world):
    from commonweal.vault.people.models import Crosswalk, Participant

    people = [world.add(f"p{n}") for n in range(4)]
    Participant.objects.filter(pk__in=[p.pk for p in people[:2]]).update(origin="simulation")
    ids = pa.array([p.pk for p in people])
    first = crosswalk.ensure(world.home, ids, seed=7)["registered"].to_pylist()
    Crosswalk.objects.all().delete()
    second = crosswalk.ensure(world.home, ids, seed=7)["registered"].to_pylist()
    assert first[:2] == second[:2] and not set(first[2:]) & set(second[2:])
