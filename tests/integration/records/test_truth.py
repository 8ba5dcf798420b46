"""A town where it is known who is who: nobody's records under another's name, and few whom nobody finds.

How the figures of docs/matching.md come about, at a size that a test can bear (`benchmarks/matching.py`).
"""

import random
from itertools import islice

import pytest

pytestmark = pytest.mark.django_db


def found_in_town(seed, numbered):
    import matching as bench
    from misspelt import Town, as_recorded

    from commonweal.vault.records import matching

    town, draw = Town(seed), random.Random(seed + 1)
    everybody = [one for home in islice(town.households(), 1500) for one in home]
    taking_part = sorted(draw.sample(range(len(everybody)), len(everybody) // 2))
    ids = bench.enrol([everybody[n] for n in taking_part], numbered)
    seen = range(0, len(everybody), 2)
    told = {str(n): as_recorded(everybody[n], draw, town) for n in seen}
    return bench.rates(matching.match_all(told, "site-a"), dict(zip(taking_part, ids, strict=True)))


@pytest.mark.parametrize(("numbered", "missed"), [(0.9, 0.04), (0.0, 0.15)])
def test_nobody_is_taken_for_another(numbered, missed):
    rates = found_in_town(11, numbered)
    assert rates["matched"] > 600
    assert rates["false_matches"] == 0
    assert rates["missed_rate"] < missed
    assert rates["missed_for_good_rate"] < 0.015
    assert rates["near_misses_of_others"] < rates["matched"] / 20
