"""A public dashboard tells nothing of one person: not by the difference of two days, nor of two places, nor by what all are.

Each control is shown to be needed: without it the attack that it stops succeeds.
"""

from collections import Counter
from datetime import datetime, timedelta

import numpy as np
import pytest
from django.utils import timezone

from commonweal.disclosure import Noise, Policy
from commonweal.disclosure.perturbation import probabilities, record_keys
from commonweal.vault.consent import actions
from commonweal.vault.people import actions as people
from commonweal.vault.people.models import Participant
from commonweal.vault.representation.figures import counting, pending, publishing, rounds
from commonweal.vault.representation.figures.cells import Cells
from commonweal.vault.representation.figures.gate import Gate
from commonweal.vault.representation.models import PlaceFigures
from tests.represented import MINORITY, RBR, join, own_folder, respond, used  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_folder")]
SITE, FACET = "lakeshore-chicago", "category:race_ethnicity"
POLICY, EXACT = Policy(), Policy(noise=Noise(maximum=0))
DAY = timedelta(days=1)


def seen(day: datetime):
    """What the public sees of the site on that day, after the worker has done its work: as of when, and the figures."""
    rounds.update(day)
    found = publishing.published("site", SITE)
    return found.counted_at, found.document


def site_of(minorities, others):
    respond(join("m", minorities, site=SITE), MINORITY)
    respond(join("o", others, site=SITE), RBR)


def one_more(n):
    respond(join(f"x{n}", 1, site=SITE), MINORITY)


def one_leaves(n):
    person = Participant.objects.filter(external_id=f"m-{n}").get()
    actions.withdraw(person, source="test")


def one_changes(n):
    person = Participant.objects.filter(external_id=f"o-{n}").get()
    respond([person.pk], {"Disability_Deaf": "Deaf_Yes"}, "lfs", timezone.now() - DAY)


@pytest.mark.parametrize("happens", [one_more, one_leaves, one_changes])
def test_two_successive_days_of_a_small_site_are_the_same_until_more_than_twenty_people_differ(happens):
    site_of(40, 61)
    today = timezone.now()
    first = seen(today)
    assert first[1]["facets"][FACET]["UBR"] is not None
    for day, n in enumerate(range(20), 1):
        happens(n)
        if day in (1, 2, 10, 20):
            assert seen(today + day * DAY) == first
    happens(20)
    assert seen(today + 21 * DAY)[0] > first[0]


def test_who_is_again_as_before_is_no_difference_however_often():
    site_of(40, 61)
    today = timezone.now()
    first = seen(today)
    for some in (range(3), range(3, 14), range(14, 25)):
        for site in ("gulf-coast-houston", SITE):
            for n in some:
                people.pair(Participant.objects.get(external_id=f"o-{n}"), site, source="test")
            assert seen(today + DAY) == first
    assert pending.load(rounds._latest()).num_rows == 0


def test_what_is_not_counted_at_a_place_makes_no_difference_there():
    """25 people move to another site of the organisation, which tells of them all alike; then one joins it."""
    site_of(40, 61)
    rounds.update()
    before = PlaceFigures.objects.get(level="organisation").document
    for n in range(25):
        people.pair(Participant.objects.get(external_id=f"o-{n}"), "lakeshore-milwaukee", source="test")
    one_more(0)
    rounds.update()
    assert PlaceFigures.objects.get(level="organisation").document == before
    assert PlaceFigures.objects.get(level="site", place=SITE).document["few"]  # 77 people are left there


class TestWithoutTheControls:
    """The same days, counted anew each time and without noise: the group of a person is read off."""

    def test_each_day_counted_anew_tells_the_group_of_who_joined(self):
        told = [Gate(EXACT).breakdown({"UBR": (n, 0), "RBR": (60, 0)}) for n in (40, 41)]
        assert told == [{"UBR": 40, "RBR": 60}, {"UBR": 60, "RBR": 60}]  # one joined: a member of a minority

    def test_a_value_that_all_have_would_be_told_of_each(self):
        assert Gate(POLICY).breakdown({"UBR": (40, 1), "RBR": (0, 0)}) is None
        assert Gate(POLICY).part((150, 7), 160) is None  # all but ten
        assert Gate(EXACT).count((150, 7)) == 160  # without the rule it would stand there


