"""Where next: `BENCH=planning make bench`. Not a matter of people; sizes are 10, 100 and 500 options, whatever SIZES says.

Lines `planning`, one a size: seconds to the plan (the month, the least cost, what would be sooner), of which whole events
(`whole_seconds`); `months`; `gap`: how much dearer the plan is than the same month's program without whole numbers, which
no plan can beat (the floor); `floor_ratio`: time against solving that program once; `simulate_seconds` for 1,000 worlds.
Lines `planning_exact`: of tiny questions, how many answers are as soon and as cheap as the best of all plans, all tried.
"""

import statistics
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from homes import peak

ROOT = Path(__file__).resolve().parents[1]
OPTIONS = (10, 100, 500)
MONTHS, DRAWS, WORLDS, TINY = 36, 60, 1000, 40


def main(sizes: list[int]) -> None:
    """Print the lines; `sizes` says nothing here."""
    sys.path.insert(0, str(ROOT))
    for count in OPTIONS:
        _plan(count)
    _exact()


def _plan(count: int) -> None:
    from commonweal.vault.planning.model import build
    from commonweal.vault.planning.propose import propose
    from commonweal.vault.planning.rows import solve

    one = _terms(count)
    seconds, found = _timed(lambda: propose(one))
    model = build(one, found.months)
    floor, plain = _timed(lambda: solve(model.linear))
    whole, rounded = _timed(lambda: solve(model.linear, integers=True))
    gap = np.dot(model.linear.cost, rounded.x) / np.dot(model.linear.cost, plain.x) - 1 if found.met else 0.0
    simulated = _simulated(one, found.units)
    _tell(bench="planning", size=count, seconds=round(seconds, 2), whole_seconds=round(whole, 2), met=found.met,
         months=found.months, gap=round(float(gap), 4), proved=found.proved,
         floor_ratio=round(seconds / floor, 1), simulate_seconds=round(simulated, 2), peak_mb=peak())  # fmt: skip


def _simulated(one: Any, units: np.ndarray) -> float:
    from commonweal.vault.planning.groups import GROUPS
    from commonweal.vault.planning.simulate import World, simulate
    from commonweal.vault.planning.yields import Yields

    def draw(draws: int, rng: np.random.Generator) -> Yields:
        who = rng.dirichlet(np.ones(len(GROUPS)), (draws, units.shape[0] + 1))
        joined = 0.03 * rng.gamma(20, 1 / 20, (draws, units.shape[0] + 1, 1)) * who
        return Yields(joined, 0.7 * joined, rng.random((*joined.shape, 12)), ("overall", *(f"c{n}" for n in range(11))))

    names = ("people", "minority", "overall", *(f"c{n}" for n in range(11)))
    now = dict.fromkeys(names, 2000.0) | {"people": 7115.0}
    world = World(one.case, draw, names, now, {a: one.population(a) for a in one.case.areas}, (7.0, 1e4), 1)
    return _timed(lambda: simulate(world, units, WORLDS, 1))[0]


def _terms(count: int) -> Any:
    """Options of eight sites and areas: events and contacts, dear and cheap, known and not; goals of a program of 7,115."""
    from commonweal.vault.planning.groups import GROUPS
    from commonweal.vault.planning.options import Area, Case, Goal, Site
    from commonweal.vault.planning.terms import Terms

    rng = np.random.default_rng(1)
    sites = {f"s{n}": Site(f"s{n}", "IL", 320, {"en": 320, "es": 100}) for n in range(8)}
    areas = {f"county:{n:05d}": Area(f"county:{n:05d}", "IL", 3e5, {}, dict.fromkeys(sites, 2.0)) for n in range(8)}
    goals = (Goal("people", "people", 12000), Goal("share", "minority", 0.45), Goal("share", "overall", 0.72))
    options = tuple(_option(n, rng) for n in range(count))
    money = 60000.0
    case = Case((2027, 1), (money,) * MONTHS, money * MONTHS, sites, areas, options, goals)
    rate = rng.beta(2, 60, count) * rng.gamma(20, 1 / 20, (DRAWS, count))
    minority = np.broadcast_to(rng.beta(5, 3, count), rate.shape)
    ubr = minority + (1 - minority) * rng.beta(5, 5, rate.shape)
    room = np.array([0, 0, 5e4, 5e4, 0, 0, 0, 0, 2e5, 0.0])
    joined = np.zeros((count, len(GROUPS)))
    joined[:, 2] = (rate * minority).mean(axis=0)
    joined[:, 8] = (rate * (1 - minority)).mean(axis=0)
    return Terms(case, ("people", "minority", "overall"), np.stack([rate, rate * minority, rate * ubr], -1),
                np.tile([30.0, 11, 21], (DRAWS, 1)), np.array([7115.0, 2560, 4980]), joined,
                dict.fromkeys(areas, room), keep=0.998, delay=1)  # fmt: skip


def _option(number: int, rng: np.random.Generator) -> Any:
    from commonweal.vault.planning.options import Option

    event = bool(rng.random() < 0.3)
    return Option(
        id=f"o{number}",
        site=f"s{number % 8}",
        area=f"county:{number % 8:05d}",
        approach="event" if event else "mail",
        language="es" if rng.random() < 0.3 else "en",
        most=float(rng.integers(1, 5) if event else rng.integers(100, 2000)),
        cost=float(rng.uniform(500, 3000) if event else rng.uniform(1, 10)),
        contacts=80.0 if event else 1.0,
        event=event,
        hours=8.0 if event else 0.01,
        start_cost=1000.0 if rng.random() < 0.2 else 0.0,
    )


def _exact() -> None:
    from commonweal.vault.planning.propose import propose
    from tests.planning_terms import cheapest_by_trying, option, people, question, share, terms

    rng, right, ours, theirs = np.random.default_rng(1), 0, [], []
    for _ in range(TINY):
        options = [
            option(
                n,
                event=True,
                approach="event",
                most=2,
                cost=float(rng.integers(1, 9)),
                contacts=float(rng.integers(1, 4)),
            )
            for n in range(2)
        ]
        case = question(
            options, [people(int(rng.integers(3, 25))), share(0.4)], months=3, budget=float(rng.integers(5, 30))
        )
        gain = rng.integers(1, 6, (2, 3))
        one = terms(case, np.minimum(gain, gain[:, :1]))
        seconds, found = _timed(lambda one=one: propose(one))
        brute, best = _timed(lambda one=one: cheapest_by_trying(one))
        cost = float(np.array([o.unit_cost for o in options]) @ found.units.sum(axis=1))
        right += found.met == (best is not None) and (
            best is None or (found.months == best[0] and cost <= best[1] + 1e-6)
        )
        ours, theirs = [*ours, seconds], [*theirs, brute]
    _tell(bench="planning_exact", size=TINY, right=right, seconds=round(statistics.median(ours), 4),
         peer="all plans tried", peer_seconds=round(statistics.median(theirs), 4))  # fmt: skip


def _timed(work: Any) -> tuple[float, Any]:
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


def _tell(**line: Any) -> None:
    sys.stdout.write(orjson.dumps(line).decode() + "\n")
