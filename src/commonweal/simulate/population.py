"""Who the simulated people are: place, age, sex, race and ethnicity, schooling, income and the rest, drawn jointly.

Everything is an array over people; `People.index` is the person's number in the seed's endless series, from 0.
"""

from dataclasses import dataclass, fields
from datetime import date

import numpy as np

from commonweal.simulate import society
from commonweal.simulate.draws import Draws

WHITE, BLACK, HISPANIC, ASIAN, AIAN, NHPI, MENA, MULTI = range(8)
FEMALE, MALE, INTERSEX = range(3)
SEXES = ["female", "male", "intersex"]
EPOCH = date(1970, 1, 1)
YEAR = 365.25


@dataclass(frozen=True)
class People:
    """One array for each trait, all of the same length. Days count from 1970-01-01; ages are at registration."""

    index: np.ndarray
    state: np.ndarray  # index into society.states()
    rural: np.ndarray  # bool
    group: np.ndarray  # WHITE … MULTI
    races: np.ndarray  # bool (people, 7): the boxes they tick, WHITE … MENA
    registered: np.ndarray  # day
    birth: np.ndarray  # day
    age: np.ndarray  # years, float
    sex: np.ndarray  # FEMALE, MALE, INTERSEX at birth
    gender: np.ndarray  # 0 as the sex at birth, 1 non-binary, 2 transgender, 3 another
    orientation: np.ndarray  # 0 straight, 1 gay or lesbian, 2 bisexual, 3 none of these
    education: np.ndarray  # 0 never attended … 7 advanced degree
    income: np.ndarray  # 0 less than 10k … 8 more than 200k
    spanish: np.ndarray  # bool: takes part in Spanish
    insured: np.ndarray  # bool
    disability: np.ndarray  # bool (people, 6): deaf, blind, concentrating, walking, dressing, errands
    frailty: np.ndarray  # standard normal: how ill they are beyond what the rest says
    weight: np.ndarray  # body mass index, kg/m2
    smoking: np.ndarray  # 0 never, 1 former, 2 current

    def __len__(self) -> int:
        return len(self.index)

    def take(self, chosen: np.ndarray) -> "People":
        """Those chosen by a mask or by positions."""
        return People(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})


def people(draws: Draws, first: int, count: int, *, until: date, site_states: frozenset[str]) -> People:
    """People number `first` … `first + count - 1` of a seed, who joined in the three years before `until`."""
    index = np.arange(first, first + count)
    state, rural, group = _place(draws, index, site_states)
    registered = (until - EPOCH).days - 21 - np.floor(1075 * draws.uniform("joined", index) ** 1.2).astype(np.int64)
    age = _age(draws, index, group)
    sex = draws.pick("sex", _sex_weights(), index)
    education = _education(draws, index, group, age)
    income = _income(draws, index, education, group, age)
    disability = _disability(draws, index, age, income)
    return People(
        index=index,
        state=state,
        rural=rural,
        group=group,
        races=_races(draws, index, group),
        registered=registered,
        birth=registered - np.floor(age * YEAR).astype(np.int64),
        age=age,
        sex=sex,
        gender=draws.pick("gender", [0.972, 0.013, 0.011, 0.004], index),
        orientation=draws.pick("orientation", np.where((age < 35)[:, None], [77, 6, 13, 4], [91, 4, 3, 2]), index),
        education=education,
        income=income,
        spanish=draws.chance("language", _spanish(group), index),
        insured=draws.chance("insured", _insured(age, income, group), index),
        disability=disability,
        frailty=draws.normal("frailty", index) + 0.8 * disability.any(axis=1),
        weight=_weight(draws, index, age, sex, group),
        smoking=_smoking(draws, index, education, age),
    )