def shown(people: int) -> Counter:
    """How a count of so many people can look, with the probability of each."""
    gate, found = Gate(POLICY), Counter()
    for moved, p in zip(range(-15, 16), probabilities(POLICY.noise), strict=True):
        number = people + moved
        found[None if number <= 20 else Gate(EXACT).count((number, 0))] += p
    assert gate.policy == POLICY
    return found


def test_whoever_knows_all_but_one_of_those_who_differ_learns_little_of_that_one():
    """21 changed, 20 of them and everybody else are known: is the last one in the group, or not?"""
    for number in range(22, 400):
        out, in_ = shown(number), shown(number + 1)
        looks = out.keys() | in_.keys()
        assert sum(abs(out[one] - in_[one]) for one in looks) / 2 < 0.085
        assert sum(p for one, p in (out + in_).items() if min(out[one], in_[one]) == 0) < 0.002


def test_a_set_keeps_its_noise_and_one_person_more_gives_another():
    gate, generator = Gate(POLICY), np.random.default_rng(4)
    keys = generator.integers(0, 2**64, size=400, dtype=np.uint64)
    mixed = int(np.bitwise_xor.reduce(keys[:200]))
    assert {gate.count((200, mixed)) for _ in range(5)} == {gate.count((200, mixed))}
    differing = {gate.count((201, mixed ^ int(key))) for key in keys[200:]}
    assert len(differing) > 1


def test_small_sites_cannot_be_had_as_what_is_left_of_their_organisation():
    """An organisation less all its sites but one: with noise on each, what is left fits many numbers of people."""
    gate, generator, guesses = Gate(POLICY), np.random.default_rng(5), set()
    for _ in range(200):
        keys = [int(key) for key in generator.integers(0, 2**62, size=3)]
        sites = list(zip((90, 70, 8), keys, strict=True))
        whole = gate.count((168, keys[0] ^ keys[1] ^ keys[2]))
        guesses.add(whole - gate.count(sites[0]) - gate.count(sites[1]))
    assert guesses == {-20, 0, 20}
    assert gate.count(sites[2]) is None


def test_a_place_of_forty_people_is_not_broken_down():
    cells = Cells(
        metrics={"participants": (40, 1), "joined": (44, 2)}, facets={FACET: {"UBR": (22, 5), "RBR": (18, 6)}}
    )
    told = Gate(POLICY).document(cells)
    assert set(told) == {"form", "people", "metrics", "few"}


class TestWhoeverChoosesTheCohorts:
    """A researcher makes as many cohorts as they like, each of others whom they know and, or not, one person."""

    def test_figures_of_each_cohort_would_tell_of_one_person_by_their_average(self):
        gate, generator = Gate(POLICY), np.random.default_rng(6)

        def average(people):
            keys = generator.integers(0, 2**63, size=5000)
            return np.mean([gate.count((people, int(key))) for key in keys])

        assert abs(average(101) - average(100) - 1) < 0.6  # the one person is in the group, with whom it is 101

    def test_figures_of_their_study_hold_each_person_once_and_change_with_more_than_twenty(self):
        respond(join("m", 150), MINORITY)
        victim = join("x", 1)
        respond(victim, MINORITY)
        others = list(Participant.objects.exclude(pk=victim[0]).values_list("pk", flat=True))
        rounds.update()
        looks = {}
        for n in range(40):
            place = used([*others[n : n + 100], *(victim if n % 2 else [])])
            if n in (0, 1, 19, 20, 39):
                rounds.update()
                looks[n] = PlaceFigures.objects.get(level="study", place=place).counted_at
        assert looks[0] == looks[1] == looks[19]  # 19 and the one person came to a hundred
        assert looks[19] < looks[20] == looks[39]  # the next 21 came; then 19 more

    def test_the_same_people_look_otherwise_in_another_study(self, monkeypatch):
        """Equal figures of two studies, counted at two times, would tell that none of their people had changed."""
        respond(join("m", 90), MINORITY)
        respond(join("o", 60), RBR)
        everybody = list(Participant.objects.values_list("pk", flat=True))
        rounds.update()

        def told(studies):
            places = [used(everybody, study=n) for n in studies]
            rounds.update()
            return [PlaceFigures.objects.get(level="study", place=one).document for one in places]

        differing = told(range(1, 7))
        assert any(one != differing[0] for one in differing)
        monkeypatch.setattr(counting, "record_keys", lambda secret, noise, n: record_keys(secret, "one", n))
        alike = told(range(7, 13))
        assert alike == [alike[0]] * 6  # with one noise for all, it could be seen
