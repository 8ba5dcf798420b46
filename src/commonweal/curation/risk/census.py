"""People of the population by state, sex, race and age, from a census that the program brought in (`reference import census`).

Columns of the table: state_name, sex (All, Female, Male), age (a band such as 35-44, or 85+), population,
race_category_id. Bands differ by race, and may not overlap within one state, sex and race.

Assumption: within a band people are spread evenly over its years of age, and whoever is of the open band (85+) over 15
years. So a year of birth stands for the band's people divided by its years; the true number is now higher, now lower.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

import duckdb
import pyarrow as pa

from commonweal.errors import BadInput
from commonweal.protocol.reference import ReferenceTable
from commonweal.protocol.states import CODES

KIND = "census"
OPEN_BAND_YEARS = 15
_AGES = re.compile(r"(\d{1,3})(?:-(\d{1,3})|\+)")


class Band(NamedTuple):
    """People of one state (postal code), sex and race of ages `low` to `high` (years, both in it)."""

    state: str
    sex: str
    race: str
    low: int
    high: int
    people: float


def load(con: duckdb.DuckDBPyConnection, table: ReferenceTable) -> None:
    """Table `census` on `con`: state, sex, race, age, people (of one year of age). BadInput for what is no such table."""
    bands = pa.Table.from_pylist([one._asdict() for one in read(table)])
    con.register("census_bands", bands)
    con.execute("""CREATE OR REPLACE TEMP TABLE census AS
    SELECT state, sex, race, unnest(range(low, high + 1)) AS age, people / (high - low + 1) AS people FROM census_bands""")
    con.unregister("census_bands")


def read(table: ReferenceTable) -> list[Band]:
    """The bands of a census table; sums over all ages, and places that are no state, are left out."""
    found = [_band(row) for row in table.rows if row.get("age") != "All" and row.get("state_name") in CODES]
    if not found:
        raise BadInput("reference/census.csv: no row of it names a state and an age")
    _check_apart(sorted(found))
    return found


def _band(row: dict[str, str]) -> Band:
    ages = _AGES.fullmatch(row["age"])
    if ages is None:
        raise BadInput("reference/census.csv: an age is neither a band such as 35-44 nor open such as 85+")
    low = int(ages[1])
    high = int(ages[2]) if ages[2] else low + OPEN_BAND_YEARS - 1
    try:
        people = float(row["population"])
    except ValueError:
        raise BadInput("reference/census.csv: a population is no number") from None
    if high < low or not 0 <= people < 1e10:
        raise BadInput("reference/census.csv: an age band ends before it begins, or a population cannot be")
    return Band(CODES[row["state_name"]], row["sex"], row["race_category_id"], low, high, people)


def _check_apart(bands: Iterable[Band]) -> None:
    last: Band | None = None
    for one in bands:
        if last is not None and one[:3] == last[:3] and one.low <= last.high:
            raise BadInput(f"reference/census.csv: bands overlap in {one.state} ({one.low} to {one.high} years)")
        last = one
