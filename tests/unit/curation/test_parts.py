"""The grid of cells in which raw rows lie, and what is told of it when it is written."""

import re

import duckdb
import pyarrow as pa

from commonweal.curation import parts

ROWS = """
SELECT p AS person_id, NULL::DATE AS never, CASE WHEN p = 7 THEN 'said' END AS once, 'nan'::DOUBLE AS no_number,
CASE WHEN p = 3 THEN 1 END AS later FROM range({}, {}) t(p)
"""


def dealt(people):
    con = duckdb.connect()
    ids = pa.array(range(people), pa.int64())
    parts.deal(con, pa.table({"participant": ids, "registered": ids, "controlled": pa.array(ids[::-1])}), 3)
    return con


def test_columns_without_a_value_in_any_cell(tmp_path):
    con = dealt(12)
    parts.write(con, ROWS.format(4, 12), tmp_path, "first-")
    assert parts.empty(tmp_path) == {"never", "later"}
    parts.write(con, ROWS.format(0, 4), tmp_path, "second-")
    assert parts.empty(tmp_path) == {"never"}
    assert con.execute(f"SELECT count(*) FROM {parts.source(parts.files(tmp_path))}").fetchall() == [(12,)]


def test_the_engine_guesses_how_many_rows_there_are(tmp_path):
    """It goes by the first file: were that the empty one, it would put the rows themselves in memory to be searched."""
    con = dealt(30_000)
    parts.write(con, ROWS.format(0, 30_000), tmp_path)
    told = con.execute(f"EXPLAIN FROM {parts.source(parts.files(tmp_path, 'registered', 1))}").fetchall()[0][1]
    assert int(re.search(r"~([\d,]+) rows", told)[1].replace(",", "")) >= 10_000


def test_nothing_is_called_empty_where_it_was_not_told(tmp_path):
    con = dealt(12)
    parts.write(con, ROWS.format(0, 12), tmp_path)
    (tmp_path / parts.FILLED).unlink()
    assert parts.empty(tmp_path) == set()


def test_without_rows_all_is_empty(tmp_path):
    parts.write(dealt(12), ROWS.format(5, 5), tmp_path)
    assert parts.empty(tmp_path) == {"person_id", "never", "once", "no_number", "later"}


def test_how_many_parts_a_table_has_rows_of(tmp_path):
    assert [parts.number(tmp_path, tier) for tier in parts.TIERS] == [1, 1]
    # of three parts: the first two of one tier, the last two of the other
    parts.write(dealt(12), ROWS.format(0, 5), tmp_path)
    assert [parts.number(tmp_path, tier) for tier in parts.TIERS] == [2, 3]
