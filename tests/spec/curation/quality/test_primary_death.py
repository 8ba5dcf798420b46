"""Of several deaths of one person one counts (CalculatePrimaryDeathRecord)."""

from datetime import date, datetime

import duckdb
import pyarrow as pa
import pytest

from commonweal.curation.extract.deaths import primary

DAY, LATER = date(2020, 3, 1), date(2020, 3, 2)
MORNING, NIGHT = datetime(2020, 3, 1, 8), datetime(2020, 3, 1, 22)


def _chosen(told):
    rows = [
        {"person_id": 1, "death_date": day, "death_datetime": moment, "_source": source} for day, moment, source in told
    ]
    con = duckdb.connect()
    kinds = {"person_id": pa.int64(), "death_date": pa.date32(), "death_datetime": pa.timestamp("us")}
    con.register("told", pa.Table.from_pylist(rows, pa.schema([*kinds.items(), ("_source", pa.string())])))
    return [row[1:] for row in con.execute(primary("(FROM told)")).fetchall()]


@pytest.mark.parametrize(
    "told",
    [  # the first of each counts
        [(DAY, None, "b"), (LATER, MORNING, "a")],  # the earliest day
        [(LATER, None, "b"), (DAY, MORNING, "PPI")],  # records before the program's own note
        [(DAY, MORNING, "b"), (DAY, NIGHT, "a"), (DAY, None, "a")],  # the earliest moment, where there is one
        [(DAY, MORNING, "a"), (DAY, MORNING, "b")],  # the source first by name
        [(DAY, None, "b"), (None, None, "a")],  # without a date there is no death
        [(DAY, None, "b"), (date(1970, 1, 1), None, "a")],  # nothing is believed of that year
        [(date(1970, 1, 1), None, "a")],
    ],
)
def test_which_death_counts(told):
    assert _chosen(told) == _chosen(told[::-1]) == [told[0]]


def test_deaths_without_a_date_are_none():
    assert _chosen([(None, None, "a")]) == []
