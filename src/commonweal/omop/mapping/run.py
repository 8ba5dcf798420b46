"""From a view of events to one view a table of the CDM, with the figures of what has no concept."""

from collections.abc import Callable
from datetime import date
from typing import Any

import duckdb

from commonweal.omop import tables as cdm
from commonweal.omop.local_codes import NOTHING, LocalCodes
from commonweal.omop.mapping import declared, stages, terms

Mapped = dict[str, str]
STEPS = len(stages.STAGES) + len(declared.tables())
WHY = {
    "no_code": "the source gives no code",
    "unknown_system": "neither the vocabulary nor a site's map knows the code system",
    "unknown_code": "the code system is known, the code is not in the vocabulary",
    "target_missing": "the code leads to a standard concept that the vocabulary does not hold",
    "mapped_to_none": "the site's map says that there is no standard concept for it",
    "no_standard": "the vocabulary has the code, and no standard concept for it",
}
_UNMAPPED = """
SELECT goes_to AS "table", resource_type, code_system AS system, source_word AS code, count(*) AS rows, why
FROM map_linked WHERE target_id = 0 GROUP BY ALL ORDER BY rows DESC, 1, 2, 3, 4
"""
SITE = "_source"  # beside the columns of each table: the site that sent the row
_NUMBER = r"^\s*(<=|>=|<|>|=)?\s*([-+]?\d+(?:\.\d+)?)?\s*$"  # 5, <5, > 10.2, or the sign alone
_SQL_TYPES = {"integer": "BIGINT", "float": "DOUBLE", "string": "VARCHAR", "date": "DATE", "datetime": "TIMESTAMP"}


def map_events(
    con: duckdb.DuckDBPyConnection,
    events: str,
    *,
    local: LocalCodes = NOTHING,
    as_of: date | None = None,
    prefix: str = "",
    filled: bool = False,
    advance: Callable[[], None] = lambda: None,
) -> Mapped:
    """Map `events` to the clinical tables of OMOP CDM 5.4; returns table name -> name of its view on `con`.

    `con` must have the vocabulary as tables or views `concept` and `concept_relationship` (columns of the CDM), as
    `omop.vocabulary.attach(con, home)` makes them. `events` is a table or view with the columns of `r4.events.EVENT_SCHEMA`:
    what it holds is mapped, so the caller decides beforehand whose events are in it, until when, and in which version.
    `local`: a site's own codes. `as_of`: the day on which coverage that has no end is said to have lasted till then.

    Each view `prefix + table` has every column of the table in the order and types of `cdm.csv` (those that nothing fills
    are null), and `_source`, the site. Times are local to the place of care. `person_id` is the event's `participant`; there
    is no `person` view. Row ids are the events' own: `submission << 38 | position << 14 | part << 6 | target`, so that a
    row leads back to its resource. A row without a standard concept has concept 0. Visits of one release may be asked for by
    `visit_occurrence_id` and `visit_detail_id`, which are such ids.

    The views read temporary tables named `map_…`, which stay until the next call on the same connection (a second call
    replaces them: views made by an earlier one then show the later events). Memory is that of DuckDB's `memory_limit`
    where `temp_directory` is set. `filled`: no view of a table that would be empty. `advance` is called STEPS times, or less.
    """
    terms.load(con, local)
    known = terms.known(con, declared.concepts())
    for statement in stages.STAGES:
        con.execute(stages.filled(statement, events, known))
        advance()
    views, said = {}, _said(known, as_of)
    wanted = _filled(con) if filled else declared.tables().keys()
    for name, table in declared.tables().items():
        if name not in wanted:
            continue
        views[name] = prefix + name
        con.execute(f"CREATE OR REPLACE TEMP VIEW {views[name]} AS {_statement(table, said)}")
        advance()
    return views


def _filled(con: duckdb.DuckDBPyConnection) -> set[str]:
    """The tables that get at least one row."""
    each = (f"SELECT '{t.name}' WHERE EXISTS (SELECT 1 FROM {t.source})" for t in declared.tables().values())
    return {name for (name,) in con.execute(" UNION ALL ".join(each)).fetchall()}


def _statement(table: declared.Table, said: dict[str, str]) -> str:
    """All columns of the table, in the specification's order and types, and the site."""
    columns = []
    for column in cdm.tables()[table.name].columns:
        field = table.fields.get(column.name)
        value = _written(field.sql, said) if field else "NULL"
        columns.append(f"({value})::{_SQL_TYPES[column.type]} AS {column.name}")
    return f"SELECT {', '.join(columns)}, site AS {SITE} FROM {table.source}"


def _written(sql: str, said: dict[str, str]) -> str:
    """The expression of a field with the lists that it names written in."""
    for name, expression in said.items():
        sql = sql.replace("{" + name + "}", expression)
    return sql


def _said(known: frozenset[int], as_of: date | None) -> dict[str, str]:
    """What the tables' expressions may name in braces."""
    return {
        "as_of": f"DATE '{as_of.isoformat()}'" if as_of else "NULL::DATE",
        "visit_class": declared.case("visit_class", "category", known),
        "admit_source": declared.case("admit_source", "from_code", known),
        "discharge": declared.case("discharge", "to_code", known),
        "status": declared.case("status", "status", known, otherwise="NULL"),
        "operator": declared.case("operator", f"nullif(regexp_extract(value_text, '{_NUMBER}', 1), '')", known),
        "number": f"coalesce(value_number, TRY_CAST(regexp_extract(value_text, '{_NUMBER}', 2) AS DOUBLE))",
        "allergen": "(resource_type = 'AllergyIntolerance' AND target_id <> 0 AND domain_id <> 'Observation' AND domain_id <> 'Condition')",
        "allergy": f"CASE WHEN domain_id = 'Drug' THEN {_word('said', 'allergy-to-drug', known)} ELSE 0 END",
        "encounter_type": str(_word("type", "Encounter", known) or stages.EHR),
    }


def _word(name: str, code: str, known: frozenset[int]) -> int:
    concept = declared.words(name)[code]
    return concept if concept in known else 0


def figures(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Of the last `map_events`: events read, of them void (in error, not done), rows and codes without a standard concept."""
    read, void = _one(con, "SELECT count(*), count(*) FILTER (void) FROM map_events")
    rows, codes = _one(
        con, "SELECT count(*), count(DISTINCT (code_system, source_word)) FROM map_linked WHERE target_id = 0"
    )
    return {"events": read, "events_void": void, "rows_without_concept": rows, "codes_without_concept": codes}


def unmapped(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """The codes of the last `map_events` that lead to no standard concept, the most frequent first.

    Each: table, resource_type, system, code, rows, and `why`, one of WHY.
    """
    return con.execute(_UNMAPPED).to_arrow_table().to_pylist()


def _one(con: duckdb.DuckDBPyConnection, sql: str) -> tuple[int, ...]:
    return con.execute(sql).fetchall()[0]
