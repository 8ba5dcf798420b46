"""When simulated people go for care: the skeleton that everything else in their records hangs on."""

from dataclasses import dataclass

import numpy as np

from commonweal.simulate.draws import Draws
from commonweal.simulate.health.rows import MINUTE, Rows
from commonweal.simulate.population import FEMALE, YEAR, People

CLASSES = ["AMB", "EMER", "IMP"]
_STRIDE = 100_000  # more than any day number since 1970 in use


@dataclass(frozen=True)
class Visits:
    """One entry a visit, ordered by person (position) and day; `first[p] … first[p + 1]` are those of person p."""

    person: np.ndarray
    ordinal: np.ndarray  # 0, 1, … within a person
    day: np.ndarray
    start: np.ndarray  # datetime64[us], local
    kind: np.ndarray  # index into CLASSES
    first: np.ndarray
    begin: np.ndarray  # by person: day the records begin
    end: np.ndarray  # by person: last day the records know of

    def at_or_after(self, person: np.ndarray, day: np.ndarray) -> np.ndarray:
        """The person's first visit on or after the day, else their last one; as an index into the visits."""
        place = np.searchsorted(self.person * _STRIDE + self.day, person * _STRIDE + day)
        return np.clip(place, self.first[person], self.first[person + 1] - 1)


def visits(draws: Draws, people: People, end: np.ndarray) -> Visits:
    """Visits of people whose records run up to their day `end`."""
    index, age = people.index, people.age
    years = np.minimum(0.7 + 4.6 * draws.exponential("years of records", index), np.minimum(15.0, age - 16.5))
    begin = end - np.floor(years * YEAR).astype(np.int64)
    rate = (
        0.75
        + 0.011 * (age - 20)
        + 0.25 * ((people.sex == FEMALE) & (age < 50))
        + 0.05 * np.maximum(people.weight - 30, 0)
    )
    rate = rate * np.exp(0.33 * people.frailty) * np.where(people.insured, 1.0, 0.55)
    number = np.clip(draws.counts("visits", np.minimum(rate * years, 70), index), 1, 90)
    person = np.repeat(np.arange(len(people)), number)
    first = np.concatenate([[0], np.cumsum(number)])
    ordinal = np.arange(len(person)) - first[person]
    key = index[person], ordinal
    day = begin[person] + np.floor(draws.uniform("visit day", *key) * (end - begin)[person]).astype(np.int64)
    kind = draws.pick("visit kind", [0.9, 0.065, 0.035], *key)
    weekday = (day + 3) % 7  # 0 Monday; clinics are closed at weekends
    day = np.where((kind == 0) & (weekday >= 5), np.maximum(day - (weekday - 4), begin[person]), day)
    minute = np.where(kind == 0, 480 + 15 * draws.between("slot", 0, 35, *key), draws.between("hour", 0, 1439, *key))
    order = np.lexsort((minute, day, person))
    day, kind, minute = day[order], kind[order], minute[order]
    start = day.astype("datetime64[D]").astype("datetime64[us]") + minute * MINUTE
    return Visits(person, ordinal, day, start, kind, first, begin, end)


def add_encounters(draws: Draws, people: People, seen: Visits, rows: Rows) -> None:
    """Each visit as an Encounter, with its class and length."""
    keys = people.index[seen.person], seen.ordinal
    minutes = np.array([25, 200, 1440])[seen.kind]
    length = np.floor(minutes * (0.6 + 1.2 * draws.exponential("length", *keys))).astype(np.int64)
    length = np.minimum(length, np.where(seen.kind == 2, 1440 * 21, 720))
    cap = (seen.end[seen.person] + 1).astype("datetime64[D]").astype("datetime64[us]") - MINUTE
    rows.add(
        "Encounter",
        seen.person,
        seen.ordinal,
        status="finished",
        category=np.array(CLASSES, dtype=object)[seen.kind],
        start=seen.start,
        end=np.minimum(seen.start + length * MINUTE, np.maximum(cap, seen.start)),
    )
