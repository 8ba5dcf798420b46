"""What the optimisation and the simulation know of the world beside the question itself, as plain numbers."""

from dataclasses import dataclass

import numpy as np

from commonweal.vault.planning.groups import GROUPS, OVERALL, PEOPLE
from commonweal.vault.planning.options import Area, Case, Goal
from commonweal.vault.planning.read import People, places
from commonweal.vault.planning.yields import Yields, group_flag


@dataclass(frozen=True)
class Terms:
    """`gain`: (draws, options, indicators) people counted of one contact; `itself`: (draws, indicators) a month;
    `now`: (indicators) counted today; `joined`: (options, groups) consented of one contact, on average; `room`: area ->
    (groups) adults who have not joined; `keep`: share of people who are still there a month later; `delay` in months.
    """

    case: Case
    indicators: tuple[str, ...]
    gain: np.ndarray
    itself: np.ndarray
    now: np.ndarray
    joined: np.ndarray
    room: dict[str, np.ndarray]
    keep: float = 1.0
    delay: int = 0

    def at(self, indicator: str) -> int:
        return self.indicators.index(indicator)

    def population(self, area: str) -> float:
        """Adults there who have not joined."""
        return float(self.room[area].sum())


def terms_of(
    case: Case, yields: Yields, now: dict[str, float], room: dict[str, np.ndarray], keep: float, delay: int
) -> Terms:
    """Terms of the indicators that the answer tells of: people, minorities, underrepresented, and those of the goals."""
    names = tuple(dict.fromkeys([PEOPLE, "minority", OVERALL, *(goal.of for goal in case.goals)]))
    by = np.stack([yields.by(name) for name in names], axis=-1)
    return Terms(
        case=case,
        indicators=names,
        gain=by[:, :-1],
        itself=by[:, -1],
        now=np.array([now[name] for name in names]),
        joined=yields.joined[:, :-1].mean(axis=0),
        room=room,
        keep=keep,
        delay=delay,
    )


def counted_now(some: People, stage: str, names: tuple[str, ...]) -> dict[str, float]:
    """How many of those counted today each indicator holds for."""
    here = some.counted(stage)
    groups = np.bincount(some.group[here], minlength=len(GROUPS))
    found = {}
    for name in names:
        if name in some.categories:
            found[name] = float(some.ubr[here, some.categories.index(name)].sum())
        else:
            found[name] = float(groups @ group_flag(name))
    return found


def adults(area: Area) -> np.ndarray:
    """Adults of an area by group, as far as it tells; those of groups that it does not tell under the last."""
    told = np.array([area.groups.get(group, 0.0) for group in GROUPS])
    told[-1] += max(area.population - told.sum(), 0.0)
    return told


def room_of(case: Case, some: People) -> dict[str, np.ndarray]:
    """Adults of each area who have not joined, by group; in a state or county, all who joined there are taken off."""
    found = {name: adults(area) for name, area in case.areas.items()}
    for kind, where in (("state:", some.state), ("county:", some.county)):
        named = [name for name in found if name.startswith(kind)]
        place = places(where, [name.removeprefix(kind) for name in named])
        cells = np.bincount(place * len(GROUPS) + some.group, minlength=(len(named) + 1) * len(GROUPS))
        for name, joined in zip(named, cells.reshape(-1, len(GROUPS)), strict=False):
            found[name] = np.maximum(found[name] - joined, 0.0)
    return found


def goal_value(terms: Terms, goal: Goal, values: np.ndarray) -> np.ndarray:
    """How far beyond a goal, in people (negative: short of it). `values`: (…, indicators)."""
    if goal.kind == "share":
        return values[..., terms.at(goal.of)] - goal.target * values[..., terms.at(PEOPLE)]
    return values[..., terms.at(goal.of)] - goal.target


def goal_gain(terms: Terms, goal: Goal) -> np.ndarray:
    """(draws, options): how far one contact takes the program towards a goal, in people."""
    gain = terms.gain[..., terms.at(goal.of)]
    return gain - goal.target * terms.gain[..., 0] if goal.kind == "share" else gain


def goal_scale(terms: Terms, goal: Goal) -> float:
    """People that a goal is about: its target, or the share of all people aimed at."""
    people = next((g.target for g in terms.case.goals if g.kind == "people"), max(terms.now[0], 1.0))
    return goal.target * people if goal.kind == "share" else goal.target


def staying(terms: Terms, months: int) -> np.ndarray:
    """(months in which work can still tell): of those counted by it, who is there after so many months.

    Who leaves before being counted is not counted: that is in the yields, and not told twice.
    """
    return terms.keep ** np.arange(max(months - terms.delay, 0))[::-1]


def standing(terms: Terms, months: int) -> np.ndarray:
    """(draws, indicators): who is there after so many months if nothing is done."""
    return terms.now * terms.keep**months + terms.itself * staying(terms, months).sum()
