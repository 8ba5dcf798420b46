"""SQL for OMOP databases elsewhere: on a real PostgreSQL it finds the people that DuckDB finds, from the same tables.

The server is the one of `tests/postgres tests/run research tests/integration/commons/test_sql_elsewhere.py`.
"""

import io
import json
import os

import duckdb
import pytest
import sqlglot

from commonweal import commons
from commonweal.commons.cohort.circe import import_circe
from commonweal.commons.cohort.database import DIALECTS
from commonweal.commons.cohort.database import sql as sql_of
from commonweal.commons.cohort.definition import parse
from commonweal.errors import BadInput
from commonweal.omop.tables import tables
from tests.circe_expressions import ACETAMINOPHEN, CELECOXIB, GASTRO, SINUSITIS
from tests.integration.commons.circe_examples import BLEEDS_AFTER_SINUSITIS, NEW_USERS_WHO_BLED

URL = os.environ.get("COMMONWEAL_TEST_POSTGRES_URL")
LOADED = (
    "person", "observation_period", "visit_occurrence", "condition_occurrence", "drug_exposure", "procedure_occurrence",
    "measurement", "condition_era", "drug_era", "death", "concept_ancestor",
)  # fmt: skip
_KINDS = {"integer": "bigint", "float": "numeric", "string": "text", "date": "date", "datetime": "timestamp"}
DEFINITIONS = {
    "new users": lambda: import_circe(json.dumps(NEW_USERS_WHO_BLED)).definition,
    "bleeds": lambda: import_circe(json.dumps(BLEEDS_AFTER_SINUSITIS)).definition,
    "groups": lambda: parse(
        {
            "version": 1,
            "include": [
                {"any": [{"type": "condition", "concepts": [GASTRO], "age": {"min": 40}, "start": {"to": "2015-01-01"}}]},
                {"any": [{"type": "drug", "concepts": [ACETAMINOPHEN], "at_least": 2, "columns": [
                    {"column": "days_supply", "min": 1}]}]},
                {"any": [{"type": "group", "at_least": 1, "of": [
                    {"type": "drug_era", "concepts": [CELECOXIB], "pick": "first", "length": {"min": 1}},
                    {"type": "person", "gender": [8532], "age_at": {"date": "2015-01-01", "min": 30}}]}]},
            ],
            "exclude": [{"any": [{"type": "condition", "concepts": [SINUSITIS], "at_least": 8, "count": "events"}]}],
        }
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def gibleed(shared_data):
    folder = shared_data / "omop" / "GiBleed_5.3_parquet"
    if not folder.is_dir():
        pytest.skip("the GiBleed tables are not there")
    return folder


@pytest.fixture(scope="module")
def server(gibleed):
    """A PostgreSQL with the tables of CDM 5.4 in schema cdm, filled from Eunomia."""
    if not URL:
        pytest.skip("no PostgreSQL server here: run it beside tests/postgres")
    import psycopg

    with psycopg.connect(URL, autocommit=True) as con, duckdb.connect() as reader:
        con.execute("CREATE SCHEMA cdm")
        for name in LOADED:
            file = gibleed / f"{name}.parquet"
            there = {c.lower(): c for c, *_ in reader.execute(f"DESCRIBE FROM '{file}'").fetchall()}
            spec = tables()[name].columns
            con.execute(f"CREATE TABLE cdm.{name} ({', '.join(f'{c.name} {_KINDS[c.type]}' for c in spec)})")
            shared = [c.name for c in spec if c.name in there]
            rows = reader.execute(f"SELECT {', '.join(there[c] for c in shared)} FROM '{file}'").fetch_df()
            text = io.StringIO()
            integers = {c.name for c in spec if c.type == "integer"}
            for column in integers & set(rows.columns):
                rows[column] = rows[column].astype("Int64")
            rows.to_csv(text, index=False, header=False)
            with con.cursor().copy(f"COPY cdm.{name} ({', '.join(shared)}) FROM STDIN (FORMAT csv)") as copy:
                copy.write(text.getvalue())
        con.execute("CREATE INDEX ON cdm.concept_ancestor (ancestor_concept_id); ANALYZE")
        yield con
        con.execute("DROP SCHEMA cdm CASCADE")


@pytest.mark.parametrize("name", DEFINITIONS)
def test_postgresql_finds_whom_duckdb_finds(server, gibleed, name):
    cohort = commons.open(gibleed).cohort(DEFINITIONS[name]())
    found = server.execute(cohort.sql("postgres", schema="cdm")).fetchall()
    here = cohort.persons().to_pydict()
    assert len(found) > 20
    assert sorted(found) == sorted(zip(*here.values(), strict=True))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_is_whole_sql_over_tables_of_the_cdm(dialect):
    made = sql_of(DEFINITIONS["groups"](), dialect, "cdm")
    read = {"sqlserver": "tsql", "spark": "databricks"}.get(dialect, dialect)
    tree = sqlglot.parse_one(made, read=read)
    named = {table.name.lower() for table in tree.find_all(sqlglot.exp.Table) if table.db}
    assert named == {"person", "condition_occurrence", "drug_exposure", "drug_era", "concept_ancestor"}
    assert {table.db for table in tree.find_all(sqlglot.exp.Table) if table.db} == {"cdm"}


def test_what_is_no_dialect_and_no_schema_is_refused():
    definition = parse({"version": 1})
    with pytest.raises(BadInput, match="use one of bigquery"):
        sql_of(definition, "oracle'; DROP TABLE person --")
    with pytest.raises(BadInput, match="plain name"):
        sql_of(definition, "postgres", 'cdm"; DROP TABLE person --')


def test_a_wearable_is_no_table_of_the_cdm():
    wearable = {"version": 1, "include": [{"any": [{"type": "wearable", "signal": "steps"}]}]}
    with pytest.raises(BadInput, match="OMOP CDM"):
        sql_of(parse(wearable), "postgres")
