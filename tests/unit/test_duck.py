"""Connections that share an engine are as good as engines of their own: none sees anything of another."""

import duckdb
import pyarrow as pa
import pytest

from commonweal import duck

MADE = {
    "a table": "CREATE TABLE made AS SELECT 1 AS n",
    "a view": "CREATE VIEW made AS SELECT 1 AS n",
    "a temporary table": "CREATE TEMP TABLE made AS SELECT 1 AS n",
    "a macro": "CREATE MACRO made() AS TABLE SELECT 1 AS n",
}


@pytest.mark.parametrize("statement", MADE.values(), ids=MADE)
def test_what_one_makes_no_other_sees_and_it_ends_with_it(statement):
    name = "made()" if "MACRO" in statement else "made"
    with duck.passing() as one, duck.passing() as other:
        one.execute(statement)
        with pytest.raises(duckdb.CatalogException):
            other.execute(f"FROM {name}")
        other.execute(statement.replace("1 AS n", "2 AS n"))
        assert [con.execute(f"FROM {name}").fetchall() for con in (one, other)] == [[(1,)], [(2,)]]
    with duck.passing() as later, pytest.raises(duckdb.CatalogException):
        later.execute(f"FROM {name}")


def test_tables_and_settings_are_its_own():
    with duck.passing() as one, duck.passing() as other:
        for con, zone, n in ((one, "Asia/Tokyo", 1), (other, "UTC", 2)):
            con.execute(f"SET TimeZone = '{zone}'")
            con.register("given", pa.table({"n": [n]}))
        for con, zone, n in ((one, "Asia/Tokyo", 1), (other, "UTC", 2)):
            assert con.execute("SELECT n, current_setting('TimeZone') FROM given").fetchall() == [(n, zone)]


def test_nothing_stays_though_a_question_failed_or_was_left_half_read():
    def databases():
        with duck.passing() as con:
            return [name for (name,) in con.execute("SELECT database_name FROM duckdb_databases()").fetchall()]

    before = len(databases())
    with pytest.raises(duckdb.Error), duck.passing() as con:
        con.execute("SELECT no_such_column")
    with duck.passing() as con:
        con.execute("FROM range(1000000)").fetchone()
    with pytest.raises(ZeroDivisionError), duck.passing() as con:
        con.execute("BEGIN")
        con.execute("CREATE TABLE made (n INTEGER)")
        raise ZeroDivisionError
    assert len(databases()) == before
