"""The tables of a submission, wherever they come from: events mapped to OMOP, or tables that came as such."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from django.utils import timezone

from commonweal import protocol
from commonweal.home import Home
from commonweal.omop import mapping, vocabulary
from commonweal.vault import columns
from commonweal.vault.records import store
from commonweal.vault.records.models import Submission
from commonweal.vault.records.quality.checks import FEMALE, MALE
from commonweal.vault.records.quality.examination import examine_tables
from commonweal.vault.records.quality.standards import Standards, standards

MEMORY = "512MB"  # beyond it DuckDB uses the working folder
FEW = 10_000  # resources that are read once and held in memory; of more, each step reads the files
MOST_UNMAPPED = 50
TABLES = "omop"  # the format of submissions that are tables already
_LOOKED_UP: dict[tuple[Any, ...], Standards] = {}
_SEX = {"male": MALE, "female": FEMALE}


def examine(home: Home, site: str, numbers: list[int]) -> dict[str, Any]:
    """The figures of these submissions of `site` together; the last one alone where they came as tables."""
    formats = dict(Submission.objects.filter(pk__in=numbers).values_list("id", "format"))
    tables = [number for number in numbers if formats.get(number) == TABLES]
    with connected(home) as con:
        if tables:
            return _look(con, home, _as_tables(con, home, site, tables[-1]))
        views = _as_events(con, home, site, numbers)
        told = _look(con, home, views)
        told["tables"] = [one for one in told["tables"] if one["table"] != "person"]  # the vault's, not the site's
        return told | {"unmapped": mapping.unmapped(con)[:MOST_UNMAPPED]}


@contextmanager
def connected(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with bounded memory and the program's vocabulary."""
    with store.spilling(home) as folder, vocabulary.connect(home) as con:
        spill = str(folder).replace("'", "''")
        con.execute(f"SET temp_directory = '{spill}'; SET memory_limit = '{MEMORY}'")
        con.execute("SET preserve_insertion_order = false")
        yield con


def _program(home: Home) -> protocol.Protocol:
    return protocol.load(home.protocol if (home.protocol / "program.toml").is_file() else protocol.DEFAULT)


def _look(con: duckdb.DuckDBPyConnection, home: Home, views: Mapping[str, str]) -> dict[str, Any]:
    return examine_tables(con, views, _standards(con, home), timezone.localdate())


def _standards(con: duckdb.DuckDBPyConnection, home: Home) -> Standards:
    """Those of the program: looked up in the vocabulary once a process, and again when either is another one."""
    program = _program(home)
    key = (program.folder, program.digest, vocabulary.digest(home))
    if key not in _LOOKED_UP:
        _LOOKED_UP.clear()
        _LOOKED_UP[key] = standards(con, program.quality, program.reference)
    return _LOOKED_UP[key]


def _as_tables(con: duckdb.DuckDBPyConnection, home: Home, site: str, number: int) -> Mapping[str, str]:
    from commonweal.vault.records.tables.store import views

    return views(con, home, {site: number})


def _as_events(con: duckdb.DuckDBPyConnection, home: Home, site: str, numbers: list[int]) -> Mapping[str, str]:
    """Views of the CDM over what these submissions brought, and of the people as the vault knows them."""
    current = store.current_events(con, home, site, submissions=numbers)
    kept = "TABLE" if _resources(numbers) <= FEW else "VIEW"
    con.execute(f"CREATE OR REPLACE TEMP {kept} q_events AS SELECT * FROM {current}")
    views = mapping.map_events(con, "q_events", local=_program(home).local_codes, as_of=date.today(), filled=True)
    con.register("q_people", people(con))
    return dict(views) | {"person": "q_people"}


def _resources(numbers: list[int]) -> int:
    """How many resources these submissions brought."""
    counts = Submission.objects.filter(pk__in=numbers).values_list("counts", flat=True)
    return sum(one.get("accepted", 0) for one in counts)


def people(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """person_id, gender_concept_id, birth_datetime, year_of_birth of the people in q_events, from their last profiles."""
    used = con.execute("SELECT DISTINCT participant FROM q_events").to_arrow_table()["participant"]
    span = pc.min_max(used).as_py()
    found = columns.read(
        f"""SELECT participant_id, birth_date, sex_at_birth FROM people_profile AS p
        WHERE participant_id BETWEEN {span["min"] or 0} AND {span["max"] or 0} AND NOT EXISTS (
            SELECT 1 FROM people_profile AS later WHERE later.participant_id = p.participant_id
            AND (later.authored_time > p.authored_time
                OR (later.authored_time = p.authored_time AND later.id > p.id)))"""
    )
    found = found.filter(pc.is_in(found["participant_id"], used.combine_chunks()))
    return pa.table(
        {
            "person_id": found["participant_id"].cast(pa.int64()),
            "gender_concept_id": pa.array([_SEX.get(sex, 0) for sex in found["sex_at_birth"].to_pylist()], pa.int64()),
            "birth_datetime": found["birth_date"].cast(pa.timestamp("us")),
            "year_of_birth": pc.year(found["birth_date"]),
        }
    )
