"""Which conditions simulated people have, since when, and what is written of them at their visits."""

from dataclasses import dataclass

import numpy as np

from commonweal.simulate import society
from commonweal.simulate.draws import Draws
from commonweal.simulate.health.rows import MINUTE, SNOMED, Rows
from commonweal.simulate.health.visits import Visits
from commonweal.simulate.population import ASIAN, BLACK, FEMALE, HISPANIC, YEAR, People

_AGES = [25, 45, 65, 85]


@dataclass(frozen=True)
class Illness:
    """Each time a condition was written down: person (position), row of conditions.csv, visit."""

    person: np.ndarray
    condition: np.ndarray
    visit: np.ndarray  # index into the visits
    present: np.ndarray  # bool (people, conditions): has it, or had it
    since: np.ndarray  # (people, conditions): day it was written down; a far day where not present


def illness(draws: Draws, people: People, seen: Visits) -> Illness:
    """Chronic conditions by prevalence, acute ones by rate a year, each hung on a visit."""
    table = society.table("conditions")
    places = {row["code"]: place for place, row in enumerate(table)}
    present = np.zeros((len(people), len(table)), dtype=bool)
    since = np.full(present.shape, np.iinfo(np.int32).max, dtype=np.int64)
    found = []
    for place, row in enumerate(table):
        level = _level(row, people)
        if row["needs"]:
            level = level * np.where(present[:, places[row["needs"]]], float(row["times"]), 1.0)
        person, day = (_acute if row["class"] == "acute" else _chronic)(draws, row, people, seen, level)
        person, visit = _once(person, seen.at_or_after(person, day))
        present[person, place] = True
        np.minimum.at(since[:, place], person, seen.day[visit])
        found.append((person, np.full(len(person), place), visit))
    person, condition, visit = (np.concatenate(column) for column in zip(*found, strict=True))
    return Illness(person, condition, visit, present, since)


def _once(person: np.ndarray, visit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two acute cases that fell on one visit are one; both arrays are ordered by visit afterwards, and so by person."""
    visit, kept = np.unique(visit, return_index=True)
    return person[kept], visit


def _level(row: dict[str, str], people: People) -> np.ndarray:
    """Percent of people like each who have it (chronic), or cases in 100 years (acute)."""
    level = np.interp(people.age, _AGES, [float(row[f"at{age}"]) for age in _AGES])
    level = level * np.where(people.sex == FEMALE, float(row["women"]), float(row["men"]))
    for group, name in ((BLACK, "black"), (HISPANIC, "hispanic"), (ASIAN, "asian")):
        level = level * np.where(people.group == group, float(row[name]), 1.0)
    level = level * float(row["bmi"]) ** ((people.weight - 28.0) / 6.0)
    level = level * np.where(
        people.smoking == 2, float(row["smoking"]), np.where(people.smoking == 1, float(row["smoking"]) ** 0.5, 1)
    )
    return level * np.exp(0.3 * people.frailty - 0.05)


def _chronic(
    draws: Draws, row: dict[str, str], people: People, seen: Visits, level: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    has = draws.chance("has " + row["code"], np.clip(level / 100, 0, 0.93), people.index)
    person = np.flatnonzero(has)
    ago = draws.uniform("since " + row["code"], people.index[person]) ** 1.4 * (people.age[person] - 15) * 0.6
    return person, seen.end[person] - np.floor(ago * YEAR).astype(np.int64)


def chance_of(code: str, people: People) -> np.ndarray:
    """The chance of each person to have a chronic condition of conditions.csv, as `illness` draws it ("has CODE")."""
    row = next(row for row in society.table("conditions") if row["code"] == code)
    return np.asarray(np.clip(_level(row, people) / 100, 0, 0.93))


def _acute(
    draws: Draws, row: dict[str, str], people: People, seen: Visits, level: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    years = (seen.end - seen.begin) / YEAR
    count = np.minimum(draws.counts("cases " + row["code"], np.clip(level / 100, 0, 1.5) * years, people.index), 12)
    person = np.repeat(np.arange(len(people)), count)
    case = np.arange(len(person)) - np.repeat(np.cumsum(count) - count, count)
    place = draws.uniform("case day " + row["code"], people.index[person], case)
    return person, seen.begin[person] + np.floor(place * (seen.end - seen.begin)[person]).astype(np.int64)


def add_conditions(draws: Draws, people: People, seen: Visits, ill: Illness, rows: Rows) -> None:
    """Each first mention as a Condition; acute ones end after days or weeks."""
    table = society.table("conditions")
    codes = np.array([row["code"] for row in table], dtype=object)
    acute = np.array([row["class"] == "acute" for row in table])[ill.condition]
    ordinal = seen.ordinal[ill.visit]
    keys = people.index[ill.person], ill.condition, ordinal
    days = np.where(codes[ill.condition] == "72892002", 270, draws.between("ill for", 5, 32, *keys))
    start = seen.start[ill.visit]
    end = np.where(acute, start + days * 1440 * MINUTE, np.datetime64("NaT", "us"))
    late = end > (seen.end[ill.person] + 1).astype("datetime64[D]").astype("datetime64[us]")
    rows.add(
        "Condition",
        ill.person,
        ill.condition * 1000 + ordinal,
        visit=ordinal,
        status=np.where(acute & ~late, "resolved", "active").astype(object),
        code_system=SNOMED,
        code=codes[ill.condition],
        start=start,
        end=np.where(late, np.datetime64("NaT", "us"), end),
    )
