"""One statement for each clinical table: from mapped events to OMOP columns (types of record: 32817, EHR)."""

EHR = 32817
VISIT_CLASSES = {
    "AMB": 9202,
    "EMER": 9203,
    "IMP": 9201,
    "ACUTE": 9201,
    "NONAC": 9201,
    "OBSENC": 9202,
    "SS": 9202,
    "PRENC": 9202,
    "FLD": 9202,
    "WELLNESS": 9202,
    "URGENTCARE": 9202,
    "OUTPATIENT": 9202,
    "AMBULATORY": 9202,
    "INPATIENT": 9201,
    "EMERGENCY": 9203,
    "HH": 581476,
    "VR": 5083,
}
_CLASS = " ".join(f"WHEN '{code}' THEN {concept}" for code, concept in VISIT_CLASSES.items())
_FROM = "FROM linked WHERE goes_to = '{table}'"


def _make(table: str, columns: str) -> str:
    return f"CREATE OR REPLACE TEMP VIEW raw_{table} AS SELECT {columns}, site AS _source {_FROM.format(table=table)}"


_SOURCE = "visit_id AS visit_occurrence_id, source_code AS {x}_source_value, source_id AS {x}_source_concept_id"
_VALUES = "value_number AS value_as_number, value_id AS value_as_concept_id, unit_id AS unit_concept_id, unit_code AS unit_source_value"
_TEXT = "coalesce(value_text, value_code)"

TABLES = {
    "visit_occurrence": f"""
CREATE OR REPLACE TEMP VIEW raw_visit_occurrence AS
SELECT raw_id AS visit_occurrence_id, person_id, CASE upper(category) {_CLASS} ELSE 0 END AS visit_concept_id,
       start::DATE AS visit_start_date, start AS visit_start_datetime,
       coalesce("end", start)::DATE AS visit_end_date, coalesce("end", start) AS visit_end_datetime,
       {EHR} AS visit_type_concept_id, category AS visit_source_value, 0 AS visit_source_concept_id, site AS _source
FROM events WHERE resource_type = 'Encounter' AND NOT void""",
    "condition_occurrence": _make(
        "condition_occurrence",
        f"""id AS condition_occurrence_id, person_id, target_id AS condition_concept_id, start::DATE AS condition_start_date,
start AS condition_start_datetime, "end"::DATE AS condition_end_date, "end" AS condition_end_datetime,
{EHR} AS condition_type_concept_id, {_SOURCE.format(x="condition")}""",
    ),
    "drug_exposure": _make(
        "drug_exposure",
        f"""id AS drug_exposure_id, person_id, target_id AS drug_concept_id, start::DATE AS drug_exposure_start_date,
start AS drug_exposure_start_datetime,
coalesce("end"::DATE, start::DATE + greatest(coalesce(days_supply, 1) - 1, 0)) AS drug_exposure_end_date,
"end" AS drug_exposure_end_datetime, {EHR} AS drug_type_concept_id, refills, quantity, days_supply,
{_SOURCE.format(x="drug")}, unit AS dose_unit_source_value""",
    ),
    "procedure_occurrence": _make(
        "procedure_occurrence",
        f"""id AS procedure_occurrence_id, person_id, target_id AS procedure_concept_id, start::DATE AS procedure_date,
start AS procedure_datetime, "end"::DATE AS procedure_end_date, "end" AS procedure_end_datetime,
{EHR} AS procedure_type_concept_id, quantity::BIGINT AS quantity, {_SOURCE.format(x="procedure")}""",
    ),
    "device_exposure": _make(
        "device_exposure",
        f"""id AS device_exposure_id, person_id, target_id AS device_concept_id, start::DATE AS device_exposure_start_date,
start AS device_exposure_start_datetime, "end"::DATE AS device_exposure_end_date, "end" AS device_exposure_end_datetime,
{EHR} AS device_type_concept_id, quantity::BIGINT AS quantity, {_SOURCE.format(x="device")}""",
    ),
    "measurement": _make(
        "measurement",
        f"""id AS measurement_id, person_id, target_id AS measurement_concept_id, start::DATE AS measurement_date,
start AS measurement_datetime, {EHR} AS measurement_type_concept_id, {_VALUES}, unit_id AS unit_source_concept_id,
{_TEXT} AS value_source_value, {_SOURCE.format(x="measurement")}""",
    ),
    "observation": f"""
INSERT INTO raw_observation BY NAME SELECT id AS observation_id, person_id, target_id AS observation_concept_id,
start::DATE AS observation_date, start AS observation_datetime, {EHR} AS observation_type_concept_id, {_VALUES},
value_text AS value_as_string, {_TEXT} AS value_source_value, {_SOURCE.format(x="observation")}, site AS _source
{_FROM.format(table="observation")}""",
    "death": f"""
CREATE OR REPLACE TEMP VIEW raw_death AS
SELECT person_id, min(start)::DATE AS death_date, min(start) AS death_datetime, {EHR} AS death_type_concept_id,
       arg_min(site, (start, site)) AS _source
FROM events WHERE resource_type = 'Patient' AND NOT void AND start IS NOT NULL GROUP BY person_id ORDER BY person_id""",
}
