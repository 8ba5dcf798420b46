"""Measurements that were sent more than once.

Who has two alike in concept, day and number is seen by a list of hashes for each person, which is three times as fast as
grouping all rows; only their measurements are then compared whole. The one with the lowest id stays.
"""

from commonweal.curation.findings.base import Finding, Known

_SAYS = (
    "person_id, _source, measurement_concept_id, measurement_source_concept_id, measurement_date, measurement_datetime,"
    " value_as_number, value_as_concept_id, operator_concept_id, unit_concept_id, unit_source_value, range_low, range_high,"
    " measurement_type_concept_id, measurement_source_value, value_source_value, visit_occurrence_id, visit_detail_id"
)
_AGAIN = f"""
WITH hashed AS (
  SELECT person_id, list(hash(measurement_concept_id, measurement_date, value_as_number)) AS said
  FROM in_measurement WHERE _source <> 'PPI' GROUP BY 1),
alike AS (SELECT person_id FROM hashed WHERE len(list_distinct(said)) < len(said))
SELECT measurement_id, true AS p_measured_again FROM in_measurement
WHERE _source <> 'PPI' AND person_id IN (SELECT person_id FROM alike)
QUALIFY row_number() OVER (PARTITION BY {_SAYS} ORDER BY measurement_id) > 1
"""


def _again(known: Known) -> str:
    return _AGAIN


FINDINGS = (Finding("quality.measured_again", "measurement", {"p_measured_again": "BOOLEAN"}, _again),)
