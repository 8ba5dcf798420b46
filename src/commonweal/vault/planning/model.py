"""The question "can the goals be reached by month T, and at what least cost?" as a linear program.

Columns: x[i, t] units of option i in month t (whole where they are events); y[i], whether an option with a start cost is
used; e[i], contacts of i that tell at T, after those who leave and those who were reached before; l[i], the latter.
Goals are linear in e: a share of s is minority − s · people ≥ 0. Under uncertainty each goal must hold on average over
the worst part `caution` of the drawn worlds: η − Σ u_s / (caution · S) ≥ 0 with u_s ≥ η − v_s, u_s ≥ 0, which is the
conditional value at risk of Rockafellar and Uryasev, "Optimization of conditional value-at-risk", J. Risk 2 (2000).
It keeps the program linear, holds options down that nobody has tried, and rewards not betting on one.

A dollar of a later month costs as much more as people are lost meanwhile, and a hair more: so work begins early.
"""

from dataclasses import dataclass, field

import numpy as np

from commonweal.vault.planning.options import Goal
from commonweal.vault.planning.reach import add_reach
from commonweal.vault.planning.rows import Linear
from commonweal.vault.planning.terms import Terms, goal_gain, goal_scale, goal_value, standing

_HAIR = 1e-4
MONEY, MEANS, SHORT = "money", "means", "short"


@dataclass
class Model:
    """A program for month T and where its columns are. `x`: (options, months in which work can still tell)."""

    terms: Terms
    months: int
    linear: Linear
    x: np.ndarray
    told: np.ndarray
    start: dict[int, int]
    goals: tuple[Goal, ...]
    extra: dict[str, np.ndarray] = field(default_factory=dict)


def build(terms: Terms, months: int, *, goals: tuple[Goal, ...] | None = None, relax: tuple[str, ...] = ()) -> Model:
    """`relax`: what may be exceeded, at least cost of doing so: MONEY, MEANS (a factor of capacities and hours), SHORT
    (people short of each goal).
    """
    case, linear = terms.case, Linear()
    span = max(months - terms.delay, 0)
    later = terms.keep ** -np.arange(span) * (1 + _HAIR * np.arange(span))
    cost = np.array([o.unit_cost for o in case.options])
    high = np.array([o.most for o in case.options])[:, None] + np.zeros(span)
    whole = np.array([o.event for o in case.options], int)[:, None] + np.zeros(span, int)
    free = {MONEY, MEANS, SHORT} & set(relax)
    bound = np.where(high > 0, np.inf, 0.0) if MEANS in free else high
    spend = np.outer(cost, later) if not free else 0 * high
    x = linear.new(len(case.options) * span, high=bound.ravel(), cost=spend.ravel(), whole=whole.ravel())
    model = Model(
        terms,
        months,
        linear,
        x.reshape(len(case.options), span),
        linear.new(len(case.options)),
        {},
        goals or case.goals,
    )
    for name in relax:
        _relaxed(model, name)
    _starts(model, paid=not free)
    _money(model, cost)
    _means(model, high)
    add_reach(linear, terms, model.x, model.told, months, always=MEANS in free)
    for goal in model.goals:
        _goal(model, goal)
    return model


def _relaxed(model: Model, name: str) -> None:
    if name == MONEY:
        model.extra[name] = model.linear.new(1, cost=1.0)
    elif name == MEANS:
        dear = 1e-6 if MONEY in model.extra else 1.0
        model.extra[name] = model.linear.new(1, low=1.0, cost=dear)
    else:
        scale = [1 / max(goal_scale(model.terms, goal), 1.0) for goal in model.goals]
        model.extra[name] = model.linear.new(len(model.goals), cost=np.array(scale))


def _starts(model: Model, *, paid: bool) -> None:
    """Once used, an option with a start cost is paid for; the total pays it, not a month."""
    for number, option in enumerate(model.terms.case.options):
        if option.start_cost > 0 and model.x.shape[1]:
            [y] = model.linear.new(1, high=1.0, cost=option.start_cost if paid else 0.0, whole=1)
            model.start[number] = int(y)
            columns, most = model.x[number], option.most * model.x.shape[1]
            if MEANS in model.extra:
                most *= 1e3
            model.linear.most.add([*columns, y], [1.0] * len(columns) + [-most], 0.0, "start", number)


def _money(model: Model, cost: np.ndarray) -> None:
    """Each month within its budget, all together and the start costs within the total."""
    case, extra = model.terms.case, model.extra.get(MONEY, np.array([], int))
    span = model.x.shape[1]
    for month in range(span):
        values = [*cost, *[-1.0 / span] * len(extra)]
        model.linear.most.add([*model.x[:, month], *extra], values, case.budget[month], "budget", month)
    starts = [case.options[number].start_cost for number in model.start]
    columns = [*model.x.ravel(), *model.start.values(), *extra]
    values = [*np.repeat(cost, span), *starts, *[-1.0] * len(extra)]
    model.linear.most.add(columns, values, min(case.total, sum(case.budget[: model.months])), "total")


def _means(model: Model, high: np.ndarray) -> None:
    """Staff hours by site and month, in all and by language; and capacities where they may be exceeded."""
    case, factor = model.terms.case, model.extra.get(MEANS, np.array([], int))
    hours = np.array([case.hours(option) for option in case.options])
    for site in case.sites.values():
        kinds = {None: site.hours} | {k: v for k, v in site.speaks.items() if v < site.hours}
        for language, limit in kinds.items():
            here = [i for i, o in enumerate(case.options) if o.site == site.id and language in (None, o.language)]
            here = [i for i in here if hours[i] > 0]
            for month in range(model.x.shape[1]) if here else ():
                columns, values = [*model.x[here, month], *factor], [*hours[here], *[-limit] * len(factor)]
                name = ("hours", site.id, language, month)
                model.linear.most.add(columns, values, 0.0 if len(factor) else limit, *name)
    if len(factor):
        for column, limit in zip(model.x.ravel(), high.ravel(), strict=True):
            if limit > 0:
                model.linear.most.add([column, *factor], [1.0, -limit], 0.0, "most")


def _goal(model: Model, goal: Goal) -> None:
    """The row of one goal: on average over the worst part of the drawn worlds."""
    terms, linear = model.terms, model.linear
    gain = goal_gain(terms, goal)
    fixed = goal_value(terms, goal, standing(terms, model.months))
    short = model.extra.get(SHORT)
    slack = [] if short is None else [int(short[model.goals.index(goal)])]
    caution, draws = terms.case.assumptions.caution, len(gain)
    if caution >= 1 or draws == 1:
        values = [*-gain.mean(axis=0), *[-1.0] * len(slack)]
        linear.most.add([*model.told, *slack], values, float(fixed.mean()), "goal", goal)
        return
    [middle], under = linear.new(1, low=-np.inf), linear.new(draws)
    weight = 1 / (caution * draws)
    linear.most.add([middle, *under, *slack], [-1.0, *[weight] * draws, *[-1.0] * len(slack)], 0.0, "goal", goal)
    for draw in range(draws):
        linear.most.add([middle, under[draw], *model.told], [1.0, -1.0, *-gain[draw]], float(fixed[draw]), "world")
