"""The health records of a set of simulated people, as one table of events."""

import numpy as np
import pyarrow as pa

from commonweal.simulate.draws import Draws
from commonweal.simulate.health.care import Chart, add_drugs, add_measurements, add_procedures
from commonweal.simulate.health.illness import add_conditions, illness
from commonweal.simulate.health.rows import MINUTE, Rows
from commonweal.simulate.health.visits import add_encounters, visits
from commonweal.simulate.population import People


def events(
    draws: Draws, people: People, participant: np.ndarray, site: pa.Array, *, last_day: np.ndarray, until: np.ndarray
) -> pa.Table:
    """Everything written of these people up to `last_day` each (day since 1970) or their death, which about 1 % meet
    between that day and `until`. Columns: EVENT_SCHEMA without submission and position."""
    rows = Rows(participant, site, people.index)
    seen = visits(draws, people, last_day)
    ill = illness(draws, people, seen)
    add_encounters(draws, people, seen, rows)
    add_conditions(draws, people, seen, ill, rows)
    chart = Chart(draws, people, seen, ill, rows)
    add_drugs(chart)
    add_measurements(chart)
    add_procedures(chart)
    _deaths(draws, people, rows, last_day, until)
    return rows.table()


def _deaths(draws: Draws, people: People, rows: Rows, last_day: np.ndarray, until: np.ndarray) -> None:
    years = np.maximum(until - last_day, 0) / 365.25
    hazard = 0.0012 * np.exp(0.075 * (people.age - 40)) * np.exp(0.35 * people.frailty)
    dies = draws.chance("dies", 1 - np.exp(-hazard * (years + 0.9)), people.index) & (until - last_day > 2)
    person = np.flatnonzero(dies)
    day = draws.between("day of death", last_day[person] + 1, until[person] - 1, people.index[person])
    minute = draws.between("minute of death", 0, 1439, people.index[person])
    start = day.astype("datetime64[D]").astype("datetime64[us]") + minute * MINUTE
    rows.add("Patient", person, np.zeros(len(person), dtype=np.int64), start=start)
