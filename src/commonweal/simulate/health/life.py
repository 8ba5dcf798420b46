"""The health records of a set of simulated people, as one table of events."""

import numpy as np
import pyarrow as pa

from commonweal.simulate.draws import Draws
from commonweal.simulate.health.care import Chart, add_drugs, add_measurements, add_procedures
from commonweal.simulate.health.illness import add_conditions, illness
from commonweal.simulate.health.rows import MINUTE, Rows
from commonweal.simulate.health.visits import add_encounters, visits
from commonweal.simulate.population import People


def deaths(draws: Draws, people: People, since: np.ndarray, until: np.ndarray) -> np.ndarray:
    """The day each dies, after `since` and before `until` (days since 1970), or -1 for those who live on: nearly all."""
    years = np.maximum(until - since - 2, 0) / 365.25
    hazard = 0.0012 * np.exp(0.075 * (people.age - 40)) * np.exp(0.35 * people.frailty)
    dies = draws.chance("dies", 1 - np.exp(-hazard * years), people.index)
    return np.where(dies, draws.between("day of death", since + 1, until - 1, people.index), -1)


def events(
    draws: Draws,
    people: People,
    participant: np.ndarray,
    site: pa.Array,
    *,
    last_day: np.ndarray,
    death_day: np.ndarray,
) -> pa.Table:
    """Everything written of these people up to `last_day` each, and their death (-1: alive); days since 1970.

    Columns: EVENT_SCHEMA without submission and position.
    """
    rows = Rows(participant, site, people.index)
    seen = visits(draws, people, last_day)
    ill = illness(draws, people, seen)
    add_encounters(draws, people, seen, rows)
    add_conditions(draws, people, seen, ill, rows)
    chart = Chart(draws, people, seen, ill, rows)
    add_drugs(chart)
    add_measurements(chart)
    add_procedures(chart)
    person = np.flatnonzero(death_day >= 0)
    minute = draws.between("minute of death", 0, 1439, people.index[person])
    start = death_day[person].astype("datetime64[D]").astype("datetime64[us]") + minute * MINUTE
    rows.add("Patient", person, np.zeros(len(person), dtype=np.int64), status="deceased", start=start)
    return rows.table()
