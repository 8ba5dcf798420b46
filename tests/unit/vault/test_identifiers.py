import re
import uuid

import numpy as np

from commonweal.vault.people import identifiers


def nobody(drawn):
    return ()


def test_ids_are_a_letter_and_nine_digits_and_all_different():
    ids = identifiers.new(20_000, "P", nobody)
    assert len(set(ids)) == 20_000
    assert all(re.fullmatch(r"P[1-9]\d{8}", one) for one in ids)


def test_ids_in_use_are_never_given():
    shown = []

    def taken(drawn):
        shown.append(list(drawn))
        return drawn[:2] if len(shown) == 1 else ()

    ids = identifiers.new(5, "P", taken)
    assert len(ids) == 5
    assert not set(shown[0][:2]) & set(ids)
    assert [len(drawn) for drawn in shown] == [5, 2]


def test_ids_cover_the_whole_range_evenly():
    numbers = np.array([int(one[1:]) for one in identifiers.new(50_000, "P", nobody)])
    assert numbers.min() < 101_000_000
    assert numbers.max() > 999_000_000
    counts, _ = np.histogram(numbers, bins=9, range=(1e8, 1e9))
    assert counts.min() > 5_000  # 5,556 expected in each, with a standard deviation of 70


def test_only_a_generator_repeats():
    assert identifiers.new(5, "P", nobody) != identifiers.new(5, "P", nobody)
    first, second = (identifiers.new(5, "P", nobody, np.random.default_rng(3)) for _ in range(2))
    assert first == second
    assert identifiers.uuids(3) != identifiers.uuids(3)
    assert identifiers.uuids(3, np.random.default_rng(3)) == identifiers.uuids(3, np.random.default_rng(3))


def test_uuids_are_version_four():
    for text in identifiers.uuids(50):
        one = uuid.UUID(text)
        assert (one.version, one.variant, one.hex) == (4, uuid.RFC_4122, text)
