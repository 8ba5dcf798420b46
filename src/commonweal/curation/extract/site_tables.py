"""Tables that sites sent in OMOP form -> the raw tables, beside what came as FHIR.

A concept that is not standard is followed by 'Maps to', and one of 0 from what the site used as its source; several targets
make several rows, and the domain of the target decides the table, as for FHIR. A concept that the vocabulary does not know
is 0, and counted. What names no row here (providers, places of care, rows of other tables) is left out.

Raw id: 1 << 62 | submission << 38 | table << 34 | row << 4 | target: above all ids of FHIR, whose own bit 62 is not set, and
of surveys, which are negative or small.
"""

from typing import TYPE_CHECKING

import duckdb

from commonweal.curation.extract import deaths
from commonweal.curation.extract.moment import Moment
from commonweal.curation.extract.site_shapes import DOMAINS, SHAPES, Shape
from commonweal.home import Home
from commonweal.omop import submission

if TYPE_CHECKING:
    from commonweal.cli.console import Console

SITE_BIT = 1 << 62
TARGETS = 16  # rows that one row may make: four bits of its id
_NOT_FOLLOWED = (
    "provider_id",
    "care_site_id",
    "preceding_visit_occurrence_id",
    "preceding_visit_detail_id",
    "parent_visit_detail_id",
    "measurement_event_id",
    "meas_event_field_concept_id",
    "observation_event_id",
    "obs_event_field_concept_id",
)


def raw_id(table: str, row: str = "s", target: str = "0") -> str:
    """SQL for the raw id of a row of `table`."""
    number = submission.stored().index(table)
    return f"({SITE_BIT} + ({row}._submission << 38) + ({number}::BIGINT << 34) + ({row}._row << 4) + {target})"


def place_of(raw: int) -> dict[str, int | str] | None:
    """Submission, table and row (from 0) of a raw id; None for one that is not of a site's tables."""
    if raw < SITE_BIT:
        return None
    rest = raw - SITE_BIT
    return {
        "submission": rest >> 38,
        "table": submission.stored()[rest >> 34 & 15],
        "row": rest >> 4 & (1 << 30) - 1,
    }


def load_site_tables(
    con: duckdb.DuckDBPyConnection, home: Home, moment: Moment, tables: tuple[str, ...], console: "Console"
) -> dict[str, int]:
    """Add the rows that the gate lets through to `raw_TABLE` of `tables`; figures: rows, and rows without a concept."""
    from commonweal.vault.records.tables import store

    if not store.latest(known_at=moment.known_at):
        return {"site_rows": 0, "site_rows_without_concept": 0}
    views = store.current_tables(con, home, known_at=moment.known_at)
    there = {name for (name,) in con.execute("SELECT view_name FROM duckdb_views() WHERE temporary").fetchall()}
    wanted = [t for t in tables if t in views and (t == "observation" or f"raw_{t}" in there)]  # persons are known here
    with console.progress("Tables of sites", 2 * len(wanted)) as step:
        for table in wanted:
            _prepare(con, table, views, moment, wanted)
            step.advance()
        for table in wanted:
            _add(con, table, wanted)
            step.advance()
    return _figures(con, [t for t in wanted if t in SHAPES])


def _prepare(
    con: duckdb.DuckDBPyConnection, table: str, views: dict[str, str], moment: Moment, wanted: list[str]
) -> None:
    """Make the view `sited_TABLE`: columns of the model with raw ids, and where each row goes."""
    spec, shape = submission.tables()[table], SHAPES.get(table)
    chosen = {c.name: f"s.{c.name}" for c in spec.kept if c.name not in _NOT_FOLLOWED}
    chosen |= _known(spec, chosen, _strange(con, table, views[table]))
    joins, goes_to, target = _follow(spec, chosen, views, wanted), f"'{table}'", "0"
    if shape:
        joins += f" LEFT JOIN targets AS t ON t.source_id = if(s.{shape.concept} <> 0, s.{shape.concept}, s.{shape.source_concept})"
        joins += f" AND t.target_no < {TARGETS}"
        cases = " ".join(f"WHEN '{domain}' THEN '{other}'" for domain, other in DOMAINS.items() if other in wanted)
        goes_to, target = f"CASE t.domain_id {cases} ELSE '{table}' END", "coalesce(t.target_no, 0)"
        chosen[shape.concept] = "coalesce(t.target_id, 0)"
    if spec.key and spec.key.name != "person_id":
        chosen[spec.key.name] = raw_id(table, "s", target)
    columns = ", ".join(f"{sql} AS {name}" for name, sql in chosen.items())
    con.execute(f"""CREATE OR REPLACE TEMP VIEW sited_{table} AS SELECT {columns}, s._site AS _source, {goes_to} AS goes_to
        FROM {views[table]} AS s JOIN gate AS g ON g.person_id = s.person_id AND g.ehr{joins}
        WHERE s.{spec.start.name} < DATE '{moment.cutoff_end.date()}'""")  # type: ignore[union-attr]


