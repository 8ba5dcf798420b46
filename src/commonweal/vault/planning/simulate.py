"""A plan run forward by month in many worlds: what is not known of yields is drawn, and so is chance.

In each world yields are drawn once from what the past leaves open (see yields). Each month people are counted as a Poisson
number by group, of whom some are UBR by each category (binomial), and of everybody some leave (binomial; who, by
chance alone, so hypergeometric by category). Contacts of an area that was asked before reach fewer new people.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from commonweal.vault.planning.groups import PEOPLE
from commonweal.vault.planning.options import Case, Goal
from commonweal.vault.planning.yields import Yields, group_flag

_AT_ONCE = 50  # worlds that are in memory together


@dataclass(frozen=True)
class World:
    """`draw`: (how many, generator) -> Yields; `now`: by indicator; `population`: adults of each area who have not joined;
    `loss`: (shape, months) of the Gamma of leaving in a month; `delay`: months from contact to being counted.
    """

    case: Case
    draw: Callable[[int, np.random.Generator], Yields]
    indicators: tuple[str, ...]
    now: dict[str, float]
    population: dict[str, float]
    loss: tuple[float, float]
    delay: int


@dataclass(frozen=True)
class Course:
    """`values`: (worlds, months + 1, indicators) people there; the first month is now."""

    indicators: tuple[str, ...]
    values: np.ndarray

    def of(self, indicator: str) -> np.ndarray:
        return self.values[..., self.indicators.index(indicator)]

    def share(self, indicator: str) -> np.ndarray:
        """(worlds, months + 1), 0 where nobody is there."""
        return self.of(indicator) / np.maximum(self.of(PEOPLE), 1)

    def met(self, goal: Goal) -> np.ndarray:
        """(worlds, months + 1): whether a goal is met; no share is where nobody is there."""
        if goal.kind == "share":
            return (self.of(goal.of) >= goal.target * self.of(PEOPLE)) & (self.of(PEOPLE) > 0)
        return self.of(goal.of) >= goal.target


def simulate(world: World, units: np.ndarray, worlds: int, seed: int) -> Course:
    """`units`: (options, months). The same seed gives the same course."""
    rng = np.random.default_rng(seed)
    reached = new_people(world, units)
    parts = [_some(world, reached, min(_AT_ONCE, worlds - begin), rng) for begin in range(0, worlds, _AT_ONCE)]
    return Course(world.indicators, np.concatenate(parts))


def continued(case: Case, units: np.ndarray, months: int) -> np.ndarray:
    """The plan, begun anew each time it ends, until the months or the money are over."""
    if not units.shape[1]:
        return np.zeros((len(case.options), months))
    cost = np.array([option.unit_cost for option in case.options])
    starts = np.array([option.start_cost for option in case.options])
    left = case.total - float(starts[units.any(axis=1)].sum())
    found = np.zeros((len(case.options), months))
    for month in range(months):
        these = units[:, month % units.shape[1]]
        spent = float(cost @ these)
        if spent > min(left, case.budget[month]) * (1 + 1e-9) + 1e-6:
            break
        found[:, month], left = these, left - spent
    return found


def new_people(world: World, units: np.ndarray) -> np.ndarray:
    """(options + 1, months): contacts that reach somebody for the first time; the last row is what comes by itself."""
    contacts = units * np.array([option.contacts for option in world.case.options])[:, None]
    reached = contacts.copy()
    for area, adults in world.population.items():
        here = [number for number, option in enumerate(world.case.options) if option.area == area]
        after = contacts[here].sum(axis=0).cumsum() / max(adults, 1.0)
        before = np.concatenate([[0.0], after[:-1]]) if len(after) else after
        step = after - before
        with np.errstate(divide="ignore", invalid="ignore"):
            fresh = np.where(step > 0, (np.exp(-before) - np.exp(-after)) / step, 1.0)
        reached[here] *= fresh
    return np.vstack([reached, np.ones(units.shape[1])])


def _some(world: World, reached: np.ndarray, worlds: int, rng: np.random.Generator) -> np.ndarray:
    arrivals = _arrivals(world, reached, world.draw(worlds, rng), rng)
    shape, months = world.loss
    keep = np.exp(-rng.gamma(shape, 1.0, worlds) / months)
    here = np.tile(np.array([world.now[name] for name in world.indicators], np.int64), (worlds, 1))
    course = [here]
    for month in range(reached.shape[1]):
        here = _stay(here, keep, rng) + arrivals[:, month]
        course.append(here)
    return np.stack(course, axis=1)


def _stay(here: np.ndarray, keep: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Who is still there a month later: of each indicator as chance has it. The first column is everybody."""
    people = here[:, :1]
    left = rng.binomial(people, keep[:, None])
    others = rng.hypergeometric(here[:, 1:], people - here[:, 1:], np.broadcast_to(left, here[:, 1:].shape))
    return np.concatenate([left, others], axis=1)


def _arrivals(world: World, reached: np.ndarray, yields: Yields, rng: np.random.Generator) -> np.ndarray:
    """(worlds, months, indicators): who is counted anew in each month."""
    used = reached.any(axis=1)
    worlds, months = len(yields.counted), reached.shape[1]
    mean = np.einsum("it,sig->stg", reached[used], yields.counted[:, used])
    came = rng.poisson(mean)
    found = np.zeros((worlds, months, len(world.indicators)), np.int64)
    for at, name in enumerate(world.indicators):
        if name in yields.categories:
            flagged = yields.counted[:, used] * yields.flag(name)[:, used]
            chance = np.einsum("it,sig->stg", reached[used], flagged) / np.maximum(mean, 1e-300)
            found[..., at] = rng.binomial(came, np.clip(chance, 0, 1)).sum(axis=-1)
        else:
            found[..., at] = (came * group_flag(name).astype(np.int64)).sum(axis=-1)
    late = min(world.delay, months)
    return np.concatenate([np.zeros_like(found[:, :late]), found[:, : months - late]], axis=1)


def baseline(world: World, months: int, worlds: int, seed: int) -> Course:
    """What comes if nothing is done."""
    return simulate(world, np.zeros((len(world.case.options), months)), worlds, seed)
