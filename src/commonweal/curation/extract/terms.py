"""The vocabulary inside the engine: concepts by code of the surveys, and where each concept leads."""

import duckdb

from commonweal.home import Home

TABLES = ("concept", "concept_relationship", "concept_ancestor", "concept_synonym", "vocabulary")

_SURVEY_CODES = """
CREATE OR REPLACE TABLE survey_codes AS
SELECT lower(concept_code) AS code, min(concept_id) AS concept_id, arg_min(concept_code, concept_id) AS concept_code
FROM concept WHERE vocabulary_id IN ('PPI', 'Commonweal') GROUP BY 1
"""

_TARGETS = """
CREATE OR REPLACE TABLE targets AS
WITH mapped AS (
  SELECT DISTINCT r.concept_id_1 AS source_id, r.concept_id_2 AS target_id
  FROM concept_relationship r JOIN concept t ON t.concept_id = r.concept_id_2
  WHERE r.relationship_id = 'Maps to' AND coalesce(r.invalid_reason, '') = '' AND t.standard_concept = 'S'),
itself AS (
  SELECT concept_id AS source_id, concept_id AS target_id FROM concept
  WHERE standard_concept = 'S' AND concept_id NOT IN (SELECT source_id FROM mapped))
SELECT source_id, target_id, t.domain_id,
       row_number() OVER (PARTITION BY source_id ORDER BY target_id) - 1 AS target_no
FROM (FROM mapped UNION ALL FROM itself) JOIN concept t ON t.concept_id = target_id
"""


def load_terms(con: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Make the vocabulary tables and, for looking up:

    `survey_codes(code, concept_id, concept_code)`: questions and answers of the PPI and of Commonweal's own;
    `targets(source_id, target_id, domain_id, target_no)`: 'Maps to' where valid, a standard concept itself otherwise.
    """
    from commonweal.omop import vocabulary

    for name, table in vocabulary.tables(home).items():
        if name in TABLES:
            con.register("incoming", table)
            con.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM incoming")
            con.unregister("incoming")
    for statement in (_SURVEY_CODES, _TARGETS):
        con.execute(statement)