def _known(spec: submission.Table, chosen: dict[str, str], strange: str) -> dict[str, str]:
    """Concepts as they are, but for those that the vocabulary does not know."""
    found = {}
    for column in spec.concepts if strange else ():
        if column.name in chosen:
            otherwise = "0" if column.required or column.domain == "source" else "NULL"
            found[column.name] = f"CASE WHEN s.{column.name} IN ({strange}) THEN {otherwise} ELSE s.{column.name} END"
    return found


def _follow(spec: submission.Table, chosen: dict[str, str], views: dict[str, str], wanted: list[str]) -> str:
    """The joins by which the rows that a row names are found; `chosen` gets their raw ids."""
    joins = ""
    for column in spec.references:
        if column.name not in chosen:
            continue
        if column.key not in wanted:
            del chosen[column.name]
            continue
        alias = f"r_{column.key}"
        joins += f" LEFT JOIN {views[column.key]} AS {alias} ON {alias}._submission = s._submission"
        joins += f" AND {alias}.{column.key}_id = s.{column.name}"
        chosen[column.name] = f"CASE WHEN {alias}._row IS NOT NULL THEN {raw_id(column.key, alias)} END"
    return joins


def _strange(con: duckdb.DuckDBPyConnection, table: str, view: str) -> str:
    """The concepts in a table that the vocabulary does not know, as a SQL list."""
    columns = [c.name for c in submission.tables()[table].concepts]
    used = " UNION ".join(f"SELECT DISTINCT {name} AS concept FROM {view} WHERE {name} <> 0" for name in columns)
    found = con.execute(
        f"SELECT concept FROM ({used}) ANTI JOIN concept AS c ON c.concept_id = concept ORDER BY 1"
    ).fetchall()
    return ", ".join(str(concept) for (concept,) in found)


def _add(con: duckdb.DuckDBPyConnection, table: str, wanted: list[str]) -> None:
    """Put the rows of all tables that go to `table` beside those of `raw_TABLE`."""
    if table == "death":
        return _add_deaths(con)
    own = f"SELECT * EXCLUDE (goes_to) FROM sited_{table} WHERE goes_to = '{table}'"
    others = [
        _moved(SHAPES[o], SHAPES[table], o, table) for o in wanted if o != table and o in SHAPES and table in SHAPES
    ]
    added = " UNION ALL BY NAME ".join([own, *others])
    if table == "observation":
        con.execute(f"INSERT INTO raw_observation BY NAME ({added})")
        return
    con.execute(f"ALTER VIEW raw_{table} RENAME TO records_{table}")
    con.execute(f"CREATE OR REPLACE TEMP VIEW raw_{table} AS FROM records_{table} UNION ALL BY NAME ({added})")


def _moved(came: Shape, goes: Shape, table: str, target: str) -> str:
    """The rows of a table that belong in another one, with the columns that both have a word for."""
    pairs = [(getattr(goes, field), getattr(came, field)) for field in Shape.FIELDS]
    columns = {to: source for to, source in pairs if to and source}
    columns |= {goes.end: f"coalesce({columns.get(goes.end, 'NULL')}, {came.start})"} if goes.end_needed else {}
    listed = ", ".join(f"{source} AS {to}" for to, source in columns.items())
    return f"SELECT person_id, {listed}, _source FROM sited_{table} WHERE goes_to = '{target}'"


def _add_deaths(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("ALTER VIEW raw_death RENAME TO records_death")
    told = "(FROM records_death UNION ALL BY NAME SELECT * EXCLUDE (goes_to) FROM sited_death)"
    con.execute(f"CREATE OR REPLACE TEMP VIEW raw_death AS {deaths.primary(told)}")


def _figures(con: duckdb.DuckDBPyConnection, tables: list[str]) -> dict[str, int]:
    counted = " UNION ALL ".join(f"SELECT {SHAPES[t].concept} AS concept FROM sited_{t}" for t in tables)
    rows, without = con.execute(f"SELECT count(*), count(*) FILTER (concept = 0) FROM ({counted})").fetchall()[0]
    return {"site_rows": rows, "site_rows_without_concept": without}
