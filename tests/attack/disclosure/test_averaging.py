"""Who asks again and again, in other words or in parts, does not get rid of the noise; were it drawn anew, they would.

The attacker knows the distribution of the noise and takes the likeliest number of people, given all answers.
"""

import secrets
from random import Random

import numpy as np

from commonweal.disclosure import Noise, Policy
from commonweal.disclosure.perturbation import Browsing, probabilities, record_keys

PEOPLE, TIMES = 4000, 3000
POLICY = Policy()
KEYS = record_keys(b"s" * 32, "release", PEOPLE)
NOISE = np.array(probabilities(Noise()))
COHORTS = [np.sort(np.array(Random(n).sample(range(PEOPLE), 300 + 7 * n), dtype=np.uint32)) for n in range(12)]


def likeliest(answers: list[int]) -> int:
    """The number of people that makes these answers likeliest (each moved on its own, and rounded up to 20)."""
    values, times = np.unique(answers, return_counts=True)
    best, found = -np.inf, 0
    for number in range(int(values.min()) - 50, int(values.max()) + 50):
        shown = -(-(number + np.arange(-15, 16)) // 20) * 20
        chances = np.array([NOISE[shown == value].sum() for value in values])
        if (chances > 0).all() and (sure := float(times @ np.log(chances))) > best:
            best, found = sure, number
    return found


def test_repeating_tells_nothing_new():
    gate, right = Browsing(KEYS, POLICY), 0
    for people in COHORTS:
        answers = {gate.count(people) for _ in range(30)}
        assert len(answers) == 1
        right += likeliest([answers.pop().persons] * TIMES) == len(people)
    assert right <= 3


def test_noise_drawn_anew_would_be_averaged_away():
    gates = [Browsing(record_keys(secrets.token_bytes(32), "release", PEOPLE), POLICY) for _ in range(300)]
    right = 0
    for people in COHORTS[:6]:
        answers = [gate.count(people).persons for gate in gates]
        right += abs(likeliest(answers) - len(people)) <= 1
    assert right >= 5


def test_the_same_people_in_another_order_or_as_all_but_the_others_tell_nothing_new():
    gate = Browsing(KEYS, POLICY)
    for people in COHORTS:
        mask = np.zeros(PEOPLE, dtype=bool)
        mask[people] = True
        own = gate.count(people)
        assert own == gate.count(np.random.default_rng(1).permutation(people)) == gate.count(mask)
        rest = gate.count(~mask)
        moved = {d for d in range(-15, 16) if -(-(len(people) + d) // 20) * 20 == own.persons}
        opposite = {d for d in range(-15, 16) if -(-(PEOPLE - len(people) - d) // 20) * 20 == rest.persons}
        assert moved & opposite  # one deviation explains both: nothing was drawn a second time


def in_parts(policy: Policy, keys: np.ndarray, people: np.ndarray) -> float:
    """The mean, over twelve ways to split these people in eight parts, of what the parts add up to."""
    gate, sums = Browsing(keys, policy), []
    for way in range(12):
        part = np.random.default_rng(way).integers(0, 8, len(people))
        sums.append(sum(gate.count(people[part == n]).persons or 0 for n in range(8)))
    return float(np.mean(sums)) - (8 * (policy.round_to - 1) / 2)


def test_parts_add_up_to_their_noise_and_not_to_the_number():
    large = [np.sort(np.array(Random(n).sample(range(PEOPLE), 1600 + 7 * n), dtype=np.uint32)) for n in range(12)]
    errors = [abs(in_parts(POLICY, KEYS, people) - len(people)) for people in large]
    assert sum(error < 0.5 for error in errors) <= 3
    assert np.sqrt(np.mean(np.square(errors))) > 2
    plain = Policy(round_to=1, noise=Noise(0))
    assert [in_parts(plain, KEYS, people) - len(people) for people in large] == [0] * 12


def test_how_many_different_questions_it_takes_is_known():
    """Of one set, split in two in thousands of ways: here the noise does end. The site limits questions for this reason."""
    gate, people = Browsing(KEYS, POLICY), COHORTS[5]
    people = np.concatenate([people, np.setdiff1d(np.arange(PEOPLE, dtype=np.uint32), people)[:700]])
    few, many = [], []
    for way in range(1000):
        left = np.random.default_rng(way).random(len(people)) < 0.5
        many.append(gate.count(people[left]).persons + gate.count(people[~left]).persons - 19)
        if way < 20:
            few.append(many[-1])
    assert np.std(many) / np.sqrt(len(few)) > 1.5  # twenty ways leave a doubt of several people
    assert abs(np.mean(many) - len(people)) < 1.5  # a thousand leave next to none
