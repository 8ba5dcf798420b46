"""What rows say in words is numbered: each combination once, of columns that have few values, where there are many rows."""

import duckdb
import pytest

from commonweal.curation import wordings
from commonweal.omop.tables import tables

SPEC = tables()["measurement"]
OWN = {"measurement_id": "i", "person_id": "i % 9", "measurement_date": "DATE '2020-01-01' + (i % 7)::INTEGER"}
WORDS = {
    "measurement_concept_id": "3000000 + i % 4",
    "measurement_source_value": "CASE WHEN i % 4 > 0 THEN 'it''s ' || i % 4 END",
}


def query(rows, **columns):
    chosen = (
        {c.name: f"NULL::{'VARCHAR' if c.type == 'string' else 'BIGINT'}" for c in SPEC.columns} | OWN | WORDS | columns
    )
    told = ", ".join(f"{value} AS {name}" for name, value in {**chosen, "_source": "'site-' || i % 2"}.items())
    return f"SELECT {told} FROM (SELECT range AS i FROM range({rows}))"


@pytest.fixture
def con():
    with duckdb.connect() as con:
        yield con


@pytest.fixture
def numbered(con, monkeypatch):
    monkeypatch.setattr(wordings, "FEWEST", 100)

    def ask(sql):
        return wordings.numbered(con, SPEC, sql, ("_source",))

    return ask


def test_each_row_names_its_wording(con, numbered):
    sql = query(1000)
    rows, told = numbered(sql)
    words = [name for name, *_ in con.execute(f"DESCRIBE {told}").fetchall() if name != wordings.NUMBER]
    assert {"measurement_concept_id", "measurement_source_value", "_source"} <= set(words)
    assert not {"measurement_id", "person_id", "measurement_date"} & set(words)
    assert con.execute(f"SELECT count(*), min({wordings.NUMBER}), max({wordings.NUMBER}) FROM ({told})").fetchall() == [
        (4, 0, 3)
    ]
    columns = ", ".join(name for name, *_ in con.execute(f"DESCRIBE {sql}").fetchall())
    own = ", ".join(name if name not in words else f"w.{name}" for name in columns.split(", "))
    again = f"SELECT {own} FROM (SELECT * EXCLUDE ({', '.join(words)}) FROM ({rows})) r JOIN ({told}) w USING ({wordings.NUMBER})"
    for one, other in ((sql, again), (again, sql)):
        assert con.execute(
            f"SELECT count(*) FROM (SELECT {columns} FROM ({one}) EXCEPT ALL SELECT {columns} FROM ({other}))"
        ).fetchall() == [(0,)]


def test_no_row_is_lost_that_says_nothing_or_a_number_in_two_ways(con, numbered):
    odd = "CASE i % 4 WHEN 0 THEN -0.0 WHEN 1 THEN 0.0 WHEN 2 THEN 'nan'::DOUBLE END::DOUBLE"
    rows, told = numbered(query(1000, value_as_number=odd, value_as_concept_id="CASE WHEN i % 2 = 0 THEN 0 END"))
    assert "value_as_number" in [name for name, *_ in con.execute(f"DESCRIBE {told}").fetchall()]
    assert con.execute(f"SELECT count(*), count(DISTINCT measurement_id) FROM ({rows})").fetchall() == [(1000, 1000)]


def test_a_column_of_many_values_is_no_word(con, numbered):
    _, told = numbered(query(1000, value_as_number="i::DOUBLE", value_source_value="'patient ' || i"))
    words = {name for name, *_ in con.execute(f"DESCRIBE {told}").fetchall()}
    assert "measurement_concept_id" in words and not {"value_as_number", "value_source_value"} & words


def test_of_few_rows_none_are_numbered(numbered):
    assert numbered(query(99)) is None


def test_nor_where_there_are_more_than_can_be_found_at_once(numbered, monkeypatch):
    monkeypatch.setattr(wordings, "MOST", 3)
    assert numbered(query(1000)) is None


def test_a_table_without_them(con, tmp_path):
    assert wordings.columns(con, tmp_path / wordings.FILE) == ()