def _place(draws: Draws, index: np.ndarray, site_states: frozenset[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    reach = society.facts("society")["reach"]
    population = np.array([float(row["people"]) for row in society.table("states")])
    near = np.array([reach["state_with_a_site"] if name in site_states else 1.0 for name in society.states()])
    joint = society.shares() * np.array(reach["groups"]) * (population * near)[:, None]
    cell = draws.pick("place", joint.ravel(), index)
    state, group = np.divmod(cell, joint.shape[1])
    rural = np.array([float(row["rural"]) for row in society.table("states")]) / 100 * reach["rural"]
    return state, draws.chance("rural", rural[state], index), group


def _age(draws: Draws, index: np.ndarray, group: np.ndarray) -> np.ndarray:
    bands = np.array(society.facts("society")["age"]["bands"], dtype=float)
    band = draws.pick("age band", society.by_group("age")[group], index)
    place = draws.uniform("age", index)
    place = np.where(band == len(bands) - 1, place**2.2, place)  # the oldest thin out
    low, high = bands[band, 0], bands[band, 1] + 1
    return low + 0.02 + (high - low - 0.02) * place


def _sex_weights() -> list[float]:
    sex = society.facts("society")["sex"]
    return [sex["female"], 1 - sex["female"] - sex["intersex"], sex["intersex"]]


def _races(draws: Draws, index: np.ndarray, group: np.ndarray) -> np.ndarray:
    ticked = np.zeros((len(index), 7), dtype=bool)
    single = group != MULTI
    ticked[single, group[single]] = True
    first = draws.pick("first race", [0, 40, 20, 20, 14, 5, 1], index)
    multi = np.flatnonzero(~single)
    ticked[multi, WHITE] = True
    ticked[multi, first[multi]] = True
    hispanic = group == HISPANIC  # most who tick Hispanic tick nothing else
    ticked[:, WHITE] |= hispanic & draws.chance("hispanic and white", 0.14, index)
    ticked[:, BLACK] |= hispanic & draws.chance("hispanic and black", 0.03, index)
    return ticked


def _education(draws: Draws, index: np.ndarray, group: np.ndarray, age: np.ndarray) -> np.ndarray:
    weights = society.by_group("education")[group]
    weights[age > 70, :5] *= 1.4
    weights[age < 22, 6:] *= 0.1
    return draws.pick("education", weights, index)


def _income(draws: Draws, index: np.ndarray, education: np.ndarray, group: np.ndarray, age: np.ndarray) -> np.ndarray:
    levels = ["no_diploma"] * 4 + ["diploma", "some_college", "graduate", "advanced"]
    weights = np.array([society.facts("society")["income"][level] for level in levels], dtype=float)[education]
    steps = np.arange(weights.shape[1])
    poorer = 0.16 * np.isin(group, (BLACK, AIAN)) + 0.08 * (group == HISPANIC) + 0.12 * ((age < 26) | (age > 74))
    return draws.pick("income", weights * np.exp(-poorer[:, None] * steps), index)


def _spanish(group: np.ndarray) -> np.ndarray:
    language = society.facts("society")["language"]
    return np.where(group == HISPANIC, language["hispanic"], language["elsewhere"])


def _insured(age: np.ndarray, income: np.ndarray, group: np.ndarray) -> np.ndarray:
    without = np.array([0.16, 0.15, 0.13, 0.1, 0.07, 0.05, 0.03, 0.02, 0.02])[income] * np.where(
        group == HISPANIC, 1.8, 0.9
    )
    return 1 - np.where(age >= 65, 0.01, without)


def _disability(draws: Draws, index: np.ndarray, age: np.ndarray, income: np.ndarray) -> np.ndarray:
    base = np.array([0.013, 0.011, 0.03, 0.026, 0.008, 0.018])
    by_age = np.array([2.2, 1.6, 0.5, 2.4, 2.0, 1.2])  # how each grows from 40 to 80
    older = np.clip((age - 40) / 40, -0.5, 1.2)[:, None]
    poorer = np.array([2.4, 2.0, 1.5, 1.2, 1, 0.8, 0.7, 0.6, 0.5])[income][:, None]
    probability = np.clip(base * np.exp(by_age * older) * poorer, 0, 0.7)
    chosen = [draws.uniform("disability", index, np.full(len(index), kind)) for kind in range(6)]
    return np.stack(chosen, axis=1) < probability


def _weight(draws: Draws, index: np.ndarray, age: np.ndarray, sex: np.ndarray, group: np.ndarray) -> np.ndarray:
    mean = 28.3 + np.where(group == BLACK, 1.6, 0) - np.where(group == ASIAN, 3.6, 0) + np.where(sex == FEMALE, 0.5, 0)
    mean = mean - 0.0016 * (age - 55) ** 2
    return np.clip(mean * np.exp(0.21 * draws.normal("weight", index)), 16.0, 62.0)


def _smoking(draws: Draws, index: np.ndarray, education: np.ndarray, age: np.ndarray) -> np.ndarray:
    current = np.array([0.18, 0.2, 0.22, 0.3, 0.24, 0.18, 0.09, 0.05])[education] * np.where(age > 70, 0.5, 1)
    former = np.clip(0.1 + 0.004 * (age - 20), 0.05, 0.34)
    return draws.pick("smoking", np.stack([1 - current - former, former, current], axis=1), index)
