"""Plans held against a slow, obvious reference: every plan of tiny questions is tried, and none is better."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from commonweal.vault.planning.propose import propose
from commonweal.vault.planning.why import DEAR, reasons
from tests.planning_terms import cheapest_by_trying, keeps_within, option, people, question, share, terms

WHOLE = st.integers(0, 9)


@st.composite
def tiny(draw, events=True):
    count = draw(st.integers(1, 2))
    options = [
        option(
            n,
            event=events,
            approach="event" if events else "mail",
            most=float(draw(st.integers(0, 2))),
            cost=float(draw(st.integers(0, 9))),
            travel_cost=float(draw(st.integers(0, 3))),
            start_cost=float(draw(st.sampled_from([0, 0, 5]))),
            contacts=float(draw(st.integers(1, 3))),
            hours=float(draw(st.integers(0, 3))),
            language=draw(st.sampled_from(["en", "es"])),
        )
        for n in range(count)
    ]
    goals = [people(draw(st.integers(1, 30)))]
    goals += [share(draw(st.sampled_from([0.25, 0.5, 0.8])))] if draw(st.booleans()) else []
    case = question(
        options,
        goals,
        months=3,
        budget=draw(
            st.one_of(st.integers(0, 30).map(lambda one: (float(one),) * 3), st.tuples(*[st.floats(0, 30)] * 3))
        ),
        total=float(draw(st.integers(0, 60))),
        hours=float(draw(st.integers(0, 9))),
        speaks={"en": 9.0, "es": float(draw(st.integers(0, 4)))},
    )
    gain = [[g, min(g, draw(WHOLE)), 0] for g in (draw(WHOLE) for _ in range(count))]
    now = draw(st.integers(0, 12))
    return terms(
        case,
        gain,
        now=(now, draw(st.integers(0, now)), 0),
        itself=(draw(st.integers(0, 1)), 0, 0),
        delay=draw(st.integers(0, 1)),
        keep=draw(st.sampled_from([1.0, 1.0, 0.97])),
    )


@settings(max_examples=200, deadline=None)
@given(tiny())
def test_no_plan_of_whole_events_is_better(one):
    found, best = propose(one), cheapest_by_trying(one)
    if found.months == 0 and found.met:
        return
    assert found.met == (best is not None)
    if best is not None:
        cost = np.array([o.unit_cost for o in one.case.options]) @ found.units.sum(axis=1)
        cost += sum(o.start_cost for n, o in enumerate(one.case.options) if found.units[n].sum() > 0)
        assert found.months == best[0]
        assert cost <= best[1] * (1 + 0.1 * (one.keep < 1) + 1e-3) + 1e-6  # later dollars count more where people leave


@settings(max_examples=100, deadline=None)
@given(st.booleans().flatmap(tiny))
def test_every_plan_keeps_within_what_there_is(one):
    found = propose(one)
    keeps_within(one.case, found.units)
    if not found.met:
        assert max(found.short) > 1e-7
        assert len(found.alone) == len(one.case.goals)


@settings(max_examples=60, deadline=None)
@given(tiny(), st.integers(1, 20))
def test_more_money_is_never_later(one, more):
    richer = replace(one.case, budget=tuple(b + more for b in one.case.budget), total=one.case.total + 3 * more)
    before, after = propose(one), propose(replace(one, case=richer))
    assert after.met >= before.met
    if before.met:
        assert after.months <= before.months


@settings(max_examples=60, deadline=None)
@given(tiny(events=False), st.sampled_from([0.1, 7.0, 1000.0]))
def test_the_unit_of_money_does_not_matter(one, scale):
    case = one.case
    options = tuple(
        replace(o, cost=o.cost * scale, travel_cost=o.travel_cost * scale, start_cost=o.start_cost * scale)
        for o in case.options
    )
    budget = tuple(b * scale for b in case.budget)
    other = propose(replace(one, case=replace(case, options=options, budget=budget, total=case.total * scale)))
    found = propose(one)
    assert (found.met, found.months) == (other.met, other.months)


@settings(max_examples=60, deadline=None)
@given(tiny(events=False), st.sampled_from([0.5, 3.0]))
def test_a_program_of_another_size_takes_as_long(one, scale):
    case = one.case
    options = tuple(replace(o, contacts=o.contacts * scale) for o in case.options)
    goals = tuple(replace(g, target=g.target * scale) if g.kind == "people" else g for g in case.goals)
    larger = replace(
        one, case=replace(case, options=options, goals=goals), now=one.now * scale, itself=one.itself * scale
    )
    assert propose(one).months == propose(larger).months


@settings(max_examples=100, deadline=None)
@given(tiny(events=False))
def test_an_option_left_out_is_used_at_the_price_that_is_told_and_not_above(one):
    found = propose(one)
    if not found.met or not found.months or any(option.start_cost for option in one.case.options):
        return  # a start is paid wholly or not at all, so that prices beside it are near, not exact
    for number, reason in enumerate(reasons(one, found)):
        if reason.state != DEAR or reason.worth_it_at < 0.05:
            continue
        below, above = (_at_price(one, number, reason.worth_it_at * part) for part in (0.95, 1.02))
        assert propose(below).units[number].sum() > 0
        assert propose(above).units[number].sum() < 1e-5


def _at_price(one, number, price):
    options = list(one.case.options)
    options[number] = replace(options[number], cost=price, travel_cost=0.0)
    return replace(one, case=replace(one.case, options=tuple(options)))


@settings(max_examples=60, deadline=None)
@given(tiny(events=False), st.integers(0, 2**32 - 1), st.sampled_from([0.2, 0.5, 0.9]))
def test_the_worst_worlds_still_reach_the_goals(one, seed, caution):
    rng = np.random.default_rng(seed)
    gain = one.gain * rng.uniform(0.5, 1.5, (20, one.gain.shape[1], 1))
    assumed = replace(one.case.assumptions, caution=caution)
    drawn = replace(
        one, case=replace(one.case, assumptions=assumed), gain=gain, itself=np.repeat(one.itself, 20, axis=0)
    )
    found = propose(drawn)
    if not found.met or not found.months:
        return
    worst = [_worst(drawn, found, goal, caution) for goal in drawn.case.goals]
    assert min(worst) >= -1e-4


def _worst(one, found, goal, caution):
    """The mean beyond a goal over the worst worlds, month by month."""
    values = []
    for world in range(len(one.gain)):
        here = one.now.astype(float)
        for month in range(found.months):
            here = here * one.keep
            if month >= one.delay:
                done = found.units[:, month - one.delay] * [o.contacts for o in one.case.options]
                here = here + one.itself[world] + done @ one.gain[world]
        at = one.indicators.index(goal.of)
        values.append(here[at] - (goal.target * here[0] if goal.kind == "share" else goal.target))
    worst = sorted(values)
    return float(np.mean(worst[: int(caution * len(worst))]))
