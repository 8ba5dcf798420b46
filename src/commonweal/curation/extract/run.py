"""Run the extract and write it down: for each table a grid of Parquet files (see parts.py), with the figures beside them."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from commonweal import files
from commonweal.curation import crosswalk, keys, parts, referring, wordings
from commonweal.curation.duck import quote
from commonweal.curation.extract.backfill import backfill
from commonweal.curation.extract.moment import Moment
from commonweal.curation.extract.people import load_people
from commonweal.curation.extract.person import load_person
from commonweal.curation.extract.records import load_records
from commonweal.curation.extract.repeated import leave_out_repeated
from commonweal.curation.extract.site_tables import load_site_tables
from commonweal.curation.extract.surveys import load_surveys
from commonweal.curation.extract.terms import load_terms
from commonweal.curation.extract.wearables import largest, load_wearables
from commonweal.home import Home
from commonweal.omop import mapping
from commonweal.omop import tables as cdm
from commonweal.omop.tables import WEARABLES, Table
from commonweal.protocol.privacy import TierPrivacy

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
EVERY = (*TABLES, *WEARABLES)
TIE = "_tie"  # beside the columns of a table that has ids of its own: a secret order of rows alike in all else
_DONE = "done.json"


@dataclass(frozen=True)
class RawExtract:
    """A finished raw extract: `folder` has a grid for each table of `rows`, people.parquet and gate.parquet (see extract/people.py).

    `parts`: how many parts each tier is built in; `crosswalk`: participant, the research id in each tier, shift.
    """

    folder: Path
    rows: dict[str, int]
    parts: int
    figures: dict[str, Any]
    crosswalk: pa.Table

    def source(self, table: str, tier: str | None = None, part: int | None = None) -> str:
        """SQL of the raw rows of a table, of all people or of one part of a tier."""
        return parts.source(parts.files(self.folder / table, tier, part))

    def wordings(self, table: str) -> Path:
        """Where the wordings of a raw table are, if they are numbered (wordings.py)."""
        return self.folder / table / wordings.FILE

    def empty(self, table: str) -> set[str]:
        """The columns of a table that have no value in any row."""
        return parts.empty(self.folder / table)


def extract(
    con: duckdb.DuckDBPyConnection,
    home: Home,
    moment: Moment,
    folder: Path,
    key: str,
    console: "Console",
    *,
    privacy: TierPrivacy,
    seed: int | None = None,
) -> RawExtract:
    """The raw extract of `moment`; one that is finished under the same `key` (digest of all inputs) is taken as it is.

    Everyone in it has research ids and a date shift afterwards (within the bounds of `privacy`; `seed`: of simulated people).
    """
    done = folder / _DONE
    if done.is_file() and (state := files.load_json(done))["key"] == key:
        given = crosswalk.load_of(home, pq.read_table(folder / "people.parquet", columns=["person_id"])["person_id"])
        parts.deal(con, given, state["parts"])
        return RawExtract(folder, state["rows"], state["parts"], state["figures"], given)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    load_terms(con, home)
    mapping.load_systems(con)
    figures: dict[str, Any] = {"people": load_people(con, moment)}
    given = _known(con, home, seed, privacy)
    number = parts.how_many(len(given), largest(home))
    parts.deal(con, given, number)
    parts.prepare(con, number)
    _empty(con, "observation")
    figures |= load_surveys(con, home, moment, console)
    load_person(con)
    figures |= backfill(con, home, privacy.answers)
    figures |= load_records(con, home, moment, console)
    figures |= load_site_tables(con, home, moment, TABLES, console)
    figures |= leave_out_repeated(con, home, moment)
    figures |= _wearables(con, home, moment, folder, console)
    console.say("Sorting the facts")
    rows = _write(con, folder, keys.order_salt(home, "rows"))
    figures["wearable_rows"] = sum(rows[table] for table in WEARABLES)
    files.sync(folder, *folder.rglob("*"))
    files.save_json(done, {"key": key, "rows": rows, "parts": number, "figures": figures}, files.PRIVATE)
    return RawExtract(folder, rows, number, figures, given)


def _known(con: duckdb.DuckDBPyConnection, home: Home, seed: int | None, privacy: TierPrivacy) -> pa.Table:
    ids = con.execute("SELECT person_id FROM people ORDER BY 1").to_arrow_table()["person_id"].combine_chunks()
    return crosswalk.ensure(home, ids, seed, privacy.date_shift_days_min, privacy.date_shift_days_max)


def _wearables(
    con: duckdb.DuckDBPyConnection, home: Home, moment: Moment, folder: Path, console: "Console"
) -> dict[str, Any]:
    """Written at once, since they are too large to wait in memory; figures: whose devices they are."""
    load_wearables(con, home, moment, folder, console)
    sources = con.execute("SELECT DISTINCT provider FROM wearing ORDER BY 1").fetchall()
    return {"wearable_sources": [provider for (provider,) in sources]}


def _empty(con: duckdb.DuckDBPyConnection, table: str) -> None:
    columns = [(c.name, _SQL_TYPES[c.type]) for c in cdm.tables()[table].columns] + list(PROVENANCE.items())
    con.execute(f"CREATE OR REPLACE TABLE raw_{table} ({', '.join(f'{name} {kind}' for name, kind in columns)})")


def _write(con: duckdb.DuckDBPyConnection, folder: Path, salt: str) -> dict[str, int]:
    """Write what is in the engine; rows of each table, those of wearables (written before) among them."""
    for table, query in referring.placed(con, {table: _tied(con, table, salt) for table in TABLES}).items():
        write_numbered(con, cdm.tables()[table], query, folder / table)
    for table in _ASIDE:
        con.execute(f"COPY (FROM {table}) TO {quote(folder / f'{table}.parquet')} (FORMAT parquet, COMPRESSION zstd)")
    for path in folder.rglob("*.parquet"):
        path.chmod(0o600)
    _forget(con)
    return {t: sum(pq.read_metadata(path).num_rows for path in parts.files(folder / t)) for t in EVERY}


def _tied(con: duckdb.DuckDBPyConnection, table: str, salt: str) -> str:
    key = cdm.tables()[table].columns[0]
    tie = f", (hash({key.name}, {quote(salt)}) >> 1)::BIGINT AS {TIE}" if key.privacy == "row_id" else ""
    return f"SELECT *{tie} FROM {_conformed(con, table)}"


def write_numbered(con: duckdb.DuckDBPyConnection, spec: Table, query: str, folder: Path) -> None:
    """Write the raw rows of a table into its grid, with their wordings beside it."""
    found = wordings.numbered(con, spec, query, tuple(PROVENANCE))
    parts.write(con, found[0] if found else query, folder)
    if found:
        con.execute(f"COPY ({found[1]}) TO {quote(folder / wordings.FILE)} (FORMAT parquet, COMPRESSION zstd)")


def _forget(con: duckdb.DuckDBPyConnection) -> None:
    """Give back the memory of the tables that are now on disk."""
    kept = (*_ASIDE, "parts", "concept", "concept_relationship", "concept_ancestor", "concept_synonym", "vocabulary")
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
