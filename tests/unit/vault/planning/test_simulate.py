"""A plan run forward: the same each time, right on average, and wide where little is known."""

from dataclasses import replace

import numpy as np
import pytest

from commonweal.vault.planning.dates import band, together, when
from commonweal.vault.planning.groups import GROUPS
from commonweal.vault.planning.simulate import World, continued, new_people, simulate
from commonweal.vault.planning.yields import Yields
from tests.planning_terms import option, people, question, share

NAMES = ("people", "minority", "overall")


def world(case, *, rate=0.1, minority=0.5, itself=0.0, loss=(1e-9, 1.0), delay=0, unsure=0.0, now=(100, 20, 50)):
    """One contact consents with `rate`, of two groups; `unsure`: how far the rate is drawn from it."""

    def draw(draws, rng):
        rates = rate * np.exp(unsure * rng.standard_normal((draws, 1)))
        joined = np.zeros((draws, len(case.options) + 1, len(GROUPS)))
        each = np.append(np.ones(len(case.options)), 0.0) * rates
        joined[..., GROUPS.index("BLACK")], joined[..., GROUPS.index("WHITE")] = each * minority, each * (1 - minority)
        joined[:, -1, GROUPS.index("WHITE")] = itself
        ubr = np.full((*joined.shape, 1), 0.4)
        ubr[:, :, GROUPS.index("BLACK")] = 1.0
        return Yields(joined, joined.copy(), ubr, ("overall",))

    population = {area: 1e9 for area in case.areas}
    return World(case, draw, NAMES, dict(zip(NAMES, now, strict=True)), population, loss, delay)


def plan(case, units):
    return np.full((len(case.options), case.months), float(units))


def test_the_same_seed_gives_the_same_course():
    case = question([option(most=100)], [people(1)])
    first, again, other = (simulate(world(case, unsure=0.3), plan(case, 100), 120, seed) for seed in (1, 1, 2))
    assert (first.values == again.values).all() and (first.values != other.values).any()


def test_right_on_average():
    """Ten people a month, half of them minorities, 0.5 + 0.5 · 0.4 = 0.7 underrepresented."""
    case = question([option(most=100)], [people(1)])
    end = simulate(world(case), plan(case, 100), 2000, 1).values[:, -1].mean(axis=0)
    assert end == pytest.approx([100 + 60, 20 + 30, 50 + 42], rel=0.01)


def test_nothing_done_and_nobody_leaves():
    case = question([option()], [people(1)])
    course = simulate(world(case), plan(case, 0), 60, 1)
    assert (course.values == [100, 20, 50]).all()


def test_people_leave_and_parts_stay_parts():
    case = question([option(most=100)], [people(1)], months=24)
    course = simulate(world(case, loss=(2e6, 1e8)), plan(case, 0), 2000, 1)
    assert course.values[:, -1].mean(axis=0) == pytest.approx(np.array([100, 20, 50]) * np.exp(-0.48), rel=0.02)
    full = simulate(world(case, loss=(2e6, 1e8)), plan(case, 100), 200, 1)
    assert (full.of("minority") <= full.of("overall")).mean() > 0.99 and (full.of("overall") <= full.of("people")).all()


def test_counted_later():
    case = question([option(most=100)], [people(1)])
    course = simulate(world(case, delay=2), plan(case, 100), 60, 1)
    assert (course.values[:, :3] == [100, 20, 50]).all() and (course.values[:, 4, 0] > 100).all()
    assert (simulate(world(case, delay=99), plan(case, 100), 60, 1).values == [100, 20, 50]).all()


def test_the_band_is_as_wide_as_what_is_not_known():
    case = question([option(most=1000)], [people(1)])
    sure, unsure = (
        band(case, simulate(world(case, unsure=u), plan(case, 1000), 400, 1), "people", "people") for u in (0, 1)
    )
    assert unsure.rows[-1].high - unsure.rows[-1].low > 5 * (sure.rows[-1].high - sure.rows[-1].low)
    assert sure.rows[0].month == "2026-12" and sure.rows[-1].month == "2027-06" and sure.goal == 1


def test_an_area_that_was_asked_gives_fewer():
    case = question([option(most=1000), option(1, most=1000)], [people(1)])
    small = replace(world(case), population={"state:IL": 1000.0})
    reached = new_people(small, plan(case, 500))[:-1]
    assert reached.sum(axis=0).cumsum() == pytest.approx(1000 * (1 - np.exp(-np.arange(1, 7))))
    assert reached[0] == pytest.approx(reached[1])


def test_dates_of_goals():
    case = question([option(most=100)], [people(130), share(0.25), people(10_000)])
    course = simulate(world(case), plan(case, 100), 400, 1)
    first, part, never = (when(case, course.met(goal)) for goal in case.goals)
    assert first.early <= first.median <= first.late and first.median in ("2027-03", "2027-04")
    assert (never.median, never.probability) == ("", 0.0)
    assert part.probability > 0.95
    assert when(case, together(course, case.goals)).probability == 0
    assert when(case, course.met(people(50))).late == "2026-12"  # met already


def test_a_plan_goes_on_while_there_is_money():
    case = question([option(most=10, cost=1)], [people(1)], months=6, total=45.0)
    units = continued(case, np.array([[10.0, 5.0]]), 6)
    assert units.tolist() == [[10, 5, 10, 5, 10, 5]]
    assert continued(replace(case, total=31.0), np.array([[10.0, 5.0]]), 6).sum() == 30
    poor = replace(case, budget=(10.0, 10.0, 4.0, 4.0, 4.0, 4.0))
    assert continued(poor, np.array([[10.0, 5.0]]), 6).sum() == 15
    assert continued(case, np.zeros((1, 0)), 6).sum() == 0
