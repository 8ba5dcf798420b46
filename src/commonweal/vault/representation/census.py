"""The population that participants are compared with: adults by state, group, sex and age, from the reference table `census`.

A participation-to-prevalence ratio is the share of a group among participants over its share among the adults of the same
states: 1 is as in the population, below it the group is left out. Source: Scott and others 2018, J Am Coll Cardiol 71:1960.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from commonweal.protocol.states import CODES
from commonweal.vault.representation.figures.metrics import AGES
from commonweal.vault.representation.keyed import Keyed

if TYPE_CHECKING:
    from commonweal.protocol import Protocol

EVERYBODY, ALL = "ALL", "All"
_SEXES = {"Female": "female", "Male": "male"}
Counts = dict[str, float]


@dataclass(frozen=True)
class Population:
    """Adults of some states: `people` in all; `race` by group of the census; `sex`; `age` by band of the figures."""

    people: float
    race: Counts
    sex: Counts
    age: Counts


@dataclass(frozen=True)
class Compared:
    """One group: its share of participants and of the population, and their ratio; None where it cannot be told."""

    group: str
    participants: float | None
    population: float | None

    @property
    def ratio(self) -> float | None:
        if self.participants is None or not self.population:
            return None
        return self.participants / self.population


def population(protocol: "Protocol", states: Collection[str] = ()) -> Population | None:
    """The adults of these states (postal letters; all where there are none); None where the program has no census."""
    table = protocol.reference.get("census")
    if table is None or not table.rows:
        return None
    by_state = _adults(Keyed(table))
    wanted = [by_state[state] for state in states if state in by_state] if states else list(by_state.values())
    return _sum(wanted) if wanted else None


OLD = "65+"  # the one band of age that the table of counties tells


def county(protocol: "Protocol", fips: str) -> Population | None:
    """The adults of a county, by what the reference table `counties` tells of them: Black or African American (one race),
    and 65 years and older. None where it tells nothing of the county."""
    table = protocol.reference.get("counties")
    row = _counties(Keyed(table)).get(fips) if table else None
    return _of_county(row) if row else None


@lru_cache(maxsize=2)
def _counties(key: Keyed) -> dict[str, Mapping[str, str]]:
    return {row["GEOID"].zfill(5): row for row in key.table.rows}


def _of_county(row: Mapping[str, str]) -> Population | None:
    told = [row.get(name, "") for name in ("POPULATION SIZE", "age 18 plus", "african american", "age 65 plus")]
    try:
        people, adult, black, old = (float(one) for one in told)
    except ValueError:  # empty, or NA
        return None
    adults = people * adult / 100
    return Population(adults, {"BLACK": adults * black / 100}, {}, {OLD: people * old / 100})


def compare(
    shown: Mapping[str, int | None], people: Counts, whole: float, pooled: Mapping[str, str] | None = None
) -> list[Compared]:
    """Each group of the population against the participants of it. `shown`: participants by value, after the gate;
    `pooled`: the group of the census of each value (by default the value itself). Who said nothing is in no share."""
    names = pooled or {value: value for value in shown if value}
    told = {value: number for value, number in shown.items() if value in names}
    known = sum(number for value, number in shown.items() if value and number)
    found = []
    for group in dict.fromkeys(names.values()):
        number = people.get(group)
        if number is None:
            continue
        mine = [told.get(value) for value, of in names.items() if of == group]
        counted = [n for n in mine if n is not None]
        share = sum(counted) / known if counted and known else None
        found.append(Compared(group, share, number / whole if whole else None))
    return found


@lru_cache(maxsize=2)
def _adults(key: Keyed) -> dict[str, Population]:
    return by_state(key.table.rows)


def by_state(rows: Iterable[Mapping[str, str]]) -> dict[str, Population]:
    """The adults of each state of a census, by its postal letters; states of which it tells no adult are left out."""
    found: dict[str, list[Mapping[str, str]]] = {}
    for row in rows:
        if row["state_name"] in CODES:
            found.setdefault(CODES[row["state_name"]], []).append(row)
    adults = {state: _population(mine) for state, mine in found.items()}
    return {state: one for state, one in adults.items() if one.people or one.race}


def _population(rows: Iterable[Mapping[str, str]]) -> Population:
    race, sex, age, everybody = Counts(), Counts(), Counts(), 0.0
    seen: set[tuple[str, str, str]] = set()
    for row in rows:
        cell = (row["sex"], row["age"], row["race_category_id"])
        band = _band(row["age"])
        if band is None or cell in seen:
            continue
        seen.add(cell)
        number = float(row["population"] or 0)
        if row["sex"] == ALL and row["race_category_id"] != EVERYBODY:
            race[row["race_category_id"]] = race.get(row["race_category_id"], 0) + number
        elif row["sex"] == ALL:
            everybody += number
        elif row["race_category_id"] == EVERYBODY and row["sex"] in _SEXES:
            name = _SEXES[row["sex"]]
            sex[name] = sex.get(name, 0) + number
            age[band] = age.get(band, 0) + number
    return Population(everybody or sum(sex.values()), race, sex, age)


def _band(age: str) -> str | None:
    """The band of the figures in which a band of the census lies; None for children, and for one that lies across two."""
    low, _, high = age.rstrip("+").partition("-")
    if not low.isdecimal() or int(low) < AGES[0]:
        return None
    starts = [first for first in AGES if first <= int(low)]
    mine, after = starts[-1], next((first for first in AGES if first > int(low)), None)
    if after is None:
        return f"{mine}+"
    return f"{mine}-{after - 1}" if high and int(high) < after else None


def _sum(parts: list[Population]) -> Population:
    def added(name: str) -> Counts:
        total = Counts()
        for part in parts:
            for group, number in getattr(part, name).items():
                total[group] = total.get(group, 0) + number
        return total

    return Population(sum(part.people for part in parts), added("race"), added("sex"), added("age"))
