"""The plan that reaches the goals soonest, and of those the cheapest; where none does, the one that comes nearest.

Months are tried from the first on, without whole numbers, then with whole events. Halving would not do: a share that is met
in March may be out of reach in May, when the money is spent and others have come by themselves. A month is not tried
where even the best units for one goal alone, within the money, fall short of it.
"""

from dataclasses import dataclass, replace

import numpy as np

from commonweal.vault.planning.model import MEANS, MONEY, SHORT, Model, build
from commonweal.vault.planning.options import Goal
from commonweal.vault.planning.rows import SECONDS, Solved, solve
from commonweal.vault.planning.terms import Terms, goal_gain, goal_value, standing, staying

_STEP = 6
LONGEST = 120  # months that are looked at where the horizon is too short


@dataclass(frozen=True)
class Proposal:
    """`months`: after how many the goals are met (0: they are now; the horizon where they are not). `units`: (options,
    months). `model`, `priced`: the program without whole numbers and its solution, None where nothing had to be solved.
    `short`: people short of each goal. `remedies`: what alone would do (see `remedies`), None where it would not.
    `alone`: whether each goal could be met without the others. `proved`: no solver was stopped by the clock.
    """

    met: bool
    months: int
    units: np.ndarray
    model: Model | None = None
    priced: Solved | None = None
    short: tuple[float, ...] = ()
    remedies: dict[str, float | None] | None = None
    alone: tuple[bool, ...] = ()
    proved: bool = True


def propose(terms: Terms) -> Proposal:
    """An answer to any question that could be read; never an exception for a goal that cannot be reached."""
    case = terms.case
    if all(goal_value(terms, goal, terms.now) >= 0 for goal in case.goals):
        return Proposal(True, 0, np.zeros((len(case.options), 0)))
    first, proved = soonest(terms, case.months), True
    for months in range(first, case.months + 1) if first else ():
        model = build(terms, months)
        found = solve(model.linear, integers=True)
        proved = proved and found.proved
        if found.x is not None:
            priced = solve(model.linear)
            sooner = remedies(terms, months - 1) if months == first and months > 1 else {}
            units = _units(model, found.x)
            return Proposal(True, months, units, model, priced, (), sooner, proved=proved)
    return _nearest(terms, parts=first is not None)


def soonest(terms: Terms, horizon: int) -> int | None:
    """The first month by which goals can be met, events taken as parts; None where not by the horizon."""
    return next((m for m in range(1, horizon + 1) if _could(terms, m) and _feasible(terms, m)), None)


def _could(terms: Terms, months: int) -> bool:
    """Whether each goal alone is in reach of the money and capacities, by the yields' means: what fails here fails."""
    case, span = terms.case, max(months - terms.delay, 0)
    money = min(case.total, sum(case.budget[:months]))
    cost = np.array([option.unit_cost for option in case.options])
    most = np.array([option.most for option in case.options]) * span
    contacts = np.array([option.contacts for option in case.options])
    for goal in case.goals:
        gain = np.maximum(goal_gain(terms, goal).mean(axis=0), 0.0) * contacts
        best = _packed(gain, cost, most, money)
        if goal_value(terms, goal, standing(terms, months)).mean() + best < -1e-6:
            return False
    return True


def _packed(gain: np.ndarray, cost: np.ndarray, most: np.ndarray, money: float) -> float:
    """The most that money buys, the best for a dollar first."""
    order = np.argsort(cost / np.maximum(gain, 1e-300), kind="stable")
    price = (cost * most)[order]
    before = np.concatenate([[0.0], np.cumsum(price)[:-1]])
    part = np.where(price > 0, np.clip((money - before) / np.where(price > 0, price, 1.0), 0, 1), 1.0)
    return float(((gain * most)[order] * part).sum())


def _feasible(terms: Terms, months: int, goals: tuple[Goal, ...] | None = None) -> bool:
    return solve(build(terms, months, goals=goals).linear).x is not None


def _units(model: Model, x: np.ndarray) -> np.ndarray:
    """Units by option and month; events as whole numbers."""
    units = np.zeros((len(model.x), model.months))
    units[:, : model.x.shape[1]] = x[model.x]
    events = np.array([option.event for option in model.terms.case.options], bool)
    units[events] = np.round(units[events])
    units[np.abs(units) < 1e-6] = 0.0
    return units


def _nearest(terms: Terms, *, parts: bool) -> Proposal:
    """Short of the goals by as little as can be, together; and what would have to change. `parts`: parts of events would do."""
    case = terms.case
    model = build(terms, case.months, relax=(SHORT,))
    found = solve(model.linear, integers=True)
    if found.x is None:
        return Proposal(False, case.months, np.zeros((len(case.options), case.months)), proved=False)
    short = tuple(float(value) for value in found.x[model.extra[SHORT]])
    alone = tuple(_feasible(terms, case.months, (goal,)) for goal in case.goals)
    told = remedies(terms, case.months, whole=parts) | {"months": None if parts else _longer(terms)}
    priced = solve(model.linear)
    return Proposal(False, case.months, _units(model, found.x), model, priced, short, told, alone, found.proved)


def remedies(terms: Terms, months: int, *, whole: bool = False) -> dict[str, float | None]:
    """What alone would reach the goals by that month: dollars more (`money`), capacities and hours so many times as
    large (`means`), or both (`both`: the factor; money as needed). None where it would not, or where that
    was not found out in time. `whole`: events as whole numbers here too.
    """
    money = _least(build(terms, months, relax=(MONEY,)), MONEY, whole)
    means = _least(build(terms, months, relax=(MEANS,)), MEANS, whole)
    told: dict[str, float | None] = {"money": money, "means": means}
    if money is None and means is None:
        both = build(terms, months, relax=(MONEY, MEANS))
        both.linear.cost[int(both.extra[MONEY][0])], both.linear.cost[int(both.extra[MEANS][0])] = 0.0, 1.0
        told["both"] = _least(both, MEANS, whole)
    return told


def _least(model: Model, name: str, whole: bool) -> float | None:
    found = solve(model.linear, integers=whole, seconds=SECONDS)
    return None if found.x is None else float(found.x[model.extra[name]][0])


def _longer(terms: Terms) -> int | None:
    """A number of months that would do, each with the money of the last; looked at by half years, then by months."""
    longer = replace(terms, case=terms.case.longer(LONGEST))
    ends = range(terms.case.months + _STEP, LONGEST + 1, _STEP)
    end = next((m for m in ends if _could(longer, m) and _feasible(longer, m)), None)
    if end is None:
        return None
    return next(m for m in range(end - _STEP + 1, end + 1) if m == end or _feasible(longer, m))


def expected(terms: Terms, proposal: Proposal) -> np.ndarray:
    """(draws, indicators): people at the end of the plan in each drawn world."""
    still = standing(terms, proposal.months)
    if proposal.model is None:
        return still
    stay = staying(terms, proposal.months)
    contacts = (proposal.units[:, : len(stay)] @ stay) * np.array([option.contacts for option in terms.case.options])
    return still + np.einsum("sij,i->sj", terms.gain, contacts)
