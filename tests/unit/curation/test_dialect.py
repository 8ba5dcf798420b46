"""What is written otherwise than Ibis would, so that it runs faster, means the same."""

from datetime import date

import duckdb
import ibis
import pyarrow as pa
import pytest

from commonweal.curation.rules.base import written
from commonweal.curation.rules.dialect import COMPILER

ROWS = pa.table(
    {
        "day": pa.array([date(2024, 2, 28), date(1969, 12, 31), None, date(2025, 1, 1)]),
        "days": pa.array([2, -400, 3, None], pa.int64()),
        "number": pa.array([3, 17, None, 90], pa.int64()),
        "word": pa.array(["a", "it's", None, "z"]),
    }
)
TABLE = ibis.table(ibis.Schema.from_pyarrow(ROWS.schema), name="step")
WORDS = ["a", "b", "it's", "c", "d", "e"]
ASKED = {
    "less": TABLE.day - TABLE.days.as_interval("D"),
    "more": TABLE.day + TABLE.days.as_interval("D"),
    "fixed": TABLE.day + ibis.interval(days=55115),
    "years": TABLE.day + ibis.interval(years=151),
    "few": TABLE.number.isin([1, 3]),
    "some": TABLE.number.isin([1, 3, 5, 7, 9, 17]),
    "not some": ~TABLE.number.isin([1, 3, 5, 7, 9, 17]),
    "many": TABLE.number.isin(range(80)),
    "some words": TABLE.word.isin(WORDS),
    "many words": TABLE.word.isin([*WORDS, *map(str, range(20))]),
}


@pytest.mark.parametrize("name", ASKED)
def test_it_means_the_same(name):
    con = duckdb.connect()
    con.register("step", ROWS)
    as_it_is = (
        "x::DATE" if ASKED[name].type().is_date() else "x"
    )  # of a date and days DuckDB makes a moment, Ibis says a date
    expected = con.execute(
        f"SELECT {as_it_is} FROM ({ibis.to_sql(TABLE.select(x=ASKED[name]), dialect='duckdb')})"
    ).fetchall()
    (sql,) = written(TABLE, {"x": ASKED[name]}, COMPILER, "duckdb").values()
    assert (
        con.execute(
            f"SELECT {'x::DATE' if name == 'years' else 'x'} FROM (SELECT {sql} AS x FROM step AS t0)"
        ).fetchall()
        == expected
    )


def test_lists_of_some_length_are_no_joins():
    told = {name: written(TABLE, {"x": ASKED[name]}, COMPILER, "duckdb")["x"] for name in ("few", "some", "many")}
    assert [" IN " in sql for sql in told.values()] == [True, False, True]
