"""Run the extract and write it down: one Parquet file a table, with the figures of the extract beside them."""

import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from commonweal.curation import files, keys
from commonweal.curation.duck import quote
from commonweal.curation.extract.moment import Moment
from commonweal.curation.extract.people import load_people
from commonweal.curation.extract.person import load_person
from commonweal.curation.extract.records import load_records
from commonweal.curation.extract.repeated import leave_out_repeated
from commonweal.curation.extract.site_tables import load_site_tables
from commonweal.curation.extract.surveys import load_surveys
from commonweal.curation.extract.terms import load_terms
from commonweal.curation.extract.wearables import Wearables, found, load_wearables
from commonweal.home import Home
from commonweal.omop import mapping
from commonweal.omop import tables as cdm

if TYPE_CHECKING:
    from commonweal.cli.console import Console

TABLES = (
    "person",
    "person_ext",
    "visit_occurrence",
    "visit_detail",
    "condition_occurrence",
    "drug_exposure",
    "procedure_occurrence",
    "device_exposure",
    "measurement",
    "observation",
    "specimen",
    "death",
    "survey_conduct",
)
PROVENANCE = {"_source": "VARCHAR", "_language": "VARCHAR", "_version": "BIGINT"}  # beside the columns of a table
_SQL_TYPES = {"integer": "BIGINT", "float": "DOUBLE", "string": "VARCHAR", "date": "DATE", "datetime": "TIMESTAMP"}
_ASIDE = ("people", "gate")  # who they are, and what each lets through
WEARABLE_FOLDER = "wearables"
_DONE = "done.json"


@dataclass(frozen=True)
class RawExtract:
    """A finished raw extract: `folder` has TABLE.parquet for each of `rows` and people.parquet (see extract/people.py)."""

    folder: Path
    rows: dict[str, int]
    digests: dict[str, str]
    figures: dict[str, Any]

    def path(self, table: str) -> Path:
        return self.folder / f"{table}.parquet"

    @cached_property
    def wearables(self) -> Wearables:
        return found(self.folder / WEARABLE_FOLDER)


def extract(
    con: duckdb.DuckDBPyConnection, home: Home, moment: Moment, folder: Path, key: str, console: "Console"
) -> RawExtract:
    """The raw extract of `moment`; one that is finished under the same `key` (digest of all inputs) is taken as it is."""
    done = folder / _DONE
    if done.is_file() and (state := files.load_json(done))["key"] == key:
        return RawExtract(folder, state["rows"], state["digests"], state["figures"])
    done.unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    load_terms(con, home)
    mapping.load_systems(con)
    figures = {"people": load_people(con, moment)}
    _empty(con, "observation")
    figures |= load_surveys(con, home, moment, console)
    load_person(con)
    figures |= load_records(con, home, moment, console)
    figures |= load_site_tables(con, home, moment, TABLES, console)
    figures |= leave_out_repeated(con, home, moment)
    figures |= _wearables(con, home, moment, folder, console)
    return _write(con, folder, key, figures)


def _wearables(
    con: duckdb.DuckDBPyConnection, home: Home, moment: Moment, folder: Path, console: "Console"
) -> dict[str, Any]:
    """Written at once, since they are too large to wait in memory; figures: rows, and whose devices they are."""
    place = folder / WEARABLE_FOLDER
    shutil.rmtree(place, ignore_errors=True)
    told = load_wearables(con, home, moment, place, keys.order_salt(home, "wearable parts"), console)
    sources = con.execute("SELECT DISTINCT provider FROM wearing ORDER BY 1").fetchall()
    return {"wearable_rows": sum(told.rows.values()), "wearable_sources": [provider for (provider,) in sources]}


def _empty(con: duckdb.DuckDBPyConnection, table: str) -> None:
    columns = [(c.name, _SQL_TYPES[c.type]) for c in cdm.tables()[table].columns] + list(PROVENANCE.items())
    con.execute(f"CREATE OR REPLACE TABLE raw_{table} ({', '.join(f'{name} {kind}' for name, kind in columns)})")


def _write(con: duckdb.DuckDBPyConnection, folder: Path, key: str, figures: dict[str, Any]) -> RawExtract:
    rows, digests = {}, {}
    for table in (*TABLES, *_ASIDE):
        path = folder / f"{table}.parquet"
        source = table if table in _ASIDE else _conformed(con, table)
        form = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1"
        rows[table] = con.execute(f"COPY (FROM {source}) TO {quote(path)} ({form})").fetchall()[0][0]
        path.chmod(0o600)
        digests[table] = files.sha256(path)
    for table, parts in found(folder / WEARABLE_FOLDER).parts.items():
        digests[table] = files.digest([[p.name, files.sha256(p)] for part in parts for p in part])
    rows |= found(folder / WEARABLE_FOLDER).rows
    _forget(con)
    files.save_json(folder / _DONE, {"key": key, "rows": rows, "digests": digests, "figures": figures}, 0o600)
    return RawExtract(folder, rows, digests, figures)


def _forget(con: duckdb.DuckDBPyConnection) -> None:
    """Give back the memory of the tables that are now on disk."""
    kept = (*_ASIDE, "concept", "concept_relationship", "concept_ancestor", "concept_synonym", "vocabulary")
    for name, temporary in con.execute("SELECT table_name, temporary FROM duckdb_tables()").fetchall():
        if temporary or name not in kept:
            con.execute(f"DROP TABLE {name}")


def _conformed(con: duckdb.DuckDBPyConnection, table: str) -> str:
    """A view of `raw_TABLE` with all columns of the table, in the order and types of the specification."""
    spec = cdm.tables()[table]
    there = {name for name, *_ in con.execute(f"DESCRIBE raw_{table}").fetchall()}
    unknown = there - {c.name for c in spec.columns} - set(PROVENANCE)
    if unknown:
        raise AssertionError(f"{table} has columns outside its specification: {sorted(unknown)}")
    columns = [(c.name, _SQL_TYPES[c.type]) for c in spec.columns] + list(PROVENANCE.items())
    chosen = [f"{name if name in there else 'NULL'}::{kind} AS {name}" for name, kind in columns]
    con.execute(f"CREATE OR REPLACE TEMP VIEW conformed_{table} AS SELECT {', '.join(chosen)} FROM raw_{table}")
    return f"conformed_{table}"
