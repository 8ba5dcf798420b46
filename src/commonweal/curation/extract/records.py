"""Health records -> OMOP: each event goes to the table of its standard concept's domain.

A code is looked up in its own vocabulary, then followed by 'Maps to'; several targets make several rows. What has no
standard concept is kept, with concept 0, in the table natural for its kind of resource, and counted. Resources that the
source calls entered in error, not done or cancelled are left out and counted.
"""

from typing import TYPE_CHECKING

import duckdb

from commonweal.curation.extract import clinical
from commonweal.curation.extract.moment import Moment
from commonweal.home import Home

if TYPE_CHECKING:
    from commonweal.cli.console import Console

VOID_STATUSES = ("entered-in-error", "not-done", "cancelled", "nullified", "refuted", "draft", "not-taken")
DRUGS = ("MedicationRequest", "MedicationStatement", "MedicationAdministration", "MedicationDispense", "Immunization")
MEASURED = ("laboratory", "vital-signs")

_EVENTS = """
CREATE OR REPLACE TEMP VIEW events AS
SELECT e.participant AS person_id, e.site, e.resource_type, e.encounter_id, e.resource_id, e.category,
       e.code_system, e.code, e.start, e."end", e.value_number, e.value_system, e.value_code, e.value_text, e.unit,
       e.quantity, e.days_supply, e.refills, lower(coalesce(e.status, '')) IN {void} AS void,
       (e.submission << 38) + (e.position::BIGINT << 14) + (coalesce(e.part, 0)::BIGINT << 6) AS raw_id
FROM {view} e JOIN gate g ON g.person_id = e.participant AND g.ehr
WHERE coalesce(e.start, TIMESTAMP '1900-01-01') < TIMESTAMP '{cutoff_end}'
  AND e.submission IN (SELECT id FROM submissions)
"""

_CODINGS = """
CREATE OR REPLACE TABLE codings AS
WITH used AS (
  SELECT DISTINCT code_system, code, resource_type, coalesce(category IN {measured}, false) AS measured FROM events
  WHERE NOT void AND resource_type NOT IN ('Encounter', 'Patient'))
SELECT u.*, coalesce(c.concept_code, u.code) AS source_code, coalesce(c.concept_id, 0) AS source_id, coalesce(t.target_id, 0) AS target_id, coalesce(t.target_no, 0) AS target_no,
  CASE t.domain_id
    WHEN 'Condition' THEN 'condition_occurrence' WHEN 'Drug' THEN 'drug_exposure' WHEN 'Procedure' THEN 'procedure_occurrence'
    WHEN 'Measurement' THEN 'measurement' WHEN 'Device' THEN 'device_exposure' WHEN 'Observation' THEN 'observation'
    ELSE CASE WHEN t.target_id IS NOT NULL THEN 'observation'
      WHEN resource_type = 'Condition' THEN 'condition_occurrence' WHEN resource_type = 'Procedure' THEN 'procedure_occurrence'
      WHEN resource_type IN {drugs} THEN 'drug_exposure' WHEN resource_type IN ('Device', 'DeviceUseStatement') THEN 'device_exposure'
      WHEN measured THEN 'measurement' ELSE 'observation' END
  END AS goes_to
FROM used u LEFT JOIN systems s ON s.uri = u.code_system
LEFT JOIN codes c ON c.vocabulary_id = s.vocabulary_id AND c.code = lower(u.code)
LEFT JOIN targets t ON t.source_id = c.concept_id
"""

_LINKED = """
CREATE OR REPLACE TABLE linked AS
SELECT e.* EXCLUDE (void, category, encounter_id, resource_id, code, code_system), c.source_code, c.source_id, c.target_id, c.goes_to,
       e.raw_id + c.target_no AS id, v.raw_id AS visit_id, u.concept_id AS unit_id,
       coalesce(u.concept_code, e.unit) AS unit_code, uv.concept_id AS value_id
FROM events e
JOIN codings c ON c.code_system IS NOT DISTINCT FROM e.code_system AND c.code IS NOT DISTINCT FROM e.code
  AND c.resource_type = e.resource_type AND c.measured = coalesce(e.category IN {measured}, false)
LEFT JOIN visits v ON v.person_id = e.person_id AND v.site = e.site AND v.resource_id = e.encounter_id
LEFT JOIN units u ON u.unit = e.unit
LEFT JOIN systems vs ON vs.uri = e.value_system
LEFT JOIN codes uv ON uv.vocabulary_id = vs.vocabulary_id AND uv.code = lower(e.value_code)
WHERE NOT e.void
"""

_VISITS = """
CREATE OR REPLACE TABLE visits AS
SELECT person_id, site, resource_id, raw_id FROM events WHERE resource_type = 'Encounter' AND NOT void
QUALIFY row_number() OVER (PARTITION BY person_id, site, resource_id ORDER BY raw_id DESC) = 1
"""


def load_records(con: duckdb.DuckDBPyConnection, home: Home, moment: Moment, console: "Console") -> dict[str, int]:
    """Make the raw clinical tables (views over `linked`, which must stay); returns figures (events, left out, without a standard concept)."""
    from commonweal.vault import columns
    from commonweal.vault.records import store

    con.register(
        "all_submissions",
        columns.read(f"SELECT id, received_time FROM records_submission WHERE state IN {store.TAKEN}"),
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE submissions AS SELECT id FROM all_submissions"
        f" WHERE received_time <= TIMESTAMPTZ '{moment.known_at.isoformat()}'"
    )
    con.unregister("all_submissions")
    values = {"void": VOID_STATUSES, "measured": MEASURED, "drugs": DRUGS, "view": store.current_events(con, home)}
    values["cutoff_end"] = moment.cutoff_end.strftime("%Y-%m-%d %H:%M:%S")
    with console.progress("Mapping health records", 4 + len(clinical.TABLES)) as step:
        for statement in (_EVENTS, _CODINGS, _VISITS, _LINKED):
            con.execute(statement.format(**values))
            step.advance()
        for statement in clinical.TABLES.values():
            con.execute(statement)
            step.advance()
    return _figures(con)


def _figures(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    read, void = con.execute("SELECT count(*), count(*) FILTER (void) FROM events").fetchall()[0]
    unmapped = con.execute("SELECT count(*) FROM linked WHERE target_id = 0").fetchall()[0][0]
    codes = con.execute("SELECT count(DISTINCT (code_system, code)) FROM codings WHERE target_id = 0").fetchall()[0][0]
    return {"events": read, "events_void": void, "rows_without_concept": unmapped, "codes_without_concept": codes}
