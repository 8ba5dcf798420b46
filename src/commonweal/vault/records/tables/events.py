"""What tables of sites hold about one person, in the columns of events, so that people see all their records alike.

Codes are the source's where its concept is known, else the standard ones; names are the concepts'. For people's own pages
and files alone: releases read the tables themselves.
"""

import duckdb

from commonweal.home import Home
from commonweal.omop import vocabulary
from commonweal.omop.fhir_systems import FHIR_SYSTEMS
from commonweal.vault.records.tables import store
from commonweal.vault.records.tables.held import KINDS

# table -> stem of its columns, start, end; and columns of events that only it has
_SHAPES: dict[str, tuple[str, str, str | None, dict[str, str]]] = {
    "visit_occurrence": ("visit", "visit_start", "visit_end", {}),
    "condition_occurrence": ("condition", "condition_start", "condition_end", {}),
    "drug_exposure": ("drug", "drug_exposure_start", "drug_exposure_end", {}),
    "procedure_occurrence": ("procedure", "procedure", "procedure_end", {}),
    "device_exposure": ("device", "device_exposure_start", "device_exposure_end", {}),
    "measurement": (
        "measurement", "measurement", None,
        {"value_number": "value_as_number", "reference_low": "range_low", "reference_high": "range_high",
         "value_text": "CASE WHEN value_as_number IS NULL THEN value_source_value ELSE o.concept_code END"},
    ),
    "observation": ("observation", "observation", None, {"value_number": "value_as_number", "value_text": "value_as_string"}),
}  # fmt: skip
_VALUES = {
    "value_system": "v.uri",
    "value_code": "v.concept_code",
    "value_label": "v.concept_name",
    "unit": "coalesce(u.concept_code, t.unit_source_value)",
}
_NONE = {
    "status": "VARCHAR", "category": "VARCHAR", "value_number": "DOUBLE", "value_system": "VARCHAR", "value_code": "VARCHAR",
    "value_text": "VARCHAR", "value_label": "VARCHAR", "unit": "VARCHAR", "reference_low": "DOUBLE", "reference_high": "DOUBLE",
    "reference_text": "VARCHAR", "interpretation": "VARCHAR",
}  # fmt: skip


def of(con: duckdb.DuckDBPyConnection, home: Home, participant: int) -> str | None:
    """SQL of the rows about a person (vault id), for `con`, which gets views for it; None where no site sent tables."""
    latest = store.latest()
    if not latest:
        return None
    views = store.views(con, home, latest)
    for table in _SHAPES:
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE own_{table} AS FROM {views[table]} WHERE person_id = {int(participant)}"
        )
    vocabulary.attach(con, home, ("concept",))
    _named(con)
    return " UNION ALL BY NAME ".join(_rows(table) for table in _SHAPES)


def _named(con: duckdb.DuckDBPyConnection) -> None:
    """The table `own_concepts`: the concepts that the person's rows name, each with the address of its code system."""
    asked = " UNION ".join(
        f"SELECT {column} AS concept_id FROM own_{table}"
        for table, (stem, *_) in _SHAPES.items()
        for column in (f"{stem}_concept_id", f"{stem}_source_concept_id", *_coded(table))
    )
    systems = " ".join(f"WHEN '{name}' THEN '{uri}'" for uri, name in reversed(FHIR_SYSTEMS.items()))
    con.execute(f"""CREATE OR REPLACE TEMP TABLE own_concepts AS
        SELECT concept_id, concept_code, concept_name, vocabulary_id, CASE vocabulary_id {systems} END AS uri
        FROM concept WHERE concept_id <> 0 AND concept_id IN ({asked})""")


def _coded(table: str) -> tuple[str, ...]:
    """Columns beside the concept of the row itself that name one."""
    own = ("operator_concept_id",) if table == "measurement" else ()
    return ("value_as_concept_id", "unit_concept_id", *own) if table in ("measurement", "observation") else ()


def _rows(table: str) -> str:
    stem, start, end, more = _SHAPES[table]
    cells = {name: f"NULL::{kind}" for name, kind in _NONE.items()}
    if table in ("measurement", "observation"):
        cells |= _VALUES
    cells |= more
    kind = f"'{KINDS[table]}'"
    if table == "drug_exposure":
        kind = f"CASE WHEN coalesce(s.vocabulary_id, c.vocabulary_id) = 'CVX' THEN 'Immunization' ELSE {kind} END"
    joins = {"c": f"t.{stem}_concept_id", "s": f"t.{stem}_source_concept_id"}
    joins |= dict(zip(("v", "u", "o"), (f"t.{name}" for name in _coded(table)), strict=False))
    joined = " ".join(f"LEFT JOIN own_concepts AS {a} ON {a}.concept_id = {column}" for a, column in joins.items())
    finished = f"coalesce(t.{end}_datetime, t.{end}_date)" if end else "NULL"
    listed = ", ".join(f"{cell} AS {name}" for name, cell in cells.items())
    return f"""SELECT {kind} AS resource_type, '{table}-' || t.{table}_id AS resource_id, 0 AS part, t._site AS site,
        CASE WHEN s.concept_id IS NULL THEN c.uri ELSE s.uri END AS code_system,
        coalesce(s.concept_code, c.concept_code, t.{stem}_source_value) AS code,
        coalesce(c.concept_name, s.concept_name, t.{stem}_source_value) AS code_text,
        coalesce(t.{start}_datetime, t.{start}_date)::TIMESTAMP AS "start", {finished}::TIMESTAMP AS "end", {listed}
        FROM own_{table} AS t {joined}"""
