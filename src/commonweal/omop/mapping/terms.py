"""FHIR's words in OMOP's: code systems, units, and the site's own codes, as tables in the engine.

`map_systems(uri, vocabulary_id)`, `map_units(scope, unit, concept_id, concept_code)` and `map_local(scope, vocabulary_id,
code, lead_id, source_id)`. A scope is a site that has maps of its own, or '' for every site.
"""

import duckdb
import pyarrow as pa

from commonweal.omop.fhir_systems import FHIR_SYSTEMS, UCUM_SPELLINGS
from commonweal.omop.local_codes import LocalCodes

LOCAL_SCHEMA = pa.schema(
    [
        ("scope", pa.string()),
        ("vocabulary_id", pa.string()),  # source_vocabulary_id
        ("word", pa.string()),  # the code as the map spells it
        ("code", pa.string()),  # the same in lower case
        ("lead_id", pa.int64()),  # the concept that it leads to; if that is not standard, its 'Maps to' is followed
        ("source_id", pa.int64()),  # source_concept_id of the map
    ]
)

_UNITS = """
CREATE OR REPLACE TEMP TABLE map_units AS
WITH scopes AS (SELECT unnest({scopes}::VARCHAR[]) AS scope),
ucum AS (SELECT concept_code, min(concept_id) AS concept_id FROM concept WHERE vocabulary_id = 'UCUM' GROUP BY 1),
own AS (
  SELECT l.scope, l.word AS unit, c.concept_id, c.concept_code FROM map_local l
  JOIN concept c ON c.concept_id = l.lead_id AND c.domain_id = 'Unit' WHERE l.vocabulary_id IN {units}),
known AS (
  SELECT scope, concept_code AS unit, concept_id, concept_code, 2 AS rank FROM ucum, scopes
  UNION ALL SELECT scope, p.unit, u.concept_id, concept_code, 3 FROM map_spellings p JOIN ucum u USING (concept_code), scopes
  UNION ALL SELECT s.scope, o.unit, o.concept_id, o.concept_code, (o.scope <> s.scope)::INTEGER FROM own o, scopes s
    WHERE o.scope IN ('', s.scope))
SELECT scope, unit, arg_min(concept_id, (rank, concept_id)) AS concept_id, arg_min(concept_code, (rank, concept_id)) AS concept_code
FROM known GROUP BY 1, 2
"""


def load_systems(con: duckdb.DuckDBPyConnection) -> None:
    """Make `systems(uri, vocabulary_id)` and `units(unit, concept_id, concept_code)` without any site's own words.

    Units are told apart by case, as UCUM does.
    """
    load(con, LocalCodes())
    con.execute("CREATE OR REPLACE TABLE systems AS FROM map_systems")
    con.execute(
        "CREATE OR REPLACE TABLE units AS SELECT unit, concept_id, concept_code FROM map_units WHERE scope = ''"
    )


def load(con: duckdb.DuckDBPyConnection, local: LocalCodes) -> None:
    """Make the three tables; `concept` must be there."""
    _pairs(con, "map_systems", ("uri", "vocabulary_id"), FHIR_SYSTEMS | local.systems)
    _pairs(con, "map_spellings", ("unit", "concept_code"), UCUM_SPELLINGS)
    con.register("incoming_codes", pa.Table.from_pylist(local.rows(), LOCAL_SCHEMA))
    con.execute("CREATE OR REPLACE TEMP TABLE map_local AS FROM incoming_codes")
    con.unregister("incoming_codes")
    con.execute(f"CREATE OR REPLACE TEMP MACRO map_scope(site) AS {_scope(local)}")
    con.execute(_UNITS.format(units=_listed(local.units), scopes=["", *local.scopes]))


def _scope(local: LocalCodes) -> str:
    """SQL of the scope of a site: itself where it has maps of its own."""
    return f"CASE WHEN site IN {_listed(local.scopes)} THEN site ELSE '' END" if local.scopes else "''"


def _listed(names: tuple[str, ...]) -> str:
    quoted = ("'" + name.replace("'", "''") + "'" for name in names)
    return f"({', '.join(quoted) or 'NULL'})"


def known(con: duckdb.DuckDBPyConnection, concepts: set[int]) -> frozenset[int]:
    """Those of `concepts` that the vocabulary has; one that it has not would lead nowhere in a release."""
    listed = ", ".join(str(concept) for concept in sorted(concepts))
    return frozenset(
        row[0] for row in con.execute(f"SELECT concept_id FROM concept WHERE concept_id IN ({listed})").fetchall()
    )


def _pairs(con: duckdb.DuckDBPyConnection, name: str, columns: tuple[str, str], pairs: dict[str, str]) -> None:
    table = pa.table(dict(zip(columns, (list(pairs), list(pairs.values())), strict=True)))
    con.register("incoming_pairs", table)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM incoming_pairs")
    con.unregister("incoming_pairs")
